// Bytes that look random and come again from the same seed. Fast enough for gibibytes; no cryptography.

export interface Noise {
  /** 0 up to but without `limit`. */
  below(limit: number): number;
  /** The next so many bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/**
 * Marsaglia's xorshift (Journal of Statistical Software 8, 2003) in 128 bits: of 32, a gibibyte is a sixteenth of all there
 * is, and a file could begin within another one. The seed's FNV-1a hash is one word of the state.
 */
export function createNoise(seed: string): Noise {
  let hash = 0x811c9dc5;
  for (const char of seed) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  let x = 123456789;
  let y = 362436069;
  let z = 521288629;
  let w = hash;
  const next = (): number => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w ^= (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
  // The first ones of similar seeds are similar.
  for (let i = 0; i < 64; i++) next();
  return {
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let i = 0; i < words.length; i++) words[i] = next();
      return new Uint8Array(words.buffer, 0, length);
    },
  };
}
