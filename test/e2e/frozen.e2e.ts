// Databases as earlier versions of the code wrote them, opened by this one: all of it is there, and a check finds it whole.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCHEMA } from '../../worker/adapters/idb-schema.ts';
import type { Frozen } from '../tools/frozen.ts';
import type { Browser, Served, Tab } from './harness.ts';
import { removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';

const FOLDER = new URL('../vectors/databases/', import.meta.url);
const all = readdirSync(FOLDER)
  .sort()
  .map((file): [name: string, frozen: Frozen] => [
    file.replace('.json.gz', ''),
    JSON.parse(gunzipSync(readFileSync(new URL(file, FOLDER))).toString()) as Frozen,
  ]);

/** Makes the database as it was, in a page of the origin on which no app runs. `hold`: that page keeps it open, as a hung tab would. */
function thaw(
  page: Page,
  name: string,
  frozen: Frozen,
  version = frozen.version,
  hold = false,
): Promise<void> {
  return page.evaluate(
    async ({ database, stores, as, held }) => {
      const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      const opened = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(database, as);
        opening.onupgradeneeded = () => {
          for (const { name: store, indexes } of stores) {
            const made = opening.result.createObjectStore(store);
            for (const { name: index, path } of indexes) made.createIndex(index, path);
          }
        };
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error ?? new Error('no reason given'));
      });
      await new Promise<void>((resolve, reject) => {
        const transaction = opened.transaction(Array.from(opened.objectStoreNames), 'readwrite');
        for (const { name: store, rows } of stores)
          for (const { key, bytes, blob, json } of rows) {
            const value: unknown =
              bytes !== undefined
                ? bytesOf(bytes)
                : blob !== undefined
                  ? new Blob([bytesOf(blob).slice()])
                  : JSON.parse(json ?? 'null');
            transaction.objectStore(store).put(value, key);
          }
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('no reason given'));
      });
      if (!held) opened.close();
    },
    { database: `thicket/${name}`, stores: frozen.stores, as: version, held: hold },
  );
}

async function expectAll(tab: Tab, { expected }: Frozen): Promise<void> {
  expect((await tab.call('identity')).peerId).toBe(expected.peer);
  expect(await tab.call('groves')).toMatchObject([{ id: expected.grove, name: 'Frozen', state: 'active' }]);
  const { items } = await tab.call('contributions', expected.grove, { limit: 100 });
  expect(items.map(({ cid, body }) => [cid, body]).sort()).toEqual(
    expected.cids.map((cid) => [cid, true]).sort(),
  );
  const size = await tab.page.evaluate(
    async ({ grove, file }) => (await window.thicket.artifact(grove, file.cid, file.name)).size,
    expected,
  );
  expect(size).toBe(expected.file.size);
}

describe('a database of an earlier version', () => {
  let server: Served;
  let browser: Browser;

  /** A page of the origin without the app. */
  const bare = async (): Promise<Page> => {
    const page = await browser.context.newPage();
    await page.goto(`${server.url}/icons/icon.svg`);
    return page;
  };

  beforeAll(async () => {
    server = await serve();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
  });

  it('is frozen here for each version of the schema', () => {
    const versions = new Set(all.map(([, { version }]) => version));
    expect([...versions].sort()).toEqual(Array.from({ length: SCHEMA.version }, (_, i) => i + 1));
  });

  it.each(all)('%s: is carried over, with all that was in it, and is whole', async (name, frozen) => {
    const page = await bare();
    await thaw(page, name, frozen);
    await page.close();
    const tab = await browser.open(`${server.url}/?peer=${name}`);
    await expectAll(tab, frozen);
    const entries = (await tab.call('groves'))[0]?.entries;
    expect(await tab.call('verify')).toMatchObject({
      ...{ sound: true, found: 0, skipped: [] },
      checked: { entries, artifacts: 1, views: 1 },
    });
    const { cid } = await tab.call('contribute', frozen.expected.grove, { kind: 'work', summary: 'Since' });
    await tab.page.reload();
    const again = await tabOf(tab.page);
    expect((await again.call('contribution', frozen.expected.grove, cid)).summary).toBe('Since');
    const version = await again.page.evaluate(async (database) => {
      const found = (await indexedDB.databases()).find((each) => each.name === database);
      return found?.version;
    }, `thicket/${name}`);
    expect(version).toBe(SCHEMA.version);
    await again.page.close();
  });

  it('that another tab keeps open is said to be in the way, and carried over once that is gone', async () => {
    const [[, frozen] = ['', null]] = all;
    if (frozen === null) throw new Error('none is frozen');
    const old = await bare();
    await thaw(old, 'held', frozen, frozen.version, true);
    const page = await browser.context.newPage();
    await page.goto(`${server.url}/?peer=held`);
    const problem = page.getByTestId('problem').first();
    await problem.waitFor();
    expect(await problem.innerText()).toContain('another process of this browser');
    await old.close();
    const tab = await tabOf(page);
    await expectAll(tab, frozen);
    await page.close();
  });

  it('and one of a later version is left as it is, and said to be', async () => {
    const frozen = all.at(-1)?.[1];
    if (frozen === undefined) throw new Error('none is frozen');
    const later = await bare();
    await thaw(later, 'later', frozen, SCHEMA.version + 1);
    const page = await browser.context.newPage();
    await page.goto(`${server.url}/?peer=later`);
    await page.waitForFunction(() => 'thicket' in window);
    const refused = await until(
      () =>
        page.evaluate(() =>
          window.thicket.groves().then(
            () => null,
            (error: unknown) => {
              // An error loses its code on its way out of the page.
              const { code, message } = error as { code: string; message: string };
              return { code, message };
            },
          ),
        ),
      'it is refused',
    );
    expect(refused).toMatchObject({ code: 'version' });
    expect(refused.message).toContain('a later version wrote it');
    const rows = await later.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const opening = indexedDB.open('thicket/later');
          opening.onsuccess = () => {
            const count = opening.result.transaction('log').objectStore('log').count();
            count.onsuccess = () => resolve(count.result);
          };
        }),
    );
    expect(rows).toBe(frozen.stores.find(({ name }) => name === 'log')?.rows.length);
  });
});
