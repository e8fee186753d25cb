// A seeded generator for the endpoint's tests: the same bytes on every run.
import type { Random } from '../../../worker/core/ports.ts';

/** xorshift32: good enough to tell members apart. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 1;
  return {
    bytes(length) {
      return Uint8Array.from({ length }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      });
    },
  };
}
