// The simulator bites: with a mechanism switched off at the ports, or a promise broken at them, a named scenario fails.
import { describe, expect, it, vi } from 'vitest';
import { runScenario } from '../../sim/finish.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';
import { expectGreen, scenario } from './runs.ts';

const isPush = (frame: Frame): boolean => frame.type === 'entries' && frame.why === 'push';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 300_000 });

describe('teeth', () => {
  it('S6: without pushes, `steady` is too slow', async () => {
    const options = { seed: 1, peers: 5, seconds: 10 };
    await expectGreen('steady', options);
    const muted = await runScenario(scenario('steady'), { ...options, mute: isPush });
    expect(muted.shortfalls.join()).toContain('p95');
  });

  it('S5: without vectors, nobody catches up in `late-join`', async () => {
    const options = { seed: 1, peers: 5, seconds: 5 };
    await expectGreen('late-join', options);
    // Those of the founding are let through: a world has to begin.
    let joined = 0;
    const mute = (frame: Frame): boolean => {
      if (frame.type === 'admitted') joined += 1;
      return joined > 2 && frame.type === 'vector';
    };
    const muted = await runScenario(scenario('late-join'), { ...options, mute });
    expect(muted.shortfalls.join()).toContain('not settled');
  });

  it('S3, S5: without the periodic exchange and missing parents fetched, what full disks refused is never had again in `disk-full`', async () => {
    const options = { seed: 1, peers: 5, seconds: 10 };
    await expectGreen('disk-full', options);
    // The first on a connection is that of its opening, the second the answer to the other's.
    const mute = (frame: Frame, nth: number): boolean =>
      (frame.type === 'vector' && nth > 2) || frame.type === 'want-ids' || frame.type === 'want-entries';
    const muted = await runScenario(scenario('disk-full'), { ...options, mute });
    expect(muted.shortfalls.join()).toContain('not settled');
  });
});
