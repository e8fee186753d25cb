// A peer's wall clock: simulated time from an epoch, wrong by an offset that may jump. Waits are as long as they are,
// wherever the wall clock goes meanwhile, as with the platform's timers.
import type { Clock } from '../../../worker/core/ports.ts';
import type { Scheduler, Timer } from '../scheduler.ts';

/** 2026-01-01, so that dates look like dates. */
export const EPOCH = Date.UTC(2026, 0, 1);

export interface SimClock extends Clock {
  /** ms by which it is wrong from now on. */
  set(offset: number): void;
}

export function createSimClock(scheduler: Scheduler, offset: number): SimClock {
  let error = offset;
  let timer: Timer | null = null;
  const now = (): number => Math.floor(EPOCH + scheduler.now() + error);

  function arm(at: number, callback: () => void): void {
    timer = scheduler.after(Math.max(0, at - now()), () => {
      // It may have been set back meanwhile.
      if (now() < at) arm(at, callback);
      else callback();
    });
  }

  return {
    now,
    wake(at, callback) {
      timer?.cancel();
      timer = null;
      if (at !== null) arm(at, callback);
    },
    set(value) {
      error = value;
    },
  };
}
