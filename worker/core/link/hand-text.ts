// Descriptions carried by hand (R4): whole, with their candidates, as one line of text. Knows the format only; whether an
// offer is fresh, or an answer awaited, is for others to judge.
import { hexToBytes } from '@noble/hashes/utils.js';
import { fromBase64Url, toBase64Url, utf8 } from '../model/bytes.ts';
import { idBytes, toPeerId } from '../model/ids.ts';
import type { PeerId } from '../model/ids.ts';
import { hash32, open, seal, sign, verify } from '../model/keys.ts';
import type { Keypair } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import type { Random, Signatures } from '../ports.ts';
import { asArray, asBytes, asId, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { NONCE_BYTES } from './envelope.ts';
import type { Sealer } from './envelope.ts';
import { toCandidate } from './sdp.ts';
import type { Candidate } from './sdp.ts';

interface Description {
  from: PeerId;
  sdp: string;
  candidates: Candidate[];
}
/** `expires`: ms since the epoch by the offerer's wall clock. */
export type HandOfferText = Description & { kind: 'offer'; session: Uint8Array; expires: number };
export type HandAnswerText = Description & {
  kind: 'answer';
  to: PeerId;
  session: Uint8Array;
  offerHash: Uint8Array;
};
export type HandMessage = HandOfferText | HandAnswerText;
type Unsigned<M> = M extends HandMessage ? Omit<M, 'from'> : never;

const PREFIX = { offer: 'thicket-offer:', answer: 'thicket-answer:' } as const;
const LABELS = { offer: LABEL.handOffer, answer: LABEL.handAnswer } as const;
const FORMAT = 1;
const SEAL_NONCE_BYTES = 24;
/** With `kept` candidates a text has about 1,400-2,400 characters; a QR code takes 2,953. */
const MAX_TEXT = 16_384;
const MAX_SDP = 8_192;
const MAX_CANDIDATES = 8;
const MAX_FIELDS = 16;

/** Those that can lead anywhere, some of each kind: a peer's own addresses are many on some machines. */
export function chooseCandidates(all: readonly Candidate[]): Candidate[] {
  // Active TCP candidates need a passive one at the other end, which browsers don't have.
  const usable = all.filter(({ candidate }) => candidate !== '' && !/ tcp /i.test(candidate));
  const isHost = ({ candidate }: Candidate): boolean => / typ host/.test(candidate);
  const others = usable.filter((each) => !isHost(each)).slice(0, MAX_CANDIDATES / 2);
  const hosts = usable.filter(isHost).slice(0, MAX_CANDIDATES - others.length);
  return [...hosts, ...others];
}

/** Signs, seals and writes it down. `hash` is that of what was signed: an answer names its offer by it. */
export function writeText(
  signatures: Signatures,
  keypair: Keypair,
  room: Sealer,
  random: Random,
  message: Unsigned<HandMessage>,
): { text: string; hash: Uint8Array } {
  const rows = message.candidates.map(({ candidate, sdpMid, sdpMLineIndex }) => [
    candidate,
    sdpMid,
    sdpMLineIndex,
  ]);
  const own =
    message.kind === 'offer'
      ? [message.session, message.expires]
      : [message.session, idBytes(message.to), message.offerHash];
  const signed = encode([FORMAT, keypair.publicKey, message.sdp, rows, ...own]);
  const signature = sign(signatures, keypair, LABELS[message.kind], hexToBytes(room.name), signed);
  const sealed = seal(room.key, random.bytes(SEAL_NONCE_BYTES), encode([signed, signature]), utf8(room.name));
  return { text: PREFIX[message.kind] + toBase64Url(sealed), hash: hash32(signed) };
}

export type Read<R> =
  | { ok: true; room: R; message: HandMessage; hash: Uint8Array }
  /** `form`: no such text at all. `kind`: it is the other of the two. `room`: no key opens it. `content`: what it holds is wrong. */
  | { ok: false; why: 'form' | 'kind' | 'room' | 'content' };

/** Finds the room by trying its key. Never throws. */
export function readText<R extends Sealer>(
  signatures: Signatures,
  rooms: Iterable<R>,
  kind: HandMessage['kind'],
  text: string,
): Read<R> {
  const line = text.trim();
  const other = kind === 'offer' ? PREFIX.answer : PREFIX.offer;
  if (line.startsWith(other)) return { ok: false, why: 'kind' };
  const sealed =
    line.length <= MAX_TEXT && line.startsWith(PREFIX[kind])
      ? fromBase64Url(line.slice(PREFIX[kind].length))
      : null;
  if (sealed === null) return { ok: false, why: 'form' };
  for (const room of rooms) {
    const plain = open(room.key, sealed, utf8(room.name));
    if (plain === null) continue;
    const parsed = parse(signatures, room, kind, plain);
    return parsed === null ? { ok: false, why: 'content' } : { ok: true, room, ...parsed };
  }
  return { ok: false, why: 'room' };
}

function arrayOf(bytes: Uint8Array | null, max: number): readonly unknown[] {
  const decoded = bytes && decode(bytes, { maxBytes: MAX_TEXT });
  return decoded?.ok === true ? (asArray(decoded.value, max) ?? []) : [];
}

function parse(
  signatures: Signatures,
  room: Sealer,
  kind: HandMessage['kind'],
  plain: Uint8Array,
): { message: HandMessage; hash: Uint8Array } | null {
  const envelope = arrayOf(plain, MAX_FIELDS);
  const signed = asBytes(envelope[0]);
  const signature = asBytes(envelope[1], 64);
  const [format, key, description, rows, ...own] = arrayOf(signed, MAX_FIELDS);
  const from = asId(key, toPeerId);
  const sdp = asText(description, MAX_SDP);
  const candidates = asArray(rows, MAX_CANDIDATES)?.map(toRow) ?? [null];
  if (signed === null || signature === null || format !== FORMAT || from === null || sdp === null)
    return null;
  const checked = candidates.filter((candidate) => candidate !== null);
  if (checked.length !== candidates.length) return null;
  const message = parseOwn(kind, { from, sdp, candidates: checked }, own);
  const holds = verify(signatures, from, signature, LABELS[kind], hexToBytes(room.name), signed);
  return message !== null && holds ? { message, hash: hash32(signed) } : null;
}

function toRow(raw: unknown): Candidate | null {
  const fields = asArray(raw, MAX_FIELDS) ?? [];
  return toCandidate(fields[0], fields[1], fields[2]);
}

function parseOwn(
  kind: HandMessage['kind'],
  description: Description,
  own: readonly unknown[],
): HandMessage | null {
  const session = asBytes(own[0], NONCE_BYTES);
  if (session === null) return null;
  if (kind === 'offer') {
    const expires = asUint(own[1]);
    return expires === null ? null : { ...description, kind, session, expires };
  }
  const to = asId(own[1], toPeerId);
  const offerHash = asBytes(own[2], 32);
  return to === null || offerHash === null ? null : { ...description, kind, session, to, offerHash };
}
