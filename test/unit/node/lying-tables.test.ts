// What a member signs about an artifact and isn't so: its size, its lists, its blocks. Never held, whoever asks for it, and the
// reason is told. Whole peers over memory stores.
import { afterEach, describe, expect, it } from 'vitest';
import { createListBuilder } from '../../../worker/core/cas/list.ts';
import { blobKey, blockKey, heldKey, listKey } from '../../../worker/core/cas/keys.ts';
import { decodeBlobRecord, encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import { encodeList } from '../../../worker/core/model/blocklist.ts';
import { idBytes, toHash, type Hash } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import type { Events } from '../../../worker/rpc/api.ts';
import { createHub, has, pair, until, type TestPeer } from './mesh.ts';

const open: TestPeer[] = [];
afterEach(() => {
  for (const peer of open.splice(0)) peer.stop();
});

describe('what a member signs about artifacts', () => {
  const content = new Uint8Array(30_000).fill(7);
  const honest = toHash(hash32(content));

  type TransferEvent = Events['transfer'];

  /** Published by a whose store and table say what they like; fetched by b. */
  async function fetchLie(lie: { size: number; root: Hash; rows: WriteOp[] }): Promise<{
    state: string;
    reason: string;
    held: boolean;
    complete: boolean;
  }> {
    const { a, b, id } = await pair(createHub());
    open.push(a, b);
    await b.api.policy(id, { artifacts: 'on-demand' });
    await a.store.write(
      [
        ...lie.rows,
        put('blocks', blockKey(honest), content),
        put('blobs', heldKey(honest), new Uint8Array()),
        put('blobs', blobKey(honest), encodeBlobRecord({ size: lie.size, root: lie.root, complete: true })),
      ],
      'strict',
    );
    const row = { hash: honest, size: lie.size, root: lie.root, mediaType: 'text/plain' };
    // Past the server, which would tell the truth.
    a.driver.dispatch({
      type: 'call',
      id: 1_000_000,
      method: 'contribute',
      params: [id, { kind: 'work', summary: 'a lie', artifacts: { x: row } }],
      requestId: null,
    });
    const cid = await until(
      async () => (await a.api.contributions(id)).items.find(({ summary }) => summary === 'a lie')?.cid,
      'it is published',
    );
    await has(b, id, cid);
    const ended = (): TransferEvent | undefined =>
      b.events
        .filter(({ name }) => name === 'transfer')
        .map(({ payload }) => payload as TransferEvent)
        .find(({ state }) => ['failed', 'stalled', 'complete'].includes(state));
    b.api.fetch(id, cid).catch(() => undefined);
    const told = await until(() => Promise.resolve(ended()), 'it ended');
    const [record] = await b.store.read('blobs', [blobKey(honest)]);
    const decoded = record ? decodeBlobRecord(record) : null;
    return {
      state: told.state,
      reason: told.reason ?? '',
      held: (await b.api.contribution(id, cid)).files[0]?.held === true,
      complete: decoded?.ok === true && decoded.value.complete,
    };
  }
  const put = (table: 'blobs' | 'blocks', key: string, value: Uint8Array): WriteOp => ({
    op: 'put',
    table,
    key,
    value,
  });
  const listed = (bytes: Uint8Array): { root: Hash; rows: WriteOp[] } => {
    const root = toHash(hash32(bytes));
    return { root, rows: [put('blobs', listKey(root), bytes)] };
  };

  it('C3: what is sound comes whole', async () => {
    const tree = createListBuilder(hash32);
    tree.add(honest, content.length);
    const { root, lists, size } = tree.finish();
    const rows = lists.map((list) => put('blobs', listKey(list.hash), list.bytes));
    expect(await fetchLie({ size, root, rows })).toMatchObject({
      state: 'complete',
      held: true,
      complete: true,
    });
  });

  it.each<[string, () => { size: number; root: Hash; rows: WriteOp[] }]>([
    [
      'a size that is not what its list comes to',
      () => ({ size: 29_999, ...listed(encodeList({ level: 0, items: [{ hash: honest, size: 30_000 }] })) }),
    ],
    [
      'a block of another size than its list says',
      () => ({ size: 29_999, ...listed(encodeList({ level: 0, items: [{ hash: honest, size: 29_999 }] })) }),
    ],
    [
      'lists that do not add up',
      () => {
        const below = listed(encodeList({ level: 0, items: [{ hash: honest, size: 30_000 }] }));
        const top = listed(encodeList({ level: 1, items: [{ hash: below.root, size: 40_000 }] }));
        return { size: 40_000, root: top.root, rows: [...below.rows, ...top.rows] };
      },
    ],
    [
      'blocks that are not those of the artifact',
      () => {
        const items = [honest, honest].map((hash) => ({ hash, size: 30_000 }));
        return { size: 60_000, ...listed(encodeList({ level: 0, items })) };
      },
    ],
    [
      'thousands of empty blocks',
      () => ({
        size: 0,
        ...listed(encode([0, Array.from({ length: 4_096 }, () => [idBytes(honest), 0])])),
      }),
    ],
    [
      'more blocks than a list may have',
      () => ({
        size: 5_000,
        ...listed(encode([0, Array.from({ length: 5_000 }, () => [idBytes(honest), 1])])),
      }),
    ],
  ])('C3: %s: not fetched, and never held', async (_, lie) => {
    const told = await fetchLie(lie());
    expect(told).toMatchObject({ held: false, complete: false });
    expect(['failed', 'stalled']).toContain(told.state);
    expect(told.reason).not.toBe('');
  });
});
