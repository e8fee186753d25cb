// What only the browser can do to databases, through its own page about them. Knows no database of ours.
import type { BrowserContext, Page } from 'playwright';

async function withInternals(context: BrowserContext, use: (page: Page) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  try {
    await page.goto('chrome://indexeddb-internals');
    await use(page);
  } finally {
    await page.close();
  }
}

const partOf = (page: Page, origin: string, selector: string) =>
  page
    .locator('.indexeddb-origin', { hasText: `Origin: ${origin}` })
    .locator(selector)
    .first();

/** Has the browser close every IndexedDB connection of the origin, as it does when it is short of something. */
export const forceCloseDatabases = (context: BrowserContext, origin: string): Promise<void> =>
  withInternals(context, (page) => partOf(page, origin, '.force-close').click());

/** Waits until the origin has no IndexedDB connection. */
export const allDatabasesClosed = (context: BrowserContext, origin: string): Promise<void> =>
  withInternals(context, async (page) => {
    for (;;) {
      const count = await partOf(page, origin, '.connection-count').textContent();
      if (count?.trim() === '0') return;
      await page.reload();
    }
  });
