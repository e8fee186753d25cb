// What a page may ask of a grove's contract and of what follows from it, bounded.
import * as v from 'valibot';
import { BODY_LIMITS } from '../../core/model/body.ts';
import { ARTIFACTS, BODIES, CONTRACT_LIMITS, JOIN_RULES } from '../../core/model/contract.ts';
import { LIMITS } from '../../core/model/manifest.ts';
import { budget, cid, grove, list, metric, named, optional, position, table, text, whole } from './parts.ts';

const count = whole(1, CONTRACT_LIMITS.count);
const number = v.pipe(v.number(), v.finite());
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
const metricName = named(LIMITS.name);

const gate = v.variant('type', [
  v.strictObject({ type: v.literal('min_reviews'), count }),
  v.strictObject({ type: v.literal('min_score'), metric: metricName, value: number }),
  v.strictObject({ type: v.literal('has_artifact'), name: named(LIMITS.artifactName) }),
  v.strictObject({ type: v.literal('has_relation'), relationType: named(LIMITS.word) }),
  v.strictObject({ type: v.literal('metric_improves'), metric: metricName }),
]);
const stop = v.variant('type', [
  v.strictObject({ type: v.literal('target'), metric: metricName, value: number }),
  v.strictObject({ type: v.literal('rounds'), metric: metricName, count }),
  v.strictObject({
    type: v.literal('budget'),
    contributions: v.exactOptional(count),
    until: v.exactOptional(position),
  }),
  v.strictObject({ type: v.literal('review_quorum'), reviews: count, score: share }),
]);
const policy = v.strictObject({
  bodies: v.exactOptional(v.picklist(BODIES)),
  artifacts: v.exactOptional(v.picklist(ARTIFACTS)),
  budget: v.exactOptional(budget),
  thresholds: v.exactOptional(table(metricName, number, BODY_LIMITS.metrics)),
  adopt: v.exactOptional(v.boolean()),
});

/** Given, or null: as the grove was founded. */
const part = <T extends v.GenericSchema>(schema: T) => v.exactOptional(v.nullable(schema));

export const CONTRACT_SCHEMAS = {
  contract: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        name: part(named(BODY_LIMITS.groveName)),
        description: part(text(BODY_LIMITS.description)),
        metrics: part(list(metric, BODY_LIMITS.metrics)),
        gates: part(list(gate, CONTRACT_LIMITS.gates)),
        stops: part(list(stop, CONTRACT_LIMITS.stops)),
        join: part(v.picklist(JOIN_RULES)),
        policy: part(policy),
      }),
    ),
  ]),
  gates: v.strictTuple([grove, cid]),
  stops: v.strictTuple([grove]),
  verification: v.strictTuple([grove, cid]),
};
