// Tabs of two versions in one browser: they refuse to mix, say so, and go on once one of the two is gone.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { RPC_VERSION } from '../../worker/rpc/protocol.ts';
import type { Browser, Served } from './harness.ts';
import { removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PARTS = ['index.html', 'package.json', 'package-lock.json', 'LICENSE', 'public', 'src', 'worker'];
const CONFIGS = ['vite.config.ts', 'svelte.config.js', 'tsconfig.base.json', 'tsconfig.json'];
/** ms. */
const BUILDING = 600_000;

describe('tabs of two versions', () => {
  let server: Served;
  let browser: Browser;
  let tree: string;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'thicket-version-'));
    await buildNext(tree);
    server = await serve();
    browser = await startBrowser();
  }, BUILDING);
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
    await rm(tree, { recursive: true, force: true });
  });

  it('refuse to mix with a clear message, harm nothing, and the newer goes on by itself once the older is gone', async () => {
    const old = await browser.open(server.url);
    const { id } = await old.call('createGrove', { name: 'Kept' });
    // As if it had been told to update: the service worker would serve the version that this tab has.
    await old.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
    });
    await server.close();
    server = await serve(server.port, undefined, join(tree, 'dist'));

    const page = await browser.context.newPage();
    await page.goto(server.url);
    await page.getByTestId('problem').getByText(strings.problems.version).first().waitFor();
    const refused = await page.evaluate(async () => {
      const { thicket } = window;
      return thicket.groves().then(
        () => '',
        (error: unknown) => String(Reflect.get(Object(error), 'code')),
      );
    });
    expect(refused).toBe('version');
    // The one that was there notices nothing.
    await old.call('contribute', id, { kind: 'work', summary: 'Meanwhile' });
    expect((await old.call('contributions', id)).items).toHaveLength(1);

    await old.page.close();
    await page.getByRole('link', { name: 'Kept' }).waitFor({ timeout: 60_000 });
    const fresh = await until(
      () =>
        page.evaluate(async (grove) => {
          const { thicket } = window;
          return (await thicket.contributions(grove)).items.map(({ summary }) => summary);
        }, id),
      'the newer one has what the older wrote',
    );
    expect(fresh).toEqual(['Meanwhile']);
    await page.reload();
    const again = await tabOf(page);
    expect((await again.call('groves')).map(({ name }) => name)).toEqual(['Kept']);
  });
});

/** The sources with a higher version of the wire between page and worker, built anew. */
async function buildNext(dir: string): Promise<void> {
  for (const part of [...PARTS, ...CONFIGS]) await cp(join(ROOT, part), join(dir, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const protocol = join(dir, 'worker/rpc/protocol.ts');
  const source = await readFile(protocol, 'utf8');
  const next = source.replace(`RPC_VERSION = ${RPC_VERSION};`, `RPC_VERSION = ${RPC_VERSION + 1};`);
  if (next === source) throw new Error('protocol.ts names no version');
  await writeFile(protocol, next);
  await promisify(execFile)('npx', ['vite', 'build'], { cwd: dir });
}
