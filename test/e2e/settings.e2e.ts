// What one sets up on a device, takes from it, and erases.
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { href } from '../../src/routes.ts';
import { strings } from '../../src/strings.ts';
import { connections, linksTo, removeProfile, serve, share, startBrowser, tabOf, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const words = strings.settings;
const COOKIE = 0x2112a442;

describe('settings', () => {
  let server: Served;
  const browsers: Browser[] = [];
  let ada: Tab;
  let ben: Tab;
  let grove = '';

  beforeAll(async () => {
    server = await serve();
    browsers.push(...(await Promise.all([startBrowser(), startBrowser()])));
    [ada, ben] = (await Promise.all(browsers.map((browser) => browser.open(server.url)))) as [Tab, Tab];
    await ada.call('setName', 'Ada');
    grove = await share(ada, ben);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('a STUN server that answers is told from one that does not', async () => {
    const stun = await startStun();
    const { page } = ada;
    await page.goto(`${server.url}/${href.settings}`);
    for (const url of [`stun:127.0.0.1:${stun.port}`, `turn:127.0.0.1:${stun.port}`]) {
      await page.getByRole('button', { name: words.addServer }).click();
      await page.getByRole('textbox', { name: words.iceUrl }).last().fill(url);
    }
    await page.getByRole('textbox', { name: words.iceUser }).last().fill('somebody');
    await page.getByLabel(words.icePassword).last().fill('secret');
    await page.getByRole('button', { name: words.iceTest }).click();
    const told = page.getByTestId('ice-tests').getByRole('listitem');
    await told
      .nth(0)
      .getByText(/answers, \d+ ms/)
      .waitFor();
    await told.nth(1).getByText(words.iceSilent).waitFor({ timeout: 60_000 });
    stun.close();
  });

  it('K9: relays only: links end, none comes about without a relay, and back they come', async () => {
    const bens = (await ben.call('identity')).peerId;
    await until(async () => (await linksTo(ada, bens)).length === 1, 'the link');
    await ada.page.goto('about:blank');
    await ada.page.goto(`${server.url}/${href.settings}`);
    await tabOf(ada.page);
    const box = ada.page.getByRole('checkbox', { name: words.relayOnly });
    await box.check();
    await ada.page.getByText(words.relayOnlyNone).waitFor();
    await ada.page.getByRole('button', { name: words.save }).click();
    await ada.page.getByText(words.saved).waitFor();
    await until(async () => (await linksTo(ada, bens)).length === 0, 'no link any more');
    await ben.call('retryPeer', grove, (await ada.call('identity')).peerId);
    const policies = await until(async () => {
      const all = await ada.page.evaluate(() => {
        const { madeConnections } = window;
        return madeConnections.map((each) => each.getConfiguration().iceTransportPolicy);
      });
      return all.includes('relay') && all;
    }, 'another try');
    expect(policies.at(-1)).toBe('relay');
    expect(await linksTo(ada, bens)).toEqual([]);
    await box.uncheck();
    await ada.page.getByRole('button', { name: words.save }).click();
    await until(async () => !(await ada.call('settings')).relayOnly, 'it is saved');
    await ada.call('retryPeer', grove, bens);
    await until(async () => (await linksTo(ada, bens)).length === 1, 'the link is back', 120_000);
    expect(await connections(ada)).toBeGreaterThan(0);
  });

  it('Y5: each choice of what comes by itself stands with its bytes, and counts at once', async () => {
    await ada.call('contribute', grove, {
      kind: 'work',
      summary: 'Large',
      artifacts: { 'a.bin': new Uint8Array(2 * 1024 * 1024).fill(7) },
    });
    await ada.page.goto('about:blank');
    await ada.page.goto(`${server.url}/${href.settings}`);
    await tabOf(ada.page);
    const policy = ada.page.getByTestId('policy-of');
    await policy.getByText('Shared').click();
    const artifacts = policy.getByLabel(strings.peers.policy.artifacts, { exact: true });
    const all = strings.peers.policy.costing(strings.peers.policy.artifactsOf.all, '2 MiB', '2 MiB');
    await artifacts.getByRole('option', { name: all }).waitFor({ state: 'attached' });
    await artifacts.selectOption('frontier');
    await until(async () => (await ada.call('policy', grove)).artifacts === 'frontier', 'it counts');

    // The page of peers asks the same.
    await ada.page.goto(`${server.url}/${href.peers(grove)}`);
    const same = ada.page.getByLabel(strings.peers.policy.artifacts, { exact: true });
    await same.getByRole('option', { name: all }).waitFor({ state: 'attached' });
    expect(await same.inputValue()).toBe('frontier');
    await same.selectOption('all');
    await until(async () => (await ada.call('policy', grove)).artifacts === 'all', 'it counts here too');
    await ada.page.goto(`${server.url}/${href.settings}`);
  });

  it('appearance is remembered, and holds before anything is drawn', async () => {
    const { page } = ada;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('radio', { name: words.appearances.dark }).check();
    const ink = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).color);
    const dark = await ink();
    await page.reload();
    await page.getByRole('radio', { name: words.appearances.dark }).waitFor();
    expect(await page.getByRole('radio', { name: words.appearances.dark }).isChecked()).toBe(true);
    expect(await ink()).toBe(dark);
    await page.getByRole('radio', { name: words.appearances.system }).check();
    expect(await ink()).not.toBe(dark);
  });

  it('everything goes into one zip: a CAR file of each grove and a list, without any password', async () => {
    const { page } = ada;
    await ada.call('settings', {
      iceServers: [{ urls: ['turn:turn.example'], username: 'u', credential: 'hidden-password' }],
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: strings.data.exportButton }).click(),
    ]);
    const files = unzipSync(new Uint8Array(await readFile(await download.path())));
    const list = new TextDecoder().decode(files['thicket.json']);
    expect(list).not.toContain('hidden-password');
    const told = JSON.parse(list) as { identity: { name: string }; groves: { id: string; file: string }[] };
    expect(told.identity.name).toBe('Ada');
    expect(told.groves.map(({ id }) => id)).toEqual([grove]);
    const car = files[told.groves[0]?.file ?? ''];
    expect(car?.length).toBeGreaterThan(2 * 1024 * 1024);
    const { id: other } = await ben.call('createGrove', { name: 'Restored' });
    const imported = await ben.page.evaluate(
      async ({ where, bytes }) => {
        const { thicket } = window;
        return thicket.import(where, new Blob([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))]));
      },
      { where: other, bytes: Buffer.from(car ?? []).toString('base64') },
    );
    expect(imported.added).toBe(1);
  });

  it('erasing takes a typed word, then everything goes, other tabs begin anew too, and nobody is who they were', async () => {
    const [browser] = browsers;
    if (browser === undefined) throw new Error('a browser was started');
    const { page } = ada;
    const before = (await ada.call('identity')).peerId;
    const second = await browser.open(`${server.url}/#/`);
    const named = await browser.open(`${server.url}/?peer=other`);
    const others = (await named.call('identity')).peerId;
    const confirm = async (typed: string): Promise<void> => {
      await page.getByRole('button', { name: strings.data.eraseButton }).click();
      await page.getByLabel(strings.data.eraseType).fill(typed);
      await page.getByRole('button', { name: strings.data.eraseYes }).click();
    };
    await confirm('yes');
    await page.getByText(strings.data.eraseWrong).waitFor();
    expect((await ada.call('identity')).peerId).toBe(before);

    await page.evaluate(() => localStorage.setItem('thicket/test', 'left'));
    const came = Promise.all([page, second.page, named.page].map((each) => each.waitForEvent('load')));
    await confirm(' Erase ');
    await came;
    await page.getByRole('heading', { name: strings.welcome.title }).waitFor();
    const fresh = await tabOf(page);
    const { peerId } = await fresh.call('identity');
    expect([before, others]).not.toContain(peerId);
    expect(await fresh.call('groves')).toEqual([]);
    expect(await page.evaluate(() => localStorage.getItem('thicket/test'))).toBeNull();
    expect(new URL(page.url()).search).toBe('');
    await second.page.getByRole('heading', { name: strings.welcome.title }).waitFor();
    expect((await (await tabOf(second.page)).call('identity')).peerId).toBe(peerId);
    expect(await databases(page)).toEqual(['thicket/main']);
  });

  it('without a SharedWorker it works, says once what is less, and the settings say it again', async () => {
    const bare = await startBrowser();
    browsers.push(bare);
    await bare.context.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
    const tab = await bare.open(server.url);
    const { page } = tab;
    expect(await page.evaluate(() => 'SharedWorker' in window)).toBe(false);
    const { id } = await tab.call('createGrove', { name: 'Without' });
    await tab.call('contribute', id, { kind: 'work', summary: 'Works' });
    expect((await tab.call('contributions', id)).items).toHaveLength(1);
    const banner = page.getByTestId('reduced');
    await banner.getByText(words.reduced).waitFor();
    await banner.getByRole('link', { name: words.reducedMore }).click();
    await page.getByTestId('lacks').getByText(words.lackOf['shared-worker']).waitFor();
    await banner.getByRole('button', { name: strings.app.dismiss }).click();
    await page.reload();
    await page.getByTestId('lacks').waitFor();
    expect(await banner.count()).toBe(0);
  });
});

const databases = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));

/** Answers binding requests with an address that is nobody's (RFC 5389, 5737); knows no TURN. */
async function startStun(): Promise<{ port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    if (message.length < 20 || message.readUInt16BE(0) !== 1) return;
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    message.copy(answer, 4, 4, 20);
    answer.writeUInt16BE(0x0020, 20); // XOR-MAPPED-ADDRESS
    answer.writeUInt16BE(8, 22);
    answer.writeUInt8(1, 25);
    answer.writeUInt16BE(4444 ^ (COOKIE >>> 16), 26);
    answer.writeUInt32BE((((203 << 24) | (113 << 8) | 7) ^ COOKIE) >>> 0, 28);
    socket.send(answer, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, close: () => socket.close() };
}
