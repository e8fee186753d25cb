// Block lists (C2): the tree of hashes between a blob's root and its blocks. Knows nothing of transfers or storage.
import { asArray, asId, asUint, decode, encode } from '../wire/cbor.ts';
import { ThicketError, fail, ok } from './errors.ts';
import type { Result } from './errors.ts';
import { idBytes, toHash } from './ids.ts';
import type { Hash } from './ids.ts';

export interface BlockItem {
  hash: Hash;
  /** Bytes of the blob below it. */
  size: number;
}
export interface BlockList {
  /** 0 lists blocks, n lists of level n - 1. */
  level: number;
  items: BlockItem[];
}

export const MAX_LIST_ITEMS = 4096;
/** 240 KiB, so that a block fits one frame. */
export const MAX_BLOCK = 245_760;
/** 4,096 items of at most 44 bytes, rounded up. */
export const MAX_LIST = 196_608;
/** Four levels of 4,096 exceed 2^53 bytes. */
const MAX_LEVEL = 3;

/** @throws ThicketError `invalid` where the list breaks C2. */
export function encodeList(list: BlockList): Uint8Array {
  const bytes = encode([list.level, list.items.map((item) => [idBytes(item.hash), item.size])]);
  const decoded = decodeList(bytes);
  if (!decoded.ok) throw new ThicketError('invalid', decoded.message);
  return bytes;
}

/** An empty list stands for an empty blob, at level 0 only. */
export function decodeList(bytes: Uint8Array): Result<BlockList> {
  const decoded = decode(bytes, { maxBytes: MAX_LIST });
  if (!decoded.ok) return decoded;
  const pair = asArray(decoded.value, 2);
  const level = asUint(pair?.[0], MAX_LEVEL);
  const raw = asArray(pair?.[1], MAX_LIST_ITEMS);
  if (level === null || raw === null)
    return fail('corrupt', `block list: [level up to ${MAX_LEVEL}, up to ${MAX_LIST_ITEMS} items]`);
  if (raw.length === 0 && level > 0) return fail('corrupt', 'block list: only level 0 may be empty');
  const most = Math.min(MAX_BLOCK * MAX_LIST_ITEMS ** level, Number.MAX_SAFE_INTEGER);
  const items: BlockItem[] = [];
  for (const each of raw) {
    const item = readItem(each, most);
    if (item === null)
      return fail('corrupt', `block list item ${items.length}: [hash, size from 1 to ${most}]`);
    items.push(item);
  }
  const list = { level, items };
  return Number.isSafeInteger(listSize(list))
    ? ok(list)
    : fail('corrupt', 'block list: sizes exceed 2^53 - 1');
}

function readItem(raw: unknown, most: number): BlockItem | null {
  const pair = asArray(raw, 2);
  const hash = asId(pair?.[0], toHash);
  const size = asUint(pair?.[1], most);
  return hash === null || size === null || size < 1 ? null : { hash, size };
}

/** Bytes of the blob that the list stands for. */
export const listSize = (list: BlockList): number => list.items.reduce((sum, item) => sum + item.size, 0);
