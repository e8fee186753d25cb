// What the tests of the folds of acts are made of: acts with ids that read as small numbers, and the same told again in
// another order.
import fc from 'fast-check';
import type { Act, FoldOptions } from '../../../worker/core/graph/acts.ts';
import type { ClaimBody } from '../../../worker/core/model/acts.ts';
import { hashOfCid } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { cid, entryId, peer } from './build.ts';

export const options: FoldOptions = { hash: hash32, personOf: (each) => each, roleOf: () => 'member' };

export const target = (number: number) => hashOfCid(cid(number));

/** An act whose lamport and `at` are its number, unless said otherwise. */
export const act = (number: number, author: number, at = number, lamport = number): Act => ({
  entry: entryId(number),
  author: peer(author),
  lamport,
  at,
});

/** A claim and what becomes of it, all of target 1: `of` is the number of the act that it names. */
export const claimBody = (
  what: ClaimBody['act'],
  of: number | null = null,
  { lease = 100, on = 1, note = '' } = {},
): ClaimBody => ({
  kind: 'claim',
  target: target(on),
  act: what,
  of: of === null ? null : entryId(of),
  lease: what === 'claim' || what === 'renew' ? lease : 0,
  note,
});

/** The same in another order, some of them more than once. */
export const retold = <T>(acts: readonly T[]): fc.Arbitrary<T[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...acts], { minLength: acts.length }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }),
    )
    .map(([order, repeats]) => {
      for (const [which, where] of repeats) {
        const again = acts[which % Math.max(1, acts.length)];
        if (again !== undefined) order.splice(where % (order.length + 1), 0, again);
      }
      return order;
    });
