// Writes received blocks, about as many in a transaction as come within a moment and one transaction at a time, each with the note
// that it is held (SPEC C5).
import { CONFIG } from '../config.ts';
import type { Context, Failure } from '../context.ts';
import type { Hash } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import { blockKey, heldKey } from './keys.ts';

export interface BlockWriter {
  /** `done` once it is stored, or given up. */
  add(hash: Hash, bytes: Uint8Array, done: () => void): void;
  /** Nothing more comes for now: there is nothing to wait for. */
  flush(): void;
  tick(): void;
  /** When those that wait have waited long enough. */
  nextWake(): number | null;
  /** Blocks that are not in the store yet. */
  pending(): number;
  has(hash: Hash): boolean;
  /** The bytes of one that is not in the store yet. */
  get(hash: Hash): Uint8Array | null;
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
  const { bytes: enough, within } = CONFIG.cas.write;
  const waiting = new Map<Hash, Waiting>();
  /** Of those that wait. */
  let bytes = 0;
  /** When they have waited long enough. */
  let due: number | null = null;
  let writing: ReadonlyMap<Hash, Waiting> = new Map();
  let closed = false;

  function forget(blocks: ReadonlyMap<Hash, Waiting>): void {
    for (const { done } of blocks.values()) done();
  }

  function pump(): void {
    if (waiting.size > 0) due ??= context.elapsed() + within;
    if (bytes >= enough) flush();
  }

  function take(): Map<Hash, Waiting> {
    const batch = new Map<Hash, Waiting>();
    let taken = 0;
    for (const [hash, block] of waiting) {
      if (taken >= enough) break;
      batch.set(hash, block);
      taken += block.bytes.length;
      waiting.delete(hash);
    }
    bytes -= taken;
    return batch;
  }

  function flush(): void {
    if (writing.size > 0 || waiting.size === 0) return;
    const batch = take();
    due = waiting.size > 0 ? context.elapsed() + within : null;
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
        pump();
        return told.stored(new Set(batch.keys()));
      }
      const lost = [...batch.keys(), ...waiting.keys()];
      forget(waiting);
      waiting.clear();
      bytes = 0;
      due = null;
      told.failed(failure, lost);
    });
  }

  return {
    add(hash, content, done) {
      waiting.set(hash, { bytes: content, done });
      bytes += content.length;
      pump();
    },
    flush,
    tick() {
      if (due !== null && due <= context.elapsed()) flush();
    },
    nextWake: () => (writing.size > 0 ? null : due),
    pending: () => waiting.size + writing.size,
    has: (hash) => waiting.has(hash) || writing.has(hash),
    get: (hash) => (waiting.get(hash) ?? writing.get(hash))?.bytes ?? null,
    close() {
      if (closed) return;
      closed = true;
      due = null;
      forget(writing);
      forget(waiting);
      waiting.clear();
    },
  };
}
