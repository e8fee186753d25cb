// The hash of a blob whose blocks come in order, made as they come, so that they needn't be read again at the end (SPEC C3).
// Knows nothing of where they come from.
import { toHash, type Hash } from '../model/ids.ts';
import type { Hasher } from '../ports.ts';
import type { BlockRef } from './blobs.ts';

export interface Prefix {
  /** This one came. `find`: those that came lately. */
  came(block: Hash, find: (block: Hash) => Uint8Array | null): void;
  /** The blob's hash, once; null where one was missed. */
  whole(): Hash | null;
}

export function createPrefix(blocks: readonly BlockRef[], create: () => Hasher): Prefix {
  let hasher: Hasher | null = null;
  let next = 0;
  return {
    came(block, find) {
      if (blocks[next]?.hash !== block) return;
      hasher ??= create();
      for (let at = blocks[next]; at !== undefined; at = blocks[next]) {
        const bytes = find(at.hash);
        if (bytes === null) return;
        hasher.update(bytes);
        next += 1;
      }
    },
    whole() {
      const digest = next === blocks.length ? (hasher?.digest() ?? null) : null;
      hasher = null;
      return digest === null ? null : toHash(digest);
    },
  };
}
