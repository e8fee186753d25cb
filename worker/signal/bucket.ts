// A token bucket as data. Knows neither what a token stands for nor what happens to who has none.
import type { Rate } from './config.ts';

export interface Bucket {
  tokens: number;
  refilledAt: number;
}

export const createBucket = (rate: Rate, now: number): Bucket => ({ tokens: rate.burst, refilledAt: now });

/** What has dripped in since the last time. `now` in ms. */
export function refill(bucket: Bucket, rate: Rate, now: number): void {
  const elapsed = Math.max(0, now - bucket.refilledAt);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsed / 1000) * rate.perSecond);
  bucket.refilledAt = now;
}
