// One grove's pipeline: its effects on the simple path, what it refuses, and what it does when ports fail.
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, signEntry, type Entry } from '../../../worker/core/model/entry.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import type { WireEntry } from '../../../worker/core/wire/frame.ts';
import { FORKED } from '../../../worker/core/sync/log.ts';
import { valueOf } from '../model/fixtures.ts';
import { createBench, key, linkOf, OWNER, World } from './bench.ts';

const a = key(2);
const b = key(3);

function setUp() {
  const world = new World([a, b]);
  const bench = createBench(world.grove);
  bench.give('one', world.wires());
  bench.run();
  bench.applied.splice(0);
  return { world, bench };
}

const flip = (bytes: Uint8Array | null): Uint8Array =>
  (bytes ?? new Uint8Array(64)).map((byte, index) => (index === 3 ? byte ^ 1 : byte));

/** The entry with other fields, signed anew by whoever. */
function remade(entry: Entry, change: Partial<Entry>, by = a): WireEntry {
  const made = encodeEntry({ ...entry, ...change });
  return { header: made.header, signature: signEntry(nobleSignatures, by, made.id), body: null, table: null };
}

describe('the pipeline of one grove', () => {
  it('S1, S6: verifies, writes, applies and passes on an entry, in this order and nothing else', () => {
    const { world, bench } = setUp();
    const { wire, entry } = world.contribute(a, 'one more');
    bench.give('one', [wire]);
    const [verify, ...none] = bench.context.takeEffects();
    expect(none).toEqual([]);
    expect(verify).toMatchObject({ type: 'verify', items: [{ signature: wire.signature }] });
    if (verify?.type !== 'verify') return;
    bench.context.resume({ type: 'verified', token: verify.token, ok: [true] });
    const [write, ...others] = bench.context.takeEffects();
    expect(others).toEqual([]);
    expect(write).toMatchObject({
      type: 'write',
      durability: 'relaxed',
      ops: [
        { op: 'put', table: 'log' },
        { op: 'put', table: 'bodies', key: entry.body, value: wire.body },
      ],
    });
    expect(bench.pipeline.log.has(entry.id)).toBe(false);
    expect(bench.ids()).toEqual([]);
    if (write?.type !== 'write') return;
    bench.context.resume({ type: 'written', token: write.token });
    expect(bench.ids()).toEqual([entry.id]);
  });

  it('S4: the newest signature of a run verifies it, and only that one is checked', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary).wire);
    bench.give(
      'one',
      run.map((wire, index) => (index < 2 ? { ...wire, signature: null } : wire)),
    );
    const [verify] = bench.context.takeEffects();
    expect(verify?.type === 'verify' && verify.items).toHaveLength(1);
    if (verify?.type === 'verify')
      bench.context.resume({ type: 'verified', token: verify.token, ok: [true] });
    bench.run();
    expect(bench.ids()).toHaveLength(3);
  });

  it('S4: what no signature covers is never applied', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary).wire);
    bench.give(
      'one',
      run.map((wire, index) => (index > 0 ? { ...wire, signature: null } : wire)),
    );
    bench.run();
    expect(bench.ids()).toHaveLength(1);
  });

  it('S4: a garbled or foreign signature is refused and counted, and the entry taken whole from another link', () => {
    const { world, bench } = setUp();
    const { wire, entry } = world.contribute(a, 'one more');
    bench.give('one', [{ ...wire, signature: flip(wire.signature) }]);
    bench.give('two', [{ ...wire, signature: signEntry(nobleSignatures, b, entry.id) }]);
    bench.run();
    expect(bench.ids()).toEqual([]);
    expect(bench.counter('entries.badSignature')).toBe(2);
    expect(bench.counter('entries.refused')).toBe(2);
    bench.give('three', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
  });

  it('S4: what one link forged does not hold up what another sends of the same author', () => {
    const { world, bench } = setUp();
    const { wire, entry } = world.contribute(a, 'true');
    const forged = remade(entry, { at: 1 }, b);
    bench.give('one', [{ ...forged, body: wire.body }]);
    bench.give('two', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
    expect(bench.pipeline.forks()).toEqual([]);
  });

  it('S7: a body or table that does not hash to what the header names is refused', () => {
    const { world, bench } = setUp();
    const { wire } = world.contribute(a, 'one more');
    bench.give('one', [{ ...wire, body: flip(wire.body) }]);
    bench.give('one', [{ ...wire, table: new Uint8Array([0x80]) }]);
    bench.run();
    expect(bench.ids()).toEqual([]);
    expect(bench.counter('entries.badBody')).toBe(2);
  });

  it('M6: entries of another grove and bytes that are none are refused', () => {
    const { world, bench } = setUp();
    const other = new World([b]);
    other.contribute(b, 'elsewhere');
    const { wire, entry } = world.contribute(a, 'here');
    bench.give('one', [...other.wires().slice(1), { ...wire, header: new Uint8Array([1, 2, 3]) }]);
    bench.give('one', [{ ...remade(entry, { grove: toHash(hash32(utf8('other'))) }), body: wire.body }]);
    bench.run();
    // The other world has the same owner and time, but what b wrote there follows nothing here.
    expect(bench.ids()).toEqual([]);
    expect(bench.counter('entries.malformed')).toBeGreaterThan(1);
  });

  it('M8: a lamport that is not 1 + the largest of what it names is refused', () => {
    const { world, bench } = setUp();
    const { wire, entry } = world.contribute(a, 'one more');
    for (const change of [1, 7, 2 ** 40]) {
      bench.give('one', [{ ...remade(entry, { lamport: entry.lamport + change }), body: wire.body }]);
      bench.run();
    }
    expect(bench.ids()).toEqual([]);
    expect(bench.counter('entries.refused')).toBe(3);
    expect(bench.pipeline.staged()).toBe(0);
  });

  it('A7: an entry by one who is no member is not applied, stored or forwarded', () => {
    const { world, bench } = setUp();
    const stranger = key(30);
    world.meet(OWNER, stranger);
    const { wire } = world.contribute(stranger, 'let me in');
    bench.pipeline.exchange.setOpening(linkOf('two'), b.id, 'full');
    bench.pipeline.exchange.setNeighbour(linkOf('two'), true);
    bench.run();
    const rows = bench.tables.rows.size;
    bench.sent.splice(0);
    bench.give('one', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([]);
    expect(bench.tables.rows.size).toBe(rows);
    expect(bench.sent.filter(({ frame }) => frame.type === 'entries')).toEqual([]);
    expect(bench.counter('entries.notMember')).toBe(1);
  });

  it('S8: of two entries of one author and seq the second is not applied; once its signature holds both are proof, and kept', () => {
    const { world, bench } = setUp();
    const { wire, entry } = world.contribute(a, 'first');
    bench.give('one', [wire]);
    bench.run();
    const second = remade(entry, { at: 5 });
    const accused = { ...second, signature: flip(second.signature) };
    bench.give('two', [{ ...accused, body: wire.body }]);
    bench.give('two', [{ ...second, signature: null, body: wire.body }]);
    bench.run();
    expect(bench.counter('entries.forked')).toBe(0);
    expect(bench.pipeline.forks()).toEqual([]);
    for (let i = 0; i < 3; i += 1) bench.give('two', [{ ...second, body: wire.body }]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
    expect(bench.counter('entries.forked')).toBe(1);
    const forks = [{ author: a.id, seq: entry.seq }];
    expect(bench.facts.filter(({ type }) => type === 'forked')).toMatchObject([{ forks }]);
    const again = createBench(world.grove, { tables: bench.tables }).load();
    expect(again.pipeline.forks()).toEqual(forks);
    expect(again.pipeline.log.head(a.id)?.seq ?? 0).toBe(entry.seq - 1);
    expect(again.pipeline.log.get(entry.id)).toMatchObject({ quarantined: true });
    expect(again.pipeline.log.vector()).toContainEqual({ author: a.id, seq: entry.seq, id: FORKED });
  });

  it('S8: what follows another than the applied entry is led back to where both branches part', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary));
    bench.give(
      'one',
      run.map(({ wire }) => wire),
    );
    bench.pipeline.exchange.setOpening(linkOf('two'), b.id, 'full');
    bench.run();
    bench.sent.splice(0);
    const [x, y, z] = run;
    if (x === undefined || y === undefined || z === undefined) return;
    const other = remade(y.entry, { at: 5 });
    const { id: prev } = valueOf(decodeEntry(other.header));
    const next = remade(z.entry, { prev, lamport: z.entry.lamport });
    bench.give('two', [{ ...next, body: z.wire.body }], 'push');
    bench.run();
    expect(bench.pipeline.forks()).toEqual([]);
    expect(bench.pipeline.staged()).toBe(0);
    const asked = bench.sent.map(({ frame }) => frame);
    expect(asked).toContainEqual({ type: 'want-ids', grove: world.grove, ids: [prev] });
    // Its signature is not needed: what is signed names it.
    bench.give('two', [{ ...other, signature: null, body: y.wire.body }], 'want');
    bench.run();
    expect(bench.facts.at(-1)).toMatchObject({ forks: [{ author: a.id, seq: y.entry.seq }] });
  });

  it('S3: what lacks its parents waits, what is missing is asked of who sent it, and again until it comes', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary));
    const [first, , last] = run;
    if (first === undefined || last === undefined) return;
    bench.pipeline.exchange.setOpening(linkOf('one'), b.id, 'full');
    bench.run();
    bench.sent.splice(0);
    bench.give('one', [last.wire]);
    bench.run();
    const asked = {
      type: 'want-entries',
      runs: [{ author: a.id, from: first.entry.seq, to: last.entry.seq - 1 }],
    };
    expect(bench.sent.map(({ frame }) => frame)).toMatchObject([asked]);
    bench.pass(2_000);
    bench.pass(100);
    expect(bench.sent.map(({ frame }) => frame).filter(({ type }) => type === 'want-entries')).toHaveLength(
      2,
    );
    bench.give(
      'one',
      run.map(({ wire }) => wire),
    );
    bench.run();
    expect(bench.ids()).toEqual(run.map(({ entry }) => entry.id));
    bench.sent.splice(0);
    bench.pass(10_000);
    expect(bench.sent.filter(({ frame }) => frame.type === 'want-entries')).toEqual([]);
  });

  it('S3: one link that floods leaves room for the others', () => {
    const { world, bench } = setUp();
    const { entry, wire } = world.append(a, 'contribution', new Uint8Array(8_192).fill(32));
    const junk = Array.from({ length: 3_000 }, (_, i) =>
      remade(entry, { seq: entry.seq + 2 + i, prev: entry.id, lamport: entry.lamport + 2 + i }),
    );
    for (let at = 0; at < junk.length; at += 500) {
      bench.give(
        'bad',
        junk.slice(at, at + 500).map((each) => ({ ...each, body: wire.body })),
      );
      bench.run();
    }
    // Half of the bytes that there is room for: as much as it leaves free.
    const staged = bench.pipeline.staged();
    const each = 8_192 + (junk.at(-1)?.header.length ?? 0);
    expect(staged).toBeGreaterThan((16 * 1024 * 1024) / each - 10);
    expect(staged).toBeLessThan((16 * 1024 * 1024) / each + 10);
    expect(bench.counter('entries.overflow')).toBe(junk.length - staged);
    bench.give('good', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
    bench.pipeline.linkGone(linkOf('bad'));
    expect(bench.pipeline.staged()).toBe(0);
  });

  it('D5: what could not be written is not applied, is told, and comes again', () => {
    const { world, bench } = setUp();
    const { entry, wire } = world.contribute(a, 'one more');
    bench.failing = 'quota';
    bench.give('one', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([]);
    expect(bench.facts.at(-1)).toMatchObject({ type: 'problem', code: 'quota' });
    bench.failing = null;
    bench.give('one', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
  });

  it('S4: a verifier that fails accuses nobody', () => {
    const { world, bench } = setUp();
    const { entry, wire } = world.contribute(a, 'one more');
    bench.give('one', [wire]);
    const [verify] = bench.context.takeEffects();
    if (verify?.type !== 'verify') throw new Error('no verification');
    const { token } = verify;
    bench.context.resume({ type: 'store-failed', token, failure: 'internal', message: 'no crypto' });
    bench.run();
    expect(bench.counter('entries.refused')).toBe(0);
    bench.give('one', [wire]);
    bench.run();
    expect(bench.ids()).toEqual([entry.id]);
  });

  it('S1, D5: appends go one after the other; one that fails is answered with its code and leaves its place', () => {
    const world = new World([a, b]);
    const bench = createBench(world.grove, { self: a });
    bench.give('one', world.wires());
    bench.run();
    bench.applied.splice(0);
    const outcomes: unknown[] = [];
    const then = (outcome: unknown): void => void outcomes.push(outcome);
    const append = { kind: 'note', body: utf8('mine'), table: null, also: () => [], then };
    bench.pipeline.append(append);
    bench.pipeline.append(append);
    const [write, ...none] = bench.context.takeEffects();
    expect(none).toEqual([]);
    const ops = [{ op: 'expect', value: null }, { op: 'put' }, { op: 'put' }];
    expect(write).toMatchObject({ type: 'write', durability: 'strict', ops });
    expect(outcomes).toEqual([]);
    if (write?.type !== 'write') return;
    bench.context.resume({ type: 'store-failed', token: write.token, failure: 'closed', message: 'gone' });
    expect(outcomes).toEqual([{ code: 'closed', message: 'gone' }]);
    expect(bench.applied).toEqual([]);
    bench.run();
    expect(outcomes).toMatchObject([{ code: 'closed' }, { entry: { seq: 1, kind: 'note' } }]);
    expect(bench.pipeline.log.head(a.id)?.seq).toBe(1);
  });

  it('S10: what was being written while the log is read anew is told to its caller and applied once', () => {
    const world = new World([a, b]);
    const bench = createBench(world.grove, { self: a });
    bench.give('one', world.wires());
    bench.run();
    bench.applied.splice(0);
    let told = 0;
    const append = {
      kind: 'note',
      body: utf8('mine'),
      table: null,
      also: () => [],
      then: () => void (told += 1),
    };
    bench.pipeline.append(append);
    bench.pipeline.append(append);
    const left = bench.pipeline.close();
    expect(left).toHaveLength(1);
    bench.run();
    expect(told).toBe(1);
    expect(bench.applied).toEqual([]);
    const again = createBench(world.grove, { self: a, tables: bench.tables }).load();
    expect(again.pipeline.log.head(a.id)?.kind).toBe('note');
  });
});
