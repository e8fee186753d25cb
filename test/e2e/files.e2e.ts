// Files in and out by hand: a folder taken in, a zip saved, a checkout changed and derived from. Folders and files that a
// person would pick are those of the browser's own file system, put in the place of the pickers.
import { unzipSync } from 'fflate';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { strings } from '../../src/strings.ts';
import { removeProfile, serve, startBrowser, type Browser, type Served, type Tab } from './harness.ts';

const { compose, takeOut, changes } = strings;
const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const names = (page: Page): Promise<string[]> =>
  page
    .getByRole('textbox', { name: new RegExp(`^${compose.fileName} \\d+$`) })
    .evaluateAll((inputs) => inputs.map((input) => (input instanceof HTMLInputElement ? input.value : '')));

/** Runs in the page, before its scripts. */
function pickInside(): void {
  const root = (): Promise<FileSystemDirectoryHandle> => navigator.storage.getDirectory();
  Object.assign(window, {
    showDirectoryPicker: async () => (await root()).getDirectoryHandle('picked', { create: true }),
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
      (await root()).getFileHandle(suggestedName, { create: true }),
  });
}
/** Runs in the page. */
async function writeInside({ path, text }: { path: string; text: string }): Promise<void> {
  const segments = ['picked', ...path.split('/')];
  const last = segments.pop() ?? '';
  let at = await navigator.storage.getDirectory();
  for (const segment of segments) at = await at.getDirectoryHandle(segment, { create: true });
  const writable = await (await at.getFileHandle(last, { create: true })).createWritable();
  await writable.write(text);
  await writable.close();
}
/** Runs in the page. */
async function readInside(name: string): Promise<number[]> {
  const file = await (await (await navigator.storage.getDirectory()).getFileHandle(name)).getFile();
  return [...new Uint8Array(await file.arrayBuffer())];
}

