// Entries (M6-M8, M11): header bytes, id, what is signed. Bodies are in body.ts; the chain is checked by who holds it.
import { decode, asArray, asBytes, asId, asMap, asText, asUint, encode } from '../wire/cbor.ts';
import { equalBytes } from './bytes.ts';
import { ThicketError, fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { compareIds, idBytes, toEntryId, toGroveId, toHash, toPeerId } from './ids.ts';
import type { EntryId, GroveId, Hash, PeerId } from './ids.ts';
import { hash32, sign, signedMessage } from './keys.ts';
import type { Keypair } from './keys.ts';
import type { Signatures } from '../ports.ts';
import { LABEL } from './labels.ts';

export interface EntryFields {
  /** 1 for what we write. */
  version: number;
  /** ZERO_HASH in a contract. */
  grove: Hash;
  author: PeerId;
  /** 1, 2, 3… per author and grove. */
  seq: number;
  /** The author's previous entry; null exactly when seq is 1. */
  prev: EntryId | null;
  /** Applied tips, at most 8. */
  parents: readonly EntryId[];
  lamport: number;
  /** ms since the epoch by the author's clock; for display only. */
  at: number;
  kind: string;
  /** Hash of the body's bytes, and their number. */
  body: Hash;
  size: number;
  blobs: { table: Hash; total: number } | null;
  ext?: ReadonlyMap<string, unknown>;
}
export interface Entry extends EntryFields {
  id: EntryId;
  /** The bytes that `id` is the hash of. */
  header: Uint8Array;
}

export const ENTRY_VERSION = 1;
export const MAX_HEADER = 2048;
export const MAX_PARENTS = 8;
/** A longer body travels as a blob (M10). */
export const MAX_INLINE_BODY = 65_536;
export const ZERO_HASH: Hash = toHash(new Uint8Array(32));

const POSITIONS = 12;
const KIND = /^[a-z][a-z0-9_.-]{0,31}$/;

/** @throws ThicketError `invalid` where the fields break M6. */
export function encodeEntry(fields: EntryFields): Entry {
  const header = encode([
    fields.version,
    idBytes(fields.grove),
    idBytes(fields.author),
    fields.seq,
    fields.prev === null ? null : idBytes(fields.prev),
    fields.parents.map(idBytes),
    fields.lamport,
    fields.at,
    fields.kind,
    idBytes(fields.body),
    fields.size,
    fields.blobs === null ? null : [idBytes(fields.blobs.table), fields.blobs.total],
    ...(fields.ext === undefined ? [] : [fields.ext]),
  ]);
  const entry = decodeEntry(header);
  if (!entry.ok) throw new ThicketError('invalid', entry.message);
  return entry.value;
}

/**
 * Checks form, not signature or chain. Of a later version the twelve positions are read and the rest is kept unread.
 * `hash`: BLAKE3-256, noble's where none is given.
 */
export function decodeEntry(
  header: Uint8Array,
  hash: (bytes: Uint8Array) => Uint8Array = hash32,
): Result<Entry> {
  const decoded = decode(header, { maxBytes: MAX_HEADER });
  if (!decoded.ok) return decoded;
  const positions = asArray(decoded.value, Infinity);
  if (positions === null || positions.length < POSITIONS) return wrong(`${POSITIONS} positions`);
  if (!equalBytes(encode(positions), header)) return wrong('canonical bytes');
  const entry = readFields(positions, header, hash);
  if (!entry.ok) return entry;
  const problem = inconsistency(entry.value);
  return problem === null ? entry : wrong(problem);
}

const wrong = (expected: string): Result<never> => fail('corrupt', `entry: must have ${expected}`);

function readFields(
  raw: readonly unknown[],
  header: Uint8Array,
  hash: (bytes: Uint8Array) => Uint8Array,
): Result<Entry> {
  const version = asUint(raw[0]);
  const grove = asId(raw[1], toHash);
  const author = asId(raw[2], toPeerId);
  const seq = asUint(raw[3]);
  const prev = raw[4] === null ? null : asBytes(raw[4], 32);
  const parents = readParents(raw[5]);
  const lamport = asUint(raw[6]);
  const at = asUint(raw[7]);
  const kind = asText(raw[8], 32, 1);
  const body = asId(raw[9], toHash);
  const size = asUint(raw[10]);
  const blobs = raw[11] === null ? null : readBlobs(raw[11]);
  const ext = asMap(raw[POSITIONS]);
  if (version === null || version < ENTRY_VERSION) return wrong(`a version from ${ENTRY_VERSION}`);
  if (grove === null || author === null) return wrong('32 bytes each for grove and author');
  if (seq === null || seq < 1) return wrong('a seq from 1');
  if (prev === null && raw[4] !== null) return wrong('32 bytes or null for prev');
  if (parents === null) return wrong(`at most ${MAX_PARENTS} distinct parents`);
  if (lamport === null || lamport < seq) return wrong('a lamport of at least its seq');
  if (at === null || size === null) return wrong('unsigned integers for at and size');
  if (kind === null || !KIND.test(kind)) return wrong('a kind of 1 to 32 characters [a-z][a-z0-9_.-]*');
  if (body === null) return wrong('32 bytes for body');
  if (blobs === null && raw[11] !== null) return wrong('null or [table, total] for blobs');
  if (version === ENTRY_VERSION && raw.length > POSITIONS && (ext === null || raw.length > POSITIONS + 1))
    return wrong('nothing but a map after its twelve positions');
  // One plain literal: every entry that is received or read back is made here.
  const entry: Entry = {
    version,
    grove,
    author,
    seq,
    prev: prev === null ? null : toEntryId(prev),
    parents,
    lamport,
    at,
    kind,
    body,
    size,
    blobs,
    id: toEntryId(hash(header)),
    header,
  };
  if (ext !== null) entry.ext = ext;
  return ok(entry);
}

function readParents(raw: unknown): EntryId[] | null {
  const ids = asArray(raw, MAX_PARENTS)?.map((each) => asId(each, toEntryId)) ?? [null];
  const parents = ids.filter((id) => id !== null);
  return parents.length === ids.length && new Set(parents).size === ids.length ? parents : null;
}

function readBlobs(raw: unknown): EntryFields['blobs'] {
  const pair = asArray(raw, 2);
  const table = asId(pair?.[0], toHash);
  const total = asUint(pair?.[1]);
  return table === null || total === null ? null : { table, total };
}

/** What several fields must have in common. */
function inconsistency(entry: EntryFields): string | null {
  if ((entry.seq === 1) !== (entry.prev === null)) return 'a prev exactly when its seq is above 1';
  if (entry.seq === 1 && entry.parents.length === 0 && entry.lamport !== 1)
    return 'lamport 1 where nothing precedes it';
  if ((entry.grove === ZERO_HASH) !== (entry.kind === 'contract'))
    return 'a zero grove exactly in a contract';
  if (entry.kind === 'contract' && (entry.seq !== 1 || entry.parents.length > 0))
    return 'seq 1 and no parents in a contract';
  return null;
}

/** A contract's grove is its own id (M11). */
export const groveOf = (entry: Entry): GroveId =>
  toGroveId(idBytes(entry.grove === ZERO_HASH ? entry.id : entry.grove));

/** The bytes that an author signs (M7). */
export const entryMessage = (id: EntryId): Uint8Array => signedMessage(LABEL.entry, idBytes(id));

export const signEntry = (signatures: Signatures, keypair: Keypair, id: EntryId): Uint8Array =>
  sign(signatures, keypair, LABEL.entry, idBytes(id));

/** S9. */
export const compareEntries = (
  a: { lamport: number; id: EntryId },
  b: { lamport: number; id: EntryId },
): number => a.lamport - b.lamport || compareIds(a.id, b.id);
