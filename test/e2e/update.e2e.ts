// A newer build: it is offered, and taken only when a person says so.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Served, Tab } from './harness.ts';
import { DIST, removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';

describe('a newer build', () => {
  let server: Served;
  let browser: Browser;
  let next: string;

  beforeAll(async () => {
    next = await newerBuild();
    server = await serve();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
    await rm(next, { recursive: true, force: true });
  });

  it('is offered once it is installed, and the reload happens only in the tab where a person asks for it', async () => {
    const tab = await browser.open(server.url);
    await tab.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const { id } = await tab.call('createGrove', { name: 'Kept' });
    await server.close();
    server = await serve(server.port, undefined, next);

    await tab.page.reload();
    const banner = tab.page.getByTestId('update-banner');
    await banner.waitFor();
    const other = await browser.open(server.url);
    await other.page.getByTestId('update-banner').waitFor();
    await Promise.all([tab, other].map(mark));
    expect(await Promise.all([tab, other].map(buildOf))).toEqual(['old', 'old']);
    expect(await tab.page.evaluate(waits)).toBe(true);

    await banner.getByRole('button', { name: 'Update now' }).click();
    await until(async () => (await buildOf(tab)) === 'new', 'the newer build is shown');
    const updated = await tabOf(tab.page);
    expect(await isMarked(updated)).toBe(false);
    expect((await updated.call('groves')).map((grove) => grove.id)).toEqual([id]);
    expect(await updated.page.getByTestId('update-banner').count()).toBe(0);
    expect(await isMarked(other)).toBe(true);
    expect(await buildOf(other)).toBe('old');
    expect((await other.call('groves')).map((grove) => grove.id)).toEqual([id]);

    await other.page.getByRole('button', { name: 'Update now' }).click();
    await until(async () => (await buildOf(other)) === 'new', 'the other tab follows when asked');
  });
});

/** The build under test with another index.html, and a service worker that knows of it. */
async function newerBuild(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'thicket-build-'));
  await cp(DIST, dir, { recursive: true });
  const page = join(dir, 'index.html');
  await writeFile(page, (await readFile(page, 'utf8')).replace('</head>', '<meta name="newer"></head>'));
  const worker = join(dir, 'sw.js');
  const script = await readFile(worker, 'utf8');
  const changed = script.replace(/(url:[`"']index\.html[`"'],revision:[`"'])[0-9a-f]+/, '$1ffff');
  if (changed === script) throw new Error('sw.js names no revision of index.html');
  await writeFile(worker, changed);
  return dir;
}

const buildOf = ({ page }: Tab): Promise<string> =>
  page.evaluate(() => (document.querySelector('meta[name=newer]') ? 'new' : 'old'));

/** What a reload would forget. */
const mark = ({ page }: Tab): Promise<unknown> =>
  page.evaluate(() => void Object.assign(window, { marked: true }));
const isMarked = ({ page }: Tab): Promise<boolean> => page.evaluate(() => 'marked' in window);

/** In the page: whether a newer service worker waits. */
const waits = async (): Promise<boolean> =>
  ((await navigator.serviceWorker.getRegistration())?.waiting ?? null) !== null;
