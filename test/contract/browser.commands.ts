// What tests in the browser ask of Playwright outside of their page.
import type { BrowserCommand } from 'vitest/node';
import { allDatabasesClosed, forceCloseDatabases } from '../indexeddb.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    /** Has the browser close every IndexedDB connection of the origin, as it does when it is short of something. */
    forceCloseDatabases(origin: string): Promise<void>;
    /** Waits until the origin has no IndexedDB connection. */
    allDatabasesClosed(origin: string): Promise<void>;
  }
}

type Command = BrowserCommand<[origin: string]>;

export const browserCommands = {
  forceCloseDatabases: (({ context }, origin) => forceCloseDatabases(context, origin)) satisfies Command,
  allDatabasesClosed: (({ context }, origin) => allDatabasesClosed(context, origin)) satisfies Command,
};
