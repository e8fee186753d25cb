// What the browser says of the disk: asked for as bytes are written and time passes, and when a person should be told
// (SPEC C19). Knows nothing of what is stored.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { Estimate } from '../ports.ts';

export interface QuotaHooks {
  /** Something moves: worth asking again in a while. */
  isActive(): boolean;
  /** A fresh estimate came. */
  told(estimate: Estimate): void;
  /** Told once until it is calm again. */
  warn(estimate: Estimate): void;
}

export type Quota = ReturnType<typeof createQuota>;

export function createQuota(context: Context, hooks: QuotaHooks) {
  const { storage } = CONFIG;
  let latest: Estimate | null = null;
  let warned = false;
  let written = 0;
  let waiting: (() => void)[] = [];

  function take(estimate: Estimate | null): void {
    const told = waiting;
    waiting = [];
    if (estimate !== null) {
      latest = estimate;
      const used = estimate.quota === 0 ? 1 : estimate.usage / estimate.quota;
      if (used >= storage.warnAbove && !warned) {
        warned = true;
        hooks.warn(estimate);
      } else if (used < storage.calmBelow) warned = false;
      hooks.told(estimate);
    }
    for (const then of told) then();
    goOn();
  }

  /** Asked once where several want to know at the same time. */
  function ask(then: () => void = () => undefined): void {
    waiting.push(then);
    if (waiting.length > 1) return;
    written = 0;
    context.estimate(take);
  }

  function goOn(): void {
    if (context.isScheduled('storage/estimate') || !hooks.isActive()) return;
    context.schedule('storage/estimate', context.elapsed() + storage.estimateEvery, () => ask());
  }

  return {
    ask,
    latest: (): Estimate | null => latest,

    /** So much more may have been written. */
    wrote(bytes: number): void {
      written += bytes;
      if (written >= storage.estimateBytes) ask();
      else goOn();
    },

    /** By how much so many bytes would go beyond what may be filled; 0 where the browser says nothing. */
    lacks: (bytes: number): number =>
      latest === null ? 0 : Math.max(0, Math.ceil(latest.usage + bytes - latest.quota * storage.fetchBelow)),
  };
}
