// A token bucket: how often something may happen. Knows no clock but the time it is told.
import type { Rate } from './config.ts';

export interface Bucket {
  /** Whether it may happen now; if so, it counts. */
  take(now: number): boolean;
}

export function createBucket({ burst, perMinute }: Rate): Bucket {
  let tokens = burst;
  let at = -Infinity;
  return {
    take(now) {
      if (at !== -Infinity) tokens = Math.min(burst, tokens + ((now - at) * perMinute) / 60_000);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
