// What gates, stop conditions and verification judge by: what stands, who signed what of it, and scores. It only looks up;
// whose word counts is not known here.
import type { Cid, PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Contribution, Contributions } from './contributions.ts';
import { standing } from './contributions.ts';
import type { Metrics } from './metrics.ts';
import type { Place } from './order.ts';
import type { Relations } from './relations.ts';
import type { Direction, Publication, RelationMetadata, RelationType } from './types.ts';

/** A relation to some contribution, and who stands by it. */
export interface Statement {
  cid: Cid;
  metadata: RelationMetadata | null;
  signed: Publication[];
}
export interface Scored {
  cid: Cid;
  value: number;
  place: Place;
}
export interface Evidence {
  /** Null where it is withdrawn, has no body, or isn't known. */
  standing(cid: Cid): { manifest: Manifest; place: Place } | null;
  /** Whoever published it, and withdrew it maybe. */
  publishers(cid: Cid): PeerId[];
  /** What stands and says this of it, in no order that means anything. */
  statements(cid: Cid, relationType: RelationType): Statement[];
  /** Which way is better, `minimize` for what nobody scored. */
  direction(metric: string): Direction;
  /** All that rank by a metric, best first. */
  scores(metric: string): Generator<Scored, void, void>;
  /** All that stand and were reviewed. */
  reviewed(): Generator<Cid, void, void>;
  /** How many stand. */
  count(): number;
}

export interface EvidenceSources {
  contributions: Pick<Contributions, 'get' | 'order'>;
  relations: Pick<Relations, 'of'>;
  metrics: Pick<Metrics<Contribution>, 'get'>;
}

export function createEvidence({ contributions, relations, metrics }: EvidenceSources): Evidence {
  return {
    standing(cid) {
      const contribution = contributions.get(cid);
      if (contribution?.hidden === true) return null;
      const manifest = contribution?.manifest ?? null;
      const place = contribution?.place ?? null;
      return manifest === null || place === null ? null : { manifest, place };
    },
    publishers: (cid) =>
      [...(contributions.get(cid)?.publications.values() ?? [])].map(({ author }) => author),
    statements(cid, relationType) {
      const edges = [...(relations.of(cid)?.incoming ?? [])].filter(
        (edge) => edge.relationType === relationType,
      );
      return edges.flatMap(({ from, metadata }): Statement[] => {
        const contribution = contributions.get(from);
        return contribution === null ? [] : [{ cid: from, metadata, signed: standing(contribution) }];
      });
    },
    direction: (metric) => metrics.get(metric)?.direction ?? 'minimize',
    *scores(metric) {
      const known = metrics.get(metric);
      for (const { item, value } of known?.ranking?.best(known.direction) ?? [])
        if (item.place !== null) yield { cid: item.cid, value, place: item.place };
    },
    *reviewed() {
      for (const { contribution } of contributions.order.newestFirst(null))
        if (!contribution.hidden && (relations.of(contribution.cid)?.reviews ?? 0) > 0)
          yield contribution.cid;
    },
    count: () => contributions.order.size,
  };
}
