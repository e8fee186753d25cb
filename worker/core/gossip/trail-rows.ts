// Recorded messages as they lie on disk: 16 bytes each, their peers and groves named once per row. What can't be read
// is left out: it is a record of what passed, nothing rests on it.
import { idBytes, toGroveId, toPeerId } from '../model/ids.ts';
import { asArray, asBytesUpTo, asText, decode, encode } from '../wire/cbor.ts';
import type { Kept } from './trail.ts';
import { isMessageType, MESSAGE_TYPES, unpack, type MessageType } from './trail-facts.ts';

const VERSION = 1;
const RECORD = 16;
const KEY = 32;
const NONE = 0xffff;
/** More than one row ever holds. */
const MAX_BYTES = 1024 * 1024;

/** Null where there is nothing to write. */
export function encodeTrail(messages: ReadonlyMap<MessageType, readonly Kept[]>): Uint8Array | null {
  const keys = new Map<string, number>();
  const bytes: Uint8Array[] = [];
  const place = (id: Kept['peer'] | Kept['grove']): number => {
    if (id === null) return NONE;
    const known = keys.get(id);
    if (known !== undefined) return known;
    keys.set(id, bytes.length);
    bytes.push(idBytes(id));
    return bytes.length - 1;
  };
  const types = [...messages].map(([type, kept]) => {
    const records = new Uint8Array(kept.length * RECORD);
    const view = new DataView(records.buffer);
    kept.forEach(({ at, facts, peer, grove }, index) => {
      view.setFloat64(index * RECORD, at);
      view.setUint32(index * RECORD + 8, facts);
      view.setUint16(index * RECORD + 12, place(peer));
      view.setUint16(index * RECORD + 14, place(grove));
    });
    return [type, records];
  });
  if (types.length === 0 || bytes.length >= NONE) return null;
  const all = new Uint8Array(bytes.length * KEY);
  bytes.forEach((each, index) => all.set(each, index * KEY));
  return encode([VERSION, all, types]);
}

/** Each type's messages, in the order in which they were written. */
export function decodeTrail(row: Uint8Array): Map<MessageType, Kept[]> {
  const messages = new Map<MessageType, Kept[]>();
  const decoded = decode(row, { maxBytes: MAX_BYTES });
  const [version, rawKeys, rawTypes] = (decoded.ok ? asArray(decoded.value, 8) : null) ?? [];
  const keys = asBytesUpTo(rawKeys, MAX_BYTES);
  if (version !== VERSION || keys === null) return messages;
  const keyAt = (index: number): Uint8Array | null =>
    (index + 1) * KEY > keys.length ? null : keys.slice(index * KEY, (index + 1) * KEY);
  for (const raw of asArray(rawTypes, MESSAGE_TYPES.length) ?? []) {
    const [rawType, rawRecords] = asArray(raw, 2) ?? [];
    const type = asText(rawType, 64);
    const records = asBytesUpTo(rawRecords, MAX_BYTES);
    if (type === null || records === null || !isMessageType(type)) continue;
    messages.set(type, readRecords(records, keyAt));
  }
  return messages;
}

function readRecords(records: Uint8Array, keyAt: (index: number) => Uint8Array | null): Kept[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const kept: Kept[] = [];
  for (let offset = 0; offset + RECORD <= records.length; offset += RECORD) {
    const at = view.getFloat64(offset);
    const facts = view.getUint32(offset + 8);
    const peer = keyAt(view.getUint16(offset + 12));
    const named = view.getUint16(offset + 14);
    const grove = named === NONE ? null : keyAt(named);
    if (!Number.isSafeInteger(at) || at < 0 || unpack(facts) === null || peer === null) continue;
    if (named !== NONE && grove === null) continue;
    kept.push({ at, facts, peer: toPeerId(peer), grove: grove === null ? null : toGroveId(grove) });
  }
  return kept;
}
