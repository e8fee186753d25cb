// The end of a transfer: the whole against its hash, and what is to blame where it doesn't match (SPEC C3).
import { isFailure, type Context, type Failure } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { findDamaged } from './audit.ts';
import type { BlockRef } from './blobs.ts';
import type { BlobClaim } from './claims.ts';
import { blobKey, heldKey } from './keys.ts';
import { encodeBlobRecord } from './record.ts';

export type Ending =
  | { type: 'complete' }
  /** This disk lost or damaged some blocks, which are not noted as held any more. */
  | { type: 'damaged' }
  /** All blocks are what their list says, and the whole is not: the claim is a lie. */
  | { type: 'refuted' }
  | { type: 'unreadable' }
  | { type: 'failed'; failure: Failure };

/** `whole`: its hash, where it was made on the way. */
export function conclude(
  blob: Hash,
  found: { claim: BlobClaim; blocks: readonly BlockRef[]; whole: Hash | null },
  deps: { context: Context; hash: (bytes: Uint8Array) => Uint8Array },
  then: (ending: Ending) => void,
): void {
  const { context } = deps;
  const { claim, blocks } = found;

  function write(ops: readonly WriteOp[], durability: 'strict' | 'relaxed', ending: Ending): void {
    context.write(ops, durability, (failure) =>
      then(failure === null ? ending : { type: 'failed', failure }),
    );
  }

  function audit(): void {
    findDamaged(blocks, context, deps.hash, (damaged) => {
      if (damaged === null) return then({ type: 'unreadable' });
      if (damaged.length === 0) {
        context.count('blobs.bad');
        return then({ type: 'refuted' });
      }
      context.count('store.corrupt', damaged.length);
      const ops = damaged.map((each): WriteOp => ({ op: 'delete', table: 'blobs', key: heldKey(each) }));
      write(ops, 'relaxed', { type: 'damaged' });
    });
  }

  function judge(whole: Hash | string | null): void {
    if (whole !== blob) return audit();
    const value = encodeBlobRecord({ ...claim, complete: true });
    write([{ op: 'put', table: 'blobs', key: blobKey(blob), value }], 'strict', { type: 'complete' });
  }

  if (found.whole !== null) return judge(found.whole);
  context.hashBlob(
    blocks.map((block) => block.hash),
    (whole) => (isFailure(whole) ? then({ type: 'failed', failure: whole }) : judge(whole)),
  );
}
