// What the schemas of calls are made of: bounded texts, lists and tables, ids, and the parts of a manifest.
import * as v from 'valibot';
import { BODY_LIMITS } from '../../core/model/body.ts';
import { isWellFormed } from '../../core/model/bytes.ts';
import { LIMITS, artifactName } from '../../core/model/manifest.ts';

const RESERVED = ['__proto__', 'prototype', 'constructor'];
/** Lone surrogates have no bytes: what holds one could be written but not read back. */
export const wellFormed = v.check(isWellFormed, 'text with a lone surrogate');
export const text = (most: number) => v.pipe(v.string(), v.maxLength(most), wellFormed);
export const named = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most), wellFormed);
export const list = <T extends v.GenericSchema>(item: T, most: number) =>
  v.pipe(v.array(item), v.maxLength(most));
/** What a list, a Map or a Date is called where a table is asked for; null: it may be one. */
function otherThanTable(given: unknown): string | null {
  if (Array.isArray(given)) return 'a list';
  if (!(given instanceof Object)) return given === null ? 'null' : `a ${typeof given}`;
  const above: unknown = Object.getPrototypeOf(given);
  return above === Object.prototype ? null : `a ${given.constructor.name}`;
}
/** Values by name. */
export const table = <T extends v.GenericSchema>(
  key: v.GenericSchema<string, string>,
  value: T,
  most: number,
) =>
  v.pipe(
    // valibot's record takes a list for a table of the names 0, 1, …, and a Map for an empty one.
    v.custom<object>(
      (given) => otherThanTable(given) === null,
      ({ input }) => `an object that has a value for each name, given ${otherThanTable(input) ?? 'another'}`,
    ),
    // valibot's record drops these names; dropping is not refusing.
    v.custom<Record<string, unknown>>(
      (given) => !RESERVED.some((name) => given instanceof Object && Object.hasOwn(given, name)),
      `none of the names ${RESERVED.join(', ')}`,
    ),
    v.record(key, value),
    v.check(
      (record) => Object.keys(record).length <= most,
      ({ input }) => `at most ${most} entries, given ${Object.keys(input).length}`,
    ),
  );
export const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

export const position = whole(0, Number.MAX_SAFE_INTEGER);

export const grove = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a grove is named by 64 hex digits'));
export const peer = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a peer is named by 64 hex digits'));
export const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'an artifact is named by 64 hex digits'));
export const cid = v.pipe(v.string(), v.regex(/^blake3:[0-9a-f]{64}$/, 'a CID is blake3: and 64 hex digits'));
/** Bytes; null: no limit. */
export const budget = v.nullable(whole(0, Number.MAX_SAFE_INTEGER));
/** The link layer's own limit, and room for the line breaks of mail. */
export const MAX_HAND_TEXT = 32_768;
export const YEAR = 366 * 86_400_000;

/** Most nodes of one JSON value: a manifest of 1 MiB has fewer. */
const JSON_NODES = 524_288;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

/** Plain JSON data, bounded in depth and number of nodes; structured cloning lets far more through. */
function isJson(value: unknown, depth: number, budget: { left: number }): boolean {
  if (--budget.left < 0) return false;
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth <= 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1, budget));
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((item) => isJson(item, depth - 1, budget))
  );
}
export const json = v.custom<Json>(
  (value) => isJson(value, LIMITS.depth, { left: JSON_NODES }),
  `plain JSON data of at most ${LIMITS.depth} levels`,
);
export const jsonObject = v.custom<JsonObject>(
  (value) =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    isJson(value, LIMITS.depth, { left: JSON_NODES }),
  `plain JSON data of at most ${LIMITS.depth} levels`,
);

export const direction = v.picklist(['minimize', 'maximize']);
export const kind = v.picklist([
  'work',
  'review',
  'discussion',
  'adoption',
  'reproduction',
  'plan',
  'ask_user',
  'response',
]);
export const mode = v.picklist(['evaluation', 'exploration']);
export const score = v.object({
  value: v.pipe(v.number(), v.finite()),
  direction,
  unit: v.exactOptional(text(LIMITS.word)),
});
export const scores = table(named(LIMITS.name), score, LIMITS.scores);
export const relation = v.object({
  targetCid: cid,
  relationType: v.picklist(['derives_from', 'responds_to', 'reviews', 'reproduces', 'adopts']),
  metadata: v.exactOptional(jsonObject),
});
export const relations = list(relation, LIMITS.relations);
export const tags = list(named(LIMITS.tag), LIMITS.tags);
export const agent = v.intersect([
  jsonObject,
  v.looseObject({
    agentId: named(LIMITS.name),
    agentName: v.exactOptional(text(LIMITS.name)),
    platform: v.exactOptional(text(LIMITS.name)),
  }),
]);
/** Filters of lists and rankings. Kinds and modes of later versions are found by their names. */
export const query = {
  kind: v.exactOptional(named(LIMITS.word)),
  mode: v.exactOptional(named(LIMITS.word)),
  tags: v.exactOptional(tags),
  platform: v.exactOptional(text(LIMITS.name)),
  agentId: v.exactOptional(text(LIMITS.name)),
  agentName: v.exactOptional(text(LIMITS.name)),
  context: v.exactOptional(
    v.pipe(
      jsonObject,
      v.check(
        (context) => Object.keys(context).length <= LIMITS.context,
        ({ input }) => `at most ${LIMITS.context} keys, given ${Object.keys(input).length}`,
      ),
    ),
  ),
  author: v.exactOptional(peer),
};
export const metric = v.object({
  name: named(BODY_LIMITS.metricName),
  direction,
  unit: v.exactOptional(text(BODY_LIMITS.unit)),
});
export const artifact = v.union(
  [v.instance(Blob), v.instance(Uint8Array), v.string()],
  'an artifact is a Blob, a Uint8Array or a string',
);
/** Before a byte is taken in (C22). */
export const nameOfArtifact = v.pipe(
  named(LIMITS.artifactName),
  v.check(
    (name) => artifactName(name, 'name') === null,
    ({ input }) => artifactName(input, 'name') ?? '',
  ),
);
export const contributeInput = v.strictObject({
  kind,
  mode: v.exactOptional(mode),
  summary: named(LIMITS.summary),
  description: v.exactOptional(text(LIMITS.description)),
  artifacts: v.exactOptional(table(nameOfArtifact, artifact, LIMITS.artifacts)),
  relations: v.exactOptional(relations),
  scores: v.exactOptional(scores),
  tags: v.exactOptional(tags),
  context: v.exactOptional(jsonObject),
  agent: v.exactOptional(agent),
  createdAt: v.exactOptional(named(LIMITS.word)),
});
/** The rest of a manifest is the core's to judge: fields it does not know are kept and hashed. */
export const manifest = v.intersect([jsonObject, v.looseObject({ summary: v.string() })]);
/** As long as an invite can carry. */
export const endpoint = v.pipe(
  text(200),
  v.regex(/^(wss?|https?):\/\//, 'an endpoint starts with ws:, wss:, http: or https:'),
);
export const iceServer = v.strictObject({
  urls: v.pipe(
    list(
      v.pipe(text(500), v.regex(/^(stun|turn)s?:/, 'a STUN or TURN address starts with stun: or turn:')),
      8,
    ),
    v.minLength(1),
  ),
  username: v.exactOptional(text(256)),
  credential: v.exactOptional(text(256)),
});

export const optional = <T extends v.GenericSchema>(schema: T) => v.optional(schema);
