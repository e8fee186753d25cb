// Without the endpoint, without anybody, without a server: what is kept, what is said, and what happens on return.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Served, Tab } from './harness.ts';
import {
  DIST,
  hasSummary,
  isActive,
  linksTo,
  removeProfile,
  serve,
  share,
  startBrowser,
  until,
} from './harness.ts';

describe('offline', () => {
  let server: Served;
  let a: Browser;
  let b: Browser;

  beforeEach(async () => {
    server = await serve();
    [a, b] = await Promise.all([startBrowser(), startBrowser()]);
  });
  afterEach(async () => {
    await Promise.all([a, b].map((browser) => browser.close()));
    await Promise.all([a, b].map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  /** The server with its endpoint on the same port as before. */
  const serverReturns = async (): Promise<void> => {
    server = await serve(server.port);
  };

  it('an invite opened while nobody is online is kept over a reload, says so, and completes by itself', async () => {
    const alice = await a.open(server.url);
    const { id } = await alice.call('createGrove', { name: 'Kept' });
    const invite = await alice.call('invite', id);
    await alice.page.close();

    const bob = await b.open(invite);
    // The secret left the address bar at once.
    expect(bob.page.url()).toBe(`${server.url}/#/join`);
    await bob.page.getByLabel('Join as').fill('Ben');
    await bob.page.getByTestId('join-confirm').click();
    await bob.page.getByText('Waiting for a member to come online').first().waitFor();
    await bob.page.goto(server.url);
    await bob.page.reload();
    const card = bob.page.getByTestId('grove-card');
    await card.getByText('Waiting for a member to come online').waitFor();
    expect(await card.getAttribute('data-state')).toBe('joining');

    await a.open(server.url);
    await card.getByRole('link', { name: 'Kept' }).waitFor();
    expect(await isActive(bob, id)).toBe(true);
    expect(await card.getAttribute('data-state')).toBe('active');
  });

  it('while the endpoint is gone linked peers go on and the page says who cannot come; it returns and so does joining', async () => {
    const alice = await a.open(server.url);
    const bob = await b.open(server.url);
    const grove = await share(alice, bob);
    const before = await linksTo(alice, await peerId(bob));
    for (const { page } of [alice, bob]) {
      await page.goto(`${server.url}/#/g/${grove}`);
      expect(await page.getByTestId('endpoint-down').count()).toBe(0);
    }

    await server.close();
    for (const { page } of [alice, bob]) {
      await page.getByTestId('endpoint-down').getByText('New peers cannot find this grove').waitFor();
    }
    await alice.call('contribute', grove, { kind: 'work', summary: 'without the endpoint' });
    await bob.page.getByText('without the endpoint').first().waitFor();
    await bob.call('contribute', grove, { kind: 'work', summary: 'an answer' });
    await alice.page.getByText('an answer').first().waitFor();

    await serverReturns();
    for (const { page } of [alice, bob]) {
      await page.getByTestId('endpoint-down').waitFor({ state: 'detached' });
    }
    expect(await linksTo(alice, await peerId(bob))).toEqual(before);
    const carla = await b.open(`${server.url}/?peer=carla`);
    await carla.call('join', await alice.call('invite', grove));
    await until(() => isActive(carla, grove), 'the invite completes');
    await until(() => hasSummary(carla, grove, 'without the endpoint'), 'Carla has it');
  });

  it('started cold without a server the app is there with all it held, and what is contributed goes out on return', async () => {
    let alice = await a.open(server.url);
    let bob = await b.open(server.url);
    const grove = await share(alice, bob);
    const artifacts = { 'notes.txt': 'x'.repeat(300_000) };
    const { cid } = await alice.call('contribute', grove, { kind: 'work', summary: 'Held', artifacts });
    await until(() => hasSummary(bob, grove, 'Held'), 'Bob has it');
    await bob.call('fetch', grove, cid);
    await installed(bob);

    await server.close();
    await bob.page.reload();
    await bob.page.getByTestId('grove-card').getByRole('link', { name: 'Shared' }).waitFor();
    await Promise.all([a, b].map((browser) => browser.close()));
    b = await startBrowser({ profile: b.profile });
    bob = await b.open(new URL(await startUrl(), server.url).href);
    await bob.page.getByTestId('grove-card').getByRole('link', { name: 'Shared' }).click();
    await bob.page.getByText('Held').first().waitFor();
    expect(await artifactSize(bob, grove, cid)).toBe(300_000);
    await bob.call('contribute', grove, { kind: 'work', summary: 'Made offline' });
    await bob.page.getByTestId('connection-state').getByText('to send').waitFor();

    await serverReturns();
    a = await startBrowser({ profile: a.profile });
    alice = await a.open(server.url);
    await until(() => hasSummary(alice, grove, 'Made offline'), 'Alice has it');
    await bob.page.getByTestId('connection-state').getByText('1 peer has it').waitFor();
  });
});

const peerId = async (tab: Tab): Promise<string> => (await tab.call('identity')).peerId;

/** Resolves once the service worker holds the shell. */
const installed = (tab: Tab): Promise<void> =>
  tab.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });

async function startUrl(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(DIST, 'manifest.webmanifest'), 'utf8'));
  if (manifest !== null && typeof manifest === 'object' && 'start_url' in manifest)
    return String(manifest.start_url);
  throw new Error('the manifest names no start_url');
}

const artifactSize = (tab: Tab, grove: string, cid: string): Promise<number> =>
  tab.page.evaluate(
    async ({ id, of }) => {
      const { thicket } = window;
      return (await thicket.artifact(id, of, 'notes.txt')).size;
    },
    { id: grove, of: cid },
  );
