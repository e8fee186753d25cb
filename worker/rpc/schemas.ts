// What a page may ask: one schema per method, bounded. The core checks what the rules say (M2, M3, A4); here stands
// only what keeps a wrong or huge argument from reaching it.
import * as v from 'valibot';
import { ARTIFACTS, BODIES, GOSSIP } from '../core/access/policy.ts';
import { DISCOVERIES } from '../core/boot.ts';
import { CONFIG } from '../core/config.ts';
import { BODY_LIMITS } from '../core/model/body.ts';
import { isWellFormed } from '../core/model/bytes.ts';
import { ThicketError } from '../core/model/errors.ts';
import { MAX_ENDPOINTS } from '../core/model/invite.ts';
import { LIMITS, artifactName } from '../core/model/manifest.ts';
import type { Method, Methods } from './api.ts';

const RESERVED = ['__proto__', 'prototype', 'constructor'];
/** Lone surrogates have no bytes: what holds one could be written but not read back. */
const wellFormed = v.check(isWellFormed, 'text with a lone surrogate');
const text = (most: number) => v.pipe(v.string(), v.maxLength(most), wellFormed);
const named = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most), wellFormed);
const list = <T extends v.GenericSchema>(item: T, most: number) => v.pipe(v.array(item), v.maxLength(most));
const table = <T extends v.GenericSchema>(key: v.GenericSchema<string, string>, value: T, most: number) =>
  v.pipe(
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
const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const position = whole(0, Number.MAX_SAFE_INTEGER);

const grove = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a grove is named by 64 hex digits'));
const peer = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a peer is named by 64 hex digits'));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'an artifact is named by 64 hex digits'));
const cid = v.pipe(v.string(), v.regex(/^blake3:[0-9a-f]{64}$/, 'a CID is blake3: and 64 hex digits'));
const blobHash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'an artifact is named by 64 hex digits'));
/** Bytes; null: no limit. */
const budget = v.nullable(whole(0, Number.MAX_SAFE_INTEGER));
/** The link layer's own limit, and room for the line breaks of mail. */
const MAX_HAND_TEXT = 32_768;
const YEAR = 366 * 86_400_000;

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
const jsonObject = v.custom<JsonObject>(
  (value) =>
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    isJson(value, LIMITS.depth, { left: JSON_NODES }),
  `plain JSON data of at most ${LIMITS.depth} levels`,
);

