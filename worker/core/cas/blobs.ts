// What is known of one blob: its block list, read from the store level by level, and which of its blocks are held.
// Knows nothing of links; missing lists are reported to the caller.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { decodeList } from '../model/blocklist.ts';
import type { Hash } from '../model/ids.ts';
import { heldKey, listKey } from './keys.ts';

export interface BlockRef {
  hash: Hash;
  size: number;
}

/** Walks the lists below a root that are held. `missing` names the lists that are not, `lists` those that are. */
export function readLists(
  root: Hash,
  context: Context,
  then: (found: { blocks: BlockRef[]; lists: Hash[]; missing: Hash[] } | null) => void,
): void {
  const blocks: BlockRef[] = [];
  const lists: Hash[] = [];
  const missing: Hash[] = [];

  /** In order, depth first, so that blocks come out as they lie in the blob. */
  function walk(pending: Hash[]): void {
    const [next, ...rest] = pending;
    if (next === undefined) return then({ blocks, lists, missing });
    context.read('blobs', [listKey(next)], (values) => {
      if (isFailure(values)) return then(null);
      const bytes = values[0] ?? null;
      const list = bytes && decodeList(bytes);
      if (!list?.ok) {
        missing.push(next);
        return walk(rest);
      }
      lists.push(next);
      if (list.value.level > 0) return walk([...list.value.items.map(({ hash }) => hash), ...rest]);
      for (const item of list.value.items) blocks.push(item);
      walk(rest);
    });
  }

  walk([root]);
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

interface Contents {
  blocks: ReadonlySet<Hash>;
  lists: ReadonlySet<Hash>;
}

/** What belongs to the blobs served lately, so that each request needn't read the lists again. */
export function createListCache(context: Context) {
  const cache = new Map<Hash, Contents>();

  function contents(root: Hash, then: (found: Contents) => void): void {
    const cached = cache.get(root);
    if (cached !== undefined) return then(cached);
    readLists(root, context, (found) => {
      const fresh = {
        blocks: new Set((found?.blocks ?? []).map(({ hash }) => hash)),
        lists: new Set(found?.lists ?? []),
      };
      if (found?.missing.length === 0) {
        cache.set(root, fresh);
        const oldest = cache.keys().next();
        if (cache.size > CONFIG.cas.listCache && !oldest.done) cache.delete(oldest.value);
      }
      then(fresh);
    });
  }

  return {
    /** The blocks below a root whose lists are held. */
    blocksOf: (root: Hash, then: (blocks: ReadonlySet<Hash>) => void): void =>
      contents(root, ({ blocks }) => then(blocks)),

    /** The bytes of a list that hangs below a root, or null where it doesn't or isn't held. */
    listBelow(root: Hash, list: Hash, then: (bytes: Uint8Array | null) => void): void {
      contents(root, ({ lists }) => {
        if (!lists.has(list)) return then(null);
        context.read('blobs', [listKey(list)], (values) =>
          then(isFailure(values) ? null : (values[0] ?? null)),
        );
      });
    },
  };
}
