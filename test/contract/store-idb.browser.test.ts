// The IndexedDB store against the contract, in a real browser, and what only a browser does to it.
import { deleteDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cdp, commands } from 'vitest/browser';
import { openIdbDatabase } from '../../worker/adapters/idb-database.ts';
import { SCHEMA } from '../../worker/adapters/idb-schema.ts';
import type { Schema } from '../../worker/adapters/idb-schema.ts';
import { openIdbStore } from '../../worker/adapters/store-idb.ts';
import type { Store, WriteOp } from '../../worker/core/ports.ts';
import { describeStore, failureOf } from './store.contract.ts';

let databases = 0;
const freshName = (): string => `contract-${++databases}`;
const neverClosed = (reason: string): void => expect.unreachable(`closed: ${reason}`);
const open = (name: string): Promise<Store> => openIdbStore({ name, onClosed: neverClosed });
const put = (key: string, value: Uint8Array): WriteOp => ({ op: 'put', table: 'log', key, value });

describeStore('IndexedDB', async () => {
  const name = freshName();
  const store = await open(name);
  return {
    store,
    reopen: () => open(name),
    async dispose() {
      store.close();
      await deleteDB(name);
    },
  };
});

/** A connection that does nothing about the versions others want, as a hung tab would. */
function openRaw(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('no reason'));
  });
}

const closeByForce = async (): Promise<void> => {
  await commands.forceCloseDatabases(location.origin);
  await commands.allDatabasesClosed(location.origin);
};
const eraseEverything = (): Promise<unknown> =>
  cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
/** Bytes, or null: the browser's own. */
const setQuota = (quotaSize: number | null): Promise<unknown> =>
  cdp().send('Storage.overrideQuotaForOrigin', {
    origin: location.origin,
    ...(quotaSize !== null && { quotaSize }),
  });

