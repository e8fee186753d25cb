// Writes received blocks, some in a transaction and one transaction at a time, each with the note that it is held (SPEC C5).
import { CONFIG } from '../config.ts';
import type { Context, Failure } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { blockKey, heldKey } from './keys.ts';

export interface BlockWriter {
  add(hash: Hash, bytes: Uint8Array): void;
  /** Blocks that are not in the store yet. */
  pending(): number;
  has(hash: Hash): boolean;
  /** What waits is forgotten, and nothing is told any more. */
  close(): void;
}

export function createBlockWriter(
  context: Context,
  told: { stored(blocks: ReadonlySet<Hash>): void; failed(failure: Failure): void },
): BlockWriter {
  const waiting = new Map<Hash, Uint8Array>();
  let writing: ReadonlySet<Hash> = new Set();
  let closed = false;

  function flush(): void {
    if (writing.size > 0 || waiting.size === 0) return;
    const batch = [...waiting].slice(0, CONFIG.cas.writeBlocks);
    for (const [hash] of batch) waiting.delete(hash);
    const hashes = new Set(batch.map(([hash]) => hash));
    writing = hashes;
    const ops = batch.flatMap(([hash, bytes]): WriteOp[] => [
      { op: 'put', table: 'blocks', key: blockKey(hash), value: bytes },
      { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
    ]);
    context.write(ops, 'relaxed', (failure) => {
      if (closed) return;
      writing = new Set();
      if (failure !== null) return told.failed(failure);
      flush();
      told.stored(hashes);
    });
  }

  return {
    add(hash, bytes) {
      waiting.set(hash, bytes);
      flush();
    },
    pending: () => waiting.size + writing.size,
    has: (hash) => waiting.has(hash) || writing.has(hash),
    close() {
      closed = true;
      waiting.clear();
    },
  };
}
