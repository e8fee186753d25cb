// Each way of harm by itself: it is tried, it is seen through, and the honest get on.
import { describe, expect, it, vi } from 'vitest';
import { behaviours, hostileScenario } from '../../sim/byzantine.ts';
import { runScenario, type Report } from '../../sim/finish.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 300_000 });

/** What honest devices count where they see through it, each of them; nothing shows of who only keeps silent. */
const SEEN_THROUGH: Record<string, { rule: string; counters: readonly string[] }> = {
  forger: { rule: 'M7', counters: ['entries.badSignature', 'entries.refused', 'entries.notMember'] },
  forker: { rule: 'S12', counters: ['entries.forked'] },
  liar: { rule: 'S5', counters: ['catchup.late'] },
  accuser: { rule: 'S12', counters: ['forks.malformed', 'forks.refused'] },
  poisoner: { rule: 'S7', counters: ['entries.badBody'] },
  faker: { rule: 'P1', counters: ['membership.forged', 'membership.stranger'] },
  boaster: { rule: 'H1', counters: ['digest.badSignature'] },
  flooder: { rule: 'W1', counters: ['frames.garbled', 'frames.unknown', 'join.unknown'] },
  replayer: { rule: 'K3', counters: ['signal.replayed', 'membership.unasked'] },
  'black-hole': { rule: 'B3', counters: [] },
  usurper: { rule: 'P4', counters: ['membership.flooded', 'membership.hearsay'] },
};

const run = (name: string): Promise<Report> =>
  runScenario(
    hostileScenario(
      name,
      'one way of harm',
      (planted) => behaviours(planted).filter((each) => each.name === name),
      1,
    ),
    { seed: 1, peers: 12, seconds: 25 },
  );

describe('one member in five is hostile', () => {
  for (const { name } of behaviours(new Set())) {
    const { rule, counters } = SEEN_THROUGH[name] ?? { rule: '', counters: [] };
    it(`${rule}: one who is a ${name} takes nothing from the honest`, async () => {
      const report = await run(name);
      expect([...report.violations, ...report.shortfalls]).toEqual([]);
      expect(report.counts[name]).toBeGreaterThan(0);
      for (const each of counters) expect(report.counters[each], each).toBeGreaterThan(0);
    });
  }
});
