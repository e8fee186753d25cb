// Seeds of mixed faults, and each scenario once at a small size. A seed that ever failed is kept below by name.
import { describe, it, vi } from 'vitest';
import { SCENARIOS } from '../../sim/scenarios.ts';
import { expectGreen } from './runs.ts';

// A run takes a few seconds of computing; a machine that others use may take long over it.
vi.setConfig({ testTimeout: 300_000 });

const SIZES = [5, 6, 7, 5, 8, 6, 5, 12];
/** `npm run test:full` takes each size several times, each with a seed of its own. */
const ROUNDS = process.env['THICKET_FULL'] === '1' ? 6 : 1;

describe('mixed faults', () => {
  const runs = Array.from({ length: ROUNDS }, () => SIZES).flat();
  runs.forEach((peers, index) => {
    it(`S9, S10: leave ${peers} peers with the same views and all that was acknowledged, seed ${index + 1}`, async () => {
      await expectGreen('mixed', { seed: index + 1, peers, seconds: 15 });
    });
  });
});

describe('scenarios', () => {
  for (const { name, about } of SCENARIOS.filter((each) => each.name !== 'mixed')) {
    it(`${name}: ${about}`, async () => {
      await expectGreen(name, { seed: 3, peers: 6, seconds: 10 });
    });
  }
});

describe('seeds that failed once', () => {
  it('A8: 20 devices open one invite at once and all are let in within a minute, seed 1', async () => {
    await expectGreen('crowd', { seed: 1, peers: 20, seconds: 60 });
  });

  it('D6: clocks set back by an hour stop nobody from catching up, seed 1', async () => {
    await expectGreen('clock-back', { seed: 1, peers: 6, seconds: 10 });
  });

  it('C4: an artifact that a holder lacked when asked is had in the end, mixed, seed 1', async () => {
    await expectGreen('mixed', { seed: 1, peers: 8, seconds: 30 });
  });
});
