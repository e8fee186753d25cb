// One bit for each block of a blob in the order of its lists, the first in the highest bit of the first byte (SPEC C8).
export const hasBit = (bits: Uint8Array, at: number): boolean =>
  ((bits[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0;

/** `at` must lie within. */
export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] = (bits[at >> 3] ?? 0) | (0x80 >> (at & 7));
}

export function countBits(bits: Uint8Array): number {
  let sum = 0;
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) sum += 1;
  return sum;
}

/** A bit for each item that is so. */
export function bitsOf<T>(items: readonly T[], is: (item: T) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(items.length / 8));
  items.forEach((item, at) => {
    if (is(item)) setBit(bits, at);
  });
  return bits;
}
