// Freezes a small real database as some version of the code wrote it, for test/e2e/frozen.e2e.ts:
//   git worktree add --detach DIR COMMIT && ln -s "$PWD/node_modules" DIR/node_modules
//   npx tsx test/tools/freeze.ts DIR test/vectors/databases/NAME.json.gz
// That version's nodes write a grove over memory; what one of them stored goes through that version's IndexedDB adapter in real
// Chromium; what then lies in IndexedDB is read past it, object stores, indexes, rows and files. To be run once for each version.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { build } from 'vite';
import { chromiumPath, launchArgs } from '../chromium.ts';
import type { Frozen } from './frozen.ts';

/** That version's adapter, in the page. */
declare const adapter: {
  openIdbStore(options: object): Promise<{ write(ops: object[], how: string): Promise<void>; close(): void }>;
};

type Mesh = typeof import('../unit/node/mesh.ts');

const [from = '', to = ''] = process.argv.slice(2);
if (from === '' || to === '') throw new Error('freeze DIR FILE');
const TABLES = ['meta', 'log', 'bodies', 'blobs', 'blocks', 'requests'] as const;
/** Enough for a pack and for a segment; its text packs well. */
const FILE = 'A line of the file that everybody holds, and the number of it is\n';
const file = Array.from({ length: 2_000 }, (_, i) => `${i} ${FILE}`).join('');

const mesh = (await import(resolve(from, 'test/unit/node/mesh.ts'))) as Mesh;
const hub = mesh.createHub();
const a = mesh.createPeer(hub, 'a');
const b = mesh.createPeer(hub, 'b');
await a.api.setName('Ada');
await b.api.setName('Ben');
const { id } = await a.api.createGrove({
  name: 'Frozen',
  metrics: [{ name: 'loss', direction: 'minimize' }],
});
const cids: string[] = [];
for (let i = 0; i < 14; i += 1) {
  const artifacts = i === 3 ? { artifacts: { 'lines.txt': file } } : {};
  const relations =
    i === 0 ? {} : { relations: [{ targetCid: cids[i - 1] ?? '', relationType: 'derives_from' as const }] };
  const scores = { loss: { value: 20 - i, direction: 'minimize' as const } };
  cids.push(
    (await a.api.contribute(id, mesh.work(`Number ${i}`, { scores, ...relations, ...artifacts }))).cid,
  );
}
await b.api.join(await a.api.invite(id));
await mesh.joined(b, id);
await mesh.has(b, id, cids.at(-1) ?? '');
await mesh.until(async () => (await b.api.contribution(id, cids[3] ?? '')).files[0]?.held, 'b has the file');
cids.push((await b.api.contribute(id, mesh.work('Of Ben', { tags: ['own'] }))).cid);
await mesh.until(async () => a.api.contribution(id, cids.at(-1) ?? ''), 'a has that');
const { peerId } = await b.api.identity();
// What is written at leisure, too.
await new Promise((done) => setTimeout(done, 3_000));
a.stop();
b.stop();
await new Promise((done) => setTimeout(done, 200));
const rows = await Promise.all(
  TABLES.map(async (table) =>
    (await b.store.scan(table, '', null, 100_000)).map(({ key, value }) => ({
      table,
      key,
      value: Buffer.from(value).toString('base64'),
    })),
  ),
);

const entry = resolve(from, 'worker/adapters/store-idb.ts');
const bundled = await build({
  ...{ root: from, configFile: false, logLevel: 'silent' },
  build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'adapter' } },
});
const [output] = Array.isArray(bundled) ? bundled : [];
const script = output?.output[0].code ?? '';
const server = createServer((_, response) =>
  response.setHeader('content-type', 'text/html').end('<!doctype html>'),
);
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const browser = await chromium.launch({ executablePath: chromiumPath(), args: launchArgs });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${port}/`);
// The runner's compiler names functions by a helper of its own.
await page.addScriptTag({ content: `globalThis.__name = (it) => it;\n${script}` });
const database = await page.evaluate(write, rows);
await browser.close();
server.close();

const commit = execFileSync('git', ['-C', from, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const frozen: Frozen = {
  commit,
  expected: {
    peer: peerId,
    grove: id,
    cids,
    file: { cid: cids[3] ?? '', name: 'lines.txt', size: file.length },
  },
  ...database,
};
writeFileSync(to, gzipSync(JSON.stringify(frozen), { level: 9 }));
console.log(`${to}: version ${frozen.version} of the schema, ${readFileSync(to).length} bytes`);
process.exit(0);

/** Runs in the page. */
async function write(
  all: { table: string; key: string; value: string }[][],
): Promise<Pick<Frozen, 'version' | 'stores'>> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((settle, reject) => {
      request.onsuccess = () => settle(request.result);
      request.onerror = () => reject(request.error ?? new Error('no reason given'));
    });
  const toText = (bytes: Uint8Array): string =>
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const store = await adapter.openIdbStore({ name: 'frozen', onClosed: () => undefined });
  for (const some of all)
    await store.write(
      some.map(({ table, key, value }) => ({
        ...{ op: 'put', table, key },
        value: Uint8Array.from(atob(value), (char) => char.charCodeAt(0)),
      })),
      'strict',
    );
  store.close();
  const database = await done(indexedDB.open('frozen'));
  const stores: Frozen['stores'] = [];
  for (const name of Array.from(database.objectStoreNames)) {
    const open = (): IDBObjectStore => database.transaction(name).objectStore(name);
    const keys = await done(open().getAllKeys());
    const values = await done<unknown[]>(open().getAll());
    const found = await Promise.all(
      values.map(async (value, at): Promise<Frozen['stores'][number]['rows'][number]> => {
        const key = keys[at] as string | number;
        if (value instanceof Uint8Array) return { key, bytes: toText(value) };
        if (value instanceof Blob) return { key, blob: toText(new Uint8Array(await value.arrayBuffer())) };
        return { key, json: JSON.stringify(value) };
      }),
    );
    const at = open();
    const indexes = Array.from(at.indexNames, (index) => ({
      name: index,
      path: String(at.index(index).keyPath),
    }));
    stores.push({ name, indexes, rows: found });
  }
  const { version } = database;
  database.close();
  return { version, stores };
}
