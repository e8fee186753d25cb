// Puts rows into the database of a fresh profile, past the app: how a device comes by a log that took others years.
import type { BrowserContext } from 'playwright';
import { SCHEMA } from '../../worker/adapters/idb-schema.ts';
import { TABLES } from '../../worker/core/ports.ts';
import { DEFAULT_PEER } from '../../worker/rpc/names.ts';
import type { GrownRow } from './grown.ts';

const PART = 8 * 1024 * 1024;

/** Before the app was ever opened there. `url`: the app's. */
export async function fill(context: BrowserContext, url: string, rows: readonly GrownRow[]): Promise<void> {
  const page = await context.newPage();
  try {
    const parts = partsOf(rows);
    await page.route('**/bench/rows/*', (route) =>
      route.fulfill({
        contentType: 'application/octet-stream',
        body: parts[Number(route.request().url().split('/').at(-1))] ?? Buffer.alloc(0),
      }),
    );
    // Of the same origin, and nothing of the app in it.
    await page.goto(new URL('/sample.json', url).href);
    await page.evaluate(putAll, {
      name: `thicket/${DEFAULT_PEER}`,
      version: SCHEMA.version,
      tables: [...TABLES],
      parts: parts.length,
    });
  } finally {
    await page.close();
  }
}

/** Each row: its table's number, and key and value behind their lengths. */
function partsOf(rows: readonly GrownRow[]): Buffer[] {
  const parts: Buffer[] = [];
  let part: Uint8Array[] = [];
  let size = 0;
  for (const { table, key, value } of rows) {
    const name = Buffer.from(key);
    const head = Buffer.alloc(9);
    head.writeUInt8(TABLES.indexOf(table), 0);
    head.writeUInt32LE(name.length, 1);
    head.writeUInt32LE(value.length, 5);
    part.push(head, name, value);
    size += head.length + name.length + value.length;
    if (size < PART) continue;
    parts.push(Buffer.concat(part));
    [part, size] = [[], 0];
  }
  return [...parts, Buffer.concat(part)];
}

interface Filled {
  name: string;
  version: number;
  tables: readonly string[];
  parts: number;
}

/** Runs in the page. */
async function putAll({ name, version, tables, parts }: Filled): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => tables.forEach((table) => opening.result.createObjectStore(table));
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(new Error(String(opening.error)));
  });
  const decoder = new TextDecoder();
  for (let part = 0; part < parts; part++) {
    const bytes = new Uint8Array(await (await fetch(`/bench/rows/${part}`)).arrayBuffer());
    const view = new DataView(bytes.buffer);
    const transaction = database.transaction(tables, 'readwrite');
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(new Error(String(transaction.error)));
    });
    for (let at = 0; at < bytes.length;) {
      const table = tables[view.getUint8(at)] ?? '';
      const key = at + 9;
      const value = key + view.getUint32(at + 1, true);
      const end = value + view.getUint32(at + 5, true);
      transaction.objectStore(table).put(bytes.slice(value, end), decoder.decode(bytes.subarray(key, value)));
      at = end;
    }
    await done;
  }
  database.close();
}
