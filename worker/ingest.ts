// Takes a file in: cuts it, hashes it, and stores blocks, lists and record, holding a few blocks at a time. Knows no grove.
import type { Hasher } from './adapters/hasher.ts';
import { createCutter } from './core/cas/cut.ts';
import { blobKey, blockKey, heldKey, listKey } from './core/cas/keys.ts';
import { createListBuilder } from './core/cas/list.ts';
import { encodeBlobRecord } from './core/cas/record.ts';
import { ThicketError } from './core/model/errors.ts';
import { toHash } from './core/model/ids.ts';
import type { Hash } from './core/model/ids.ts';
import type { Store, WriteOp } from './core/ports.ts';

export interface IngestDeps {
  store: Store;
  /** BLAKE3-256, 32 bytes. */
  hash(bytes: Uint8Array): Uint8Array;
  createHasher(): Promise<Hasher>;
}
export interface Ingested {
  hash: Hash;
  size: number;
  /** Of its block lists. */
  root: Hash;
  /** How many it was cut into, equal ones counted each. */
  blocks: number;
}

/** Read and cut in one go: a few milliseconds, between which the worker does other things. */
const STEP = 1024 * 1024;
/** Blocks per transaction, about 1 MiB: as fast as larger ones, and little to hold. */
const BATCH = 16;

/**
 * When it resolves, everything is on disk. When it rejects, there is no record of the blob; blocks without one may stay behind.
 * @throws StoreError; ThicketError `invalid` where the source cannot be read.
 */
export async function ingest(source: Blob | Uint8Array, deps: IngestDeps): Promise<Ingested> {
  const blob = source instanceof Blob ? source : new Blob([source.slice()]);
  const whole = await deps.createHasher();
  const cutter = createCutter();
  const tree = createListBuilder((bytes) => deps.hash(bytes));
  let pending = new Map<Hash, Uint8Array>();
  let blocks = 0;

  const flush = async (): Promise<void> => {
    await storeBlocks(deps.store, pending);
    pending = new Map();
  };
  const take = async (finished: readonly Uint8Array[]): Promise<void> => {
    for (const block of finished) {
      const hash = toHash(deps.hash(block));
      tree.add(hash, block.length);
      pending.set(hash, block);
      blocks++;
      if (pending.size >= BATCH) await flush();
    }
  };

  for (let at = 0; at < blob.size; at += STEP) {
    const bytes = await readSlice(blob, at, at + STEP);
    whole.update(bytes);
    await take(cutter.push(bytes));
  }
  await take(cutter.finish());
  await flush();

  const hash = toHash(whole.digest());
  const { root, lists, size } = tree.finish();
  // Strict, and in the same database: with it the relaxed writes before it are on disk as well.
  await deps.store.write(
    [
      ...lists.map((list): WriteOp => ({
        op: 'put',
        table: 'blobs',
        key: listKey(list.hash),
        value: list.bytes,
      })),
      {
        op: 'put',
        table: 'blobs',
        key: blobKey(hash),
        value: encodeBlobRecord({ size, root, complete: true }),
      },
    ],
    'strict',
  );
  return { hash, size, root, blocks };
}

/** Writes those that are not held yet, each with the note that it is (C5). */
async function storeBlocks(store: Store, blocks: ReadonlyMap<Hash, Uint8Array>): Promise<void> {
  const held = await store.read('blobs', [...blocks.keys()].map(heldKey));
  const missing = [...blocks].filter((_, i) => held[i] === null);
  if (missing.length === 0) return;
  await store.write(
    missing.flatMap(([hash, value]): WriteOp[] => [
      { op: 'put', table: 'blocks', key: blockKey(hash), value },
      { op: 'put', table: 'blobs', key: heldKey(hash), value: new Uint8Array() },
    ]),
    'relaxed',
  );
}

async function readSlice(blob: Blob, start: number, end: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThicketError('invalid', `file: cannot be read, was it changed or moved since? (${reason})`);
  }
}
