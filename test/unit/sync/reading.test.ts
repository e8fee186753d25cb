// How a long log is read back (SPEC S10): in steps, and what says who may write before all contributions.
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../worker/core/io.ts';
import { answer, createBench, key, OWNER, World } from './bench.ts';

/** Someone is let in only after much was written, and writes then. */
function aWorld(contributions: number): World {
  const world = new World([key(2)]);
  for (let i = 0; i < contributions; i += 1) world.contribute(i % 2 === 0 ? OWNER : key(2), `${i}`);
  world.meet(OWNER, key(2));
  world.admit(OWNER, key(3));
  world.meet(OWNER, key(3));
  world.contribute(key(3), 'late');
  return world;
}

describe('reading a log back', () => {
  const world = aWorld(600);
  const stored = createBench(world.grove);
  stored.give('one', world.wires());
  stored.run();

  it('S10: tells all that says who may write before any contribution, and each entry once', () => {
    const again = createBench(world.grove, { tables: stored.tables.copy() }).load();
    const kinds = again.applied.map(({ entry }) => entry.kind);
    const first = kinds.indexOf('contribution');
    expect(kinds.slice(first).every((kind) => kind === 'contribution')).toBe(true);
    expect(kinds.slice(0, first)).not.toContain('contribution');
    expect(new Set(again.ids()).size).toBe(world.all.length);
    expect(again.facts.map(({ type }) => type).filter((type) => type !== 'applied')).toEqual([
      'ruled',
      'loaded',
    ]);
    expect(again.grove.views.digest()).toBe(stored.grove.views.digest());
    expect(again.pipeline.log.since(0, 10_000)).toEqual(stored.pipeline.log.since(0, 10_000));
  });

  it('S10: takes a few rows and bodies at a time, and says how far it is', () => {
    const bench = createBench(world.grove, { tables: stored.tables.copy() });
    bench.pipeline.load();
    const far: number[] = [];
    let most = 0;
    for (
      let waiting: Effect[] = bench.context.takeEffects();
      waiting.length > 0;
      waiting = bench.context.takeEffects()
    )
      for (const effect of waiting) {
        if (effect.type === 'scan') most = Math.max(most, effect.limit);
        if (effect.type === 'read') most = Math.max(most, effect.keys.length);
        answer(effect, bench.context, bench.tables);
        const reading = bench.pipeline.reading();
        if (reading !== null) far.push(reading.done / reading.total);
      }
    expect(most).toBeLessThanOrEqual(256);
    expect(far.length).toBeGreaterThan(3);
    expect([...far].sort((a, b) => a - b)).toEqual(far);
    expect(bench.pipeline.reading()).toBeNull();
    expect(bench.applied).toHaveLength(world.all.length);
  });
});
