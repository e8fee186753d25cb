// One row of presence: what a device says that it is at, signed by it (SPEC G26). Knows neither who else says what nor whom to tell.
import { CONFIG } from '../config.ts';
import {
  cidOf,
  hashOfCid,
  idBytes,
  toHash,
  toPeerId,
  type Cid,
  type GroveId,
  type PeerId,
} from '../model/ids.ts';
import { signedMessage } from '../model/keys.ts';
import { LABEL } from '../model/labels.ts';
import { asArray, asId, asOneOf, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { MAX_PRESENCE_ROW } from '../wire/frame.ts';

/** `none` takes back what was said before. */
export const STATUSES = ['idle', 'working', 'done', 'none'] as const;
export type Status = (typeof STATUSES)[number];

export interface Presence {
  status: Status;
  /** On what. */
  cid: Cid | null;
  note: string;
}

export interface PresenceRow extends Presence {
  peer: PeerId;
  /** Grows with each row that the peer signs. */
  seq: number;
  /** ms from its signing. */
  life: number;
}

export const presenceMessage = (grove: GroveId, row: Uint8Array): Uint8Array =>
  signedMessage(LABEL.presence, idBytes(grove), row);

export const encodePresenceRow = ({ peer, seq, status, cid, note, life }: PresenceRow): Uint8Array =>
  encode([idBytes(peer), seq, status, cid === null ? null : idBytes(hashOfCid(cid)), note, life]);

/** Null for what is no row of ours; later versions may append fields. */
export function decodePresenceRow(bytes: Uint8Array): PresenceRow | null {
  const decoded = decode(bytes, { maxBytes: MAX_PRESENCE_ROW });
  const fields = decoded.ok ? asArray(decoded.value, 32) : null;
  if (fields === null) return null;
  const [rawPeer, rawSeq, rawStatus, rawCid, rawNote, rawLife] = fields;
  const peer = asId(rawPeer, toPeerId);
  const seq = asUint(rawSeq);
  const status = asOneOf(rawStatus, STATUSES);
  const hash = rawCid === null ? null : asId(rawCid, toHash);
  const note = asText(rawNote, CONFIG.presence.note);
  const life = asUint(rawLife, CONFIG.presence.life);
  if (peer === null || seq === null || status === null || note === null || life === null) return null;
  if (rawCid !== null && hash === null) return null;
  return { peer, seq, status, cid: hash === null ? null : cidOf(hash), note, life };
}
