// Blocks and lists on their way into the store, in transactions of about 1 MiB, one being written while the next fills.
// Knows nothing of where they come from.
import { blockKey, heldKey, listKey } from './core/cas/keys.ts';
import type { Hash } from './core/model/ids.ts';
import type { Store, WriteOp } from './core/ports.ts';
import { release } from './release.ts';

/** From here on a transaction is worth it; with the piece that brings it there it has 1 MiB or so, as fast as larger ones. */
const BATCH_BYTES = 512 * 1024;
/** Small blocks cost by the row; from some hundred on larger transactions are no faster. */
const BATCH_ROWS = 512;

/** Bytes of a block from which on it is worth to look whether it is held. */
const LOOKED_FOR = 4 * 1024;

export interface BlockWriter {
  /** `bytes` are the writer's from here on. */
  block(hash: Hash, bytes: Uint8Array): void;
  list(hash: Hash, bytes: Uint8Array): void;
  /** Starts to write what there is once it is enough for a transaction; waits for the one before. Rejects with StoreError. */
  flow(): Promise<void>;
  /** Writes the rest together with `last`, strictly. */
  finish(last: readonly WriteOp[]): Promise<void>;
  /** Waits until nothing is being written any more, whatever comes of it. */
  settle(): Promise<void>;
}

interface Batch {
  blocks: ReadonlyMap<Hash, Uint8Array>;
  lists: readonly WriteOp[];
}

export function createBlockWriter(store: Store): BlockWriter {
  let blocks = new Map<Hash, Uint8Array>();
  let lists: WriteOp[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();

  const write = async (
    batch: Batch,
    last: readonly WriteOp[],
    durability: 'strict' | 'relaxed',
  ): Promise<void> => {
    const ops = [...(await missingBlocks(store, batch.blocks)), ...batch.lists, ...last];
    if (ops.length > 0) await store.write(ops, durability);
    for (const value of batch.blocks.values()) release(value);
  };
  const take = (): Batch => {
    const taken = { blocks, lists };
    blocks = new Map();
    lists = [];
    bytes = 0;
    return taken;
  };

  return {
    block(hash, value) {
      if (blocks.has(hash)) {
        release(value);
        return;
      }
      blocks.set(hash, value);
      bytes += value.length;
    },
    list(hash, value) {
      lists.push({ op: 'put', table: 'blobs', key: listKey(hash), value });
      bytes += value.length;
    },
    async flow() {
      if (bytes < BATCH_BYTES && blocks.size + lists.length < BATCH_ROWS) return;
      await writing;
      const batch = take();
      writing = write(batch, [], 'relaxed');
      // It is told by whoever waits for it next.
      writing.catch(() => undefined);
    },
    async finish(last) {
      await writing;
      // Strict, and in the same database: with it the relaxed writes before it are on disk as well.
      await write(take(), last, 'strict');
    },
    settle: () => writing.catch(() => undefined),
  };
}

/** Puts those that are not held yet, each with the note that it is (C5). Small ones are put again: to look for them costs as much. */
async function missingBlocks(store: Store, blocks: ReadonlyMap<Hash, Uint8Array>): Promise<WriteOp[]> {
  const large = [...blocks].flatMap(([hash, { length }]) => (length >= LOOKED_FOR ? [hash] : []));
  const notes = large.length === 0 ? [] : await store.read('blobs', large.map(heldKey));
  const held = new Set(large.filter((_, i) => notes[i] !== null));
  const missing = [...blocks].filter(([hash]) => !held.has(hash));
  return missing.flatMap(([hash, value]): WriteOp[] => [
    { op: 'put', table: 'blocks', key: blockKey(hash), value },
    { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
  ]);
}
