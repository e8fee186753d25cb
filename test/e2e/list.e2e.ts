// The list while a search is typed: whose rows say what was found, and what becomes of the one that the keyboard is in.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { href } from '../../src/routes.ts';
import { removeProfile, serve, startBrowser, tabOf, type Browser, type Served } from './harness.ts';

const ROWS = '[data-testid="contribution-row"]';
const TITLES = `${ROWS} .what > a`;
/** Rows that any screen has, with those below it. */
const SCREEN = 12;

describe('the list', () => {
  let server: Served;
  let browser: Browser;
  let page: Page;
  let grove = '';
  /** Of all rows, newest first. */
  let all: string[] = [];
  /** Found in some of them only. */
  let word = '';
  let found: string[] = [];

  const summaries = async (text?: string): Promise<string[]> => {
    const { items } = await (
      await tabOf(page)
    ).call('contributions', grove, text === undefined ? {} : { text });
    return items.map(({ summary }) => summary);
  };
  /** Once the list shows these in this order: all, or as many as a screen has. */
  const shows = (titles: readonly string[]) =>
    page.waitForFunction(
      ({ selector, wanted, least }) => {
        const shown = [...document.querySelectorAll(selector)].map((title) => title.textContent.trim());
        return shown.length >= least && shown.every((title, at) => title === wanted[at]);
      },
      { selector: TITLES, wanted: titles, least: Math.min(SCREEN, titles.length) },
    );

  beforeAll(async () => {
    server = await serve();
    browser = await startBrowser();
    const tab = await browser.open(server.url);
    ({ page } = tab);
    grove = (await tab.call('openSample')).id;
    all = await summaries();
    [word = ''] = (all.at(-1) ?? '').split(' ');
    found = await summaries(word);
  });
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
  });

  it('shows what a search finds, all of it and in its order, in rows that were there', async () => {
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(SCREEN);
    await page.goto(`${server.url}${href.list(grove)}`);
    await shows(all);
    await page.evaluate((rows) => {
      for (const row of document.querySelectorAll<HTMLElement>(rows)) row.dataset['kept'] = '';
    }, ROWS);
    const field = page.locator('main input[type=search]');
    await field.pressSequentially(word);
    await shows(found);
    expect(await page.locator(`${ROWS}[data-kept]`).count()).toBe(found.length);
    await field.fill('');
    await shows(all);
  });

  it('never has another contribution come under the keyboard', async () => {
    await page.goto(`${server.url}${href.list(grove)}`);
    await shows(all);
    const gone = all.findIndex((title) => !found.includes(title));
    await page.locator(TITLES).nth(gone).focus();
    // As "back" does: nothing in the page takes the focus.
    await page.evaluate(
      (fragment) => {
        history.replaceState(null, '', fragment);
        dispatchEvent(new PopStateEvent('popstate'));
      },
      href.list(grove, { text: word }),
    );
    await shows(found);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  });
});