describe('Store: IndexedDB in this browser', () => {
  const opened: { close(): void }[] = [];
  const closeLater = <T extends { close(): void }>(it: T): T => {
    opened.push(it);
    return it;
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) each.close();
    await setQuota(null);
  });

  it('D5: a batch beyond the quota fails with `quota`, nothing of it is written, and with room again it goes on', async () => {
    // Chromium asks for the quota seldom while there is plenty; of an origin whose data was cleared it asks anew.
    await eraseEverything();
    await setQuota(8_000_000);
    const store = closeLater(await open(freshName()));
    await store.write([put('before', Uint8Array.of(1))], 'strict');
    const noise = crypto.getRandomValues(new Uint8Array(65_536));
    const batch = Array.from({ length: 160 }, (_, i) => put(`big/${i}`, noise));
    const refused = store.write([{ op: 'delete', table: 'log', key: 'before' }, ...batch], 'strict');
    await expect(refused).rejects.toMatchObject({ name: 'StoreError', failure: 'quota' });
    expect((await store.scan('log', '', null, 100)).map((row) => row.key)).toEqual(['before']);
    await setQuota(null);
    await store.write([put('after', Uint8Array.of(2))], 'strict');
    expect(await store.read('log', ['after'])).toEqual([Uint8Array.of(2)]);
  });

  it('D5: makes way for a newer version, says so once, and then rejects with `closed`', async () => {
    const name = freshName();
    const onClosed = vi.fn<(reason: string) => void>();
    const store = await openIdbStore({ name, onClosed });
    await store.write([put('a', Uint8Array.of(1))], 'strict');
    const newer = closeLater(await openRaw(name, SCHEMA.version + 1));
    expect(newer.version).toBe(SCHEMA.version + 1);
    expect(onClosed.mock.calls).toEqual([['a newer version needs the database']]);
    await expect(store.read('log', ['a'])).rejects.toMatchObject({ failure: 'closed' });
    store.close();
    expect(onClosed).toHaveBeenCalledTimes(1);
  });

  it('refuses a database of a later version with `version`', async () => {
    const name = freshName();
    (await openRaw(name, SCHEMA.version + 1)).close();
    await expect(open(name)).rejects.toMatchObject({ name: 'ThicketError', code: 'version' });
  });

  it('tells that an older connection blocks an upgrade, and opens when that one closes', async () => {
    const name = freshName();
    (await open(name)).close();
    const hung = await openRaw(name, SCHEMA.version);
    const migrated: number[] = [];
    const schema: Schema = {
      version: SCHEMA.version + 1,
      migrations: [...SCHEMA.migrations, (database) => migrated.push(database.version)],
    };
    const onBlocked = vi.fn(() => hung.close());
    const upgraded = closeLater(await openIdbDatabase({ name, schema, onClosed: neverClosed, onBlocked }));
    expect(onBlocked).toHaveBeenCalledTimes(1);
    expect(migrated).toEqual([SCHEMA.version + 1]);
    const transaction = await upgraded.begin(['log'], 'readonly', 'default');
    expect(transaction.db.version).toBe(SCHEMA.version + 1);
  });

  it('a migration that fails leaves the database as it was', async () => {
    const name = freshName();
    const store = await open(name);
    await store.write([put('a', Uint8Array.of(1))], 'strict');
    store.close();
    const schema: Schema = { version: SCHEMA.version + 2, migrations: SCHEMA.migrations };
    await expect(openIdbDatabase({ name, schema, onClosed: neverClosed })).rejects.toMatchObject({
      failure: 'internal',
    });
    expect(await closeLater(await open(name)).read('log', ['a'])).toEqual([Uint8Array.of(1)]);
  });

  it('D5: opens again by itself after the browser closed the connection, and holds what was written', async () => {
    const store = closeLater(await open(freshName()));
    await store.write([put('a', Uint8Array.of(1))], 'strict');
    for (const key of ['b', 'c']) {
      await closeByForce();
      await store.write([put(key, Uint8Array.of(2))], 'strict');
    }
    await closeByForce();
    const reads = await Promise.all([store.read('log', ['a']), store.scan('log', '', null, 10)]);
    expect(reads[0]).toEqual([Uint8Array.of(1)]);
    expect(reads[1].map((row) => row.key)).toEqual(['a', 'b', 'c']);
  });

  it('D5: a batch that the browser cuts short is rejected as closed and wholly absent; others are wholly there', async () => {
    const store = closeLater(await open(freshName()));
    const value = new Uint8Array(65_536);
    const batches: Promise<string>[] = [];
    const writeBatch = (): void => {
      const id = batches.length;
      const batch = Array.from({ length: 20 }, (_, i) => put(`batch/${id}/${i}`, value));
      batches.push(failureOf(store.write(batch, 'relaxed')));
    };
    // Eight are under way at any time, so the closing meets one.
    for (let i = 0; i < 8; i++) writeBatch();
    const closing = commands.forceCloseDatabases(location.origin);
    while ((await batches[batches.length - 8]) === 'nothing') writeBatch();
    await closing;
    const outcomes = await Promise.all(batches);
    expect(new Set(outcomes)).toEqual(new Set(['nothing', 'closed']));
    const rows = await Promise.all(
      outcomes.map(async (_, id) => (await store.scan('log', `batch/${id}/`, null, 100)).length),
    );
    expect(rows).toEqual(outcomes.map((outcome) => (outcome === 'nothing' ? 20 : 0)));
  });

  it('opens again also where it learns only from a failing call that the connection is closed', async () => {
    const database = await openIdbDatabase({ name: freshName(), schema: SCHEMA, onClosed: neverClosed });
    closeLater(database);
    const first = await database.begin(['log'], 'readonly', 'default');
    first.db.close();
    const [second, third] = await Promise.all([
      database.begin(['log'], 'readonly', 'default'),
      database.begin(['log'], 'readonly', 'default'),
    ]);
    expect(second.db).not.toBe(first.db);
    expect(third.db).toBe(second.db);
  });

  it('S10: an erased database is not taken for an empty one: closed, with the reason', async () => {
    const onClosed = vi.fn<(reason: string) => void>();
    const store = await openIdbStore({ name: freshName(), onClosed });
    await store.write([put('a', Uint8Array.of(1))], 'strict');
    await eraseEverything();
    await expect(store.write([put('b', Uint8Array.of(1))], 'strict')).rejects.toMatchObject({
      failure: 'closed',
    });
    await expect(store.read('log', ['a'])).rejects.toMatchObject({ failure: 'closed' });
    expect(onClosed).toHaveBeenCalledTimes(1);
    expect(onClosed).toHaveBeenCalledWith(expect.stringContaining('the database was deleted'));
  });
});
