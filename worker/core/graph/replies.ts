// What answers what (SPEC G22): both directions of responds_to, with what only keeps its place.
import type { Cid } from '../model/ids.ts';
import type { Contribution } from './contributions.ts';
import { comparePlaces } from './order.ts';
import { placeOf } from './provenance.ts';
import type { Provenance } from './provenance.ts';

export interface Replies {
  /** What it answers, in the manifest's order, known here or not. */
  targets(cid: Cid): Cid[];
  /** What answers it, oldest first: what stands, and what was withdrawn where something that stands is below it. */
  answers(cid: Cid): Cid[];
  /** All that answers it, what answers that, and so on, withdrawn or not, each once, in no order that means anything. */
  below(cid: Cid): Iterable<Contribution>;
  /** Up to what answers nothing: itself, where it doesn't. */
  roots(cid: Cid): Set<Cid>;
}

export function createReplies(provenance: Provenance): Replies {
  const targets = (cid: Cid): Cid[] =>
    provenance.outgoing(cid).flatMap(({ relationType, to }) => (relationType === 'responds_to' ? [to] : []));

  function all(cid: Cid): Contribution[] {
    return provenance.incoming(cid).flatMap(({ relationType, from }) => {
      const contribution = relationType === 'responds_to' ? provenance.get(from) : null;
      return contribution === null ? [] : [contribution];
    });
  }

  /** A walk with a stack of our own: answers may be nested deeper than the engine's goes. */
  function* below(cid: Cid): Generator<Contribution, void, void> {
    const seen = new Set<Cid>([cid]);
    const stack = [cid];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const answer of all(next)) {
        if (seen.has(answer.cid)) continue;
        seen.add(answer.cid);
        stack.push(answer.cid);
        yield answer;
      }
    }
  }

  function isShown(cid: Cid): boolean {
    if (provenance.get(cid)?.place != null) return true;
    for (const { place } of below(cid)) if (place !== null) return true;
    return false;
  }

  return {
    targets,
    below,
    answers: (cid) =>
      all(cid)
        .filter((each) => each.place !== null || isShown(each.cid))
        .flatMap((each) => {
          const place = placeOf(each);
          return place === null ? [] : [{ cid: each.cid, place }];
        })
        .sort((a, b) => comparePlaces(a.place, b.place))
        .map((each) => each.cid),
    roots(cid) {
      const roots = new Set<Cid>();
      const seen = new Set<Cid>([cid]);
      const stack = [cid];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        const above = targets(next);
        if (above.length === 0) roots.add(next);
        for (const target of above) {
          if (seen.has(target)) continue;
          seen.add(target);
          stack.push(target);
        }
      }
      return roots;
    },
  };
}
