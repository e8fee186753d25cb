// Each way of harm by itself: it is tried, it is seen through, and the honest get on.
import { describe, expect, it, vi } from 'vitest';
import { behaviours, hostileScenario } from '../../sim/byzantine.ts';
import { runScenario, type Report } from '../../sim/finish.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 300_000 });

/** What honest devices count where they see through it; any of them is enough. */
const SEEN_THROUGH: Record<string, { rule: string; counters: readonly string[] }> = {
  forger: { rule: 'M7', counters: ['entries.badSignature', 'entries.refused', 'entries.notMember'] },
  forker: { rule: 'S8', counters: ['entries.forked'] },
  liar: { rule: 'S5', counters: ['catchup.late'] },
  accuser: { rule: 'S8', counters: ['forks.malformed', 'forks.refused'] },
  poisoner: { rule: 'S7', counters: ['entries.badBody', 'bodies.refused'] },
  faker: { rule: 'P1', counters: [] },
  boaster: { rule: 'H1', counters: [] },
  flooder: { rule: 'W1', counters: [] },
  replayer: { rule: 'K2', counters: [] },
  'black-hole': { rule: 'B3', counters: [] },
  usurper: { rule: 'P4', counters: [] },
};

const run = (name: string): Promise<Report> =>
  runScenario(
    hostileScenario(
      name,
      'one way of harm',
      (planted) => behaviours(planted).filter((each) => each.name === name),
      1,
    ),
    { seed: 1, peers: 15, seconds: 40 },
  );

describe('one member in five is hostile', () => {
  for (const { name } of behaviours(new Set())) {
    const { rule, counters } = SEEN_THROUGH[name] ?? { rule: '', counters: [] };
    it(`${rule}: a ${name} takes nothing from the honest`, async () => {
      const report = await run(name);
      expect([...report.violations, ...report.shortfalls]).toEqual([]);
      expect(report.counts[name]).toBeGreaterThan(0);
      const seen = counters.map((each) => report.counters[each] ?? 0);
      if (counters.length > 0) expect(Math.max(...seen)).toBeGreaterThan(0);
    });
  }
});
