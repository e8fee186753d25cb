// What this device keeps of a grove beside its log: its secret, how it is being joined, and this device's policy.
import { decodePins, decodePolicy, encodePins, encodePolicy, type GrovePolicy } from './policy.ts';
import { asArray, asBytes, asMap, asOneOf, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { fail, ok, type Result } from '../model/errors.ts';
import type { Cid, GroveId } from '../model/ids.ts';
import { decodeInvite, encodeInvite, type InviteLink } from '../model/invite.ts';

export interface GroveRecord {
  id: GroveId;
  /** `joining`: an invite is kept until a member lets us in. `refused`: one said no. */
  state: 'active' | 'joining' | 'refused';
  /** As the invite says until the contract is held. */
  name: string;
  reason: string | null;
  /** Secrets by epoch, the last in use. None while joining. */
  secrets: { epoch: number; secret: Uint8Array }[];
  invite: InviteLink | null;
  policy: GrovePolicy;
  /** This device joined, and its own admission has not arrived: its policy follows the contract's defaults (SPEC G17). */
  fresh: boolean;
  pins: Set<Cid>;
  /** Our newest seq that some other member acknowledged. */
  acknowledged: number;
  /** Our newest seq when this device erased the grove; 0 where it never did. */
  resumeFrom: number;
}

export const GROVE_PREFIX = 'grove/';
/** Of a grove that this device erased: our newest seq in it. */
export const erasedKey = (id: GroveId): string => `erased/${id}`;
export const recordKey = (id: GroveId): string => `${GROVE_PREFIX}${id}`;

/** With 256 secrets and 1,000 pins some 50 KiB. */
const MAX_RECORD = 128 * 1024;
const MAX_EPOCHS = 256;

export function encodeRecord(record: GroveRecord): Uint8Array {
  return encode({
    state: record.state,
    name: record.name,
    reason: record.reason,
    secrets: record.secrets.map(({ epoch, secret }) => [epoch, secret]),
    invite: record.invite && encodeInvite(record.invite),
    ...encodePolicy(record.policy),
    fresh: record.fresh,
    pins: encodePins(record.pins),
    acknowledged: record.acknowledged,
    resumeFrom: record.resumeFrom,
  });
}

export function decodeRecord(id: GroveId, bytes: Uint8Array): Result<GroveRecord> {
  const decoded = decode(bytes, { maxBytes: MAX_RECORD });
  if (!decoded.ok) return decoded;
  const fields = asMap(decoded.value);
  const state = asOneOf(fields?.get('state'), ['active', 'joining', 'refused']);
  const name = asText(fields?.get('name'), 256);
  const reason = asText(fields?.get('reason'), 1024);
  const secrets = (asArray(fields?.get('secrets'), MAX_EPOCHS) ?? []).flatMap((raw) => {
    const pair = asArray(raw, 2);
    const epoch = asUint(pair?.[0]);
    const secret = asBytes(pair?.[1], 32);
    return epoch === null || secret === null ? [] : [{ epoch, secret }];
  });
  const code = asText(fields?.get('invite'), 4096);
  const invite = code === null ? null : decodeInvite(code);
  const policy = decodePolicy(fields);
  const pins = decodePins(fields?.get('pins'));
  const acknowledged = asUint(fields?.get('acknowledged'));
  const resumeFrom = asUint(fields?.get('resumeFrom'));
  if (
    state === null ||
    name === null ||
    policy === null ||
    pins === null ||
    acknowledged === null ||
    resumeFrom === null
  ) {
    return fail('corrupt', 'grove record: a field is missing or malformed');
  }
  if (state === 'active' && secrets.length === 0)
    return fail('corrupt', 'grove record: an active grove has no secret');
  return ok({
    id,
    state,
    name,
    reason,
    secrets,
    invite: invite?.ok ? invite.value : null,
    policy,
    // Records of earlier builds say nothing of it: their devices chose, or were told nothing.
    fresh: fields?.get('fresh') === true,
    pins,
    acknowledged,
    resumeFrom,
  });
}
