// The calls of the scripting surface as the node answers them. A call that writes is answered once per request id,
// with the answer stored in the transaction that wrote (SPEC S2). Arguments were checked by the RPC server.
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import type { ContributionItem, ContributionRecord } from '../graph/types.ts';
import type { Grove } from '../grove.ts';
import { encodeBody, type Body } from '../model/body.ts';
import { fromUtf8, utf8 } from '../model/bytes.ts';
import { ThicketError, type ErrorCode } from '../model/errors.ts';
import type { Entry } from '../model/entry.ts';
import type { Effect } from '../io.ts';
import type { Cid, GroveId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { asArray, asBytesUpTo, asUint, decode, encode } from '../wire/cbor.ts';
import { mayWrite } from '../openings.ts';
import { contractCalls } from './contract.ts';
import { contributionCalls } from './contributions.ts';
import { backupCalls } from './backup.ts';
import { deviceCalls } from './devices.ts';
import { editCalls } from './edit.ts';
import { costCalls } from './costs.ts';
import { createGlances } from './glance.ts';
import { groveCalls } from './groves.ts';
import { handCalls } from './hand.ts';
import { joiningCalls } from './joining.ts';
import { leaveCalls } from './leave.ts';
import { logCalls } from './log.ts';
import { memberCalls } from './members.ts';
import { networkCalls } from './network.ts';
import { peerCalls } from './peers.ts';
import { moderationCalls } from './moderation.ts';
import { policyCalls } from './policy.ts';
import { powerCalls } from './powers.ts';
import { portableCalls } from './portable.ts';
import { presenceCalls } from './presence.ts';
import { queryCalls } from './queries.ts';
import { readingCalls } from './reading.ts';
import { storageCalls } from './storage.ts';
import { successionCalls } from './succession.ts';
import { taskCalls } from './tasks.ts';
import { forgetOldRequests } from './requests.ts';
import { sharedCalls } from './shared.ts';
import { trailCalls } from './trail.ts';
import { transferCalls } from './transfers.ts';
import { createTurns } from './turns.ts';
import { verifyCalls } from './verify.ts';

export interface Call {
  reply(value: unknown): void;
  refuse(code: ErrorCode, message: string): void;
  /** Goes on later, after an answer of the store say: an error that was meant for the caller reaches it. */
  attempt(run: () => void): void;
  /** Part of the transaction that does what the call asks: notes its answer under the request id. */
  note(value: unknown): readonly WriteOp[];
}

/** A method's handler. Parameters are those of rpc/api.ts, as its name says. */
export type Handler = (call: Call, ...params: never) => void;

export type Api = ReturnType<typeof createApi>;

const requestKey = (id: string): string => id;
const MAX_ANSWER = 64 * 1024;

/** The grove by that name, or an error that says which. */
export function groveOf(core: Core, id: string): Grove {
  const grove = core.groves.get(id as GroveId);
  if (grove === undefined) throw new ThicketError('not-found', `grove: this device is in no grove ${id}`);
  return grove;
}

/** The grove, ready to be read and written. */
export function activeGrove(core: Core, id: string): Grove {
  const grove = groveOf(core, id);
  if (grove.record.state !== 'active') {
    throw new ThicketError('not-member', `grove: this device has not joined "${grove.name}" yet`);
  }
  return grove;
}

/** That nobody here has heard of a contribution. `field`: the argument that named it. */
export const unheardOf = (grove: Grove, cid: string, field = 'cid'): ThicketError =>
  new ThicketError('not-found', `${field}: no contribution ${cid} in "${grove.name}"`);

/** @throws ThicketError `not-found` */
export function itemIn(grove: Grove, cid: string): ContributionItem {
  const item = grove.views.item(cid as Cid);
  if (item === null) throw unheardOf(grove, cid);
  return item;
}

/** The same with its relations, which cost most. */
export function recordIn(grove: Grove, cid: string): ContributionRecord {
  const record = grove.views.get(cid as Cid);
  if (record === null) throw unheardOf(grove, cid);
  return record;
}

/** What `attempt` does for a call that is refused so. */
function attempting(run: () => void, refuse: Call['refuse']): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ThicketError)) throw error;
    refuse(error.code, error.message);
  }
}

