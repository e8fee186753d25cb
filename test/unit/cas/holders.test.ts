// Who holds what, and what is asked for next.
import { describe, expect, it } from 'vitest';
import { bitsOf } from '../../../worker/core/cas/bits.ts';
import { Holders } from '../../../worker/core/cas/holders.ts';
import type { Hash } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { MAX_HAVE } from '../../../worker/core/wire/frame.ts';
import { aHash } from '../model/fixtures.ts';
import { linkOf } from '../sync/bench.ts';

const ORDER = Array.from({ length: 1_000 }, (_, i) => aHash(`block ${i}`));
const NONE = new Uint8Array();
const never = (): boolean => false;

function holdersOf(seed = 1, order: readonly Hash[] = ORDER): Holders {
  const holders = new Holders(createSeededRandom(seed));
  holders.take(order.map((hash) => ({ hash, size: 1 })));
  for (const hash of new Set(order)) holders.add(hash);
  return holders;
}
const all = { all: true, bits: NONE, places: [] };
const some = (is: (place: number) => boolean) => ({
  ...{ all: false, places: [] },
  bits: bitsOf([...ORDER.keys()], is),
});
const pick = (holders: Holders, link: string, count: number): number[] => {
  let left = count;
  return holders.pick(linkOf(link), never, () => (left -= 1) >= 0).map((hash) => ORDER.indexOf(hash));
};

describe('holders', () => {
  it('C9: where nobody is known to lack some, or nothing is known of a source, blocks go in the order of the blob', () => {
    const holders = holdersOf();
    holders.learn(linkOf('full'), all);
    expect(pick(holders, 'full', 3)).toEqual([0, 1, 2]);
    expect(pick(holders, 'unknown', 2)).toEqual([3, 4]);
    holders.learn(
      linkOf('part'),
      some((place) => place < 500),
    );
    expect(pick(holders, 'unknown', 2)).toEqual([5, 6]);
    // What comes back in line comes first again.
    holders.add(ORDER[1] ?? aHash('none'));
    expect(pick(holders, 'unknown', 2)).toEqual([1, 7]);
  });

  it('C9: those go first that the fewest hold who lack some, of equals any: two devices differ', () => {
    const [first, second] = [1, 2].map((seed) => {
      const holders = holdersOf(seed);
      holders.learn(linkOf('full'), all);
      holders.learn(
        linkOf('a'),
        some((place) => place >= 20),
      );
      holders.learn(
        linkOf('b'),
        some((place) => place >= 40),
      );
      return holders;
    });
    if (first === undefined || second === undefined) return;
    const rarest = pick(first, 'full', 20);
    expect([...rarest].sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect(pick(second, 'full', 20)).not.toEqual(rarest);
    const next = pick(first, 'full', 20);
    expect(next.every((place) => place >= 20 && place < 40)).toBe(true);
    const common = [pick(first, 'full', 50), pick(second, 'full', 70).slice(20)];
    expect(new Set(common.flat()).size).toBeGreaterThan(85);
  });

  it('C8: who lacks some is asked only for what it told to hold, at once or later', () => {
    const holders = holdersOf();
    holders.learn(
      linkOf('part'),
      some((place) => place % 100 === 7),
    );
    expect(pick(holders, 'part', 100).sort((a, b) => a - b)).toEqual([
      7, 107, 207, 307, 407, 507, 607, 707, 807, 907,
    ]);
    expect(holders.mayHold(linkOf('part'), never)).toBe(false);
    expect(holders.learn(linkOf('part'), { all: false, bits: NONE, places: [7, 12, 13] })).toBe(true);
    expect(pick(holders, 'part', 100).sort((a, b) => a - b)).toEqual([12, 13]);
    expect(holders.learn(linkOf('part'), { all: false, bits: NONE, places: [12] })).toBe(false);
    holders.learn(linkOf('part'), all);
    expect(pick(holders, 'part', 1_000)).toHaveLength(988);
  });

  it('C8: what was told before the blob’s blocks were known counts, and places that it hasn’t do not', () => {
    const holders = new Holders(createSeededRandom(1));
    holders.learn(linkOf('part'), {
      all: false,
      bits: new Uint8Array(MAX_HAVE).fill(0xff),
      places: [8 * MAX_HAVE - 1],
    });
    holders.learn(linkOf('few'), { all: false, bits: NONE, places: [3, 999, 1_000, 200_000] });
    holders.take(ORDER.map((hash) => ({ hash, size: 1 })));
    for (const hash of ORDER) holders.add(hash);
    expect(pick(holders, 'few', 10).sort((a, b) => a - b)).toEqual([3, 999]);
    expect(pick(holders, 'part', 2_000)).toHaveLength(256);
  });

  it('C4: what it lacks all the same is asked of it no more before it tells anew', () => {
    const holders = holdersOf();
    holders.learn(
      linkOf('part'),
      some((place) => place === 1 || place === 2),
    );
    holders.lacks(linkOf('part'), [ORDER[1] ?? aHash('none')]);
    expect(pick(holders, 'part', 10)).toEqual([2]);
    holders.learn(linkOf('part'), { all: false, bits: NONE, places: [3] });
    expect(pick(holders, 'part', 10).sort((a, b) => a - b)).toEqual([1, 3]);
  });

  it('C6: a block that stands several times in a blob is one, by its first place', () => {
    const twice = [...ORDER.slice(0, 3), ...ORDER.slice(0, 3), ...ORDER.slice(3, 5)];
    const holders = holdersOf(1, twice);
    expect(holders.size).toBe(5);
    expect(pick(holders, 'unknown', 10)).toEqual([0, 1, 2, 3, 4]);
    expect(holders.placesOf([ORDER[4] ?? aHash('none'), aHash('strange')])).toEqual([7]);
  });

  it('C9: blocks that are under way elsewhere are left out, and are still wanted', () => {
    const holders = holdersOf();
    holders.learn(
      linkOf('part'),
      some((place) => place < 4),
    );
    const skip = (hash: Hash): boolean => hash !== ORDER[2];
    expect(holders.pick(linkOf('part'), skip, () => true)).toEqual([ORDER[2]]);
    expect(holders.mayHold(linkOf('part'), skip)).toBe(false);
    expect(pick(holders, 'part', 10).sort((a, b) => a - b)).toEqual([0, 1, 3]);
  });
});
