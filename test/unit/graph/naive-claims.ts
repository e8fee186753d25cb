// SPEC G13 once more, as plainly as it reads and without a thought for speed: what the fold of claims has to agree with.
import type { Act } from '../../../worker/core/graph/acts.ts';
import type { ClaimBody } from '../../../worker/core/model/acts.ts';

export type Told = [Act, ClaimBody];
export interface NaiveClaim {
  claim: string;
  until: number;
  ended: 'released' | 'completed' | null;
}

const before = (a: Act, b: Act): boolean =>
  a.lamport < b.lamport || (a.lamport === b.lamport && a.entry < b.entry);
const lowest = (all: readonly Told[]): Told | undefined =>
  all.find(([each]) => all.every(([other]) => other === each || before(each, other)));

/** What holds of a target's claims in the end, by all acts on that target, each once. */
export function naiveClaims(acts: readonly Told[]): {
  /** From the first to the one in force. */
  chain: NaiveClaim[];
  lost: string[];
} {
  const claims = acts.filter(([, { act }]) => act === 'claim');

  const ownActs = ([claim]: Told): Told[] =>
    acts
      .filter(([each, { act, of }]) => act !== 'claim' && of === claim.entry && each.author === claim.author)
      .filter(([each]) => before(claim, each))
      .sort(([a], [b]) => (before(a, b) ? -1 : 1));

  /** Its acts that count, in order. */
  function counted(claim: Told): Told[] {
    const count: Told[] = [claim];
    for (const each of ownActs(claim)) {
      const [last] = count.slice(-1);
      if (last === undefined || last[1].act === 'release' || last[1].act === 'complete') break;
      const isInTime = each[0].at <= last[0].at + last[1].lease;
      if (each[1].act !== 'renew' || isInTime) count.push(each);
    }
    return count;
  }

  const completedInTime = (claim: Told): boolean => {
    const count = counted(claim);
    const [last, former] = [count.at(-1), count.at(-2)];
    return (
      last?.[1].act === 'complete' && former !== undefined && last[0].at <= former[0].at + former[1].lease
    );
  };

  function mayEnd(rival: Told, claim: Told): boolean {
    const named = [claim, ...ownActs(claim).filter(([, { act }]) => act !== 'complete')].find(
      ([each]) => each.entry === rival[1].of,
    );
    if (named === undefined || !before(named[0], rival[0]) || completedInTime(claim)) return false;
    return !counted(claim).some(([each, { act }]) => act === 'renew' && before(named[0], each));
  }

  const chain: Told[] = [];
  let next = lowest(claims.filter(([, { of }]) => of === null));
  while (next !== undefined) {
    const claim = next;
    chain.push(claim);
    next = lowest(claims.filter((each) => mayEnd(each, claim)));
  }
  return {
    chain: chain.map((claim) => {
      const count = counted(claim);
      const end = count.at(-1)?.[1].act;
      const holding = count.filter(([, { lease }]) => lease > 0).at(-1) ?? claim;
      return {
        claim: claim[0].entry,
        until: holding[0].at + holding[1].lease,
        ended: end === 'release' ? 'released' : end === 'complete' ? 'completed' : null,
      };
    }),
    lost: claims.filter((claim) => !chain.includes(claim)).map(([{ entry }]) => entry),
  };
}
