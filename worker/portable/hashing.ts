// BLAKE3-256 of what a file holds, small or large. Knows no format.
import { toHash, type Hash } from '../core/model/ids.ts';
import { hash32 } from '../core/model/keys.ts';

export type HashBytes = (bytes: Uint8Array | Blob) => Promise<Hash>;

/** Below this it isn't worth starting the fast one, which takes a turn of its own. */
export const MIN_LARGE = 16 * 1024;

/** `large`: of bytes whatever their number. */
export const createHashBytes =
  (large: (source: Blob | Uint8Array) => Promise<Hash>): HashBytes =>
  async (bytes) =>
    bytes instanceof Uint8Array && bytes.length < MIN_LARGE ? toHash(hash32(bytes)) : await large(bytes);
