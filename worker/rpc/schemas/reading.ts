// What a page may ask of threads, lineage, series and sessions.
import * as v from 'valibot';
import { GRAPH } from '../../core/graph/config.ts';
import { LIMITS } from '../../core/model/manifest.ts';
import { cid, grove, list, named, optional, peer, position, query, text, whole } from './parts.ts';

const cursor = v.exactOptional(text(1000));
/** By name: those of later versions are found as well. */
const relations = v.exactOptional(list(named(LIMITS.word), GRAPH.maxRelations));

export const READING_SCHEMAS = {
  thread: v.strictTuple([
    grove,
    cid,
    optional(
      v.strictObject({
        depth: v.exactOptional(whole(1, GRAPH.threadDepth)),
        limit: v.exactOptional(whole(1, GRAPH.maxThread)),
        cursor: v.exactOptional(cid),
      }),
    ),
  ]),
  threads: v.strictTuple([
    grove,
    optional(v.strictObject({ ...query, limit: v.exactOptional(whole(1, GRAPH.maxPage)), cursor })),
  ]),
  lineage: v.strictTuple([
    grove,
    cid,
    optional(
      v.strictObject({
        relations,
        depth: v.exactOptional(whole(1, GRAPH.maxLineage)),
        limit: v.exactOptional(whole(1, GRAPH.maxLineage)),
      }),
    ),
  ]),
  path: v.strictTuple([grove, cid, cid, optional(v.strictObject({ relations }))]),
  series: v.strictTuple([
    grove,
    named(LIMITS.name),
    optional(v.strictObject({ ...query, limit: v.exactOptional(whole(1, GRAPH.maxSeries)) })),
  ]),
  sessions: v.strictTuple([grove]),
  session: v.strictTuple([
    grove,
    v.union(
      [v.strictObject({ agentId: named(LIMITS.name) }), v.strictObject({ author: peer })],
      'either an agentId or an author',
    ),
    optional(v.strictObject({ limit: v.exactOptional(whole(1, GRAPH.maxPage)), cursor })),
  ]),
  activity: v.strictTuple([
    grove,
    optional(
      v.strictObject({ limit: v.exactOptional(whole(1, GRAPH.maxPage)), before: v.exactOptional(position) }),
    ),
  ]),
};
