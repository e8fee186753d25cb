// Files on their way and in store, by hand: the tray at the receiver, what fits, and what goes from a device.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { strings } from '../../src/strings.ts';
import { hasSummary, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const { transfers: words, contribution, pins, room, storage } = strings;
/** Bytes: long enough on its way for a person to press a button. */
const LARGE = 96 * 1024 * 1024;
const SUMMARY = 'Trained weights';
const button = (at: Page | Locator, name: string): Locator => at.getByRole('button', { name, exact: true });

/** Contributes random bytes made in the page. */
const contribute = (tab: Tab, grove: string, summary: string, size: number): Promise<string> =>
  tab.page.evaluate(
    async ({ id, text, length }) => {
      const parts = Array.from({ length: Math.ceil(length / 65_536) }, () =>
        crypto.getRandomValues(new Uint8Array(65_536)),
      );
      const input = { kind: 'work' as const, summary: text };
      const artifacts = { 'weights.bin': new Blob(parts).slice(0, length) };
      return (await window.thicket.contribute(id, { ...input, artifacts })).cid;
    },
    { id: grove, text: summary, length: size },
  );

describe('transfers and storage by hand', () => {
  let server: Served;
  let browsers: Browser[];
  let ada: Tab;
  let ben: Tab;
  let grove: string;

  beforeAll(async () => {
    server = await serve();
    browsers = await Promise.all([startBrowser(), startBrowser()]);
    const tabs = await Promise.all(browsers.map((browser) => browser.open(server.url)));
    const [first, second] = tabs;
    if (first === undefined || second === undefined) throw new Error('two browsers have two tabs');
    [ada, ben] = [first, second];
    grove = await share(ada, ben);
    await ben.call('policy', grove, { artifacts: 'on-demand' });
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  const go = (path: string): Promise<unknown> => ben.page.goto(`${server.url}/#/${path}`);
  const goTo = (cid: string): Promise<unknown> => go(`g/${grove}/c/${cid.replace('blake3:', '')}`);
  const held = async (cid: string): Promise<boolean> =>
    (await ben.call('contribution', grove, cid)).files.every((file) => file.held);

  it('the first grove that is joined offers once to have the browser keep what is here', async () => {
    const offer = ben.page.getByTestId('keep-offer');
    await offer.waitFor();
    await button(offer, room.later).click();
    await offer.waitFor({ state: 'detached' });
    await ben.page.reload();
    await ben.page.getByRole('heading').first().waitFor();
    await ben.page.evaluate(() => window.thicket.ready);
    expect(await offer.count()).toBe(0);
  });

  it('C11: a file on its way is in the tray, waits where it is told to, goes on, and arrives whole', async () => {
    const { page } = ben;
    const cid = await contribute(ada, grove, SUMMARY, LARGE);
    await until(() => hasSummary(ben, grove, SUMMARY), 'the contribution, without its file');
    await goTo(cid);
    await button(page, contribution.fetchAll).click();
    await page.getByTestId('transfers-button').click();
    const row = page.getByTestId('transfer');
    await until(
      async () => ((await ben.call('stats')).transfers[0]?.received ?? 0) > 0,
      'something of it is there',
    );
    await button(row, words.pause('weights.bin')).click();
    await row.and(page.locator('[data-state=paused]')).waitFor();
    expect(await row.innerText()).toContain(SUMMARY);
    expect((await ben.call('stats')).transfers).toMatchObject([
      { state: 'paused', size: LARGE, cids: [cid] },
    ]);
    expect(await held(cid)).toBe(false);
    // It stays on every page.
    await go('settings');
    await page.getByTestId('transfers-button').click();
    expect(await row.innerText()).toContain(words.states.paused);

    // And over a restart: the worker ends with its only page.
    const { received = 0 } = (await ben.call('stats')).transfers[0] ?? {};
    expect(received).toBeGreaterThan(0);
    await page.reload();
    await page.getByTestId('transfers-button').click();
    await row.and(page.locator('[data-state=paused]')).waitFor();
    expect(await row.innerText()).toContain(SUMMARY);
    expect((await ben.call('stats')).transfers).toMatchObject([{ state: 'paused', received }]);

    await button(row, words.resume('weights.bin')).click();
    await row.and(page.locator('[data-state=complete]')).waitFor({ timeout: 100_000 });
    expect(await held(cid)).toBe(true);
    await button(page, words.clear).click();
    await page.keyboard.press('Escape');
    await page.getByTestId('transfers-button').waitFor({ state: 'detached' });
  });

  it('C15: what doesn’t fit in the budget says so and shows the way; what goes by hand is asked for; a pin stays', async () => {
    const { page } = ben;
    const [large] = (await ben.call('contributions', grove)).items;
    const cid = await contribute(ada, grove, 'Second', 2_000_000);
    await until(() => hasSummary(ben, grove, 'Second'), 'the second contribution');
    await ben.call('policy', grove, { budget: 1_000_000 });
    await goTo(cid);
    await button(page, contribution.fetchAll).click();
    const problem = page.locator('article').getByTestId('problem');
    await problem.waitFor();
    expect(await problem.innerText()).toContain(strings.problems.quota);
    await problem.getByRole('link', { name: storage.look }).click();
    const usage = page.getByTestId('grove-usage');
    await usage.waitFor();

    await ben.call('policy', grove, { budget: null });
    if (large === undefined) throw new Error('the first contribution is gone');
    await ben.call('fetch', grove, large.cid, { artifacts: true });
    await usage.locator('summary').click();
    const stored = usage.getByTestId('stored').filter({ hasText: 'weights.bin' });
    await stored.getByRole('checkbox').check();
    await usage.getByRole('button', { name: /^Remove 1 file/ }).click();
    expect(await held(large.cid)).toBe(true);
    await button(usage, storage.removeYes).click();
    await until(async () => !(await held(large.cid)), 'it is gone');

    await goTo(large.cid);
    await button(page, pins.pin).click();
    await until(async () => (await ben.call('pins', grove)).includes(large.cid), 'it is pinned');
    await until(() => held(large.cid), 'what is pinned comes again', 100_000);
    const size = await page.evaluate(
      async ({ id, of }) => (await window.thicket.artifact(id, of, 'weights.bin')).size,
      { id: grove, of: large.cid },
    );
    expect(size).toBe(LARGE);
  });
});
