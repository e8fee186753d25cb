// Relations by their target, and what they add up to. Targets need not be known. Only edges of contributions that
// stand (held, and not withdrawn by all) are put in; who stands is not known here.
import type { Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import { FewOf } from './few.ts';
import { meanOf, reviewScore, saidIn } from './metadata.ts';
import type { Lifecycle, RelationMetadata, RelationType } from './types.ts';

/** One relation of one contribution. */
export interface Edge {
  from: Cid;
  to: Cid;
  relationType: RelationType;
  metadata: RelationMetadata | null;
}

/** What stands at one target. */
export interface Tally {
  incoming: FewOf<Edge>;
  /** adopts + derives_from. */
  adoption: number;
  adopts: number;
  supersedes: number;
  reviews: number;
  /** Reproductions but those that challenge. */
  reproductions: number;
  challenges: number;
  /** Mean of the scores of reviews that have one, null where there is none; undefined until asked for. */
  mean: number | null | undefined;
}

/** A contribution's relations. Of several with one type and one target the first counts: repeating is no vote. */
export function edgesOf(cid: Cid, manifest: Manifest): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { targetCid, relationType, metadata } of manifest.relations) {
    const key = `${relationType} ${targetCid}`;
    if (!edges.has(key))
      edges.set(key, { from: cid, to: targetCid as Cid, relationType, metadata: metadata ?? null });
  }
  return [...edges.values()];
}

const scoreOf = ({ relationType, metadata }: Edge): number | null =>
  relationType === 'reviews' ? reviewScore(metadata) : null;

function tell(tally: Tally, edge: Edge, sign: 1 | -1): void {
  switch (edge.relationType) {
    case 'adopts':
      tally.adopts += sign;
      tally.adoption += sign;
      break;
    case 'derives_from':
      tally.adoption += sign;
      if (saidIn(edge.metadata, 'relationship') === 'supersedes') tally.supersedes += sign;
      break;
    case 'reviews': {
      tally.reviews += sign;
      if (scoreOf(edge) !== null) tally.mean = undefined;
      break;
    }
    case 'reproduces':
      if (saidIn(edge.metadata, 'result') === 'challenged') tally.challenges += sign;
      else tally.reproductions += sign;
      break;
    default: // responds_to, and types of later versions, rank nothing
      break;
  }
}

export interface Relations {
  add(edges: readonly Edge[]): void;
  remove(edges: readonly Edge[]): void;
  /** Null where nothing that stands points at it. */
  of(target: Cid): Tally | null;
}

export function createRelations(): Relations {
  const tallies = new Map<Cid, Tally>();

  return {
    add: (edges) => {
      for (const edge of edges) {
        let tally = tallies.get(edge.to);
        if (tally === undefined) tallies.set(edge.to, (tally = emptyTally()));
        tally.incoming.add(edge);
        tell(tally, edge, 1);
      }
    },
    remove: (edges) => {
      for (const edge of edges) {
        const tally = tallies.get(edge.to);
        if (tally?.incoming.delete(edge) !== true) continue;
        tell(tally, edge, -1);
        if (tally.incoming.size === 0) tallies.delete(edge.to);
      }
    },
    of: (target) => tallies.get(target) ?? null,
  };
}

const emptyTally = (): Tally => ({
  incoming: new FewOf(),
  adoption: 0,
  adopts: 0,
  supersedes: 0,
  reviews: 0,
  reproductions: 0,
  challenges: 0,
  mean: null,
});

/** Mean review score, or null. */
export function meanScore(tally: Tally): number | null {
  if (tally.mean === undefined) tally.mean = meanOf([...tally.incoming].map(scoreOf));
  return tally.mean;
}

/** SPEC G7: the first that holds. */
export function lifecycleOf(tally: Tally | null): Lifecycle {
  if (tally === null) return 'published';
  if (tally.supersedes > 0) return 'superseded';
  if (tally.challenges > 0) return 'challenged';
  if (tally.adopts > 0) return 'adopted';
  if (tally.reproductions > 0) return 'reproduced';
  if (tally.reviews > 0) return 'under_review';
  return 'published';
}
