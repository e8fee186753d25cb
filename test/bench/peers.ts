// Browser processes with the built app in one grove, files that they contribute, and what they got of each other. Knows no job.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linksTo, removeProfile, serve, share, startBrowser, until } from '../e2e/harness.ts';
import type { Browser, Served, Tab } from '../e2e/harness.ts';
import type { ContributeInput } from '../../public/thicket.d.ts';
import type {} from './page.d.ts';

export interface Peer {
  browser: Browser;
  tab: Tab;
}
export interface Peers {
  server: Served;
  grove: string;
  /** The first owns the grove. */
  all: Peer[];
  /** For files to contribute. */
  folder: string;
  close(): Promise<void>;
}

export interface PeersOptions {
  /** Runs in every page before its scripts. */
  init?: () => void;
  /** What all of them fetch by themselves; else nothing is fetched unless a job asks for it. */
  artifacts?: 'all' | 'on-demand';
}

/** So many browsers, each linked with all others. */
export async function openPeers(count: number, options: PeersOptions = {}): Promise<Peers> {
  const folder = await mkdtemp(join(tmpdir(), 'thicket-bench-'));
  const server = await serve();
  const browsers: Browser[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(browsers.map((browser) => browser.close().catch(() => undefined)));
    await server.close();
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await rm(folder, { recursive: true });
  };
  try {
    for (let i = 0; i < count; i++) browsers.push(await startBenchBrowser(options));
    const all: Peer[] = [];
    for (const browser of browsers) all.push({ browser, tab: await browser.open(server.url) });
    const grove = await share(...tabsOf(all));
    for (const { tab } of all)
      await tab.call('policy', grove, { bodies: 'all', artifacts: options.artifacts ?? 'on-demand' });
    await linked(tabsOf(all));
    return { server, grove, all, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function startBenchBrowser(
  { init, args }: Pick<PeersOptions, 'init'> & { args?: string[] } = {},
  profile?: string,
): Promise<Browser> {
  const browser = await startBrowser({
    ...(profile === undefined ? {} : { profile }),
    ...(args === undefined ? {} : { args }),
  });
  if (init) await browser.context.addInitScript(init);
  return browser;
}

const tabsOf = (peers: readonly Peer[]): [Tab, ...Tab[]] => {
  const [first, ...others] = peers.map(({ tab }) => tab);
  if (first === undefined) throw new Error('no peers');
  return [first, ...others];
};

/** Once each has a link to every other. */
export async function linked(tabs: readonly Tab[]): Promise<void> {
  const ids = await Promise.all(tabs.map(async (tab) => (await tab.call('identity')).peerId));
  for (const tab of tabs) {
    const mine = (await tab.call('identity')).peerId;
    for (const id of ids) {
      if (id === mine) continue;
      await until(async () => (await linksTo(tab, id)).length > 0, 'all are linked', 120_000);
    }
  }
}

export interface Given {
  cid: string;
  /** Of the file, by WebCrypto in the page that gives it; hex. */
  digest: string;
  /** ms since the epoch: before `contribute`, and once it had resolved. */
  began: number;
  ended: number;
}

/** Contributes the file as the artifact `file`, from the disk, as by a file input. */
export async function give(tab: Tab, grove: string, path: string, summary: string): Promise<Given> {
  await choose(tab, path);
  const digest = await digestChosen(tab);
  return { digest, ...(await giveChosen(tab, grove, summary)) };
}

/** Writes the bytes there first. */
export async function giveBytes(peers: Peers, tab: Tab, bytes: Uint8Array, summary: string): Promise<Given> {
  const path = join(peers.folder, summary);
  await writeFile(path, bytes);
  try {
    return await give(tab, peers.grove, path, summary);
  } finally {
    await rm(path);
  }
}

/** Puts a file into the input `bench-file`. */
export async function choose(tab: Tab, path: string): Promise<void> {
  await tab.page.evaluate(() => {
    document.getElementById('bench-file')?.remove();
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'bench-file' });
    document.body.append(input);
  });
  await tab.page.setInputFiles('#bench-file', path);
}

/** SHA-256 of the chosen file, by WebCrypto; hex. */
export const digestChosen = (tab: Tab): Promise<string> =>
  tab.page.evaluate(async () => {
    const input = document.getElementById('bench-file');
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    if (!file) throw new Error('no file chosen');
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  });

/** Contributes the chosen file. */
export const giveChosen = (tab: Tab, grove: string, summary: string): Promise<Omit<Given, 'digest'>> =>
  tab.page.evaluate(
    async (given) => {
      const input = document.getElementById('bench-file');
      const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
      if (!file) throw new Error('no file chosen');
      const began = Date.now();
      const contribution: ContributeInput = {
        kind: 'work',
        summary: given.summary,
        artifacts: { file },
      };
      const { cid } = await window.thicket.contribute(given.grove, contribution);
      return { cid, began, ended: Date.now() };
    },
    { grove, summary },
  );

export interface Brought {
  /** ms since the epoch: the contribution was known here, its transfer was heard of first, all had come, all was stored and checked. */
  known: number;
  first: number;
  verifying: number;
  done: number;
}

/** From now on: fetches the next contribution of others as soon as it is known. `brought` waits for it. */
export const bringNext = (tab: Tab, grove: string): Promise<void> =>
  tab.page.evaluate((id) => {
    const { thicket } = window;
    const brought = { known: 0, first: 0, verifying: 0, done: 0, error: null as string | null };
    window.brought = brought;
    const stopTransfers = thicket.on('transfer', ({ state }) => {
      if (brought.known === 0) return;
      brought.first ||= Date.now();
      if (state === 'verifying') brought.verifying ||= Date.now();
    });
    const stop = thicket.on('entry', ({ grove: of, cid, local }) => {
      if (of !== id || cid === undefined || local) return;
      stop();
      brought.known = Date.now();
      const end = (): void => {
        brought.done = Date.now();
        stopTransfers();
      };
      thicket.fetch(id, cid).then(end, (error: unknown) => {
        brought.error = String(error);
        end();
      });
    });
  }, grove);

export async function brought(tab: Tab, timeout = 900_000): Promise<Brought> {
  const all = await tab.page.waitForFunction(() => window.brought?.done !== 0 && window.brought, undefined, {
    polling: 100,
    timeout,
  });
  const value = await all.jsonValue();
  if (!value) throw new Error('nothing was to be fetched');
  if (value.error !== null) throw new Error(value.error);
  return value;
}

/** Fetches what is known here already. ms that it took, by the page's clock. */
export const bring = (tab: Tab, grove: string, cid: string): Promise<number> =>
  tab.page.evaluate(
    async ({ id, of }) => {
      const began = performance.now();
      for (;;) {
        try {
          await window.thicket.fetch(id, of);
          return performance.now() - began;
        } catch (error) {
          // After two minutes it goes on without anyone waiting.
          if (!(error instanceof Error) || !('code' in error) || error.code !== 'timeout') throw error;
        }
      }
    },
    { id: grove, of: cid },
  );

/** Once the contribution is known there. */
export const knows = async (tab: Tab, grove: string, cid: string): Promise<unknown> =>
  until(async () => (await tab.call('contribution', grove, cid)).body, 'the contribution is known', 60_000);

export async function counter(tab: Tab, name: string): Promise<number> {
  return (await tab.call('stats')).counters[name] ?? 0;
}

/** Bytes over all links of this tab, headers, checksums and acknowledgements of the browser included. */
export async function overLinks(tab: Tab): Promise<{ sent: number; received: number }> {
  const rows = await tab.page.evaluate(() => window.thicket.linkStats());
  const sum = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((all, row) => all + of(row), 0);
  return { sent: sum(({ bytesSent }) => bytesSent), received: sum(({ bytesReceived }) => bytesReceived) };
}
