// Reads a held artifact back as a Blob whose bytes are not in memory all at once. Knows no grove and fetches nothing.
import { blobKey, blockKey, listKey } from './core/cas/keys.ts';
import { decodeBlobRecord } from './core/cas/record.ts';
import { decodeList, listSize } from './core/model/blocklist.ts';
import type { BlockItem, BlockList } from './core/model/blocklist.ts';
import { ThicketError, unwrap } from './core/model/errors.ts';
import { toHash } from './core/model/ids.ts';
import type { Hash } from './core/model/ids.ts';
import { hash32 } from './core/model/keys.ts';
import type { Store } from './core/ports.ts';

/** Blocks per read, about 1 MiB. */
const BATCH = 16;

/**
 * Lists are checked against their hashes, blocks against their sizes; against their hashes, too, where `hash` (BLAKE3-256 of
 * bulk data) is given.
 * @throws ThicketError `not-found` where it is not held whole, `corrupt` where rows contradict each other; StoreError.
 */
export async function readArtifact(
  store: Store,
  artifact: Hash,
  mediaType: string,
  hash?: (bytes: Uint8Array) => Uint8Array,
): Promise<Blob> {
  const [row] = await store.read('blobs', [blobKey(artifact)]);
  if (row === undefined || row === null)
    throw new ThicketError('not-found', `artifact ${artifact}: not held`);
  const record = unwrap(decodeBlobRecord(row));
  if (!record.complete) throw new ThicketError('not-found', `artifact ${artifact}: not complete yet`);

  const root = await readList(store, record.root);
  if (listSize(root) !== record.size) {
    throw new ThicketError(
      'corrupt',
      `artifact ${artifact}: ${record.size} bytes noted, ${listSize(root)} listed`,
    );
  }
  // Each batch becomes a Blob at once: the browser then keeps the bytes, out of this worker's heap.
  const parts: Blob[] = [];
  for await (const items of leaves(store, root)) {
    for (let at = 0; at < items.length; at += BATCH) {
      const batch = items.slice(at, at + BATCH);
      const blocks = await store.read(
        'blocks',
        batch.map((item) => blockKey(item.hash)),
      );
      parts.push(new Blob(batch.map((item, i) => checked(item, blocks[i] ?? null, hash))));
    }
  }
  const blob = new Blob(parts, { type: mediaType });
  if (blob.size !== record.size) {
    throw new ThicketError('corrupt', `artifact ${artifact}: ${record.size} bytes noted, ${blob.size} read`);
  }
  return blob;
}

/** The items of each list of blocks under `list`, in order. Ends, as levels descend and no item is empty. */
async function* leaves(store: Store, list: BlockList): AsyncGenerator<readonly BlockItem[]> {
  if (list.level === 0) {
    yield list.items;
    return;
  }
  for (const item of list.items) {
    const below = await readList(store, item.hash);
    if (below.level !== list.level - 1 || listSize(below) !== item.size) {
      throw new ThicketError('corrupt', `block list ${item.hash}: not what the list above it says`);
    }
    yield* leaves(store, below);
  }
}

async function readList(store: Store, hash: Hash): Promise<BlockList> {
  const [bytes] = await store.read('blobs', [listKey(hash)]);
  if (bytes === undefined || bytes === null) throw new ThicketError('corrupt', `block list ${hash}: missing`);
  if (toHash(hash32(bytes)) !== hash)
    throw new ThicketError('corrupt', `block list ${hash}: does not match its hash`);
  return unwrap(decodeList(bytes));
}

function checked(
  item: BlockItem,
  block: Uint8Array | null,
  hash: ((bytes: Uint8Array) => Uint8Array) | undefined,
): Uint8Array<ArrayBuffer> {
  if (block === null) throw new ThicketError('corrupt', `block ${item.hash}: missing`);
  if (block.length !== item.size) {
    throw new ThicketError('corrupt', `block ${item.hash}: ${item.size} bytes listed, ${block.length} held`);
  }
  if (hash !== undefined && toHash(hash(block)) !== item.hash) {
    throw new ThicketError('corrupt', `block ${item.hash}: does not match its hash`);
  }
  return block.slice();
}
