// Writes received blocks, some in a transaction and one transaction at a time, each with the note that it is held (SPEC C5).
import { CONFIG } from '../config.ts';
import type { Context, Failure } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { blockKey, heldKey } from './keys.ts';

export interface BlockWriter {
  /** `done` once it is stored, or given up. */
  add(hash: Hash, bytes: Uint8Array, done: () => void): void;
  /** Blocks that are not in the store yet. */
  pending(): number;
  has(hash: Hash): boolean;
  /** What waits is forgotten, and nothing is told any more. */
  close(): void;
}

export interface WriterHooks {
  stored(blocks: ReadonlySet<Hash>): void;
  /** With these none that waited is stored; the writer is empty again. */
  failed(failure: Failure, lost: readonly Hash[]): void;
}

interface Waiting {
  bytes: Uint8Array;
  done: () => void;
}

export function createBlockWriter(context: Context, told: WriterHooks): BlockWriter {
  const waiting = new Map<Hash, Waiting>();
  let writing: ReadonlyMap<Hash, Waiting> = new Map();
  let closed = false;

  function forget(blocks: ReadonlyMap<Hash, Waiting>): void {
    for (const { done } of blocks.values()) done();
  }

  function flush(): void {
    if (writing.size > 0 || waiting.size === 0) return;
    const batch = new Map([...waiting].slice(0, CONFIG.cas.writeBlocks));
    for (const hash of batch.keys()) waiting.delete(hash);
    writing = batch;
    const ops = [...batch].flatMap(([hash, { bytes }]): WriteOp[] => [
      { op: 'put', table: 'blocks', key: blockKey(hash), value: bytes },
      { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
    ]);
    context.write(ops, 'relaxed', (failure) => {
      if (closed) return;
      writing = new Map();
      forget(batch);
      if (failure === null) {
        flush();
        return told.stored(new Set(batch.keys()));
      }
      const lost = [...batch.keys(), ...waiting.keys()];
      forget(waiting);
      waiting.clear();
      told.failed(failure, lost);
    });
  }

  return {
    add(hash, bytes, done) {
      waiting.set(hash, { bytes, done });
      flush();
    },
    pending: () => waiting.size + writing.size,
    has: (hash) => waiting.has(hash) || writing.has(hash),
    close() {
      if (closed) return;
      closed = true;
      forget(writing);
      forget(waiting);
      waiting.clear();
    },
  };
}
