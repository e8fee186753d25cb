// A seeded mutator of byte strings: random bytes, damaged samples, and samples changed as the values that they encode.
// Knows CBOR, and no decoder.
import { decode, encode } from '../../../worker/core/wire/cbor.ts';

export interface Mutator {
  /** Below n. */
  int(n: number): number;
  /** Never one of the samples itself, but by chance. */
  next(): Uint8Array;
}

/** Bytes that begin something: the largest lengths of every sort, indefinite ones, tags, simple values, floats. */
const HEADS = [
  [0x5b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0x5a, 0x7f, 255, 255, 255],
  [0x7b, 0, 0x20, 0, 0, 0, 0, 0, 0],
  [0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0x9a, 0, 255, 255, 255],
  [0x99, 255, 255],
  [0xbb, 0, 0, 0, 1, 0, 0, 0, 0],
  [0xba, 255, 255, 255, 255],
  [0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0],
  [0x3b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
  [0xf9, 0x7e, 0],
  [0x9f],
  [0xbf],
  [0x5f],
  [0xff],
  [0xf7],
  [0xd8, 0x2a],
  [0xc2, 0x41, 1],
  [0x62, 0xed, 0xa0],
  [0x63, 0xed, 0xa0, 0x80],
].map((bytes) => Uint8Array.from(bytes));

const TEXTS = [
  '{"__proto__":{"x":1}}',
  '"constructor":1',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  '{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":',
  '1e999',
  '-0',
  '"\\ud800"',
  '\u202e',
  '\0',
  '\u2028',
  '99999999999999999999',
].map((text) => new TextEncoder().encode(text));

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  255,
  4096,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  0.5,
  1e300,
  5e-324,
  '',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  '\u202e\0\u2028',
  new Uint8Array(),
  new Uint8Array(31),
  new Uint8Array(32),
  new Uint8Array(33),
  new Uint8Array(64),
  [],
  [[]],
  new Array<number>(200).fill(1),
  new Map(),
  new Map([['__proto__', 1]]),
  [[[[[[[[[[]]]]]]]]]],
];

const RANDOM_LENGTHS = [0, 1, 2, 8, 33, 80, 300, 1200];

export function createMutator(samples: readonly Uint8Array[], seed: number): Mutator {
  const trees = samples.map((sample) => {
    const decoded = decode(sample, { maxBytes: sample.length });
    return decoded.ok ? { value: decoded.value } : null;
  });
  let state = seed >>> 0 || 1;
  return { int, next };

  /** xorshift32: a cryptographic source would take longer than what is tried. */
  function word(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  }

  function int(n: number): number {
    return Math.floor((word() / 2 ** 32) * n);
  }

  function pick<T>(items: readonly T[]): T {
    return items[int(items.length)] as T;
  }

  function next(): Uint8Array {
    const kind = int(10);
    if (kind === 0) return random(pick(RANDOM_LENGTHS));
    const at = int(samples.length);
    const tree = trees[at];
    if (tree && kind < 6) {
      const changed = written(vary(tree.value, 0));
      if (changed) return int(8) === 0 ? damage(changed) : changed;
    }
    return damage(samples[at] ?? new Uint8Array());
  }

  function random(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let n = 0; n < length; n += 1) bytes[n] = word();
    return bytes;
  }

  /** Null beyond what can be written. */
  function written(value: unknown): Uint8Array | null {
    try {
      return encode(value);
    } catch (error) {
      if (error instanceof Error && error.name === 'ThicketError') return null;
      throw error;
    }
  }

  function damage(sample: Uint8Array): Uint8Array {
    let bytes = sample;
    for (let times = 1 + int(3); times > 0; times -= 1) bytes = damageOnce(bytes);
    return bytes;
  }

  function damageOnce(bytes: Uint8Array): Uint8Array {
    const at = int(bytes.length + 1);
    switch (int(8)) {
      case 0:
        return bytes.subarray(0, at);
      case 1:
        return replaced(bytes, at, 0, random(1 + int(4)));
      case 2:
        return replaced(bytes, at, 1 + int(8), new Uint8Array());
      case 3: {
        const head = pick(HEADS);
        return replaced(bytes, at, int(2) === 0 ? head.length : 0, head);
      }
      case 4:
        return replaced(bytes, at, 0, pick(TEXTS));
      case 5: {
        const other = pick(samples);
        return replaced(bytes, at, bytes.length, other.subarray(int(other.length + 1)));
      }
      case 6:
        return replaced(
          bytes,
          at,
          0,
          new Uint8Array(1 + int(64)).fill(pick([0x81, 0xa1, 0x5b, 0, 255, 0xc0])),
        );
      default: {
        const copy = bytes.slice();
        if (copy.length > 0)
          copy[int(copy.length)] = pick([0, 1, 0x7f, 0x80, 0xff, int(256), int(256), int(256)]);
        return copy;
      }
    }
  }

  function replaced(bytes: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array {
    const after = bytes.subarray(Math.min(bytes.length, at + length));
    const made = new Uint8Array(at + by.length + after.length);
    made.set(bytes.subarray(0, at));
    made.set(by, at);
    made.set(after, at + by.length);
    return made;
  }

  /** A value of which one part is another: replaced, dropped, doubled, or changed further inside. */
  function vary(value: unknown, depth: number): unknown {
    if (depth > 0 && int(4) === 0) return pick(VALUES);
    if (Array.isArray(value) && value.length > 0) {
      const items: readonly unknown[] = value;
      const at = int(items.length);
      const how = int(8);
      if (how === 0) return items.filter((_, n) => n !== at);
      if (how === 1) return [...items, items[at]];
      return items.map((item, n) => (n === at ? vary(item, depth + 1) : item));
    }
    if (value instanceof Map && value.size > 0) {
      const entries = [...(value as Map<string, unknown>)];
      const at = int(entries.length);
      if (int(8) === 0) return new Map(entries.filter((_, n) => n !== at));
      return new Map(entries.map(([key, item], n) => [key, n === at ? vary(item, depth + 1) : item]));
    }
    if (value instanceof Uint8Array && value.length > 0) {
      // What is signed lies in a string of bytes of its own.
      const inner = int(2) === 0 ? decode(value, { maxBytes: value.length }) : null;
      const changed = inner?.ok === true ? written(vary(inner.value, depth + 1)) : null;
      return changed ?? damageOnce(value);
    }
    return pick(VALUES);
  }
}