describe('files in and out', () => {
  let server: Served;
  let browser: Browser;
  let tab: Tab;
  let page: Page;
  let grove: string;
  let folder: string;

  beforeAll(async () => {
    server = await serve();
    browser = await startBrowser();
    await browser.context.addInitScript(pickInside);
    tab = await browser.open(server.url);
    ({ page } = tab);
    ({ id: grove } = await tab.call('createGrove', { name: 'Files' }));
    folder = await mkdtemp(join(tmpdir(), 'thicket-files-'));
    await mkdir(join(folder, 'study', 'data'), { recursive: true });
    await mkdir(join(folder, 'study', '.git'), { recursive: true });
    await writeFile(join(folder, 'study', 'readme.md'), '# Study');
    await writeFile(join(folder, 'study', 'data', 'run 1.csv'), 'a,b\n1,2\n');
    await writeFile(join(folder, 'study', '.git', 'config'), 'left out');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await removeProfile(browser.profile);
    await rm(folder, { recursive: true });
  });
  const go = async (fragment: string): Promise<void> => {
    await page.goto(`${server.url}/#/g/${grove}${fragment}`);
    await page.waitForFunction(() => 'thicket' in window);
  };
  const publish = async (summary: string): Promise<string> => {
    await page.getByRole('textbox', { name: compose.summary, exact: true }).fill(summary);
    await button(page, compose.submit).click();
    await page.getByRole('heading', { name: summary, exact: true }).waitFor();
    const { items } = await tab.call('contributions', grove, {});
    return items.find((item) => item.summary === summary)?.cid ?? '';
  };

  let first = '';
  it('C26: a chosen folder gives its files by their names in it, without what starts with a dot', async () => {
    await go('/new');
    await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'study'));
    await expect.poll(() => names(page)).toEqual(['study/data/run 1.csv', 'study/readme.md']);
    await page.getByText(compose.hidden(1)).waitFor();
    first = await publish('From a folder');
    const { artifacts } = await tab.call('contribution', grove, first);
    expect(Object.keys(artifacts).sort()).toEqual(['study/data/run 1.csv', 'study/readme.md']);
  });

  it('C26: a dropped folder does the same', async () => {
    await go('/new');
    const zone = await page.getByRole('group', { name: compose.files, exact: true }).last().boundingBox();
    const at = { x: (zone?.x ?? 0) + 20, y: (zone?.y ?? 0) + 10 };
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(folder, 'study')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, ...at, data });
    await expect.poll(() => names(page)).toEqual(['study/data/run 1.csv', 'study/readme.md']);
  });

  let second = '';
  it('C26: what changed in a checkout is offered as the files of what derives from it', async () => {
    await go(`/c/${first}`);
    await button(page, takeOut.folder).click();
    await page.getByText(takeOut.checkedOut('picked')).waitFor();
    await page.evaluate(writeInside, { path: 'study/readme.md', text: '# A longer study' });
    await page.evaluate(writeInside, { path: 'notes/mehr.txt', text: 'new' });

    await go('/new');
    await button(page, changes.pick).click();
    await page.getByText(changes.found(1, 1, 0, 1)).waitFor();
    await expect.poll(() => names(page)).toEqual(['study/readme.md', 'notes/mehr.txt']);
    await button(page, changes.same(1)).click();
    await expect
      .poll(() => names(page))
      .toEqual(['study/readme.md', 'notes/mehr.txt', 'study/data/run 1.csv']);
    second = await publish('Derived from a checkout');
    const derived = await tab.call('contribution', grove, second);
    expect(derived.relations).toEqual([{ targetCid: first, relationType: 'derives_from' }]);
    const before = await tab.call('contribution', grove, first);
    expect(derived.artifacts['study/data/run 1.csv']).toBe(before.artifacts['study/data/run 1.csv']);
    expect(derived.artifacts['study/readme.md']).not.toBe(before.artifacts['study/readme.md']);
  });

  it('C25: a contribution is saved as a zip, alone or with all it grew from', async () => {
    await go(`/c/${second}`);
    const name = `derived-from-a-checkout-${second.slice(7, 17)}.zip`;
    await button(page, takeOut.zip).click();
    await page.getByText(takeOut.saved(name)).waitFor();
    const alone = unzipSync(Uint8Array.from(await page.evaluate(readInside, name)));
    expect(Object.keys(alone).sort()).toEqual([
      'artifacts/notes/mehr.txt',
      'artifacts/study/data/run 1.csv',
      'artifacts/study/readme.md',
      'manifest.json',
    ]);
    expect(new TextDecoder().decode(alone['artifacts/study/readme.md'])).toBe('# A longer study');

    await page.getByRole('checkbox', { name: strings.files.choose('notes/mehr.txt') }).check();
    await button(page, takeOut.zipSome(1)).click();
    await expect
      .poll(async () => Object.keys(unzipSync(Uint8Array.from(await page.evaluate(readInside, name)))))
      .toEqual(['notes/mehr.txt']);

    await button(page, takeOut.lineage).click();
    await expect
      .poll(async () => Object.keys(unzipSync(Uint8Array.from(await page.evaluate(readInside, name)))))
      .toContain(`from-a-folder-${first.slice(7, 17)}/artifacts/study/readme.md`);
  });

  it('C25: where a browser can’t be asked where to save, it downloads', async () => {
    await page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
    // The route builds its pickers anew; the page is the same.
    await page.evaluate((hash) => (location.hash = hash), `#/g/${grove}/list`);
    await page.evaluate((hash) => (location.hash = hash), `#/g/${grove}/c/${first}`);
    const coming = page.waitForEvent('download');
    await button(page, takeOut.zip).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`from-a-folder-${first.slice(7, 17)}.zip`);
    const path = join(folder, 'saved.zip');
    await download.saveAs(path);
    const zip = unzipSync(new Uint8Array(await readFile(path)));
    expect(new TextDecoder().decode(zip['artifacts/study/data/run 1.csv'])).toBe('a,b\n1,2\n');
  });
});
