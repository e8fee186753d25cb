// How many frames a link may bring, by what they are for, before they are even decoded (SPEC K10). Knows nothing of what is
// in them.
import { frameTypeOf } from '../wire/frame.ts';
import type { InflowConfig } from './config.ts';

/** What may come: `seldom` and `gossip` are counted by type, `asks` and `answers` all together. */
type Class = keyof InflowConfig['rates'];

const CLASSES: Readonly<Record<string, Class>> = {
  ...classed('seldom', ['ping', 'pong', 'tags', 'join', 'admitted', 'refused', 'frozen', 'disconnect']),
  ...classed('asks', ['want-list', 'want-blocks', 'want-have', 'want-body', 'want-held', 'cancel', 'held']),
  ...classed('answers', ['block', 'list', 'have', 'lack', 'body', 'entries']),
};

function classed(of: Class, types: readonly string[]): Record<string, Class> {
  return Object.fromEntries(types.map((type) => [type, of]));
}

export interface Inflow {
  /** `drop`: too many of its kind. `flood`: that happened so often that no mistake explains it; told once for each such time. */
  take(frame: Uint8Array, now: number): 'take' | 'drop' | 'flood';
}

export function createInflow({ rates, flood }: InflowConfig): Inflow {
  const buckets = new Map<string, { tokens: number; at: number }>();
  let dropped = { since: -Infinity, count: 0 };

  function drop(now: number): 'drop' | 'flood' {
    if (now - dropped.since >= flood.within) dropped = { since: now, count: 0 };
    dropped.count += 1;
    if (dropped.count < flood.frames) return 'drop';
    dropped = { since: now, count: 0 };
    return 'flood';
  }

  return {
    take(frame, now) {
      // What no version knows has one bucket, so that made-up types are no way around it, nor a way to fill memory.
      const type = frameTypeOf(frame) ?? 'unknown';
      const of = CLASSES[type] ?? 'gossip';
      const name = of === 'asks' || of === 'answers' ? of : type;
      const { perSecond, burst } = rates[of];
      const bucket = buckets.get(name) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1_000);
      bucket.at = now;
      buckets.set(name, bucket);
      if (bucket.tokens < 1) return drop(now);
      bucket.tokens -= 1;
      return 'take';
    },
  };
}
