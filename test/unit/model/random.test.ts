import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equalBytes } from '../../../worker/core/model/bytes.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { check } from './fixtures.ts';

describe('seeded random', () => {
  it('the same seed gives the same stream, however it is cut', () => {
    check(fc.array(fc.nat({ max: 3000 }), { maxLength: 8 }), (lengths) => {
      const [pieces, whole] = [createSeededRandom(7), createSeededRandom(7)];
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const joined = concat(...lengths.map((length) => pieces.bytes(length)));
      expect(equalBytes(joined, whole.bytes(total))).toBe(true);
    });
  });

  it('different seeds give different streams', () => {
    const seeds = [0, 1, 10, Uint8Array.of(0), Uint8Array.of(1), new Uint8Array(0)];
    const streams = seeds.map((seed) => createSeededRandom(seed).bytes(16).join());
    expect(new Set(streams).size).toBe(seeds.length);
  });

  it('int covers its range evenly and float stays in [0, 1)', () => {
    const random = createSeededRandom(42);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const drawn = random.int(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    const floats = Array.from({ length: 5000 }, () => random.float());
    expect(Math.min(...floats)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...floats)).toBeLessThan(1);
    expect(Math.abs(floats.reduce((sum, each) => sum + each, 0) / 5000 - 0.5)).toBeLessThan(0.02);
  });

  it('int takes 1 to 2^32 and refuses the rest', () => {
    const random = createSeededRandom(1);
    expect(random.int(1)).toBe(0);
    expect(random.int(2 ** 32)).toBeLessThan(2 ** 32);
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, NaN]) expect(() => random.int(n)).toThrow('1 to 2^32');
  });
});
