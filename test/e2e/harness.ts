// Real Chromium processes on a real server: what every end-to-end test starts from. Knows no test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, devices, type BrowserContext, type Page } from 'playwright';
import { startServer } from '../../worker/signal/server.ts';
import type { Events, EventName, Method, Methods } from '../../worker/rpc/api.ts';
import { chromiumPath, launchArgs } from '../chromium.ts';

/** The built app; THICKET_DIST names another build. */
export const DIST = process.env['THICKET_DIST'] ?? new URL('../../dist', import.meta.url).pathname;

export type Served = Awaited<ReturnType<typeof startServer>>;
export type Traffic = (direction: string, bytes: Uint8Array) => void;

/** The app and its endpoint on a free port, or on a given one; `dir` names another build. */
export const serve = (port = 0, onTraffic?: Traffic, dir = DIST): Promise<Served> =>
  startServer({
    port,
    host: '127.0.0.1',
    dir,
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

/** A browser process of its own, with a profile of its own. `phone`: it says that it is one. */
export async function startBrowser(
  options: { profile?: string; args?: string[]; phone?: boolean } = {},
): Promise<Browser> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'thicket-')));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: [...launchArgs, ...(options.args ?? [])],
    headless: true,
    viewport: { width: 1280, height: 800 },
    ...(options.phone === true ? devices['Pixel 7'] : {}),
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // Some compilers name functions by a helper that a page doesn't have.
  await context.addInitScript('globalThis.__name ??= (value) => value');
  await context.addInitScript(keepConnections);
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
  // Processes of a killed browser may still write for a moment.
  rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

export interface Tab {
  page: Page;
  /** One call of window.thicket. */
  call<M extends Method>(method: M, ...params: Methods[M]['params']): Promise<Methods[M]['result']>;
}

/** Resolves once window.thicket is there and ready. */
export async function tabOf(page: Page): Promise<Tab> {
  await page.waitForFunction(() => 'thicket' in window);
  await page.evaluate(() => window.thicket.ready);
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
  const { thicket } = window;
  const call = new Map<string, unknown>(Object.entries(thicket)).get(method);
  if (typeof call !== 'function') throw new Error(`window.thicket has no ${method}`);
  return Reflect.apply(call, null, params) as Promise<unknown>;
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
      window.heard = { ...window.heard, [store]: heard };
      const { thicket } = window;
      thicket.on(event, (payload) => heard.push(payload));
    },
    { event: name, store: key },
  );
  return () => tab.page.evaluate((store) => (window.heard?.[store] ?? []) as never[], key);
}

/** Runs in every page before its scripts: keeps the RTCPeerConnections that it makes. */
function keepConnections(): void {
  const made: RTCPeerConnection[] = [];
  const Original = window.RTCPeerConnection;
  Object.assign(window, {
    madeConnections: made,
    RTCPeerConnection: class extends Original {
      constructor(...all: ConstructorParameters<typeof RTCPeerConnection>) {
        super(...all);
        made.push(this);
      }
    },
  });
}

/** RTCPeerConnections of this tab that are not closed. */
export const connections = (tab: Tab): Promise<number> =>
  tab.page.evaluate(() => {
    const { madeConnections } = window;
    return madeConnections.filter(({ connectionState }) => connectionState !== 'closed').length;
  });

/** A grove of the first, joined by the others; once all are in. */
export async function share(owner: Tab, ...joiners: Tab[]): Promise<string> {
  const { id } = await owner.call('createGrove', { name: 'Shared' });
  for (const joiner of joiners) {
    await joiner.call('join', await owner.call('invite', id));
    await until(async () => isActive(joiner, id), 'the invite completes');
  }
  return id;
}

/** Whether this tab's peer is a member of the grove. */
export const isActive = async (tab: Tab, grove: string): Promise<boolean> =>
  (await tab.call('groves')).some(({ id, state }) => id === grove && state === 'active');

/** The links to another peer: one, or none. Each is named by its id and its beginning: a new worker counts from 1 again. */
export async function linksTo(tab: Tab, peer: string): Promise<string[]> {
  const rows = await tab.call('peers');
  return rows.flatMap(({ peerId, link }) => (peerId === peer && link ? [`${link.id} ${link.since}`] : []));
}

/** Whether a contribution with this summary is here. */
export const hasSummary = async (tab: Tab, grove: string, summary: string): Promise<boolean> =>
  (await tab.call('contributions', grove, { limit: 500 })).items.some((item) => item.summary === summary);
