// What is still missing of a blob under one claim: first lists, then blocks. Knows the store, and nobody to ask.
import type { Context } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import { readHeld, readLists, type BlockRef } from './blobs.ts';
import type { BlobClaim } from './claims.ts';

export type Planned =
  /** The store could not be read. */
  | { type: 'failed' }
  /** The claim is a lie. */
  | { type: 'refuted'; why: string }
  | { type: 'lists'; missing: readonly Hash[] }
  | { type: 'blocks'; blocks: readonly BlockRef[]; held: ReadonlySet<Hash>; lists: readonly Hash[] };

export function makePlan(claim: BlobClaim, context: Context, then: (planned: Planned) => void): void {
  readLists({ hash: claim.root, size: claim.size }, context, (found) => {
    if (found === null) return then({ type: 'failed' });
    if (found.problem !== null) return then({ type: 'refuted', why: found.problem });
    if (found.missing.length > 0) return then({ type: 'lists', missing: found.missing });
    const { blocks, lists } = found;
    readHeld(blocks, context, (held) =>
      then(held === null ? { type: 'failed' } : { type: 'blocks', blocks, held, lists }),
    );
  });
}
