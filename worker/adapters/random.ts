// Random over the platform's generator.
import type { Random } from '../core/ports.ts';

/** Most that one call of getRandomValues gives. */
const MOST_AT_ONCE = 65_536;

export function createRandom(): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += MOST_AT_ONCE) {
        crypto.getRandomValues(bytes.subarray(at, at + MOST_AT_ONCE));
      }
      return bytes;
    },
  };
}