/** The same call, and something to do once it is answered, or failed for a reason that is no answer. */
export function afterwards(call: Call, then: () => void): Call {
  const refuse: Call['refuse'] = (code, message) => {
    call.refuse(code, message);
    then();
  };
  return {
    reply(value) {
      call.reply(value);
      then();
    },
    refuse,
    attempt(run) {
      try {
        attempting(run, refuse);
      } catch (error) {
        then();
        throw error;
      }
    },
    note: (value) => call.note(value),
  };
}

/** @throws ThicketError `not-member`, `forbidden` */
export function checkMayWrite(core: Core, grove: Grove, kind: string): void {
  const role = grove.members.role(core.identity.keypair.id);
  if (role === null && grove.members.isBanned(core.identity.keypair.id))
    throw new ThicketError('forbidden', `grove: this device was banned from "${grove.name}"`);
  if (role === null && grove.members.persons.revoked(core.identity.keypair.id) !== null)
    throw new ThicketError(
      'forbidden',
      `grove: another of your devices took this one out of "${grove.name}"`,
    );
  if (role === null) {
    throw new ThicketError(
      'not-member',
      `grove: this device's membership of "${grove.name}" has not arrived yet`,
    );
  }
  if (!mayWrite(core, grove, kind)) {
    throw new ThicketError('forbidden', `role: a ${role} may not write "${kind}" here`);
  }
}

/** Appends an entry, answers with `value` of it, and notes that answer in the same transaction. */
export function append(
  core: Core,
  call: Call,
  grove: Grove,
  what: { kind: string; body: Uint8Array; table?: { bytes: Uint8Array; total: number } | null },
  value: (entry: Entry) => unknown,
): void {
  checkMayWrite(core, grove, what.kind);
  core.sync.append(grove.id, {
    kind: what.kind,
    body: what.body,
    table: what.table ?? null,
    also: (entry) => call.note(value(entry)),
    then: (outcome) => {
      if ('entry' in outcome) call.reply(value(outcome.entry));
      else call.refuse(outcome.code, outcome.message);
    },
  });
}

/** Writes an act, which answers the call with what it comes to. @throws ThicketError as `append` does. */
export const write = (
  core: Core,
  call: Call,
  grove: Grove,
  body: Body,
  value: (entry: Entry) => unknown = () => null,
): void => append(core, call, grove, { kind: body.kind, body: encodeBody(body) }, value);

/** Answered while logs are still being read back. */
const AT_ONCE: ReadonlySet<string> = new Set([
  'boot',
  'identity',
  'setName',
  'settings',
  'stats',
  'gossipLog',
  'lease',
  'endLease',
  'cid',
  'previewInvite',
  'glance',
  'groves',
  'deviceAsk',
  'deviceAnswer',
  'deviceCheck',
]);

