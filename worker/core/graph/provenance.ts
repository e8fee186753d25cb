// Relations both ways, with those of what was withdrawn: it counts for nothing (SPEC G2), and keeps its place between
// what it answers and what answers it (G22, G23). Knows neither rankings nor how anything is shown.
import type { Cid } from '../model/ids.ts';
import type { Contribution } from './contributions.ts';
import { comparePlaces } from './order.ts';
import type { Place } from './order.ts';
import type { Edge, Relations } from './relations.ts';

/** What is known of a contribution: all, only its signed header, that it was withdrawn or hidden, or that something points at it. */
export type Standing = 'held' | 'missing' | 'withdrawn' | 'hidden' | 'unknown';

export interface Provenance {
  /** It may stand now, or not any more. */
  update(contribution: Contribution): void;
  get(cid: Cid): Contribution | null;
  standing(cid: Cid): Standing;
  /** In the manifest's order; none where it isn't held. */
  outgoing(cid: Cid): readonly Edge[];
  /** In no order that means anything. */
  incoming(cid: Cid): Edge[];
}

export interface ProvenanceSources {
  get: (cid: Cid) => Contribution | null;
  relations: Pick<Relations, 'of'>;
}

export function createProvenance({ get, relations }: ProvenanceSources): Provenance {
  /** By target: relations of what all have withdrawn, and of what is hidden. Those of what stands are in `relations`. */
  const withdrawn = new Map<Cid, Set<Edge>>();
  const known = new Map<Cid, readonly Edge[]>();

  function remove(cid: Cid): void {
    for (const edge of known.get(cid) ?? []) {
      const edges = withdrawn.get(edge.to);
      edges?.delete(edge);
      if (edges?.size === 0) withdrawn.delete(edge.to);
    }
    known.delete(cid);
  }

  return {
    get,
    update({ cid, edges, publications, place, hidden }) {
      remove(cid);
      const counts = place !== null && !hidden;
      if (counts || publications.size === 0 || edges.length === 0) return;
      known.set(cid, edges);
      for (const edge of edges) {
        const others = withdrawn.get(edge.to);
        if (others === undefined) withdrawn.set(edge.to, new Set([edge]));
        else others.add(edge);
      }
    },
    standing(cid) {
      const contribution = get(cid);
      if (contribution === null) return 'unknown';
      if (contribution.place === null) return 'withdrawn';
      if (contribution.hidden) return 'hidden';
      return contribution.indexed ? 'held' : 'missing';
    },
    outgoing: (cid) => get(cid)?.edges ?? [],
    incoming: (cid) => [...(relations.of(cid)?.incoming ?? []), ...(withdrawn.get(cid) ?? [])],
  };
}

/** Of its first publication that stands, or of the first of all where none does. */
export function placeOf({ place, publications }: Contribution): Place | null {
  if (place !== null) return place;
  let first: Place | null = null;
  for (const each of publications.values())
    if (first === null || comparePlaces(each, first) < 0) first = each;
  return first;
}
