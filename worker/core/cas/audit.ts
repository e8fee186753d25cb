// Finds which stored blocks of a blob are not what they should be. A few are in memory at a time.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { toHash, type Hash } from '../model/ids.ts';
import type { BlockRef } from './blobs.ts';
import { blockKey } from './keys.ts';

/** Calls back with the hashes of blocks that are missing or damaged; null where the store could not be read. */
export function findDamaged(
  blocks: readonly BlockRef[],
  context: Context,
  hash: (bytes: Uint8Array) => Uint8Array,
  then: (damaged: Hash[] | null) => void,
): void {
  const hashes = [...new Set(blocks.map((block) => block.hash))];
  const damaged: Hash[] = [];

  function next(from: number): void {
    const part = hashes.slice(from, from + CONFIG.cas.serveRead);
    if (part.length === 0) return then(damaged);
    context.read('blocks', part.map(blockKey), (values) => {
      if (isFailure(values)) return then(null);
      part.forEach((each, index) => {
        const bytes = values[index] ?? null;
        if (bytes === null || toHash(hash(bytes)) !== each) damaged.push(each);
      });
      next(from + part.length);
    });
  }

  next(0);
}