export function createApi(core: Core) {
  const { context } = core;
  const turns = createTurns();
  let waiting: { ready: () => boolean; run: () => void }[] = [];

  /** Whether what a call asks about has been read back from the store. */
  function isReady(method: string, params: unknown): boolean {
    if (AT_ONCE.has(method)) return true;
    const named: unknown = Array.isArray(params) ? params[0] : null;
    const one = typeof named === 'string' ? core.groves.get(named as GroveId) : undefined;
    const needed = one === undefined ? [...core.groves.values()] : [one];
    return needed.every(({ record, loaded }) => loaded || record.state !== 'active');
  }
  const glances = createGlances(core);
  const whenLoaded = (grove: Grove, run: () => void): void => {
    const ready = (): boolean => grove.loaded || grove.record.state !== 'active';
    if (ready()) run();
    else waiting.push({ ready, run });
  };
  const handlers = new Map<string, Handler>(
    Object.entries({
      ...groveCalls(core),
      ...memberCalls(core),
      ...leaveCalls(core),
      ...policyCalls(core),
      ...costCalls(core),
      ...contributionCalls(core),
      ...editCalls(core),
      ...queryCalls(core),
      ...glances.calls,
      ...readingCalls(core),
      ...logCalls(core),
      ...contractCalls(core, turns),
      ...sharedCalls(core, turns),
      ...peerCalls(core, turns, whenLoaded),
      ...trailCalls(core),
      ...networkCalls(core),
      ...transferCalls(core),
      ...handCalls(core),
      ...storageCalls(core),
      ...verifyCalls(core),
      ...taskCalls(core),
      ...portableCalls(core),
      ...presenceCalls(core),
      ...powerCalls(core, turns, whenLoaded),
      ...deviceCalls(core, turns, whenLoaded),
      ...backupCalls(core, turns),
      ...joiningCalls(core, turns),
      ...moderationCalls(core, turns),
      ...successionCalls(core, turns),
    }),
  );
  forgetOldRequests(context);

  /** Calls under way by request id: whoever asks the same meanwhile gets the same answer. */
  const underWay = new Map<string, number[]>();

  /** Answers the call, and those that came under its request id meanwhile. */
  function answer(id: number, requestId: string | null, effect: (id: number) => Effect): void {
    const ids = (requestId === null ? undefined : underWay.get(requestId)) ?? [id];
    if (requestId !== null) underWay.delete(requestId);
    for (const each of ids) context.effect(effect(each));
  }

  return {
    /** The views of a grove changed. */
    touched: (id: GroveId): void => glances.touched(id),

    /** A grove was read back: what waited for it goes on. */
    loaded(): void {
      const ready = waiting.filter((each) => each.ready());
      waiting = waiting.filter((each) => !ready.includes(each));
      for (const each of ready) each.run();
      glances.loaded();
    },

    handle({
      id,
      method,
      params,
      requestId,
    }: {
      id: number;
      method: string;
      params: unknown;
      requestId: string | null;
    }): void {
      const handler = handlers.get(method);
      const call: Call = {
        reply: (value) => answer(id, requestId, (to) => ({ type: 'reply', id: to, value })),
        refuse: (code, message) => answer(id, requestId, (to) => ({ type: 'refuse', id: to, code, message })),
        attempt(run) {
          attempting(run, (code, message) => call.refuse(code, message));
        },
        note: (value) => {
          if (requestId === null) return [];
          const answer = encode([context.now(), utf8(JSON.stringify(value))]);
          return [{ op: 'put', table: 'requests', key: requestKey(requestId), value: answer }];
        },
      };
      if (handler === undefined) return call.refuse('unsupported', `method: there is no "${method}"`);
      const start = (): void => {
        const ready = (): boolean => isReady(method, params);
        const run = (): void => call.attempt(() => handler(call, ...(params as never)));
        if (ready()) run();
        else waiting.push({ ready, run });
      };
      if (requestId === null) return start();
      const others = underWay.get(requestId);
      if (others !== undefined) return void others.push(id);
      underWay.set(requestId, [id]);
      context.read('requests', [requestKey(requestId)], (values) => {
        // Not knowing whether it was done, it must not be done again.
        if (isFailure(values)) return call.refuse(core.errorCode(values.failure), values.message);
        const noted = readAnswer(values[0] ?? null);
        if (noted === null) start();
        else call.reply(noted.value);
      });
    },
  };
}

function readAnswer(bytes: Uint8Array | null): { value: unknown } | null {
  const decoded = bytes && decode(bytes, { maxBytes: MAX_ANSWER });
  const fields = decoded?.ok ? asArray(decoded.value, 2) : null;
  const text = asBytesUpTo(fields?.[1], MAX_ANSWER);
  if (asUint(fields?.[0]) === null || text === null) return null;
  const json = fromUtf8(text);
  if (!json.ok) return null;
  try {
    return { value: JSON.parse(json.value) as unknown };
  } catch {
    return null; // damaged on disk: as if it were not there
  }
}
