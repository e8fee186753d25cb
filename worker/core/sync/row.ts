// How an applied entry lies in the store: table `log`, one row per entry.
import { asUint, decode, encode } from '../wire/cbor.ts';
import { decodeEntry, type Entry } from '../model/entry.ts';
import { fail, ok, type Result } from '../model/errors.ts';
import { MAX_TABLE } from '../model/table.ts';
import { idBytes, toPeerId, type EntryId, type GroveId, type PeerId } from '../model/ids.ts';

export interface LogRow {
  entry: Entry;
  /** Null inside a run: a later signature covers it (SPEC S4). */
  signature: Uint8Array | null;
  table: Uint8Array | null;
  index: number;
  receivedAt: number;
  receivedFrom: PeerId | null;
}

/** Seqs in keys are as wide as the largest safe integer, so that text order is number order. */
const SEQ_DIGITS = 16;

export const logPrefix = (grove: GroveId): string => `${grove}/`;
export const authorPrefix = (grove: GroveId, author: PeerId): string => `${grove}/${author}/`;
export const logKey = (grove: GroveId, author: PeerId, seq: number): string =>
  `${authorPrefix(grove, author)}${seq.toString().padStart(SEQ_DIGITS, '0')}`;

/** Of an entry that lies beside its author's log, which may hold others of its seq (SPEC S8). */
export const asideKey = (grove: GroveId, author: PeerId, seq: number, id: EntryId): string =>
  `${logKey(grove, author, seq)}/${id}`;

/** What a key of a row says of it. */
export function placeOf(key: string): { author: string; seq: number; aside: boolean } {
  const [, author = '', seq = '', id] = key.split('/');
  return { author, seq: Number(seq), aside: id !== undefined };
}

interface Place {
  author: PeerId;
  seq: number;
  id: EntryId;
  aside: boolean;
}
/** Where an entry lies. */
export const rowKey = (grove: GroveId, { author, seq, id, aside }: Place): string =>
  aside ? asideKey(grove, author, seq, id) : logKey(grove, author, seq);

/** A header and the largest table, and room. */
const MAX_ROW = MAX_TABLE + 16 * 1024;

export function encodeRow(row: LogRow): Uint8Array {
  return encode([
    row.entry.header,
    row.signature,
    row.table,
    row.index,
    row.receivedAt,
    row.receivedFrom === null ? null : idBytes(row.receivedFrom),
  ]);
}

/** The disk is no more trusted than a peer: a row that is not whole is a failure, not a throw. */
export function decodeRow(bytes: Uint8Array, hash?: (bytes: Uint8Array) => Uint8Array): Result<LogRow> {
  const decoded = decode(bytes, { maxBytes: MAX_ROW });
  if (!decoded.ok) return decoded;
  if (!Array.isArray(decoded.value)) return fail('corrupt', 'a log row is not an array');
  const [header, signature, table, index, receivedAt, from] = decoded.value as readonly unknown[];
  if (!(header instanceof Uint8Array)) return fail('corrupt', 'a log row has no header');
  if (signature !== null && !(signature instanceof Uint8Array && signature.length === 64)) {
    return fail('corrupt', 'a log row has a malformed signature');
  }
  if (table !== null && !(table instanceof Uint8Array && table.length <= MAX_TABLE))
    return fail('corrupt', 'a log row has a malformed table');
  const place = asUint(index);
  if (place === null || typeof receivedAt !== 'number') return fail('corrupt', 'a log row has no place');
  if (from !== null && !(from instanceof Uint8Array && from.length === 32)) {
    return fail('corrupt', 'a log row names a malformed sender');
  }
  const entry = decodeEntry(header, hash);
  if (!entry.ok) return entry;
  return ok({
    entry: entry.value,
    signature,
    table,
    index: place,
    receivedAt,
    receivedFrom: from === null ? null : toPeerId(from),
  });
}
