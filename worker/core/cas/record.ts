// What a device notes of a blob it holds or fetches, as strict CBOR.
import { fail, ok } from '../model/errors.ts';
import type { Result } from '../model/errors.ts';
import { idBytes, toHash } from '../model/ids.ts';
import type { Hash } from '../model/ids.ts';
import { asId, asMap, asUint, decode, encode } from '../wire/cbor.ts';

export interface BlobRecord {
  /** Bytes of the whole. */
  size: number;
  /** Hash of the topmost block list. */
  root: Hash;
  /** Every list and block is held and the whole matched the blob's hash (C3). */
  complete: boolean;
}

const MAX_RECORD_BYTES = 256;

export const encodeBlobRecord = ({ size, root, complete }: BlobRecord): Uint8Array =>
  encode({ size, root: idBytes(root), complete });

export function decodeBlobRecord(bytes: Uint8Array): Result<BlobRecord> {
  const decoded = decode(bytes, { maxBytes: MAX_RECORD_BYTES });
  if (!decoded.ok) return fail('corrupt', `blob record: ${decoded.message}`);
  const fields = asMap(decoded.value);
  const size = asUint(fields?.get('size'));
  const root = asId(fields?.get('root'), toHash);
  const complete = fields?.get('complete');
  if (size === null || root === null || typeof complete !== 'boolean') {
    return fail('corrupt', 'blob record: {size, root, complete}');
  }
  return ok({ size, root, complete });
}
