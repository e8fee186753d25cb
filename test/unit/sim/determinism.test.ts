// A run is a function of commit, seed and options, and of nothing else.
import { describe, expect, it, vi } from 'vitest';
import { runScenario } from '../../sim/finish.ts';
import { createScheduler } from '../../sim/scheduler.ts';
import { scenario } from './runs.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 300_000 });

describe('the simulator', () => {
  it('gives the same run for the same seed, byte for byte, with all faults in it', async () => {
    const options = { seed: 7, peers: 5, seconds: 15 };
    const first = await runScenario(scenario('mixed'), options);
    const second = await runScenario(scenario('mixed'), options);
    expect({ ...second.result, wallS: 0 }).toEqual({ ...first.result, wallS: 0 });
    expect(second.events).toBe(first.events);
  });

  it('gives another run for another seed', async () => {
    const first = await runScenario(scenario('steady'), { seed: 1, peers: 3, seconds: 3 });
    const second = await runScenario(scenario('steady'), { seed: 2, peers: 3, seconds: 3 });
    expect(second.result.transcript).not.toBe(first.result.transcript);
  });

  it('runs events in order of time, then of asking, and all that waits for a promise before the next', async () => {
    const scheduler = createScheduler();
    const seen: string[] = [];
    const note = (what: string) => void seen.push(`${scheduler.now()} ${what}`);
    scheduler.after(5, () => note('b'));
    scheduler.after(1, () => note('a'));
    scheduler.after(5, () => note('c'));
    scheduler.after(4, () => note('never')).cancel();
    void (async () => {
      note(await scheduler.answer(5, () => 'd'));
      note('and on at once');
      note(await scheduler.answer(1, () => 'e'));
    })();
    scheduler.after(5, () => note('f'));
    await scheduler.run(10);
    expect(seen).toEqual(['1 a', '5 b', '5 c', '5 d', '5 and on at once', '5 f', '6 e']);
    expect(scheduler.now()).toBe(10);
  });
});
