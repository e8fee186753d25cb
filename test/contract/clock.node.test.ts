// The platform's clock against the contract, with its timers in the test's hands.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../worker/adapters/clock.ts';
import { describeClock } from './clock.contract.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describeClock('platform', () => ({
  clock: createClock(),
  async elapse(ms) {
    await vi.advanceTimersByTimeAsync(ms);
  },
}));

describe('Clock: platform', () => {
  it('waits longer than one timer can', async () => {
    const clock = createClock();
    const woken = vi.fn();
    const month = 31 * 24 * 3600 * 1000;
    clock.wake(clock.now() + month, woken);
    await vi.advanceTimersByTimeAsync(month - 1);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(woken).toHaveBeenCalledTimes(1);
  });

  it('keeps waiting where the wall clock was set back meanwhile', async () => {
    const clock = createClock();
    const woken = vi.fn();
    clock.wake(clock.now() + 1000, woken);
    await vi.advanceTimersByTimeAsync(500);
    vi.setSystemTime(Date.now() - 10_000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5500);
    expect(woken).toHaveBeenCalledTimes(1);
  });
});
