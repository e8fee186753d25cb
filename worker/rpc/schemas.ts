// What a page may ask: one schema per method, bounded. The core checks what the rules say (M2, M3, A4); here stands
// only what keeps a wrong or huge argument from reaching it.
import * as v from 'valibot';
import { ARTIFACTS, BODIES, GOSSIP } from '../core/access/policy.ts';
import { DISCOVERIES } from '../core/boot.ts';
import { CONFIG } from '../core/config.ts';
import { OUTCOMES } from '../core/context.ts';
import { GRAPH } from '../core/graph/config.ts';
import { BODY_LIMITS } from '../core/model/body.ts';
import { ThicketError } from '../core/model/errors.ts';
import { MAX_ENDPOINTS } from '../core/model/invite.ts';
import { LIMITS } from '../core/model/manifest.ts';
import type { Method, Methods } from './api.ts';
import {
  text,
  named,
  list,
  table,
  whole,
  position,
  grove,
  peer,
  hash,
  cid,
  budget,
  MAX_HAND_TEXT,
  YEAR,
  query,
  metric,
  artifact,
  contributeInput,
  manifest,
  endpoint,
  iceServer,
  optional,
} from './schemas/parts.ts';
import { CONTRACT_SCHEMAS } from './schemas/contract.ts';
import { SHARED_SCHEMAS } from './schemas/shared.ts';
import { TASK_SCHEMAS } from './schemas/tasks.ts';
import { EDITING_SCHEMAS } from './schemas/editing.ts';
import { NETWORK_SCHEMAS } from './schemas/network.ts';
import { READING_SCHEMAS } from './schemas/reading.ts';
import { COST_SCHEMAS } from './schemas/costs.ts';
import { GLANCE_SCHEMAS } from './schemas/glance.ts';
import { LOG_SCHEMAS } from './schemas/log.ts';
import { GOVERNING_SCHEMAS } from './schemas/governing.ts';
import { DEVICE_SCHEMAS } from './schemas/devices.ts';
import { POWER_SCHEMAS } from './schemas/powers.ts';
import { PORTABLE_SCHEMAS } from './schemas/portable.ts';
import { PRESENCE_SCHEMAS } from './schemas/presence.ts';
import { VERIFY_SCHEMAS } from './schemas/verify.ts';

const SCHEMAS = {
  ...CONTRACT_SCHEMAS,
  ...SHARED_SCHEMAS,
  ...TASK_SCHEMAS,
  ...COST_SCHEMAS,
  ...GLANCE_SCHEMAS,
  ...LOG_SCHEMAS,
  ...PORTABLE_SCHEMAS,
  ...DEVICE_SCHEMAS,
  ...POWER_SCHEMAS,
  ...NETWORK_SCHEMAS,
  ...GOVERNING_SCHEMAS,
  ...PRESENCE_SCHEMAS,
  ...EDITING_SCHEMAS,
  ...READING_SCHEMAS,
  ...VERIFY_SCHEMAS,
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
  leave: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        erase: v.exactOptional(v.boolean()),
        force: v.exactOptional(v.boolean()),
        timeout: v.exactOptional(whole(0, YEAR)),
      }),
    ),
  ]),
  contribute: v.strictTuple([grove, contributeInput]),
  contributions: v.strictTuple([
    grove,
    optional(
      v.strictObject({
        ...query,
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
        ...query,
        metric: v.exactOptional(text(LIMITS.name)),
        limit: v.exactOptional(whole(1, GRAPH.maxRanking)),
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
        adopt: v.exactOptional(v.boolean()),
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
  evict: v.strictTuple([grove, list(hash, CONFIG.api.maxStored)]),
  discardLeft: v.strictTuple([]),
  peers: v.strictTuple([optional(grove)]),
  pausePeer: v.strictTuple([grove, peer, v.boolean()]),
  retryPeer: v.strictTuple([grove, peer]),
  forgivePeer: v.strictTuple([peer]),
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
        direction: v.exactOptional(v.picklist(['in', 'out'])),
        outcome: v.exactOptional(v.picklist(OUTCOMES)),
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
        relayOnly: v.exactOptional(v.boolean()),
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
