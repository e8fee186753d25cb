// Bytes that look random and come again from the same seed. Fast enough for gibibytes; no cryptography.

export interface Noise {
  /** 0 up to but without `limit`. */
  below(limit: number): number;
  /** The next so many bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Marsaglia's xorshift (Journal of Statistical Software 8, 2003) in 32 bits, and of the seed its FNV-1a hash. */
export function createNoise(seed: string): Noise {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  state ||= 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  // The first ones of similar seeds are similar.
  for (let i = 0; i < 16; i++) next();
  return {
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let i = 0; i < words.length; i++) words[i] = next();
      return new Uint8Array(words.buffer, 0, length);
    },
  };
}
