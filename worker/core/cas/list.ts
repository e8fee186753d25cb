// Builds the tree of block lists over a blob bottom-up, as its blocks come (C2). The same blocks give the same tree.
import { MAX_LIST_ITEMS, encodeList } from '../model/blocklist.ts';
import type { BlockItem } from '../model/blocklist.ts';
import { toHash } from '../model/ids.ts';
import type { Hash } from '../model/ids.ts';

export interface BuiltList {
  hash: Hash;
  bytes: Uint8Array;
}
export interface BuiltTree {
  /** Hash of the topmost list. */
  root: Hash;
  /** Every list, each after those that it names; the root last. */
  lists: BuiltList[];
  /** Bytes of the blob. */
  size: number;
}
export interface ListBuilder {
  /** The next block, in the blob's order. `size` is in bytes, at least 1. */
  add(block: Hash, size: number): void;
  /** Nothing may be added afterwards. */
  finish(): BuiltTree;
}

/** `hash` gives the 32 bytes of BLAKE3-256. */
export function createListBuilder(hash: (bytes: Uint8Array) => Uint8Array): ListBuilder {
  const lists: BuiltList[] = [];
  /** Per level the items of the list that is still being filled. A full list ends only when another item follows. */
  const open: BlockItem[][] = [[]];
  let total = 0;

  const close = (level: number, items: readonly BlockItem[]): BlockItem => {
    const bytes = encodeList({ level, items: [...items] });
    const built = { hash: toHash(hash(bytes)), bytes };
    lists.push(built);
    return { hash: built.hash, size: items.reduce((sum, item) => sum + item.size, 0) };
  };

  const append = (level: number, item: BlockItem): void => {
    const items = (open[level] ??= []);
    if (items.length === MAX_LIST_ITEMS) {
      append(level + 1, close(level, items));
      items.length = 0;
    }
    items.push(item);
  };

  return {
    add(block, size) {
      append(0, { hash: block, size });
      total += size;
    },
    finish() {
      // Closing a level may open the one above it, so the length is read each time.
      for (let level = 0; level < open.length - 1; level++)
        append(level + 1, close(level, open[level] ?? []));
      const top = open.length - 1;
      const root = close(top, open[top] ?? []).hash;
      return { root, lists, size: total };
    },
  };
}
