// Contributions that lie together in one row: what goes there, what is read of it, and what is cut out.
import { describe, expect, it } from 'vitest';
import type { EntryId, GroveId } from '../../../worker/core/model/ids.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';
import {
  decodeSegment,
  encodeSegment,
  layOut,
  segmentKey,
  segmentPrefix,
  type ToStore,
} from '../../../worker/core/sync/segment.ts';
import { readBodies, withoutBodies } from '../../../worker/core/sync/stored.ts';
import { createContext } from '../../../worker/core/context.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { valueOf } from '../model/fixtures.ts';
import { answer, createBench, key, linkOf, World, type Tables } from './bench.ts';

const a = key(2);
const grove = new World([a]).grove;

function batch(count: number, part: (at: number) => Partial<ToStore> = () => ({})): ToStore[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ id: `${at}` as EntryId, index: 5 + at, key: `row ${at}`, bodyKey: `body ${at}`, together: true },
    ...{ row: new Uint8Array(100), body: new Uint8Array(300), ...part(at) },
  }));
}
const keysOf = (ops: readonly WriteOp[]): string[] => ops.map((op) => ('key' in op ? op.key : op.op));

/** Twelve contributions of another, given at once, and two acts of the owner before. */
function aJoin() {
  const world = new World([a]);
  const written = Array.from({ length: 12 }, (_, i) => world.contribute(a, `${i}`));
  const bench = createBench(world.grove);
  bench.give('one', world.wires());
  bench.run();
  return { world, written, bench };
}
const segmentsOf = (tables: Tables, id: GroveId): [string, Uint8Array][] =>
  [...tables.rows].filter(([at]) => at.startsWith(`log:${segmentPrefix(id)}`));

describe('segments', () => {
  it('S15: 8 to 32 neighbours lie in one, at most 64 KiB; fewer, and what may not, lie alone', () => {
    expect(keysOf(layOut(grove, batch(7)).ops)).toHaveLength(14);
    expect(keysOf(layOut(grove, batch(8)).ops)).toEqual([segmentKey(grove, 5)]);
    expect(keysOf(layOut(grove, batch(70)).ops)).toHaveLength(2 + 2 * 6);
    const large = batch(20, () => ({ body: new Uint8Array(6_000) }));
    for (const op of layOut(grove, large).ops)
      if (op.op === 'put') expect(op.value.length).toBeLessThan(66_000);
    const between = layOut(
      grove,
      batch(17, (at) => (at === 8 ? { together: false } : {})),
    );
    expect(keysOf(between.ops)).toEqual([segmentKey(grove, 5), 'row 8', 'body 8', segmentKey(grove, 14)]);
    expect(between.slots.get('10' as EntryId)).toEqual({ segment: 14, slot: 1 });
    expect(between.slots.has('8' as EntryId)).toBe(false);
  });

  it('S15: what is no segment is told, and never throws', () => {
    const bytes = encodeSegment(batch(8));
    expect(valueOf(decodeSegment(bytes))).toHaveLength(8);
    for (let at = 0; at < 200; at += 7) {
      expect(decodeSegment(bytes.subarray(0, at)).ok).toBe(false);
      decodeSegment(bytes.map((byte, index) => (index === at ? byte ^ 0x55 : byte)));
    }
    expect(decodeSegment(encodeSegment(batch(33))).ok).toBe(false);
  });

  it('S15: what came together is read back from its segment, given to others, and written once', () => {
    const { world, written, bench } = aJoin();
    const [segment] = segmentsOf(bench.tables, world.grove);
    expect(valueOf(decodeSegment(segment?.[1] ?? new Uint8Array()))).toHaveLength(12);
    expect([...bench.tables.rows.keys()].filter((at) => at.includes(a.id))).toEqual([]);
    for (const { entry } of written) expect(bench.tables.get('bodies', entry.body)).toBe(null);

    const again = createBench(world.grove, { tables: bench.tables }).load();
    expect(again.ids()).toEqual(bench.ids());
    expect(again.grove.views.digest()).toBe(bench.grove.views.digest());
    expect(again.counter('store.corrupt')).toBe(0);
    again.pipeline.exchange.setOpening(linkOf('two'), key(51).id, 'full');
    again.pipeline.exchange.onWant(linkOf('two'), [{ author: a.id, from: 3, to: 6 }]);
    again.run();
    const given = again.sent.flatMap(({ frame }) => (frame.type === 'entries' ? frame.entries : []));
    const wanted = written.slice(2, 6).map(({ wire }) => wire.header);
    expect(given.slice(0, 4).map(({ header }) => header)).toEqual(wanted);
    expect(given.every(({ body }) => body !== null)).toBe(true);
  });

  it('S10, S15: a damaged segment takes its entries with it, which come again', () => {
    const { world, bench } = aJoin();
    const tables = bench.tables.copy();
    for (const [at, bytes] of segmentsOf(tables, world.grove)) tables.rows.set(at, bytes.slice(0, 50));
    const again = createBench(world.grove, { tables }).load();
    expect(again.counter('store.corrupt')).toBe(1);
    expect(again.ids()).toHaveLength(bench.ids().length - 12);
    again.give('one', world.wires());
    again.run();
    const after = createBench(world.grove, { tables }).load();
    expect([...after.ids()].sort()).toEqual([...bench.ids()].sort());
    expect(after.counter('store.corrupt')).toBe(0);
  });

  it('S15: what is read is never told at once, also where there is nothing to ask for: a long log is read page after page', () => {
    const { world, bench } = aJoin();
    const context = createContext(createSeededRandom(5));
    let pages = 0;
    const page = (): void => {
      pages += 1;
      readBodies(world.grove, [], context, page);
    };
    page();
    expect(pages).toBe(1);
    for (const effect of context.takeEffects()) answer(effect, context, bench.tables);
    expect(pages).toBe(2);
  });

  it('S15, G25: a body is cut out of its segment, and what lies beside it stays', () => {
    const { world, written, bench } = aJoin();
    const context = createContext(createSeededRandom(5));
    const kept = written.slice(3, 5).flatMap(({ entry }) => bench.pipeline.log.get(entry.id) ?? []);
    let ops: readonly WriteOp[] = [];
    withoutBodies(world.grove, kept, context, (found) => (ops = found));
    for (const effect of context.takeEffects()) answer(effect, context, bench.tables);
    expect(ops).toHaveLength(1);
    bench.tables.write(ops);
    const [segment] = segmentsOf(bench.tables, world.grove);
    const bodies = valueOf(decodeSegment(segment?.[1] ?? new Uint8Array())).map(({ body }) => body !== null);
    expect(bodies).toEqual(written.map((_, at) => at !== 3 && at !== 4));
    const again = createBench(world.grove, { tables: bench.tables }).load();
    expect(again.ids()).toEqual(bench.ids());
    expect(again.applied.filter(({ body }) => body === null)).toHaveLength(2);
    expect(again.counter('store.corrupt')).toBe(0);
  });

  it('S1, S15: what is ours lies in rows of its own, where it is looked for before we write', () => {
    const world = new World([a]);
    for (let i = 0; i < 12; i += 1) world.contribute(a, `${i}`);
    const bench = createBench(world.grove, { self: a });
    bench.give('one', world.wires());
    bench.run();
    expect(segmentsOf(bench.tables, world.grove)).toEqual([]);
    expect([...bench.tables.rows.keys()].filter((at) => at.includes(`/${a.id}/`))).toHaveLength(12);
    expect(bench.ids()).toContain(world.all.at(-1)?.entry.id);
  });
});
