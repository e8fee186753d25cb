// However entries come, a log ends the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds } from '../../../worker/core/model/ids.ts';
import type { WireEntry } from '../../../worker/core/wire/frame.ts';
import { SEED } from '../model/fixtures.ts';
import { decodeRow, encodeRow } from '../../../worker/core/sync/row.ts';
import { decodeSegment, encodeSegment, segmentOf } from '../../../worker/core/sync/segment.ts';
import { valueOf } from '../model/fixtures.ts';
import { createBench, key, OWNER, Tables, World } from './bench.ts';

const people = [key(2), key(3), key(4)];
const everyone = [OWNER, ...people];

/** A log of four authors who met now and then. */
function aWorld(): World {
  const world = new World(people);
  for (let i = 0; i < 24; i += 1) {
    const by = everyone[(i * 7) % everyone.length] ?? OWNER;
    world.contribute(by, `${i}`);
    const other = everyone[(i * 5 + 1) % everyone.length] ?? OWNER;
    if (i % 3 === 0 && other !== by) world.meet(by, other);
  }
  return world;
}

const world = aWorld();
const wires = world.wires();

function outcome(bench: ReturnType<typeof createBench>) {
  const { log } = bench.pipeline;
  return {
    ids: [...bench.ids()].sort(compareIds),
    vector: [...log.vector()].sort((a, b) => compareIds(a.author, b.author)),
    views: bench.grove.views.digest(),
  };
}

const expected = (() => {
  const bench = createBench(world.grove);
  bench.give('one', wires);
  bench.run();
  return outcome(bench);
})();

/** Frames of a few entries in any order, some twice, by several links. Signatures inside may be missing. */
const deliveries = fc
  .tuple(
    fc.shuffledSubarray(
      wires.map((_, index) => index),
      { minLength: wires.length },
    ),
    fc.array(fc.nat({ max: wires.length - 1 }), { maxLength: 20 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom('one', 'two', 'three')), {
      minLength: 1,
      maxLength: 60,
    }),
    fc.boolean(),
  )
  .map(([order, again, cuts, runEach]) => {
    const rest = [...order, ...again].map((index) => wires[index]);
    const frames: { link: string; entries: WireEntry[] }[] = [];
    for (let i = 0; rest.length > 0; i += 1) {
      const [size, link] = cuts[i % cuts.length] ?? [1, 'one'];
      frames.push({ link, entries: rest.splice(0, size).filter((wire) => wire !== undefined) });
    }
    return { frames, runEach };
  });

describe('a pipeline, given the same entries in any way', () => {
  it('S9, G1: ends with the same log, vector and views; applies nothing twice, and nothing before what it names', () => {
    expect(expected.ids).toHaveLength(wires.length);
    fc.assert(
      fc.property(deliveries, ({ frames, runEach }) => {
        const bench = createBench(world.grove);
        for (const { link, entries } of frames) {
          bench.give(link, entries);
          if (runEach) bench.run();
        }
        bench.run();
        // What came in pieces by different links is brought by the next catch-up.
        bench.give('one', wires);
        bench.run();
        const seen = new Set<string>();
        for (const { entry } of bench.applied) {
          expect(seen.has(entry.id)).toBe(false);
          for (const named of [entry.prev, ...entry.parents])
            if (named !== null) expect(seen.has(named)).toBe(true);
          seen.add(entry.id);
        }
        expect(outcome(bench)).toEqual(expected);
        expect(bench.pipeline.staged()).toBe(0);
        expect(bench.counter('entries.refused')).toBe(0);
      }),
      { seed: SEED, numRuns: 60 },
    );
  }, 60_000);

  it('S10: after a crash behind any number of writes it reads back what was written, and the rest completes it', () => {
    for (let writes = 0; ; writes += 1) {
      const before = createBench(world.grove);
      before.give('one', wires.slice(0, 9));
      before.give('two', wires.slice(9));
      const finished = before.run(writes);
      const after = createBench(world.grove, { tables: before.tables.copy() }).load();
      expect(after.counter('store.corrupt')).toBe(0);
      expect(after.ids()).toEqual(before.ids());
      expect(after.grove.views.digest()).toBe(before.grove.views.digest());
      after.give('one', wires);
      after.run();
      expect(outcome(after)).toEqual(expected);
      if (finished) break;
    }
  });

  it('S10: rows that lost their order are still read in a causal one', () => {
    const whole = createBench(world.grove);
    whole.give('one', wires);
    whole.run();
    const tables = new Tables();
    for (const [at, value] of whole.tables.rows) {
      const turned = (bytes: Uint8Array): Uint8Array => {
        const row = valueOf(decodeRow(bytes));
        return encodeRow({ ...row, index: 1_000 - row.index });
      };
      if (!at.startsWith('log:')) tables.rows.set(at, value);
      else if (segmentOf(at) === null) tables.rows.set(at, turned(value));
      else
        tables.rows.set(
          at,
          encodeSegment(valueOf(decodeSegment(value)).map(({ row, body }) => ({ row: turned(row), body }))),
        );
    }
    expect(outcome(createBench(world.grove, { tables }).load())).toEqual(expected);
  });

  it('S10, S15: a row that was lost takes nothing with it but what lay in it and what stands on that, and comes again', () => {
    const whole = createBench(world.grove);
    whole.give('one', wires);
    whole.run();
    for (const at of [...whole.tables.rows.keys()].filter((each) => each.startsWith('log:'))) {
      const tables = whole.tables.copy();
      const value = tables.rows.get(at) ?? new Uint8Array();
      const rows = segmentOf(at) === null ? [value] : valueOf(decodeSegment(value)).map(({ row }) => row);
      const there = new Set(rows.map((row) => valueOf(decodeRow(row)).entry.id));
      tables.rows.delete(at);
      const bench = createBench(world.grove, { tables }).load();
      const held = new Set(bench.ids());
      // All that doesn't stand on the lost one is there.
      const lost = new Set(wires.length === 0 ? [] : [...expected.ids].filter((id) => !held.has(id)));
      for (const { entry } of world.all) {
        const named = [entry.prev, ...entry.parents].filter((id) => id !== null);
        if (lost.has(entry.id) && !there.has(entry.id)) expect(named.some((id) => lost.has(id))).toBe(true);
      }
      bench.give('one', wires);
      bench.run();
      expect(outcome(bench)).toEqual(expected);
      const again = createBench(world.grove, { tables: bench.tables }).load();
      expect(outcome(again)).toEqual(expected);
    }
  });
});
