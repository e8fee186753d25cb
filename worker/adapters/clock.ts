// Clock over the platform's wall clock and timers.
import type { Clock } from '../core/ports.ts';

/** Longest delay that setTimeout takes; a longer one fires at once. */
const LONGEST_DELAY = 0x7fff_ffff;

export function createClock(): Clock {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const arm = (at: number, callback: () => void): void => {
    const delay = Math.min(Math.max(0, Math.ceil(at - Date.now())), LONGEST_DELAY);
    timer = setTimeout(() => {
      // Timers may fire a little early, and the wall clock may have been set back meanwhile.
      if (Date.now() < at) arm(at, callback);
      else callback();
    }, delay);
  };

  return {
    now: () => Date.now(),
    wake(at, callback) {
      clearTimeout(timer);
      if (at !== null) arm(at, callback);
    },
  };
}
