// Blobs as wholes over the simulated store. As worker/blobs.ts, but without the platform's Blob, whose reads take real
// time: here every wait is for the store.
import { createNobleHasher } from '../../../worker/adapters/hasher.ts';
import { createCutter } from '../../../worker/core/cas/cut.ts';
import { blobKey, blockKey, heldKey, listKey } from '../../../worker/core/cas/keys.ts';
import { createListBuilder } from '../../../worker/core/cas/list.ts';
import { decodeBlobRecord, encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import { decodeList } from '../../../worker/core/model/blocklist.ts';
import { toHash, type Hash } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import type { Store, WriteOp } from '../../../worker/core/ports.ts';
import type { Blobs } from '../../../worker/driver.ts';

export interface SimBlobs extends Blobs {
  /** Also says which blocks it was cut into, so that the checks know whose they are. */
  ingest(bytes: Uint8Array): Promise<{ hash: Hash; size: number; root: Hash; blocks: Hash[] }>;
}

export function createSimBlobs(store: Store): SimBlobs {
  /** The blocks under a list, in order; null where a list is missing. */
  async function leaves(list: Hash): Promise<Hash[] | null> {
    const [bytes] = await store.read('blobs', [listKey(list)]);
    const decoded = bytes ? decodeList(bytes) : null;
    if (!decoded?.ok) return null;
    const { level, items } = decoded.value;
    if (level === 0) return items.map(({ hash }) => hash);
    const below: Hash[] = [];
    for (const { hash } of items) {
      const found = await leaves(hash);
      if (found === null) return null;
      below.push(...found);
    }
    return below;
  }

  return {
    async ingest(bytes) {
      const cutter = createCutter();
      const tree = createListBuilder(hash32);
      const cut = [...cutter.push(bytes), ...cutter.finish()];
      const blocks = cut.map((block) => ({ block, hash: toHash(hash32(block)) }));
      for (const { block, hash } of blocks) tree.add(hash, block.length);
      const { root, lists, size } = tree.finish();
      const hash = toHash(hash32(bytes));
      const put = (table: 'blobs' | 'blocks', key: string, value: Uint8Array): WriteOp => ({
        op: 'put',
        table,
        key,
        value,
      });
      await store.write(
        [
          ...blocks.flatMap((each) => [
            put('blocks', blockKey(each.hash), each.block),
            put('blobs', heldKey(each.hash), new Uint8Array()),
          ]),
          ...lists.map((list) => put('blobs', listKey(list.hash), list.bytes)),
          put('blobs', blobKey(hash), encodeBlobRecord({ size, root, complete: true })),
        ],
        'strict',
      );
      return { hash, size, root, blocks: blocks.map((each) => each.hash) };
    },

    async hash(blocks) {
      const hasher = createNobleHasher();
      for (const block of blocks) {
        const [bytes] = await store.read('blocks', [blockKey(block as Hash)]);
        if (!bytes) return null;
        hasher.update(bytes);
      }
      return toHash(hasher.digest());
    },

    async assemble(blob) {
      const [row] = await store.read('blobs', [blobKey(blob as Hash)]);
      const record = row ? decodeBlobRecord(row) : null;
      if (!record?.ok || !record.value.complete) return null;
      const blocks = await leaves(record.value.root);
      if (blocks === null) return null;
      const parts = await store.read('blocks', blocks.map(blockKey));
      const whole = new Uint8Array(record.value.size);
      let at = 0;
      for (const part of parts) {
        if (part === null) return null;
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
}
