// Which transfers run: a few at a time in the order they were wanted, past those that nobody can be asked for now
// (SPEC C11). Knows not what a transfer does.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Transfer } from './transfer.ts';

const { parallel } = CONFIG.cas;

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

export function createQueue(context: Context) {
  const running = new Set<Transfer>();
  /** Waiting, first come first. */
  const line = new Set<Transfer>();
  /** Looked at, and not to be looked at again before something changes. */
  const stuck = new Set<Transfer>();
  /** When one of the stuck may ask somebody again. */
  let stuckUntil: number | null = null;
  /** When the stuck were last looked at on account of news, and when they are next. */
  let lookedAt = -Infinity;
  let lookAt: number | null = null;

  const isLarge = (transfer: Transfer): boolean => transfer.size() > parallel.largeFrom;

  function unstickAll(): void {
    lookedAt = context.elapsed();
    lookAt = stuckUntil = null;
    for (const transfer of stuck) line.add(transfer);
    stuck.clear();
  }

  return {
    running: running as ReadonlySet<Transfer>,

    /** It is new, or its state changed. */
    place(transfer: Transfer): void {
      const state = transfer.state();
      for (const set of [running, line, stuck]) set.delete(transfer);
      if (state === 'receiving' || state === 'verifying') running.add(transfer);
      else if (state === 'queued' || state === 'stalled') line.add(transfer);
    },

    remove(transfer: Transfer): void {
      for (const set of [running, line, stuck]) set.delete(transfer);
    },

    /** Starts those whose turn it is. */
    start(): void {
      if (running.size >= parallel.all) return;
      let large = [...running].filter(isLarge).length;
      for (const transfer of [...line]) {
        if (running.size >= parallel.all) return;
        const counts = isLarge(transfer);
        if (counts && large >= parallel.large) continue;
        line.delete(transfer);
        if (transfer.isReady()) {
          if (counts) large += 1;
          transfer.resume();
        } else {
          stuck.add(transfer);
          stuckUntil = earlier(stuckUntil, transfer.nextWake());
        }
      }
    },

    /** This one may go on. */
    unstick(transfer: Transfer): void {
      if (stuck.delete(transfer)) line.add(transfer);
    },

    /** A link or a log may help any of those that are stuck: news may come by the thousand. */
    news(): void {
      if (stuck.size === 0) return;
      const next = lookedAt + CONFIG.cas.lookAgain;
      if (context.elapsed() >= next) unstickAll();
      else lookAt ??= next;
    },

    tick(now: number): void {
      const at = earlier(stuckUntil, lookAt);
      if (at !== null && at <= now) unstickAll();
    },

    nextWake: (): number | null => earlier(stuckUntil, lookAt),
  };
}
