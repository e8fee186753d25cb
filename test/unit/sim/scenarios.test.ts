// Each scenario once at a small size, with all that it asks of its figures.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { SCENARIOS } from '../../sim/scenarios.ts';
import { runJobs, type Judged } from '../../sim/seeds.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 60_000 });

/** Islands need a crowd, which takes a minute of computing: before SPEC K8 had those who call in vain come back, 100 peers did not heal. */
const FULL = process.env['THICKET_FULL'] === '1';
/** Simulated seconds of a scenario's own part. */
const SECONDS = 10;
/** Seconds that some need to show what they are about. */
const LONGER: Record<string, number> = { steady: 75, 'late-join': 30, ...(FULL ? { islands: 75 } : {}) };
/** Sizes of those that take more than one kind of peer; 33 is 3 who are linked and 30 who arrive. */
const PEERS: Record<string, number> = { 'signaling-down': 33, ...(FULL ? { islands: 100 } : {}) };
/** For all of them, ms; a machine that others use may take long over it. */
const LIMIT = 1_200_000;

describe('scenarios', () => {
  const scenarios = SCENARIOS.filter(({ name }) => name !== 'mixed');
  const judged = new Map<string, Judged>();
  beforeAll(async () => {
    const jobs = scenarios.map(({ name }) => ({
      scenario: name,
      seed: 3,
      peers: PEERS[name] ?? 20,
      seconds: LONGER[name] ?? SECONDS,
    }));
    await runJobs(jobs, (each) => judged.set(each.scenario, each), 2);
  }, LIMIT);

  for (const { name, about } of scenarios) {
    it(`${name}: ${about}`, () => {
      expect(judged.get(name)?.wrong).toEqual([]);
    });
  }
});
