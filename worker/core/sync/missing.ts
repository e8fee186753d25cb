// What staged entries wait for is asked for, now and again, for as long as something waits (SPEC S3, S4). Knows nothing of
// how what comes is verified and applied.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId } from '../model/ids.ts';
import type { Exchange } from './exchange.ts';
import type { Fetch } from './fetch.ts';
import type { Forks } from './forks.ts';
import type { Log } from './log.ts';
import type { Rivals } from './rivals.ts';
import type { Staging } from './staging.ts';

interface Deps {
  grove: GroveId;
  log: Log;
  staging: Staging;
  rivals: Rivals;
  forks: Forks;
  fetch: Fetch;
  exchange: Exchange;
  context: Context;
  /** Looks at it all again. */
  again: () => void;
}

export function createMissing(deps: Deps) {
  const { grove, log, staging, rivals, forks, fetch, exchange, context, again } = deps;
  const timer = `gaps/${grove}`;

  function tellDropped(): void {
    const dropped = staging.takeDropped().filter((entry) => !log.has(entry));
    for (const entry of dropped) {
      const [staged] = staging.pending.waitingFor(entry);
      if (staged !== undefined) fetch.want(entry, staged.link, false);
    }
    // It counts as not held, and may come again (SPEC S3).
    if (dropped.length > 0) exchange.broadcast.forget(dropped);
  }

  return {
    tellDropped,

    ask(): void {
      const { askAgain } = CONFIG.sync;
      for (const [link, runs] of staging.gaps(context.elapsed(), askAgain)) exchange.wantRuns(link, runs);
      for (const { id: entry, link, run } of rivals.wanted())
        if (fetch.want(entry, link, true) && exchange.opening(link) === 'full')
          context.send(link, { type: 'want-entries', grove, runs: [run] }, 'control');
      fetch.flush();
      tellDropped();
      const due = forks.due();
      const waits = staging.hasGaps || fetch.waits || due !== null;
      const at = due ?? context.elapsed() + askAgain;
      if (!waits) context.schedule(timer, null, again);
      else if (due !== null || !context.isScheduled(timer)) context.schedule(timer, at, again);
    },

    close(): void {
      context.schedule(timer, null, again);
    },
  };
}