const direction = v.picklist(['minimize', 'maximize']);
const kind = v.picklist([
  'work',
  'review',
  'discussion',
  'adoption',
  'reproduction',
  'plan',
  'ask_user',
  'response',
]);
const mode = v.picklist(['evaluation', 'exploration']);
const score = v.object({
  value: v.pipe(v.number(), v.finite()),
  direction,
  unit: v.exactOptional(text(LIMITS.word)),
});
const scores = table(named(LIMITS.name), score, LIMITS.scores);
const relation = v.object({
  targetCid: cid,
  relationType: v.picklist(['derives_from', 'responds_to', 'reviews', 'reproduces', 'adopts']),
  metadata: v.exactOptional(jsonObject),
});
const relations = list(relation, LIMITS.relations);
const tags = list(named(LIMITS.tag), LIMITS.tags);
const agent = v.intersect([
  jsonObject,
  v.looseObject({
    agentId: named(LIMITS.name),
    agentName: v.exactOptional(text(LIMITS.name)),
    platform: v.exactOptional(text(LIMITS.name)),
  }),
]);
const metric = v.object({
  name: named(BODY_LIMITS.metricName),
  direction,
  unit: v.exactOptional(text(BODY_LIMITS.unit)),
});
const artifact = v.union(
  [v.instance(Blob), v.instance(Uint8Array), v.string()],
  'an artifact is a Blob, a Uint8Array or a string',
);
/** Before a byte is taken in (C22). */
const nameOfArtifact = v.pipe(
  named(LIMITS.artifactName),
  v.check(
    (name) => artifactName(name, 'name') === null,
    ({ input }) => artifactName(input, 'name') ?? '',
  ),
);
const contributeInput = v.strictObject({
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
const manifest = v.intersect([jsonObject, v.looseObject({ summary: v.string() })]);
/** As long as an invite can carry. */
const endpoint = v.pipe(
  text(200),
  v.regex(/^(wss?|https?):\/\//, 'an endpoint starts with ws:, wss:, http: or https:'),
);
const iceServer = v.strictObject({
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

const optional = <T extends v.GenericSchema>(schema: T) => v.optional(schema);

const SCHEMAS = {
  identity: v.strictTuple([]),
  setName: v.strictTuple([named(BODY_LIMITS.name)]),
  groves: v.strictTuple([]),
  createGrove: v.strictTuple([
    v.strictObject({
      name: named(BODY_LIMITS.groveName),
      description: v.exactOptional(text(BODY_LIMITS.description)),
      metrics: v.exactOptional(list(metric, BODY_LIMITS.metrics)),
    }),
  ]),
  invite: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        role: v.exactOptional(v.picklist(['member', 'reader'])),
        expiresIn: v.exactOptional(v.nullable(whole(1, 10 * YEAR))),
        uses: v.exactOptional(whole(1, 1_000_000)),
      }),
    ),
  ]),
  previewInvite: v.strictTuple([named(8192)]),
  join: v.strictTuple([named(8192)]),
  leave: v.strictTuple([grove, optional(v.strictObject({ erase: v.exactOptional(v.boolean()) }))]),
  contribute: v.strictTuple([grove, contributeInput]),
  contributions: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        kind: v.exactOptional(kind),
        mode: v.exactOptional(mode),
        tags: v.exactOptional(tags),
        agentId: v.exactOptional(text(LIMITS.name)),
        text: v.exactOptional(text(1000)),
        limit: v.exactOptional(whole(1, 500)),
        cursor: v.exactOptional(text(1000)),
      }),
    ),
  ]),
  contribution: v.strictTuple([grove, cid]),
  fetch: v.strictTuple([grove, cid, optional(v.strictObject({ artifacts: v.exactOptional(v.boolean()) }))]),
  artifact: v.strictTuple([
    grove,
    cid,
    named(LIMITS.artifactName),
    optional(
      v.pipe(
        v.strictObject({ start: v.exactOptional(position), end: v.exactOptional(position) }),
        v.check(
          ({ start = 0, end = Number.MAX_SAFE_INTEGER }) => start <= end,
          'a range whose start is not after its end',
        ),
      ),
    ),
  ]),
  hash: v.strictTuple([artifact]),
  frontier: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        metric: v.exactOptional(text(LIMITS.name)),
        tags: v.exactOptional(tags),
        kind: v.exactOptional(kind),
        mode: v.exactOptional(mode),
        limit: v.exactOptional(whole(1, 1000)),
      }),
    ),
  ]),
  graph: v.strictTuple([grove, optional(v.strictObject({ limit: v.exactOptional(whole(1, 10_000)) }))]),
  cid: v.strictTuple([manifest]),
  publish: v.strictTuple([grove, manifest]),
  replicated: v.strictTuple([
    grove,
    cid,
    whole(1, 1000),
    optional(v.strictObject({ timeout: v.exactOptional(whole(0, YEAR)) })),
  ]),
  changes: v.strictTuple([
    grove,
    optional(v.strictObject({ since: v.exactOptional(text(1000)), limit: v.exactOptional(whole(1, 1000)) })),
  ]),
  retract: v.strictTuple([grove, cid]),
  members: v.strictTuple([grove]),
  policy: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        bodies: v.exactOptional(v.picklist(BODIES)),
        artifacts: v.exactOptional(v.picklist(ARTIFACTS)),
        gossip: v.exactOptional(v.picklist(GOSSIP)),
        budget: v.exactOptional(budget),
        thresholds: v.exactOptional(
          table(named(LIMITS.name), v.pipe(v.number(), v.finite()), BODY_LIMITS.metrics),
        ),
      }),
    ),
  ]),
  pin: v.strictTuple([grove, cid]),
  unpin: v.strictTuple([grove, cid]),
  pins: v.strictTuple([grove]),
  storage: v.strictTuple([]),
  stored: v.strictTuple([
    grove,
    optional(v.strictObject({ limit: v.exactOptional(whole(1, CONFIG.api.maxStored)) })),
  ]),
  evict: v.strictTuple([grove, list(blobHash, CONFIG.api.maxStored)]),
  discardLeft: v.strictTuple([]),
  peers: v.strictTuple([optional(grove)]),
  pausePeer: v.strictTuple([grove, peer, v.boolean()]),
  retryPeer: v.strictTuple([grove, peer]),
  resyncPeer: v.strictTuple([grove, peer]),
  pauseTransfer: v.strictTuple([hash]),
  resumeTransfer: v.strictTuple([hash]),
  cancelTransfer: v.strictTuple([hash]),
  offer: v.strictTuple([grove]),
  answer: v.strictTuple([named(MAX_HAND_TEXT)]),
  accept: v.strictTuple([named(MAX_HAND_TEXT)]),
  testEndpoint: v.strictTuple([endpoint]),
  gossipLog: v.strictTuple([
    optional(
      v.strictObject({
        type: v.exactOptional(text(64)),
        grove: v.exactOptional(grove),
        peer: v.exactOptional(peer),
        since: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
        limit: v.exactOptional(whole(1, CONFIG.trail.maxListed)),
      }),
    ),
  ]),
  stats: v.strictTuple([]),
  settings: v.strictTuple([
    optional(
      v.strictObject({
        endpoints: v.exactOptional(list(endpoint, MAX_ENDPOINTS)),
        iceServers: v.exactOptional(list(iceServer, 16)),
        discovery: v.exactOptional(v.picklist(DISCOVERIES)),
        budget: v.exactOptional(budget),
      }),
    ),
  ]),
  openSample: v.strictTuple([]),
} satisfies { [M in Method]: v.GenericSchema };

