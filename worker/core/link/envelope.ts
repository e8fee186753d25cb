// Signaling messages on their way through the endpoint: signed by the device, sealed under the room's key (K1-K3).
// Knows the format only; whether a message is wanted, fresh or a replay is for others to judge.
import { x25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { utf8 } from '../model/bytes.ts';
import { idBytes, toPeerId } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import { deriveKey, hash32, open, seal, sign, verify } from '../model/keys.ts';
import type { Keypair } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import type { Random, Signatures } from '../ports.ts';
import { asArray, asBytes, asId, asOneOf, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { toCandidate } from './sdp.ts';
import type { Candidate } from './sdp.ts';

export type Message =
  /** `links`: how many the sender has in this room, of `want`; 0 where it only listens. `tags`: one per link and attempt that it holds, see `linkTag`. */
  | { kind: 'announce'; from: PeerId; nonce: Uint8Array; links: number; tags: Uint8Array[]; want: number }
  /** `echo` is the announce's nonce, `nonce` names the attempt from here on. */
  | { kind: 'offer'; from: PeerId; to: PeerId; echo: Uint8Array; nonce: Uint8Array; sdp: string }
  | {
      kind: 'answer';
      from: PeerId;
      to: PeerId;
      session: Uint8Array;
      nonce: Uint8Array;
      offerHash: Uint8Array;
      sdp: string;
    }
  | { kind: 'candidate'; from: PeerId; to: PeerId; session: Uint8Array; candidate: Candidate }
  /** Asks for an offer that echoes `nonce` (R3). */
  | { kind: 'call'; from: PeerId; to: PeerId; nonce: Uint8Array; temporary: boolean }
  /** A new description of a connection that stands, and its answer: the path is gone, the ends are the same (K6). `n` grows. */
  | {
      kind: 'restart';
      from: PeerId;
      to: PeerId;
      session: Uint8Array;
      n: number;
      answer: boolean;
      sdp: string;
      candidates: Candidate[];
    };

type Unsigned<M> = M extends Message ? Omit<M, 'from'> : never;
export type Outgoing = Unsigned<Message>;

/** What an envelope needs to know of a room. */
export interface Sealer {
  name: string;
  key: Uint8Array;
}

export interface Sealed {
  payload: Uint8Array;
  /** Of the signed bytes: an answer names its offer by it. */
  hash: Uint8Array;
}

export type Opened =
  /** `box`: X25519 of who sealed it to us alone. */
  | { ok: true; message: Message; hash: Uint8Array; box: Uint8Array | null }
  /** `foreign`: well-formed, but for somebody else. `unknown`: of a kind or version that this build doesn't know. */
  | { ok: false; why: 'refused' | 'foreign' | 'unknown' };

export const NONCE_BYTES = 16;
const TAG_BYTES = 16;
const FORMAT = 1;
const BOXED = 'boxed';
const KEY_BYTES = 32;
export const MAX_TAGS = 64;
/** Later versions may append fields. */
const MAX_FIELDS = 32;
const SEAL_NONCE_BYTES = 24;

/**
 * Says in an announce that a link or an attempt is held, and to nobody but its two ends whose it is: an authenticated
 * link's transcript is theirs alone.
 */
export const linkTag = (
  link: { transcript: Uint8Array | null; session: Uint8Array },
  announce: Uint8Array,
  announcer: PeerId,
): Uint8Array => hash32(link.transcript ?? link.session, announce, idBytes(announcer)).slice(0, TAG_BYTES);

function fieldsOf(message: Outgoing): unknown[] {
  switch (message.kind) {
    case 'announce':
      return [message.nonce, message.links, message.tags, message.want];
    case 'offer':
      return [idBytes(message.to), message.nonce, message.echo, message.sdp];
    case 'answer':
      return [idBytes(message.to), message.session, message.nonce, message.offerHash, message.sdp];
    case 'candidate': {
      const { candidate, sdpMid, sdpMLineIndex } = message.candidate;
      return [idBytes(message.to), message.session, candidate, sdpMid, sdpMLineIndex];
    }
    case 'call':
      return [idBytes(message.to), message.nonce, message.temporary];
    case 'restart': {
      const { to, session, n, answer, sdp, candidates } = message;
      const rows = candidates.map((each) => [each.candidate, each.sdpMid, each.sdpMLineIndex]);
      return [idBytes(to), session, n, answer, sdp, rows];
    }
  }
}

/**
 * Signs and seals. The signature covers the room as well, so that no member can carry a message into another. `box`: the
 * X25519 key of the receiver, who alone can open it; others who hold the room's key don't even see between whom it goes.
 */
export function sealMessage(
  signatures: Signatures,
  keypair: Keypair,
  room: Sealer,
  random: Random,
  message: Outgoing,
  box?: Uint8Array,
): Sealed {
  const signed = encode([FORMAT, message.kind, keypair.publicKey, ...fieldsOf(message)]);
  const signature = sign(signatures, keypair, LABEL[message.kind], hexToBytes(room.name), signed);
  const plaintext =
    box === undefined
      ? encode([signed, signature])
      : sealBoxed(room, random, box, encode([signed, signature, keypair.boxPublic]));
  const payload = seal(room.key, random.bytes(SEAL_NONCE_BYTES), plaintext, utf8(room.name), { pad: true });
  return { payload, hash: hash32(signed) };
}

function boxKey(secret: Uint8Array, other: Uint8Array, entry: Uint8Array): Uint8Array | null {
  try {
    return deriveKey(x25519.getSharedSecret(secret, other), LABEL.boxed, entry);
  } catch {
    return null; // a key of small order
  }
}

function sealBoxed(room: Sealer, random: Random, box: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const own = random.bytes(KEY_BYTES);
  const entry = x25519.getPublicKey(own);
  const key = boxKey(own, box, entry) ?? random.bytes(KEY_BYTES);
  const sealed = seal(key, random.bytes(SEAL_NONCE_BYTES), plaintext, utf8(room.name), { pad: true });
  return encode([BOXED, entry, sealed]);
}

function openBoxed(room: Sealer, secret: Uint8Array | null, envelope: readonly unknown[]): Uint8Array | null {
  const entry = asBytes(envelope[1], KEY_BYTES);
  const sealed = asBytes(envelope[2]);
  const key = secret && entry && boxKey(secret, entry, entry);
  return key && sealed && open(key, sealed, utf8(room.name));
}

const KINDS = ['announce', 'offer', 'answer', 'candidate', 'call', 'restart'] as const;

function parseAnnounce(from: PeerId, fields: readonly unknown[]): Message | null {
  const nonce = asBytes(fields[0], NONCE_BYTES);
  const links = asUint(fields[1]);
  const tags = asArray(fields[2], MAX_TAGS)?.map((tag) => asBytes(tag, TAG_BYTES));
  // Who doesn't say looks for links, as far as anybody knows.
  const want = asUint(fields[3]) ?? 1;
  if (nonce === null || links === null || tags === undefined) return null;
  const checked = tags.filter((tag) => tag !== null);
  return checked.length === tags.length
    ? { kind: 'announce', from, nonce, links, tags: checked, want }
    : null;
}

function parseOffer(from: PeerId, to: PeerId, fields: readonly unknown[]): Message | null {
  const nonce = asBytes(fields[0], NONCE_BYTES);
  const echo = asBytes(fields[1], NONCE_BYTES);
  const sdp = asText(fields[2], Infinity);
  return nonce && echo && sdp !== null ? { kind: 'offer', from, to, nonce, echo, sdp } : null;
}

function parseAnswer(from: PeerId, to: PeerId, fields: readonly unknown[]): Message | null {
  const session = asBytes(fields[0], NONCE_BYTES);
  const nonce = asBytes(fields[1], NONCE_BYTES);
  const offerHash = asBytes(fields[2], 32);
  const sdp = asText(fields[3], Infinity);
  if (!session || !nonce || !offerHash || sdp === null) return null;
  return { kind: 'answer', from, to, session, nonce, offerHash, sdp };
}

function parseCandidate(from: PeerId, to: PeerId, fields: readonly unknown[]): Message | null {
  const session = asBytes(fields[0], NONCE_BYTES);
  const candidate = toCandidate(fields[1], fields[2], fields[3]);
  return session && candidate && { kind: 'candidate', from, to, session, candidate };
}

function parseCall(from: PeerId, to: PeerId, fields: readonly unknown[]): Message | null {
  const nonce = asBytes(fields[0], NONCE_BYTES);
  const temporary = fields[1];
  return nonce !== null && typeof temporary === 'boolean'
    ? { kind: 'call', from, to, nonce, temporary }
    : null;
}

function parseRestart(from: PeerId, to: PeerId, fields: readonly unknown[]): Message | null {
  const session = asBytes(fields[0], NONCE_BYTES);
  const n = asUint(fields[1]);
  const answer = fields[2];
  const sdp = asText(fields[3], Infinity);
  const rows = asArray(fields[4], MAX_FIELDS)?.map((raw) => {
    const row = asArray(raw, MAX_FIELDS) ?? [];
    return toCandidate(row[0], row[1], row[2]);
  });
  if (!session || n === null || typeof answer !== 'boolean' || sdp === null || rows === undefined)
    return null;
  const candidates = rows.filter((candidate) => candidate !== null);
  if (candidates.length !== rows.length) return null;
  return { kind: 'restart', from, to, session, n, answer, sdp, candidates };
}

function parseFields(kind: Message['kind'], from: PeerId, fields: readonly unknown[]): Message | null {
  if (kind === 'announce') return parseAnnounce(from, fields);
  const [target, ...rest] = fields;
  const to = asId(target, toPeerId);
  if (to === null) return null;
  switch (kind) {
    case 'offer':
      return parseOffer(from, to, rest);
    case 'answer':
      return parseAnswer(from, to, rest);
    case 'candidate':
      return parseCandidate(from, to, rest);
    case 'call':
      return parseCall(from, to, rest);
    case 'restart':
      return parseRestart(from, to, rest);
  }
}

function decodeArray(bytes: Uint8Array | null, maxBytes: number): readonly unknown[] {
  const decoded = bytes && decode(bytes, { maxBytes });
  return decoded?.ok === true ? (asArray(decoded.value, MAX_FIELDS) ?? []) : [];
}

/** Opens, parses and verifies what came through the endpoint. Never throws. The costly signature comes last. */
export function openMessage(
  signatures: Signatures,
  me: PeerId,
  room: Sealer,
  payload: Uint8Array,
  maxBytes: number,
  /** X25519, for what was sealed to us alone. */
  boxSecret: Uint8Array | null = null,
): Opened {
  const refused: Opened = { ok: false, why: 'refused' };
  if (payload.length > maxBytes) return refused;
  const outer = decodeArray(open(room.key, payload, utf8(room.name)), maxBytes);
  const isBoxed = outer[0] === BOXED;
  const inner = isBoxed ? openBoxed(room, boxSecret, outer) : null;
  if (isBoxed && inner === null) return { ok: false, why: 'foreign' };
  const envelope = isBoxed ? decodeArray(inner, maxBytes) : outer;
  const box = isBoxed ? asBytes(envelope[2], KEY_BYTES) : null;
  const signed = asBytes(envelope[0]);
  const signature = asBytes(envelope[1], 64);
  const [format, name, key, ...fields] = decodeArray(signed, maxBytes);
  const from = asId(key, toPeerId);
  if (signed === null || signature === null || from === null) return refused;
  const kind = asOneOf(name, KINDS);
  if (format !== FORMAT || kind === null) return { ok: false, why: 'unknown' };
  const message = parseFields(kind, from, fields);
  if (message === null) return refused;
  if (from === me || (message.kind !== 'announce' && message.to !== me)) return { ok: false, why: 'foreign' };
  if (!verify(signatures, from, signature, LABEL[kind], hexToBytes(room.name), signed)) return refused;
  return { ok: true, message, hash: hash32(signed), box };
}
