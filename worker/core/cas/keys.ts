// Where content-addressed data lies in the store. Whoever writes or reads these rows takes the keys from here.
import type { Hash } from '../model/ids.ts';

/** Table `blocks`: a block's bytes. */
export const blockKey = (hash: Hash): string => hash;
/** Table `blobs`: a block list's bytes. */
export const listKey = (hash: Hash): string => `list/${hash}`;
/** Table `blobs`: the record of an artifact or other blob, by the hash of its bytes. */
export const blobKey = (hash: Hash): string => `blob/${hash}`;
/** Table `blobs`: an empty value where the block is held, written with it, so that nobody reads a block to know (C5). */
export const heldKey = (hash: Hash): string => `held/${hash}`;
/** Table `blobs`: when an artifact, or what is here of it, was last used (C13). */
export const usedKey = (hash: Hash): string => `used/${hash}`;
/** Table `blobs`: that a person paused or cancelled it (C11). */
export const haltKey = (hash: Hash): string => `halt/${hash}`;