/** A call whose method is on the list and whose parameters fit it. */
export type CheckedCall = { [M in Method]: { method: M; params: Methods[M]['params'] } }[Method];

/** @throws ThicketError `invalid` or `too-large`, naming the argument, the limit and what was given. */
export function checkCall(method: string, params: unknown): CheckedCall {
  if (!isMethod(method)) throw new ThicketError('invalid', `no such method: ${clip(method)}`);
  const parsed = v.safeParse<v.GenericSchema>(SCHEMAS[method], withoutUndefined(params), {
    abortEarly: true,
  });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const code = issue.type === 'max_length' ? 'too-large' : 'invalid';
    throw new ThicketError(code, `${method}: ${pathOf(issue)}${clip(issue.message)}`);
  }
  // What was not given stays away: the core tells absent from undefined.
  const given = parsed.output as unknown[];
  while (given.length > 0 && given.at(-1) === undefined) given.pop();
  return { method, params: given } as CheckedCall;
}

/** Options are often written with fields that are undefined; they count as not given. */
function withoutUndefined(params: unknown): unknown {
  if (!Array.isArray(params)) return params;
  return params.map((param: unknown) =>
    param instanceof Object && Object.getPrototypeOf(param) === Object.prototype
      ? Object.fromEntries(Object.entries(param).filter(([, value]) => value !== undefined))
      : param,
  );
}

const isMethod = (method: string): method is Method => Object.hasOwn(SCHEMAS, method);

const clip = (message: string): string => (message.length > 300 ? `${message.slice(0, 300)}…` : message);

const pathOf = ({ path }: v.BaseIssue<unknown>): string =>
  path ? `argument ${path.map(({ key }, i) => String(i === 0 ? Number(key) + 1 : key)).join('.')}: ` : '';
