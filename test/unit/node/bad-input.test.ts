// Bad artifacts from a page: refused with a reason, and nothing of them stored. Whole peers over memory stores.
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { blobKey } from '../../../worker/core/cas/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { TABLES, type Store } from '../../../worker/core/ports.ts';
import { createHub, createPeer, pair, until, work, type TestPeer } from './mesh.ts';

const open: TestPeer[] = [];
afterEach(() => {
  for (const peer of open.splice(0)) peer.stop();
});

/** Every key of every table: all that is stored. */
async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for (const table of TABLES) {
    // The trail is written by a timer of its own.
    const rows = await store.scan(table, '', null, 100_000);
    keys.push(...rows.map(({ key }) => `${table}/${key}`).filter((key) => !key.startsWith('meta/trail')));
  }
  return keys;
}

async function alone(): Promise<{ peer: TestPeer; id: string }> {
  const peer = createPeer(createHub(), 'a', { store: createMemoryStore() });
  open.push(peer);
  const { id } = await peer.api.createGrove({ name: 'Grove' });
  return { peer, id };
}

const named = (count: number): { [name: string]: string } =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, `content ${i}`]));

describe('what a page gives as artifacts', () => {
  const long = 'x'.repeat(257);
  it.each<[string, unknown, RegExp]>([
    ['a name with ..', { artifacts: { 'a/../b': 'x' } }, /artifacts.*no empty or dot segment.*"a\/\.\.\/b"/],
    ['a name that is ..', { artifacts: { '..': 'x' } }, /artifacts/],
    ['an absolute path', { artifacts: { '/etc/passwd': 'x' } }, /artifacts.*"\/etc\/passwd"/],
    ['a drive', { artifacts: { 'C:\\x': 'x' } }, /artifacts/],
    ['a control character', { artifacts: { 'a\u0000b': 'x' } }, /artifacts/],
    ['a line break', { artifacts: { 'a\nb': 'x' } }, /artifacts/],
    ['a letter that is no ASCII', { artifacts: { 'é.txt': 'x' } }, /artifacts/],
    ['an empty name', { artifacts: { '': 'x' } }, /artifacts/],
    ['a name of 257 characters', { artifacts: { [long]: 'x' } }, /artifacts/],
    ['a name that objects have', { artifacts: JSON.parse('{"__proto__":"x"}') as object }, /artifacts/],
    ['no bytes', { artifacts: { a: 5 } }, /an artifact is a Blob/],
    ['1001 of them', { artifacts: named(1001) }, /at most 1000 entries, given 1001/],
    ['a summary that is too long', { summary: 'x'.repeat(257), artifacts: { a: 'x' } }, /summary/],
    [
      'a manifest beyond 1 MiB',
      {
        context: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)])),
        artifacts: { a: 'x' },
      },
      /1048576 canonical bytes/,
    ],
    ['metadata with no canonical bytes', { context: { a: '\ud800' }, artifacts: { a: 'x' } }, /context/],
  ])('C22: %s: refused before a byte is taken in', async (_, extra, message) => {
    const { peer, id } = await alone();
    const before = await keysOf(peer.store);
    await expect(
      peer.call('contribute', [id, { kind: 'work', summary: 's', ...(extra as object) }], 'r'),
    ).rejects.toThrow(message);
    expect(await keysOf(peer.store)).toEqual(before);
  });

  it('C22: to a grove that this device is not in, or only reads: refused before a byte is taken in', async () => {
    const { peer } = await alone();
    const before = await keysOf(peer.store);
    await expect(
      peer.api.contribute('ab'.repeat(32), work('x', { artifacts: { a: 'x' } })),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(await keysOf(peer.store)).toEqual(before);

    const hub = createHub();
    const { a, id } = await pair(hub);
    const reader = createPeer(hub, 'reader');
    open.push(a, reader);
    await reader.api.join(await a.api.invite(id, { role: 'reader' }));
    await until(
      async () => (await reader.api.groves()).find((grove) => grove.id === id)?.role === 'reader',
      'the reader is in',
    );
    await expect(
      reader.api.contribute(id, work('x', { artifacts: { 'only.here': 'never stored' } })),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const stored = await reader.store.read('blobs', [blobKey(toHash(hash32(utf8('never stored'))))]);
    expect(stored).toEqual([null]);
  });

  it('C21: a file that says another size than it gives: refused, and no contribution is there', async () => {
    const { peer, id } = await alone();
    const file = new Blob([new Uint8Array(50_000)]);
    Object.defineProperty(file, 'size', { value: 50_001 });
    await expect(
      peer.api.contribute(id, work('x', { artifacts: { sound: 'x', short: file } })),
    ).rejects.toMatchObject({ code: 'invalid', message: 'file: 50001 bytes were said, but 50000 given' });
    expect((await peer.api.contributions(id)).items).toEqual([]);
    expect(await peer.store.scan('blobs', 'blob/', null, 10)).toEqual([]);
  });

  it('C22: a thousand artifacts are taken, empty ones among them, and read back', async () => {
    const { peer, id } = await alone();
    const artifacts = { ...named(998), 'empty.txt': '', 'dir/empty.bin': new Uint8Array() };
    const { cid } = await peer.api.contribute(id, work('many', { artifacts }));
    const { files } = await peer.api.contribution(id, cid);
    expect(files).toHaveLength(1000);
    expect(files.every(({ held }) => held)).toBe(true);
    expect((await peer.api.artifact(id, cid, 'dir/empty.bin')).size).toBe(0);
    expect(await (await peer.api.artifact(id, cid, 'f997')).text()).toBe('content 997');
    const part = await peer.api.artifact(id, cid, 'f997', { start: 2, end: 5 });
    expect(await part.text()).toBe('nte');
  });

  it('C23: a range that ends before it starts, or that is no range, is refused', async () => {
    const { peer, id } = await alone();
    const { cid } = await peer.api.contribute(id, work('x', { artifacts: { a: 'abc' } }));
    for (const range of [{ start: 2, end: 1 }, { start: -1 }, { end: 0.5 }, { from: 1 }, 3])
      await expect(peer.call('artifact', [id, cid, 'a', range])).rejects.toMatchObject({ code: 'invalid' });
    const all = await peer.call('artifact', [id, cid, 'a', { start: 1, end: 2 ** 40 }]);
    expect(await (all as Blob).text()).toBe('bc');
  });

  it('the hash of some bytes is what an artifact of them is called', async () => {
    const { peer, id } = await alone();
    const { cid } = await peer.api.contribute(id, work('x', { artifacts: { a: 'abc' } }));
    const { artifacts } = await peer.api.contribution(id, cid);
    expect(await peer.api.hash('abc')).toBe(artifacts['a']);
    expect(await peer.api.hash(new Blob(['ab', 'c']))).toBe(artifacts['a']);
  });
});
