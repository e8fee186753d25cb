// Two devices that use no meeting point are linked by what two people do on their screens; then one looks at what passed.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { href } from '../../src/routes.ts';
import { strings } from '../../src/strings.ts';
import type { GossipMessage } from '../../worker/rpc/api.ts';
import { isActive, removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const words = strings.hand;
const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** The text in a field that a person would copy. */
async function textIn(page: Page, testid: string): Promise<string> {
  const field = page.getByTestId(testid);
  await field.waitFor({ timeout: 30_000 });
  return field.inputValue();
}

describe('links by hand', () => {
  let server: Served;
  let browsers: Browser[] = [];
  let ada: Tab;
  let ben: Tab;
  let grove = '';

  beforeAll(async () => {
    server = await serve();
    browsers = await Promise.all([startBrowser(), startBrowser()]);
    [ada, ben] = (await Promise.all(browsers.map((browser) => browser.open(server.url)))) as [Tab, Tab];
    await ada.call('setName', 'Ada');
    await ben.call('setName', 'Ben');
    grove = (await ada.call('createGrove', { name: 'Speedrun' })).id;
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('R4: a meeting point is tested, and then used no more', async () => {
    const { page } = ben;
    await page.goto(`${server.url}/${href.settings}`);
    await button(page, strings.settings.test).click();
    const told = page.getByTestId('endpoint-tests');
    await told.getByText(/answers, \d+ ms/).waitFor();
    await page.getByRole('radio', { name: strings.settings.discoveries.hand }).check();
    await button(page, strings.settings.save).click();
    await page.getByText(strings.settings.saved).waitFor();
    await until(async () => (await ben.call('stats')).signal.state === 'off', 'the endpoint is left');
    expect(await page.getByTestId('endpoint-down').count()).toBe(0);
  });

  it('R4: an invite completes by two texts that are carried between two screens', async () => {
    await ben.call('join', await ada.call('invite', grove));
    await ben.page.goto(`${server.url}/${href.hand(grove)}`);
    await button(ben.page, words.make).click();
    const offer = await textIn(ben.page, 'hand-offer');
    await ben.page.getByRole('img', { name: words.qr }).waitFor();

    await ada.page.goto(`${server.url}/${href.peers(grove)}`);
    await ada.page.getByRole('link', { name: strings.peers.byHand }).click();
    await ada.page.getByRole('tab', { name: words.reply }).click();
    await ada.page.getByTestId('hand-take-offer').fill('not such a text');
    await button(ada.page, words.answer).click();
    await ada.page.getByTestId('problem').waitFor();
    await ada.page.getByTestId('hand-take-offer').fill(offer);
    await button(ada.page, words.answer).click();
    const answer = await textIn(ada.page, 'hand-answer');
    expect(await ada.page.getByTestId('problem').count()).toBe(0);

    await ben.page.getByTestId('hand-take-answer').fill(answer);
    await button(ben.page, words.link).click();
    await ben.page.getByTestId('hand-outcome').getByText(words.linked('Ada')).waitFor();
    await ada.page.getByTestId('hand-outcome').getByText(words.linked('Ben')).waitFor();
    await until(() => isActive(ben, grove), 'the invite completes');
  });

  it('Y4, O1: a peer is paused and let go on; what passed is looked through and kept', async () => {
    const { cid } = await ada.call('contribute', grove, { kind: 'work', summary: 'Carried' });
    await until(async () => (await ben.call('contribution', grove, cid)).body, 'it arrived');
    const { page } = await tabOf(ada.page);
    await page.goto(`${server.url}/${href.peers(grove)}`);
    const row = page.getByTestId('peer-row').filter({ hasText: 'Ben' });
    await row.getByText(strings.peers.details, { exact: true }).click();
    await row.getByText(strings.peers.sources.hand).waitFor();
    await row.getByRole('button', { name: strings.peers.pause }).click();
    await row.getByRole('button', { name: strings.peers.resume }).waitFor();
    await row.getByRole('button', { name: strings.peers.resume }).click();
    await row.getByRole('button', { name: strings.peers.pause }).waitFor();

    await page.getByText(strings.gossip.title).click();
    const log = page.getByTestId('gossip-log');
    await log.waitFor();
    await page.getByRole('combobox', { name: strings.gossip.type }).selectOption('entries');
    await log.getByText(strings.gossip.why.eager).first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(page, strings.gossip.download).click(),
    ]);
    const messages = JSON.parse(await readFile(await download.path(), 'utf8')) as GossipMessage[];
    expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(['entries']));
    expect(messages.some(({ why, direction }) => why === 'eager' && direction === 'out')).toBe(true);
  });
});
