// Invite links (M12), and the keys that follow from an invite key and from a grove's secret (A1). No state, no policy.
import { asArray, asBytes, asId, asOneOf, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import type { InvitedRole } from './body.ts';
import { BODY_LIMITS } from './body.ts';
import { ThicketError, fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { idBytes, toGroveId, toHash, toPeerId } from './ids.ts';
import type { GroveId, PeerId } from './ids.ts';
import { LABEL } from './labels.ts';
import { deriveKey } from './secrets.ts';

export interface InviteLink {
  grove: GroveId;
  /** 16 bytes, secret. */
  key: Uint8Array;
  /** Signaling endpoints in order of preference, at most 4: ws:, wss:, http: or https: URLs of at most 200 characters. */
  endpoints: string[];
  inviter: PeerId;
  /** Of the grove: the inviter's claim. */
  name: string;
  role: InvitedRole;
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
}

export const INVITE_KEY = 16;
export const MAX_ENDPOINTS = 4;
const MAX_CODE = 2048;
const PREFIX = '#/join/';
const VERSION = 1;
/** No user name, no fragment: a link is no place for credentials. */
const ENDPOINT = /^(?:wss?|https?):\/\/[A-Za-z0-9.:[\]_-]+(?:[/?][!-"$-~]*)?$/;
const ROLES = ['member', 'reader'] as const;

/** The fragment, `#/join/…`. @throws ThicketError `invalid` where a field breaks M12. */
export function encodeInvite(link: InviteLink): string {
  const bytes = encode([
    VERSION,
    idBytes(link.grove),
    link.key,
    link.endpoints,
    idBytes(link.inviter),
    link.name,
    link.role,
    link.expiresAt,
  ]);
  const fragment = PREFIX + toBase64Url(bytes);
  const decoded = decodeInvite(fragment);
  if (!decoded.ok) throw new ThicketError('invalid', decoded.message);
  return fragment;
}

/** From a whole URL, a fragment or the bare code, with space around it. Of a later version what it appended is ignored. */
export function decodeInvite(text: string): Result<InviteLink> {
  const start = text.indexOf(PREFIX);
  const code = (start < 0 ? text : text.slice(start + PREFIX.length)).trim();
  if (code.length > MAX_CODE)
    return fail('invalid', `invite: at most ${MAX_CODE} characters, given ${code.length}`);
  const bytes = fromBase64Url(code);
  if (bytes === null || bytes.length === 0) return fail('invalid', 'invite: not an invite link');
  const decoded = decode(bytes, { maxBytes: MAX_CODE });
  const fields = decoded.ok ? asArray(decoded.value, 64) : null;
  const link = fields === null ? null : readLink(fields);
  return link === null ? fail('invalid', 'invite: damaged or incomplete link') : ok(link);
}

function readLink(fields: readonly unknown[]): InviteLink | null {
  const version = asUint(fields[0]);
  const grove = asId(fields[1], toGroveId);
  const key = asBytes(fields[2], INVITE_KEY);
  const endpoints = readEndpoints(fields[3]);
  const inviter = asId(fields[4], toPeerId);
  const name = asText(fields[5], BODY_LIMITS.groveName, 1);
  const role = asOneOf(fields[6], ROLES);
  const expiresAt = asUint(fields[7]);
  if (version === null || version < VERSION || grove === null || key === null) return null;
  if (endpoints === null || inviter === null || name === null || role === null) return null;
  if (expiresAt === null && fields[7] !== null) return null;
  return { grove, key, endpoints, inviter, name, role, expiresAt };
}

function readEndpoints(raw: unknown): string[] | null {
  const read = asArray(raw, MAX_ENDPOINTS)?.map((each) => asText(each, 200, 1)) ?? [null];
  const endpoints = read.filter((each) => each !== null && ENDPOINT.test(each));
  return endpoints.length === read.length ? endpoints.filter((each) => each !== null) : null;
}

export interface InviteKeys {
  /** Name of the joining room, 64 hex digits. */
  room: string;
  /** Seals signaling in that room. */
  seal: Uint8Array;
  /** Key of the proof of holding the invite. */
  join: Uint8Array;
}

export const inviteKeys = (key: Uint8Array): InviteKeys => ({
  room: toHash(deriveKey(key, LABEL.joinRoom)),
  seal: deriveKey(key, LABEL.joinSeal),
  join: deriveKey(key, LABEL.join),
});

export interface GroveKeys {
  /** Name of the grove's room, 64 hex digits. */
  room: string;
  /** Seals signaling in that room. */
  seal: Uint8Array;
  /** Key of grove tags. */
  tag: Uint8Array;
}

export const groveKeys = (secret: Uint8Array): GroveKeys => ({
  room: toHash(deriveKey(secret, LABEL.room)),
  seal: deriveKey(secret, LABEL.seal),
  tag: deriveKey(secret, LABEL.tag),
});
