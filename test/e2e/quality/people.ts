// One Chromium for everyone who looks: each person has storage, a peer and a screen of their own. Knows no screen.
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright';
import { chromiumPath, launchArgs } from '../../chromium.ts';
import { tabOf, type Tab } from '../harness.ts';

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };
/** A phone, but for its pixels: three to the point would only be three times the work. */
export const PHONE: BrowserContextOptions = { viewport: NARROW, hasTouch: true, isMobile: true };

/** What a page shows, it shows long before; a machine that others use as well is many times slower than a quiet one. */
const PATIENCE_MS = 60_000;

export interface People {
  /** Someone new at this address, once their peer answers. */
  meet(url: string, options?: BrowserContextOptions): Promise<Person>;
  close(): Promise<void>;
}
export interface Person extends Tab {
  context: BrowserContext;
  /** What the page complained of, and what its policy blocked. */
  complaints: string[];
}

export async function gather(): Promise<People> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: launchArgs,
    headless: true,
  });
  return {
    async meet(url, options = {}) {
      const context = await browser.newContext({
        viewport: WIDE,
        permissions: ['clipboard-read', 'clipboard-write'],
        ...options,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const complaints = listenTo(page);
      await page.goto(url);
      return { ...(await tabOf(page)), context, complaints };
    },
    close: () => browser.close(),
  };
}

function listenTo(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  return complaints;
}
