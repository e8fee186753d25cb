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
  let wanted: { at: number; due: number; callback: () => void } | null = null;
  let timer: { at: number; timer: Timer } | null = null;
  const now = (): number => Math.floor(EPOCH + scheduler.now() + error);

  /** One event for many wishes: a later wish waits for the event of an earlier one, and then for its own. */
  function arm(due: number): void {
    if (timer !== null && timer.at <= due) return;
    timer?.timer.cancel();
    timer = { at: due, timer: scheduler.after(due - scheduler.now(), fire) };
  }

  function want(at: number, callback: () => void): void {
    const due = scheduler.now() + Math.max(0, at - now());
    wanted = { at, due, callback };
    arm(due);
  }

  function fire(): void {
    timer = null;
    if (wanted === null) return;
    const { at, due, callback } = wanted;
    if (scheduler.now() < due) return arm(due);
    // It may have been set back meanwhile.
    if (now() < at) return want(at, callback);
    wanted = null;
    callback();
  }

  return {
    now,
    wake(at, callback) {
      if (at === null) wanted = null;
      else want(at, callback);
    },
    set(value) {
      error = value;
    },
  };
}
