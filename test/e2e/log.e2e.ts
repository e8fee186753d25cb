// The signed log on its screen: only what is in sight is made, one entry is read and verified, and what is new comes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { href } from '../../src/routes.ts';
import { strings } from '../../src/strings.ts';
import { removeProfile, serve, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const words = strings.log;

describe('the signed log', () => {
  let server: Served;
  let browser: Browser;
  let ada: Tab;
  let grove = '';

  beforeAll(async () => {
    server = await serve();
    browser = await startBrowser();
    ada = await browser.open(server.url);
    await ada.call('setName', 'Ada');
    grove = (await ada.call('openSample')).id;
  });
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
  });

  it('G30: is listed without blank rows to its end, filtered, and each entry opens with its bytes, verified', async () => {
    const { page } = ada;
    const entries = (await ada.call('log', grove)).totals?.entries ?? 0;
    expect(entries).toBeGreaterThan(100);
    await page.goto(`${server.url}/${href.about(grove)}`);
    await page.getByRole('link', { name: words.open }).click();
    const frame = page.getByTestId('log-rows');
    await frame.getByRole('listitem').first().waitFor();
    expect(await frame.getByRole('listitem').count()).toBeLessThan(60);
    await page.getByText(words.shown(entries, false)).waitFor();

    // To the oldest: the contract, which everything rests on.
    await until(async () => {
      await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      return frame.getByRole('button', { name: /^contract/ }).isVisible();
    }, 'the contract in sight');
    await frame.getByRole('button', { name: /^contract/ }).click();
    const detail = page.getByTestId('log-entry');
    await detail.getByText(words.verified).waitFor();
    await detail.getByText(words.dependsNone).waitFor();
    await detail.locator('summary').filter({ hasText: words.header }).click();
    const header = await detail.locator('pre').first().textContent();
    expect(header).toBe((await ada.call('logEntry', grove, grove)).header);

    await page.getByLabel(words.kind, { exact: true }).selectOption('contribution');
    await page.getByText(words.shown(109, false)).waitFor();
    await frame.getByRole('button').first().click();
    await detail.getByText('contribution', { exact: true }).waitFor();
    // From entry to entry along what it was written after.
    await detail.getByRole('button', { name: new RegExp(`^${words.prev}`) }).click();
    await until(
      async () => (await detail.locator('dd').nth(2).textContent())?.trim() !== '',
      'the one before',
    );

    await ada.call('contribute', grove, { kind: 'work', summary: 'Live' });
    await page.getByText(words.shown(110, false)).waitFor();
    await frame.evaluate((element) => element.scrollTo(0, 0));
    await frame.getByRole('button').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until(async () => frame.getByRole('button').nth(1).getAttribute('aria-pressed'), 'one is chosen');
  });
});
