// Values that lie together in packs: the IndexedDB store in a real browser, looked into from beside.
import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cdp, commands } from 'vitest/browser';
import { openIdbDatabase } from '../../worker/adapters/idb-database.ts';
import { PACKS } from '../../worker/adapters/idb-packs.ts';
import { SCHEMA } from '../../worker/adapters/idb-schema.ts';
import { openIdbStore } from '../../worker/adapters/store-idb.ts';
import type { Store, WriteOp } from '../../worker/core/ports.ts';
import { failureOf } from './store.contract.ts';

const KIB = 1024;
let databases = 0;
let name = '';
let store: Store;

const neverClosed = (reason: string): void => expect.unreachable(`closed: ${reason}`);
const open = (): Promise<Store> => openIdbStore({ name, onClosed: neverClosed });
const noise = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
};
const put = (key: string, value: Uint8Array): WriteOp => ({ op: 'put', table: 'blocks', key, value });
const drop = (key: string): WriteOp => ({ op: 'delete', table: 'blocks', key });

/** What is in the database, past the store. */
async function look(): Promise<{ packs: number[]; inRows: number }> {
  const database = await openIdbDatabase({ name, schema: SCHEMA, onClosed: neverClosed });
  try {
    const transaction = await database.begin(['blocks', PACKS], 'readonly', 'default');
    const all = (table: string) =>
      new Promise<unknown[]>((resolve, reject) => {
        const asked = transaction.objectStore(table).getAll();
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error ?? new Error('no reason'));
      });
    const [rows, packs] = await Promise.all([all('blocks'), all(PACKS)]);
    return {
      packs: packs.map((pack) => (pack instanceof Blob ? pack.size : -1)).toSorted((a, b) => a - b),
      inRows: rows.filter((row) => row instanceof Uint8Array).length,
    };
  } finally {
    database.close();
  }
}

