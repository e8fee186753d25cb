// Bodies of every kind but contribution (M9): maps of text keys. Whether an author may write one is access's to say.
import {
  asArray,
  asBytes,
  asBytesUpTo,
  asId,
  asMap,
  asOneOf,
  asText,
  asUint,
  decode,
  encode,
} from '../wire/cbor.ts';
import { ACT_READERS, actFields } from './acts.ts';
import { DEVICE_READERS, deviceFields } from './vouch.ts';
import type { DeviceBody } from './vouch.ts';
import type { ActBody } from './acts.ts';
import { POWER_READERS, isPowerKind, powerFields } from './powers.ts';
import type { PowerBody } from './powers.ts';
import { MAX_INLINE_BODY } from './entry.ts';
import { PETITION_READERS, isPetitionKind, petitionFields } from './governing.ts';
import type { PetitionBody } from './governing.ts';
import { ThicketError, fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { idBytes, toEntryId, toHash, toPeerId } from './ids.ts';
import type { EntryId, Hash, PeerId } from './ids.ts';

export type InvitedRole = 'member' | 'reader';
export interface ContractMetric {
  name: string;
  direction: 'minimize' | 'maximize';
  unit?: string;
}
export interface ContractBody {
  kind: 'contract';
  /** 16 random bytes: no two groves share an id. */
  nonce: Uint8Array;
  name: string;
  description: string;
  metrics: ContractMetric[];
  ownerName: string;
  /** The owner's X25519 key, 32 bytes. */
  box: Uint8Array;
}
export interface InviteBody {
  kind: 'invite';
  /** The invite key, sealed under the grove's secret. */
  sealed: Uint8Array;
  role: InvitedRole;
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
  uses: number;
}
export interface AdmitBody {
  kind: 'admit';
  invite: EntryId;
  key: PeerId;
  role: InvitedRole;
  name: string;
  /** The joiner's X25519 key, 32 bytes. */
  box: Uint8Array;
  /** The joiner's signature that binds grove, invite and both keys, 64 bytes. */
  proof: Uint8Array;
}
export type Body =
  | ActBody
  | PowerBody
  | PetitionBody
  | DeviceBody
  | ContractBody
  | InviteBody
  | AdmitBody
  /** `target` is the body hash of the contribution. */
  | { kind: 'retract'; target: Hash }
  | { kind: 'leave' }
  /** `keeps`: the admissions by it that count, where they can be listed; the door is closed in any case. */
  | { kind: 'revoke-invite'; invite: EntryId; keeps?: readonly EntryId[] };

/** Lengths are in UTF-16 code units. */
export const BODY_LIMITS = {
  name: 80,
  groveName: 120,
  description: 4096,
  metrics: 50,
  metricName: 64,
  unit: 64,
  sealed: 512,
  uses: 1_000_000,
  /** Of 34 bytes each, in a body of 64 KiB. */
  keeps: 1_800,
} as const;

type Fields = ReadonlyMap<string, unknown>;
type Reader = (fields: Fields) => Body | null;

const ROLES = ['member', 'reader'] as const;
const DIRECTIONS = ['minimize', 'maximize'] as const;
const nameOf = (raw: unknown): string | null => asText(raw, BODY_LIMITS.name, 1);

const READERS: { readonly [kind in Body['kind']]: Reader } = {
  ...ACT_READERS,
  ...POWER_READERS,
  ...PETITION_READERS,
  ...DEVICE_READERS,
  contract: readContract,
  invite: readInvite,
  admit: readAdmit,
  retract: (fields) => {
    const target = asId(fields.get('target'), toHash);
    return target === null ? null : { kind: 'retract', target };
  },
  leave: () => ({ kind: 'leave' }),
  'revoke-invite': (fields) => {
    const invite = asId(fields.get('invite'), toEntryId);
    if (invite === null || !fields.has('keeps')) return invite && { kind: 'revoke-invite', invite };
    const read = asArray(fields.get('keeps'), BODY_LIMITS.keeps)?.map((raw) => asId(raw, toEntryId)) ?? [
      null,
    ];
    const keeps = read.filter((id) => id !== null);
    return keeps.length < read.length ? null : { kind: 'revoke-invite', invite, keeps };
  },
};

const isPower = (body: Body): body is PowerBody => isPowerKind(body.kind);
const isPetition = (body: Body): body is PetitionBody => isPetitionKind(body.kind);
const isKnown = (kind: string): kind is Body['kind'] => Object.hasOwn(READERS, kind);

/** @throws ThicketError `invalid` where a field is beyond its limits. */
export function encodeBody(body: Body): Uint8Array {
  const bytes = encode(fieldsOf(body));
  const decoded = decodeBody(body.kind, bytes);
  if (!decoded.ok) throw new ThicketError('invalid', decoded.message);
  return bytes;
}

function fieldsOf(body: Body): Record<string, unknown> {
  switch (body.kind) {
    case 'contract': {
      const { nonce, name, description, metrics, ownerName, box } = body;
      return { nonce, name, description, metrics, ownerName, box };
    }
    case 'invite':
      return { sealed: body.sealed, role: body.role, expiresAt: body.expiresAt, uses: body.uses };
    case 'admit': {
      const { role, name, box, proof } = body;
      return { invite: idBytes(body.invite), key: idBytes(body.key), role, name, box, proof };
    }
    case 'retract':
      return { target: idBytes(body.target) };
    case 'leave':
      return {};
    case 'revoke-invite':
      return {
        invite: idBytes(body.invite),
        ...(body.keeps === undefined ? {} : { keeps: body.keeps.map(idBytes) }),
      };
    case 'vouch':
    case 'revoke':
      return deviceFields(body);
    default:
      if (isPetition(body)) return petitionFields(body);
      return isPower(body) ? powerFields(body) : actFields(body);
  }
}

/** Keys it doesn't know are left alone; a kind it doesn't know is not looked into, since its body may even be sealed. */
export function decodeBody(kind: string, bytes: Uint8Array): Result<Body | { kind: 'unknown' }> {
  if (!isKnown(kind)) return ok({ kind: 'unknown' });
  const decoded = decode(bytes, { maxBytes: MAX_INLINE_BODY });
  if (!decoded.ok) return decoded;
  const fields = asMap(decoded.value);
  const body = fields === null ? null : READERS[kind](fields);
  return body === null ? fail('corrupt', `body: not what ${kind} needs, or beyond its limits`) : ok(body);
}

function readContract(fields: Fields): ContractBody | null {
  const nonce = asBytes(fields.get('nonce'), 16);
  const name = asText(fields.get('name'), BODY_LIMITS.groveName, 1);
  const description = asText(fields.get('description'), BODY_LIMITS.description);
  const metrics = readMetrics(fields.get('metrics'));
  const ownerName = nameOf(fields.get('ownerName'));
  const box = asBytes(fields.get('box'), 32);
  if (nonce === null || name === null || description === null) return null;
  if (metrics === null || ownerName === null || box === null) return null;
  return { kind: 'contract', nonce, name, description, metrics, ownerName, box };
}

/** Names are distinct, for a metric has one direction. */
function readMetrics(raw: unknown): ContractMetric[] | null {
  const read = asArray(raw, BODY_LIMITS.metrics)?.map(readMetric) ?? [null];
  const metrics = read.filter((metric) => metric !== null);
  const distinct = new Set(metrics.map((metric) => metric.name));
  return distinct.size === read.length ? metrics : null;
}

function readMetric(raw: unknown): ContractMetric | null {
  const fields = asMap(raw);
  const name = asText(fields?.get('name'), BODY_LIMITS.metricName, 1);
  const direction = asOneOf(fields?.get('direction'), DIRECTIONS);
  if (fields === null || name === null || direction === null) return null;
  if (!fields.has('unit')) return { name, direction };
  const unit = asText(fields.get('unit'), BODY_LIMITS.unit);
  return unit === null ? null : { name, direction, unit };
}

function readInvite(fields: Fields): InviteBody | null {
  const sealed = asBytesUpTo(fields.get('sealed'), BODY_LIMITS.sealed);
  const role = asOneOf(fields.get('role'), ROLES);
  const expiresAt = asUint(fields.get('expiresAt'));
  const uses = asUint(fields.get('uses'), BODY_LIMITS.uses);
  if (sealed === null || role === null || uses === null || uses < 1) return null;
  if (expiresAt === null && fields.get('expiresAt') !== null) return null;
  return { kind: 'invite', sealed, role, expiresAt, uses };
}

function readAdmit(fields: Fields): AdmitBody | null {
  const invite = asId(fields.get('invite'), toEntryId);
  const key = asId(fields.get('key'), toPeerId);
  const role = asOneOf(fields.get('role'), ROLES);
  const name = nameOf(fields.get('name'));
  const box = asBytes(fields.get('box'), 32);
  const proof = asBytes(fields.get('proof'), 64);
  if (invite === null || key === null || role === null) return null;
  if (name === null || box === null || proof === null) return null;
  return { kind: 'admit', invite, key, role, name, box, proof };
}
