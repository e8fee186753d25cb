// The pure parts of the bench: what its figures are worth depends on them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCutter } from '../../../worker/core/cas/cut.ts';
import { cutsOf, movedBytes } from '../../bench/cutting.ts';
import { applyEdits, makeEdits } from '../../bench/edits.ts';
import { createNoise } from '../../bench/noise.ts';
import { median, quantile, ratios, rounded } from '../../bench/stats.ts';

const KIB = 1024;
const TARGET = 64 * KIB;

describe('The statistics of the bench', () => {
  it('take quantiles by nearest rank, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 95, 99, 100]);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([1, 2, 3], 0.95)).toBe(3);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('take the one in the middle as the median, or the mean of the two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 3])).toBe(2.5);
    expect(median([4])).toBe(4);
  });

  it('compare what ran in the same round, to three digits', () => {
    expect(ratios([2, 9], [4, 3])).toEqual([0.5, 3]);
    expect(rounded(0.123456)).toBe(0.123);
    expect(rounded(1234)).toBe(1230);
  });
});

describe('The noise of the bench', () => {
  it('comes again from the same seed, and is another from another', () => {
    const bytes = createNoise('a').bytes(1001);
    expect(bytes).toHaveLength(1001);
    expect(createNoise('a').bytes(1001)).toEqual(bytes);
    expect(createNoise('b').bytes(1001)).not.toEqual(bytes);
  });

  it('has every byte about equally often, and numbers below their limit', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of createNoise('counts').bytes(256 * KIB)) counts[byte] = (counts[byte] ?? 0) + 1;
    // 1,024 each, give or take six times the deviation of chance.
    for (const count of counts) expect(Math.abs(count - 1024)).toBeLessThan(6 * 32);
    const noise = createNoise('below');
    for (let i = 0; i < 1000; i++) {
      const value = noise.below(7);
      expect(Number.isInteger(value) && value >= 0 && value < 7).toBe(true);
    }
  });

  it('has more behind it than the word that it gives, so that one file does not begin within another', () => {
    const words = new Uint32Array(createNoise('words').bytes(4 * 1024 * KIB).buffer);
    // By chance 128 of a million words come twice; where a word is all of the state, none does before all have come.
    const twice = words.length - new Set(words).size;
    expect(twice).toBeGreaterThan(60);
    expect(twice).toBeLessThan(250);
  });
});

describe('The edits of the bench', () => {
  it('change the share that they say, in as many places, half of it inserted and half deleted', () => {
    const size = 4000 * KIB;
    const edits = makeEdits({ size, places: 20, share: 0.01 }, createNoise('edits'));
    const inserted = edits.reduce((sum, edit) => sum + edit.inserted.length, 0);
    const removed = edits.reduce((sum, edit) => sum + edit.removed, 0);
    expect(edits).toHaveLength(20);
    expect(inserted).toBe(removed);
    expect(inserted + removed).toBe(size / 100);
    expect(new Set(edits.map(({ at }) => Math.floor(at / (size / 20)))).size).toBe(20);
  });

  it('leave everything else as it is, in order', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2000, max: 20_000 }),
        (seed, places, size) => {
          const noise = createNoise(seed);
          const parent = noise.bytes(size);
          const edits = makeEdits({ size, places, share: 0.1 }, noise);
          const child = applyEdits(parent, edits);
          // Undone, the last first, they give the parent again.
          const back = [...child];
          for (const [i, { at, removed, inserted }] of [...edits.entries()].reverse()) {
            const moved = edits.slice(0, i).reduce((sum, one) => sum + one.inserted.length - one.removed, 0);
            expect(back.slice(at + moved, at + moved + inserted.length)).toEqual([...inserted]);
            back.splice(at + moved, inserted.length, ...parent.subarray(at, at + removed));
          }
          expect(back).toEqual([...parent]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('The cutting of the bench', () => {
  it('C1: at 64 KiB ends blocks where the app ends them', () => {
    const bytes = createNoise('cuts').bytes(4 * 1024 * KIB + 123);
    const cutter = createCutter();
    const blocks = [...cutter.push(bytes), ...cutter.finish()];
    let end = 0;
    expect(cutsOf(bytes, TARGET)).toEqual(blocks.map((block) => (end += block.length)));
    // Without anything to cut at, at the most.
    expect(cutsOf(new Uint8Array(500 * KIB), TARGET)).toEqual([240 * KIB, 480 * KIB, 500 * KIB]);
  });

  it('counts what the child has and the parent lacks, equal blocks once', () => {
    const noise = createNoise('moved');
    const parent = noise.bytes(2 * 1024 * KIB);
    expect(movedBytes(parent, parent, TARGET)).toMatchObject({ bytes: 0 });
    const added = noise.bytes(300 * KIB);
    const child = new Uint8Array([...parent, ...added]);
    const { bytes } = movedBytes(parent, child, TARGET);
    expect(bytes).toBeGreaterThanOrEqual(added.length);
    // The parent's last block goes on in the child.
    expect(bytes).toBeLessThanOrEqual(added.length + 240 * KIB);
    expect(movedBytes(new Uint8Array(), new Uint8Array(960 * KIB), TARGET)).toMatchObject({
      blocks: 4,
      bytes: 240 * KIB,
    });
  });
});
