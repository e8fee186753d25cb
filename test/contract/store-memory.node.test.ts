// The memory store against the contract, and its quota.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../worker/adapters/store-memory.ts';
import { describeStore } from './store.contract.ts';

describeStore('memory', () => {
  const store = createMemoryStore();
  return Promise.resolve({
    store,
    reopen: () => Promise.resolve(createMemoryStore({ data: store.data })),
    dispose() {
      store.close();
      return Promise.resolve();
    },
  });
});

describe('Store: memory', () => {
  it('D5: a batch beyond the quota is refused whole, and what was there stays', async () => {
    const store = createMemoryStore({ quota: 100 });
    await store.write([{ op: 'put', table: 'log', key: 'a/1', value: new Uint8Array(40).fill(1) }], 'strict');
    const batch = store.write(
      [
        { op: 'put', table: 'log', key: 'a/1', value: new Uint8Array(1) },
        { op: 'clear', table: 'log', prefix: 'a/' },
        { op: 'put', table: 'log', key: 'a/0', value: new Uint8Array(10) },
        { op: 'put', table: 'blocks', key: 'b', value: new Uint8Array(90) },
      ],
      'strict',
    );
    await expect(batch).rejects.toMatchObject({ name: 'StoreError', failure: 'quota' });
    expect(await store.scan('log', '', null, 10)).toEqual([
      { key: 'a/1', value: new Uint8Array(40).fill(1) },
    ]);
    expect(await store.scan('blocks', '', null, 10)).toEqual([]);
  });
});
