// A deterministic generator: the same seed gives the same run. Secure as long as its seed is secret.
import { blake3 } from '@noble/hashes/blake3.js';
import type { Random } from '../ports.ts';
import { utf8 } from './bytes.ts';
import { ThicketError } from './errors.ts';

/** Large enough that small draws rarely hash, small enough to cost nothing at rest. */
const CHUNK = 1024;
const WORD = 2 ** 32;

export interface SeededRandom extends Random {
  /** Uniform in [0, 1), 53 bits. */
  float(): number;
  /** Uniform integer in [0, n). n is 1 to 2^32. */
  int(n: number): number;
}

/** A stream of BLAKE3 in its extendable-output mode. */
export function createSeededRandom(seed: Uint8Array | number): SeededRandom {
  const stream = blake3.create({}).update(typeof seed === 'number' ? utf8(`seed ${seed}`) : seed);
  let chunk = new Uint8Array(0);
  let used = 0;

  function bytes(length: number): Uint8Array {
    const drawn = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (used === chunk.length) {
        chunk = stream.xof(CHUNK);
        used = 0;
      }
      const part = chunk.subarray(used, used + length - filled);
      drawn.set(part, filled);
      filled += part.length;
      used += part.length;
    }
    return drawn;
  }

  const word = (): number => new DataView(bytes(4).buffer).getUint32(0);
  const float = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;

  function int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > WORD)
      throw new ThicketError('invalid', `int: 1 to 2^32, given ${n}`);
    const fair = WORD - (WORD % n);
    let drawn = word();
    while (drawn >= fair) drawn = word();
    return drawn % n;
  }

  return { bytes, float, int };
}
