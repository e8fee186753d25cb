// The blob table of an entry (M10): what an artifact's bytes must be, and the root they are checked against.
import { asArray, asId, asText, asUint, decode, encode } from '../wire/cbor.ts';
import { ThicketError, fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { compareIds, idBytes, toHash } from './ids.ts';
import type { Hash } from './ids.ts';

export interface BlobRow {
  hash: Hash;
  /** Bytes. */
  size: number;
  /** At most 64 printable ASCII characters; a claim of the author. */
  mediaType: string;
  /** Hash of the topmost block list. */
  root: Hash;
}

/** 1000 artifacts and the body. */
export const MAX_ROWS = 1001;
/** What MAX_ROWS rows of the longest kind come to, rounded up; with a body of 64 KiB it still fits one frame. */
export const MAX_TABLE = 147_456;
const MEDIA_TYPE = /^[ -~]{0,64}$/;

/** Rows in any order. @throws ThicketError `invalid` where they break M10. */
export function encodeTable(rows: readonly BlobRow[]): Uint8Array {
  const sorted = [...rows].sort((a, b) => compareIds(a.hash, b.hash));
  const bytes = encode(sorted.map((row) => [idBytes(row.hash), row.size, row.mediaType, idBytes(row.root)]));
  const decoded = decodeTable(bytes);
  if (!decoded.ok) throw new ThicketError('invalid', decoded.message);
  return bytes;
}

export function decodeTable(bytes: Uint8Array): Result<BlobRow[]> {
  const decoded = decode(bytes, { maxBytes: MAX_TABLE });
  if (!decoded.ok) return decoded;
  const raw = asArray(decoded.value, MAX_ROWS);
  if (raw === null) return fail('corrupt', `table: an array of at most ${MAX_ROWS} rows`);
  const rows: BlobRow[] = [];
  for (const each of raw) {
    const row = readRow(each);
    if (row === null)
      return fail('corrupt', `table row ${rows.length}: must be [hash, size, mediaType, root]`);
    const last = rows.at(-1);
    if (last !== undefined && last.hash >= row.hash)
      return fail('corrupt', 'table: hashes must ascend, none twice');
    rows.push(row);
  }
  return ok(rows);
}

function readRow(raw: unknown): BlobRow | null {
  const fields = asArray(raw, 4);
  const hash = asId(fields?.[0], toHash);
  const size = asUint(fields?.[1]);
  const mediaType = asText(fields?.[2], 64);
  const root = asId(fields?.[3], toHash);
  if (hash === null || size === null || mediaType === null || root === null) return null;
  return MEDIA_TYPE.test(mediaType) ? { hash, size, mediaType, root } : null;
}

/** No row that names neither an artifact nor the body where it travels as a blob, which has one; and the sum of sizes is `total`. */
export function checkTable(
  rows: readonly BlobRow[],
  total: number,
  artifactHashes: readonly Hash[],
  bodyHash: Hash | null,
): Result<null> {
  const wanted = new Set(bodyHash === null ? artifactHashes : [...artifactHashes, bodyHash]);
  const listed = new Set(rows.map((row) => row.hash));
  if (bodyHash !== null && !listed.has(bodyHash))
    return fail('corrupt', `table: no row for the body ${bodyHash}`);
  const stray = [...listed].find((hash) => !wanted.has(hash));
  if (stray !== undefined)
    return fail('corrupt', `table: a row for ${stray}, which is no artifact of the manifest`);
  const sum = rows.reduce((all, row) => all + row.size, 0);
  return sum === total ? ok(null) : fail('corrupt', `table: sizes come to ${sum}, the entry says ${total}`);
}