describe('Store: packs in IndexedDB', () => {
  beforeEach(async () => {
    name = `packs-${++databases}`;
    store = await open();
  });
  afterEach(async () => {
    await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin });
    store.close();
    await deleteDB(name);
  });

  it('C27, D7: a pack that no row lies in is found, and goes where it is to', async () => {
    const batch = Array.from({ length: 4 }, (_, i) => put(`kept/${i}`, noise(64 * KIB)));
    await store.write(batch, 'strict');
    expect(await store.checkFiles?.(true)).toEqual({ files: 1, loose: 0 });
    const database = await openIdbDatabase({ name, schema: SCHEMA, onClosed: neverClosed });
    const transaction = await database.begin([PACKS], 'readwrite', 'default');
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
      transaction.objectStore(PACKS).put(new Blob(['nobody’s']), 7);
    });
    database.close();
    expect(await store.checkFiles?.(false)).toEqual({ files: 2, loose: 1 });
    expect(await store.checkFiles?.(true)).toEqual({ files: 2, loose: 1 });
    expect(await look()).toEqual({ packs: [256 * KIB], inRows: 0 });
  });

  it('D7: large values of one batch lie in one pack, small ones in their rows; both are read back as they were', async () => {
    const values = new Map<string, Uint8Array>(
      [100, 3, 70, 240, 16].map((kib, i) => [`k/${i}`, noise(kib * KIB + i)]),
    );
    await store.write(
      [...values].map(([key, value]) => put(key, value)),
      'relaxed',
    );
    expect(await look()).toEqual({ packs: [(100 + 70 + 240 + 16) * KIB + 0 + 2 + 3 + 4], inRows: 1 });
    const keys = ['k/3', 'none', 'k/1', 'k/0', 'k/3', 'k/4'];
    const read = await store.read('blocks', keys);
    expect(read).toEqual(keys.map((key) => values.get(key) ?? null));
    // Whoever reads may write over what it got.
    read[0]?.fill(0);
    expect(await store.read('blocks', ['k/3'])).toEqual([values.get('k/3')]);
    expect(await store.scan('blocks', 'k/', 'k/0', 2)).toEqual(
      ['k/1', 'k/2'].map((key) => ({ key, value: values.get(key) })),
    );
  });

  it('D7: what makes no pack stays in its row', async () => {
    await store.write([put('a', noise(60 * KIB))], 'relaxed');
    expect(await look()).toEqual({ packs: [], inRows: 1 });
  });

  it('D7: holds after a restart what was packed, and what an earlier version kept in rows', async () => {
    store.close();
    await deleteDB(name);
    const old = await openIdbDatabase({
      name,
      schema: { version: 1, migrations: SCHEMA.migrations },
      onClosed: neverClosed,
    });
    const before = noise(100 * KIB);
    const transaction = await old.begin(['blocks'], 'readwrite', 'strict');
    transaction.objectStore('blocks').put(before, 'before');
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    old.close();
    store = await open();
    const after = noise(100 * KIB);
    await store.write([put('after', after)], 'strict');
    store.close();
    store = await open();
    expect(await store.read('blocks', ['before', 'after'])).toEqual([before, after]);
    expect(await look()).toEqual({ packs: [100 * KIB], inRows: 1 });
    await store.write([drop('before'), drop('after')], 'strict');
    expect(await look()).toEqual({ packs: [], inRows: 0 });
  });

  it('D7: a batch comes to the same as its operations one after the other', async () => {
    const [first, second, third] = [noise(90 * KIB), noise(80 * KIB), noise(70 * KIB)];
    await store.write([put('p/old', first), put('q/old', first)], 'relaxed');
    await store.write(
      [
        put('p/1', first),
        put('p/1', second),
        drop('p/1'),
        put('p/2', first),
        { op: 'clear', table: 'blocks', prefix: 'p/' },
        put('p/3', third),
        put('p/3', second),
        drop('absent'),
        { op: 'put', table: 'log', key: 'p/3', value: third },
      ],
      'relaxed',
    );
    expect(await store.scan('blocks', '', null, 10)).toEqual([
      { key: 'p/3', value: second },
      { key: 'q/old', value: first },
    ]);
    expect(await store.read('log', ['p/3'])).toEqual([third]);
  });

  it('D7: a pack goes with the last of its values, whether deleted, replaced or cleared', async () => {
    const value = noise(40 * KIB);
    await store.write([put('a', value), put('b', value), put('c', value)], 'relaxed');
    await store.write([put('a', value.slice(1)), put('x/1', value), put('x/2', value)], 'relaxed');
    await store.write([drop('b'), drop('c')], 'relaxed');
    expect((await look()).packs).toEqual([120 * KIB - 1]);
    await store.write([{ op: 'clear', table: 'blocks', prefix: 'x/' }, drop('a')], 'relaxed');
    expect(await look()).toEqual({ packs: [], inRows: 0 });
  });

  it('D7: of a pack of which less than half is left, the rest is written anew', async () => {
    const values = Array.from({ length: 6 }, () => noise(50 * KIB));
    await store.write(
      values.map((value, i) => put(`${i}`, value)),
      'relaxed',
    );
    await store.write([drop('0'), drop('2')], 'relaxed');
    expect((await look()).packs).toEqual([300 * KIB]);
    await store.write([drop('3'), drop('5')], 'relaxed');
    await vi.waitFor(async () => expect((await look()).packs).toEqual([100 * KIB]), 10_000);
    expect(await store.read('blocks', ['0', '1', '4', '5'])).toEqual([null, values[1], values[4], null]);
    // A read that was under way has what it found.
    const [reading] = [store.read('blocks', ['1', '4']), store.write([drop('1'), drop('4')], 'relaxed')];
    expect(await reading).toEqual([values[1], values[4]]);
    await vi.waitFor(async () => expect((await look()).packs).toEqual([]), 10_000);
  });

  // Chromium may forget a stored Blob that a page still holds, and ends the renderer where another Blob is made of it.
  it('D7: no Blob is made of a stored one, whether it is read or what is left of it is written anew', async () => {
    const { slice } = Blob.prototype;
    const Original = Blob;
    const made: string[] = [];
    Blob.prototype.slice = function (this: Blob, ...range: [number?, number?, string?]) {
      made.push('a piece');
      return slice.apply(this, range);
    };
    globalThis.Blob = class extends Original {
      constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
        if (parts.some((part) => part instanceof Original)) made.push('a whole');
        super(parts, options);
      }
      static override [Symbol.hasInstance](value: unknown): boolean {
        return value instanceof Original;
      }
    };
    try {
      const values = [0, 1, 2, 3].map((i) => noise(100 * KIB + i));
      await store.write(
        values.map((value, i) => put(`k/${i}`, value)),
        'relaxed',
      );
      expect(await store.read('blocks', ['k/1', 'k/3'])).toEqual([values[1], values[3]]);
      await store.write(
        [0, 1, 2].map((i) => ({ op: 'delete', table: 'blocks', key: `k/${i}` })),
        'relaxed',
      );
      await vi.waitFor(async () => expect((await look()).packs).toEqual([100 * KIB + 3]), 10_000);
      expect(await store.read('blocks', ['k/3'])).toEqual([values[3]]);
    } finally {
      Blob.prototype.slice = slice;
      globalThis.Blob = Original;
    }
    expect(made).toEqual([]);
  });

  it('D7: reads and writes of packed values take effect in the order of the calls', async () => {
    const values = [noise(70 * KIB), noise(70 * KIB), noise(70 * KIB)];
    const seen: Promise<(Uint8Array | null)[]>[] = [];
    const writes: Promise<void>[] = [];
    for (const value of values) {
      writes.push(store.write([put('k', value)], 'relaxed'));
      seen.push(store.read('blocks', ['k']));
      writes.push(store.write([drop('k')], 'relaxed'));
      seen.push(store.read('blocks', ['k']));
    }
    await Promise.all(writes);
    expect((await Promise.all(seen)).flat()).toEqual(values.flatMap((value) => [value, null]));
  });

  it('D5: a batch that finds the disk full writes no pack and no row, and deleting needs no room', async () => {
    store.close();
    // Of an origin whose data was cleared Chromium asks for the quota anew.
    await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
    await cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize: 8_000_000 });
    store = await open();
    const kept = Array.from({ length: 6 }, () => noise(100 * KIB));
    await store.write(
      kept.map((value, i) => put(`kept/${i}`, value)),
      'strict',
    );
    const batch = Array.from({ length: 100 }, (_, i) => put(`big/${i}`, noise(100 * KIB)));
    expect(await failureOf(store.write([drop('kept/0'), ...batch], 'strict'))).toBe('quota');
    expect((await store.scan('blocks', '', null, 100)).map(({ key }) => key)).toEqual(
      kept.map((_, i) => `kept/${i}`),
    );
    expect((await look()).packs).toEqual([600 * KIB]);
    await store.write([drop('kept/1'), drop('kept/2'), drop('kept/3'), drop('kept/4')], 'strict');
    expect(await store.read('blocks', ['kept/0', 'kept/5'])).toEqual([kept[0], kept[5]]);
  });

  it('D5: after the browser closed the connection in the middle, a batch of packed values is there whole or not at all', async () => {
    const value = noise(100 * KIB);
    const batches = Array.from({ length: 12 }, (_, id) =>
      failureOf(
        store.write(
          Array.from({ length: 8 }, (_unused, i) => put(`${id}/${i}`, value)),
          'relaxed',
        ),
      ),
    );
    await batches[2];
    await commands.forceCloseDatabases(location.origin);
    const outcomes = await Promise.all(batches);
    for (const [id, outcome] of outcomes.entries()) {
      const rows = await store.scan('blocks', `${id}/`, null, 100);
      expect(rows.length).toBe(outcome === 'nothing' ? 8 : 0);
      expect(rows.every((row) => row.value.length === value.length)).toBe(true);
    }
    expect((await look()).packs).toHaveLength(outcomes.filter((outcome) => outcome === 'nothing').length);
  });
});
