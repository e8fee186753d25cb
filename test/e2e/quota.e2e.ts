// A disk that is full, and a database that goes away under the worker: said clearly, nothing acknowledged lost.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CDPSession } from 'playwright';
import { strings } from '../../src/strings.ts';
import { removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';
import { forceCloseDatabases } from '../indexeddb.ts';

/** Bytes. What is kept of the app itself is some 2 MB. */
const QUOTA = 16_000_000;
const LARGE = 40_000_000;

interface Outcome {
  cid?: string;
  code?: string;
  message?: string;
}

/** Contributes random bytes made in the page; a refusal is an outcome too. */
const contribute = (tab: Tab, grove: string, summary: string, size: number): Promise<Outcome> =>
  tab.page.evaluate(
    async ({ id, text, length }) => {
      const parts = Array.from({ length: Math.ceil(length / 65_536) }, () =>
        crypto.getRandomValues(new Uint8Array(65_536)),
      );
      const { thicket } = window;
      try {
        return await thicket.contribute(id, {
          kind: 'work',
          summary: text,
          artifacts: { 'noise.bin': new Blob(parts).slice(0, length) },
        });
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { code, message };
      }
    },
    { id: grove, text: summary, length: size },
  );

const summaries = async (tab: Tab, grove: string): Promise<string[]> =>
  (await tab.call('contributions', grove)).items.map(({ summary }) => summary).sort();

/** All that a person could carry away: every contribution, and the bytes of every file. */
async function readAll(tab: Tab, grove: string): Promise<{ cid: string; bytes: number }[]> {
  const { items } = await tab.call('contributions', grove);
  return Promise.all(
    items.map(async ({ cid }) => {
      const { files } = await tab.call('contribution', grove, cid);
      const sizes = await Promise.all(
        files.map(({ name }) =>
          tab.page.evaluate(async ({ id, of, file }) => (await window.thicket.artifact(id, of, file)).size, {
            id: grove,
            of: cid,
            file: name,
          }),
        ),
      );
      return { cid, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
}

describe('storage', () => {
  let server: Served;
  let browser: Browser;
  let tab: Tab;
  let session: CDPSession;
  let grove: string;

  const setQuota = (quotaSize?: number): Promise<unknown> =>
    session.send('Storage.overrideQuotaForOrigin', {
      origin: server.url,
      ...(quotaSize === undefined ? {} : { quotaSize }),
    });

  beforeAll(async () => {
    server = await serve();
  });
  beforeEach(async () => {
    browser = await startBrowser();
    // Chromium asks for the quota seldom while there is plenty: it is low before the origin has any data.
    const page = await browser.context.newPage();
    await page.goto(`${server.url}/icons/icon.svg`);
    session = await browser.context.newCDPSession(page);
    await setQuota(QUOTA);
    await page.goto(server.url);
    tab = await tabOf(page);
    grove = (await tab.call('createGrove', { name: 'Small disk' })).id;
    expect(await contribute(tab, grove, 'Before', 300_000)).toHaveProperty('cid');
  });
  afterEach(async () => {
    await browser.close();
    await removeProfile(browser.profile);
  });
  afterAll(async () => {
    await server.close();
  });

  it('D5: a contribution beyond the quota is refused clearly, loses nothing, and succeeds once there is room', async () => {
    const before = await readAll(tab, grove);
    const refused = await contribute(tab, grove, 'Too large', LARGE);
    expect(refused).toMatchObject({ code: 'quota' });
    expect(refused.message).toContain('is full');
    expect(await summaries(tab, grove)).toEqual(['Before']);
    expect(await readAll(tab, grove)).toEqual(before);

    await setQuota();
    expect(await contribute(tab, grove, 'Too large', LARGE)).toHaveProperty('cid');
    await tab.page.reload();
    tab = await tabOf(tab.page);
    expect(await summaries(tab, grove)).toEqual(['Before', 'Too large']);
    expect((await readAll(tab, grove)).map(({ bytes }) => bytes).sort((a, b) => a - b)).toEqual([
      300_000,
      LARGE,
    ]);
  });

  it('D5: the form says so in plain words, keeps what was filled in, and publishes it once there is room', async () => {
    const { page } = tab;
    await page.goto(`${server.url}/#/g/${grove}/new`);
    await page.getByRole('textbox', { name: strings.compose.summary, exact: true }).fill('By hand');
    await page.evaluate((size) => {
      const parts = Array.from({ length: Math.ceil(size / 65_536) }, () =>
        crypto.getRandomValues(new Uint8Array(65_536)),
      );
      const list = new DataTransfer();
      list.items.add(new File(parts, 'noise.bin'));
      const input = document.querySelector<HTMLInputElement>('input[type=file]');
      if (input === null) throw new Error('there is no file input');
      input.files = list.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }, LARGE);
    await page.getByRole('button', { name: strings.compose.submit }).click();
    const problem = page.locator('form').getByTestId('problem');
    await problem.waitFor();
    expect(await problem.innerText()).toContain(strings.problems.quota);
    expect(await page.getByRole('textbox', { name: `${strings.compose.fileName} 1` }).inputValue()).toBe(
      'noise.bin',
    );
    expect(await summaries(tab, grove)).toEqual(['Before']);

    await setQuota();
    await page.getByRole('button', { name: strings.compose.submit }).click();
    await until(async () => (await summaries(tab, grove)).includes('By hand'), 'it is published');
    await page.getByRole('heading', { name: 'By hand' }).waitFor();
    expect(await page.getByTestId('problem').count()).toBe(0);
  });

  it('D5: a database that the browser closes is opened again, and nothing of it is lost', async () => {
    await forceCloseDatabases(browser.context, server.url);
    expect(await contribute(tab, grove, 'After', 1000)).toHaveProperty('cid');
    expect(await summaries(tab, grove)).toEqual(['After', 'Before']);
    await tab.page.reload();
    tab = await tabOf(tab.page);
    expect(await summaries(tab, grove)).toEqual(['After', 'Before']);
    expect(await tab.call('verify')).toMatchObject({ sound: true, found: 0 });
  });

  it('S10, D5: a database erased under the worker is said to be gone; the app goes on, and starts anew on a reload', async () => {
    const crashes: string[] = [];
    tab.page.on('pageerror', (error) => crashes.push(error.message));
    tab.page.on('crash', () => crashes.push('the page crashed'));
    const before = (await tab.call('identity')).peerId;
    await session.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'indexeddb' });

    expect(await contribute(tab, grove, 'Into nothing', 1000)).toMatchObject({ code: 'closed' });
    // A store that can't be read is not said to be whole.
    const checked = await tab.page.evaluate(() =>
      window.thicket.verify().then(
        ({ sound }) => String(sound),
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    expect(checked).toBe('closed');
    const problem = tab.page.getByTestId('problem').first();
    await problem.waitFor();
    expect(await problem.innerText()).toContain(strings.problems.closed);
    // It answers still, from what it has in memory.
    expect((await tab.call('identity')).peerId).toBe(before);
    expect(await summaries(tab, grove)).toEqual(['Before']);

    await tab.page.reload();
    tab = await tabOf(tab.page);
    expect(await tab.call('groves')).toEqual([]);
    expect((await tab.call('identity')).peerId).not.toBe(before);
    expect((await tab.call('createGrove', { name: 'Anew' })).id).toMatch(/^[0-9a-f]{64}$/);
    expect(crashes).toEqual([]);
  });
});
