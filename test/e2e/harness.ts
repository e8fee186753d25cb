// Real Chromium processes on a real server: what every end-to-end test starts from. Knows no test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { startServer } from '../../worker/signal/server.ts';
import type { Events, EventName, Method, Methods } from '../../worker/rpc/api.ts';
import { chromiumPath, launchArgs } from '../chromium.ts';

/** The built app; THICKET_DIST names another build. */
export const DIST = process.env['THICKET_DIST'] ?? new URL('../../dist', import.meta.url).pathname;

export type Served = Awaited<ReturnType<typeof startServer>>;
export type Traffic = (direction: string, bytes: Uint8Array) => void;

/** The app and its endpoint on a free port, or on a given one. */
export const serve = (port = 0, onTraffic?: Traffic): Promise<Served> =>
  startServer({
    port,
    host: '127.0.0.1',
    dir: DIST,
    log: () => undefined,
    ...(onTraffic ? { onTraffic } : {}),
  });

export interface Browser {
  context: BrowserContext;
  profile: string;
  /** A tab on the app, once its peer answers. */
  open(url: string): Promise<Tab>;
  /** Ends the process; the profile stays for `restart`. */
  close(): Promise<void>;
}

/** A browser process of its own, with a profile of its own. */
export async function startBrowser(options: { profile?: string; args?: string[] } = {}): Promise<Browser> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'thicket-')));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: [...launchArgs, ...(options.args ?? [])],
    headless: true,
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  return {
    context,
    profile,
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return tabOf(page);
    },
    close: () => context.close(),
  };
}

export const removeProfile = (profile: string): Promise<void> =>
  rm(profile, { recursive: true, force: true });

export interface Tab {
  page: Page;
  /** One call of window.thicket. */
  call<M extends Method>(method: M, ...params: Methods[M]['params']): Promise<Methods[M]['result']>;
}

/** Resolves once window.thicket is there and ready. */
export async function tabOf(page: Page): Promise<Tab> {
  await page.waitForFunction(() => 'thicket' in window);
  await page.evaluate(() => (window as unknown as { thicket: { ready: Promise<void> } }).thicket.ready);
  return {
    page,
    call(method, ...params) {
      const sent: { method: string; params: unknown[] } = { method, params };
      return page.evaluate(callThicket, sent) as Promise<never>;
    },
  };
}

/** Runs in the page. */
function callThicket({ method, params }: { method: string; params: unknown[] }): Promise<unknown> {
  const { thicket } = window as unknown as {
    thicket: Record<string, (...all: unknown[]) => Promise<unknown>>;
  };
  const call = thicket[method];
  if (call === undefined) throw new Error(`window.thicket has no ${method}`);
  return call(...params);
}

/** Polls until the probe gives something true. The limit only ends a hung run. */
export async function until<T>(
  probe: () => Promise<T | null | undefined | false>,
  what: string,
  limit = 30_000,
): Promise<T> {
  const end = Date.now() + limit;
  let last = '';
  for (;;) {
    try {
      const value = await probe();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : 'no error'})`;
    }
    if (Date.now() > end) throw new Error(`not reached in ${limit} ms: ${what}${last}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Counts an event of window.thicket from now on; the getter reads what came. */
export async function listen<E extends EventName>(tab: Tab, name: E): Promise<() => Promise<Events[E][]>> {
  const key = `heard_${name}_${Math.floor(performance.now() * 1000)}`;
  await tab.page.evaluate(
    ({ event, store }) => {
      const heard: unknown[] = [];
      Object.assign(window, { [store]: heard });
      const { thicket } = window as unknown as {
        thicket: { on(name: string, listener: (payload: unknown) => void): () => void };
      };
      thicket.on(event, (payload) => heard.push(payload));
    },
    { event: name, store: key },
  );
  return () => tab.page.evaluate((store) => (window as unknown as Record<string, never[]>)[store] ?? [], key);
}
