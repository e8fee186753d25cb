// Reads held artifacts back, whole or by range, as Blobs whose bytes are not in memory all at once (C23). Knows no grove and
// fetches nothing.
import { createLru } from './adapters/lru.ts';
import { blobKey, blockKey, listKey } from './core/cas/keys.ts';
import { decodeBlobRecord } from './core/cas/record.ts';
import { decodeList, listSize } from './core/model/blocklist.ts';
import type { BlockItem, BlockList } from './core/model/blocklist.ts';
import { ThicketError, unwrap } from './core/model/errors.ts';
import { toHash } from './core/model/ids.ts';
import type { Hash } from './core/model/ids.ts';
import type { Store } from './core/ports.ts';
import { releaseAll } from './release.ts';

/** Bytes of an artifact: from `start` up to but without `end`. Default: all of it. */
export interface Range {
  start?: number;
  end?: number;
}

export interface Reader {
  /**
   * Lists and blocks are checked against their hashes and sizes.
   * @throws ThicketError `not-found` where it is not held whole, `corrupt` where rows contradict each other; StoreError.
   */
  read(artifact: Hash, mediaType: string, range?: Range): Promise<Blob>;
}

/** A block, and the part of it that is asked for. */
interface Piece {
  item: BlockItem;
  from: number;
  to: number;
}

/** Blocks per read, about 1 MiB. */
const BATCH = 16;
/** Lists that stay decoded, about half a megabyte each: who reads a large artifact in ranges needs the same two or three again. */
const CACHED_LISTS = 8;

/** `hash`: BLAKE3-256 of bulk data. */
export function createReader(deps: { store: Store; hash(bytes: Uint8Array): Uint8Array }): Reader {
  const { store, hash } = deps;
  const lists = createLru<Hash, BlockList>(CACHED_LISTS);

  async function readList(name: Hash): Promise<BlockList> {
    const known = lists.get(name);
    if (known !== undefined) return known;
    const [bytes] = await store.read('blobs', [listKey(name)]);
    if (bytes === undefined || bytes === null)
      throw new ThicketError('corrupt', `block list ${name}: missing`);
    if (toHash(hash(bytes)) !== name)
      throw new ThicketError('corrupt', `block list ${name}: does not match its hash`);
    return lists.set(name, unwrap(decodeList(bytes)));
  }

  /** What lies between `start` and `end` of the bytes below `list`, in order. Ends, as levels descend and no item is empty. */
  async function* piecesOf(list: BlockList, start: number, end: number): AsyncGenerator<Piece> {
    let at = 0;
    for (const item of list.items) {
      const [from, to] = [Math.max(0, start - at), Math.min(item.size, end - at)];
      at += item.size;
      if (from >= to) continue;
      if (list.level === 0) {
        yield { item, from, to };
        continue;
      }
      const below = await readList(item.hash);
      if (below.level !== list.level - 1 || listSize(below) !== item.size)
        throw new ThicketError('corrupt', `block list ${item.hash}: not what the list above it says`);
      yield* piecesOf(below, from, to);
    }
  }

  async function readBatch(batch: readonly Piece[]): Promise<Blob> {
    const keys = batch.map(({ item }) => blockKey(item.hash));
    const blocks = await store.read('blocks', keys);
    const blob = new Blob(batch.map((piece, i) => partOf(piece, blocks[i] ?? null)));
    // It has copied them.
    releaseAll(blocks);
    return blob;
  }

  function partOf({ item, from, to }: Piece, block: Uint8Array | null): Uint8Array<ArrayBuffer> {
    if (block === null) throw new ThicketError('corrupt', `block ${item.hash}: missing`);
    if (block.length !== item.size)
      throw new ThicketError(
        'corrupt',
        `block ${item.hash}: ${item.size} bytes listed, ${block.length} held`,
      );
    if (toHash(hash(block)) !== item.hash)
      throw new ThicketError('corrupt', `block ${item.hash}: does not match its hash`);
    const { buffer, byteOffset } = block;
    return buffer instanceof ArrayBuffer
      ? new Uint8Array(buffer, byteOffset + from, to - from)
      : block.slice(from, to);
  }

  return {
    async read(artifact, mediaType, range = {}) {
      const [row] = await store.read('blobs', [blobKey(artifact)]);
      if (row === undefined || row === null)
        throw new ThicketError('not-found', `artifact ${artifact}: not held`);
      const { complete, root, size } = unwrap(decodeBlobRecord(row));
      if (!complete) throw new ThicketError('not-found', `artifact ${artifact}: not complete yet`);

      const top = await readList(root);
      const listed = listSize(top);
      if (listed !== size)
        throw new ThicketError('corrupt', `artifact ${artifact}: ${size} bytes noted, ${listed} listed`);
      const end = Math.min(range.end ?? size, size);
      const start = Math.min(range.start ?? 0, end);
      // Each batch becomes a Blob at once: the browser then keeps the bytes, out of this worker's heap.
      const parts: Blob[] = [];
      let batch: Piece[] = [];
      for await (const piece of piecesOf(top, start, end)) {
        batch.push(piece);
        if (batch.length < BATCH) continue;
        parts.push(await readBatch(batch));
        batch = [];
      }
      if (batch.length > 0) parts.push(await readBatch(batch));
      const blob = new Blob(parts, { type: mediaType });
      if (blob.size !== end - start)
        throw new ThicketError(
          'corrupt',
          `artifact ${artifact}: ${end - start} bytes wanted, ${blob.size} read`,
        );
      return blob;
    },
  };
}
