// What is known of one blob: its block list, read from the store level by level, and which of its blocks are held.
// Knows nothing of links; missing lists are reported to the caller.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { decodeList, listSize, type BlockList } from '../model/blocklist.ts';
import { toHash, type Hash } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import { heldKey, listKey } from './keys.ts';

export interface BlockRef {
  hash: Hash;
  size: number;
}

export interface Listed {
  blocks: BlockRef[];
  lists: Hash[];
  missing: Hash[];
  /** Why the lists can't be those of a blob, if so: whoever signed the root signed this. */
  problem: string | null;
}

/** What a list is named with by the list above it; null where nothing is said. */
interface Pending {
  hash: Hash;
  level: number | null;
  size: number | null;
}

/**
 * Walks the lists below a root that are held, in order, so that blocks come out as they lie in the blob. `missing`
 * names the lists that are not held, `lists` those that are. Each is held to the hash, level and size it is named with
 * (SPEC C2, C3), so that no tree is deeper or larger than it says.
 */
export function readLists(
  root: { hash: Hash; size: number | null },
  context: Context,
  then: (found: Listed | null) => void,
): void {
  const found: Listed = { blocks: [], lists: [], missing: [], problem: null };
  /** The next one last. */
  const pending: Pending[] = [{ hash: root.hash, level: null, size: root.size }];
  /** Lists read so far, null where they are not held: one that is named a thousand times is read once. */
  const read = new Map<Hash, BlockList | null>();

  function walk(): void {
    let next = pending.pop();
    for (; next !== undefined && found.problem === null; next = pending.pop()) {
      const known = read.get(next.hash);
      if (known === undefined) return look(next);
      if (known !== null) take(next, known);
    }
    then(found);
  }

  function look(next: Pending): void {
    context.read('blobs', [listKey(next.hash)], (values) => {
      if (isFailure(values)) return then(null);
      const bytes = values[0] ?? null;
      const list = bytes && toHash(hash32(bytes)) === next.hash ? decodeList(bytes) : null;
      if (bytes !== null && list === null) context.count('store.corrupt');
      if (list === null) found.missing.push(next.hash);
      else if (!list.ok) found.problem = 'its block list is malformed';
      else {
        found.lists.push(next.hash);
        take(next, list.value);
      }
      read.set(next.hash, list?.ok === true ? list.value : null);
      walk();
    });
  }

  function take(named: Pending, list: BlockList): void {
    const size = listSize(list);
    if (named.size !== null && size !== named.size)
      found.problem = `its block list adds up to ${size} bytes, not ${named.size}`;
    else if (named.level !== null && list.level !== named.level)
      found.problem = `a block list of level ${list.level} where ${named.level} was named`;
    else if (found.blocks.length + pending.length + list.items.length > CONFIG.cas.maxBlocks)
      found.problem = `it has more than ${CONFIG.cas.maxBlocks} blocks`;
    else if (list.level > 0) {
      for (const item of [...list.items].reverse()) pending.push({ ...item, level: list.level - 1 });
    } else for (const item of list.items) found.blocks.push(item);
  }

  walk();
}

/** Which of these blocks are in the store. */
export function readHeld(
  blocks: readonly BlockRef[],
  context: Context,
  then: (held: Set<Hash> | null) => void,
): void {
  const hashes = [...new Set(blocks.map(({ hash }) => hash))];
  context.read('blobs', hashes.map(heldKey), (values) => {
    if (isFailure(values)) return then(null);
    then(new Set(hashes.filter((_, index) => values[index] !== null && values[index] !== undefined)));
  });
}

export interface Contents {
  block: ReadonlySet<Hash>;
  list: ReadonlySet<Hash>;
}

/** What belongs to the blobs served lately, so that each request needn't read the lists again. */
export function createListCache(context: Context) {
  const cache = new Map<Hash, Contents>();

  function keep(root: Hash, fresh: Contents): void {
    cache.set(root, fresh);
    let blocks = [...cache.values()].reduce((sum, { block }) => sum + block.size, 0);
    for (const [oldest, { block }] of cache) {
      if (cache.size <= CONFIG.cas.listCache && blocks <= CONFIG.cas.maxBlocks) return;
      blocks -= block.size;
      cache.delete(oldest);
    }
  }

  /** The blocks and lists below a root, as far as its lists are held. */
  return (root: Hash, then: (contents: Contents) => void): void => {
    const cached = cache.get(root);
    if (cached !== undefined) return then(cached);
    readLists({ hash: root, size: null }, context, (found) => {
      const block = new Set((found?.blocks ?? []).map(({ hash }) => hash));
      const fresh = { block, list: new Set(found?.lists ?? []) };
      if (found?.missing.length === 0) keep(root, fresh);
      then(fresh);
    });
  };
}
