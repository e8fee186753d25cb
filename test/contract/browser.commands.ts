// What tests in the browser ask of Playwright outside of their page.
import type { Page } from 'playwright';
import type { BrowserCommand } from 'vitest/node';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Has the browser close every IndexedDB connection of the origin, as it does when it is short of something. */
    forceCloseDatabases(origin: string): Promise<void>;
    /** Waits until the origin has no IndexedDB connection. */
    allDatabasesClosed(origin: string): Promise<void>;
  }
}

type Command = BrowserCommand<[origin: string]>;

const withInternals =
  (use: (page: Page, origin: string) => Promise<void>): Command =>
  async ({ context }, origin) => {
    const page = await context.newPage();
    try {
      await page.goto('chrome://indexeddb-internals');
      await use(page, origin);
    } finally {
      await page.close();
    }
  };

const partOf = (page: Page, origin: string, selector: string) =>
  page
    .locator('.indexeddb-origin', { hasText: `Origin: ${origin}` })
    .locator(selector)
    .first();

export const browserCommands = {
  forceCloseDatabases: withInternals((page, origin) => partOf(page, origin, '.force-close').click()),
  allDatabasesClosed: withInternals(async (page, origin) => {
    for (;;) {
      const count = await partOf(page, origin, '.connection-count').textContent();
      if (count?.trim() === '0') return;
      await page.reload();
    }
  }),
};
