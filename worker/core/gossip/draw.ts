// Random choice from lists. Knows nothing of what is chosen.
import type { Random } from '../ports.ts';

/** Uniform in [0, 1), 32 bits. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
}

export const below = (random: Random, n: number): number => Math.floor(fraction(random) * n);

export const pick = <T>(random: Random, items: readonly T[]): T | undefined =>
  items.length < 2 ? items[0] : items[below(random, items.length)];

/** Up to `count` different ones, in random order. */
export function sample<T>(random: Random, items: readonly T[], count: number): T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(below(random, left.length), 1));
  return drawn;
}

/** `ms` give or take `share` of it. */
export const spread = (random: Random, ms: number, share: number): number =>
  ms * (1 - share + 2 * share * fraction(random));
