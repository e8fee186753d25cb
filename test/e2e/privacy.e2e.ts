// What the endpoint and the network get to see of a grove: nothing that names it, opens it, or says who is in it.
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRecord } from '../../worker/core/access/record.ts';
import { unwrap } from '../../worker/core/model/errors.ts';
import { toGroveId } from '../../worker/core/model/ids.ts';
import { decodeInvite } from '../../worker/core/model/invite.ts';
import { isActive, removeProfile, serve, startBrowser, tabOf, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';
import { strings } from '../../src/strings.ts';
import { connectRaw } from './raw-client.ts';
import { encodings, scan } from './scan.ts';

const GROVE = 'Quillwort measurements';
const SUMMARY = 'Twelve ponds by the northern dyke';
const CONTENT = 'pond, spores, turbidity: the whole table';
const MARK = 'planted-by-the-test';

/** What WebRTC says in the clear where nobody seals it. */
const SDP_WORDS = [
  'a=fingerprint',
  'a=ice-ufrag',
  'candidate:',
  'typ host',
  'webrtc-datachannel',
  'DTLS/SCTP',
];

type Recorded = { direction: string; bytes: Uint8Array };

/** The record of a grove as it lies in the page's database. */
const storedRecord = (tab: Tab, grove: string): Promise<number[]> =>
  tab.page.evaluate(async (key) => {
    const [database] = await indexedDB.databases();
    const opening = indexedDB.open(database?.name ?? '');
    await new Promise((resolve, reject) => {
      opening.onsuccess = resolve;
      opening.onerror = () => reject(opening.error ?? new Error('no reason'));
    });
    const request = opening.result.transaction('meta').objectStore('meta').get(key);
    await new Promise((resolve) => (request.onsuccess = resolve));
    opening.result.close();
    return [...(request.result as Uint8Array)];
  }, `grove/${grove}`);

/** The descriptions that this tab's connections were made with. */
const descriptions = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(() => {
    const { madeConnections } = window;
    return madeConnections.flatMap((connection) => connection.localDescription?.sdp ?? []);
  });

/** Of an SDP: its secrets, by name. */
function secretsOf(sdp: string, owner: string): [string, string | Uint8Array][] {
  const all = (pattern: RegExp): string[] => [...sdp.matchAll(pattern)].map((match) => match[1] ?? '');
  const fingerprint = all(/^a=fingerprint:\S+ (\S+)/gm);
  const addresses = [...new Set(all(/^a=candidate:(?:\S+ ){4}(\S+)/gm))];
  const dotted = addresses.filter((address) => /^\d+(\.\d+){3}$/.test(address));
  return [
    ...all(/^a=ice-ufrag:(\S+)/gm).map((value): [string, string] => [`${owner}: ice-ufrag ${value}`, value]),
    ...all(/^a=ice-pwd:(\S+)/gm).map((value): [string, string] => [`${owner}: ice-pwd ${value}`, value]),
    ...all(/^a=(candidate:\S+ .*)/gm).map((value): [string, string] => [`${owner}: ${value}`, value]),
    ...fingerprint.map((value): [string, string] => [`${owner}: fingerprint ${value}`, value]),
    ...fingerprint.map((value): [string, Uint8Array] => [
      `${owner}: fingerprint bytes`,
      Buffer.from(value.replaceAll(':', ''), 'hex'),
    ]),
    ...addresses.map((value): [string, string] => [`${owner}: address ${value}`, value]),
    ...dotted.map((value): [string, Uint8Array] => [
      `${owner}: address bytes ${value}`,
      Uint8Array.from(value.split('.'), Number),
    ]),
  ];
}

/** The heads of all HTTP requests that a browser process sent, whichever page or worker made them. */
async function requestHeads(netLog: string): Promise<string[]> {
  const log = JSON.parse(await readFile(netLog, 'utf8')) as {
    constants: { logEventTypes: Record<string, number> };
    events: { type: number; params?: { line?: string; headers?: string[] } }[];
  };
  const type = log.constants.logEventTypes['HTTP_TRANSACTION_SEND_REQUEST_HEADERS'];
  return log.events
    .filter((event) => event.type === type)
    .map(({ params }) => [params?.line ?? '', ...(params?.headers ?? [])].join('\n'));
}

describe('what others get to see', () => {
  let server: Served;
  let logs = '';
  const recorded: Recorded[] = [];
  const secrets = new Map<string, string | Uint8Array>();
  let browsers: Browser[] = [];
  let alice: Tab;
  let bob: Tab;
  let invite = '';
  let atOnce: string[] = [];
  /** Titles, lines of the console and errors of the joining browser, from its first page on. */
  const told: string[] = [];
  const netLog = (who: string): string => join(logs, `${who}.json`);
  const start = (who: string): Promise<Browser> => startBrowser({ args: [`--log-net-log=${netLog(who)}`] });

  beforeAll(async () => {
    logs = await mkdtemp(join(tmpdir(), 'thicket-logs-'));
    server = await serve(0, (direction, bytes) => recorded.push({ direction, bytes: bytes.slice() }));
    browsers = await Promise.all([start('a'), start('b')]);
    const [a, b] = browsers;
    if (a === undefined || b === undefined) throw new Error('two browsers were to start');
    alice = await a.open(server.url);
    await alice.call('setName', 'Aurelia of the northern dyke');
    const { id } = await alice.call('createGrove', { name: GROVE });
    invite = await alice.call('invite', id);

    b.context.on('console', (message) => void told.push(message.text()));
    b.context.on('weberror', (error) => void told.push(String(error.error().stack)));
    await b.context.exposeFunction('tellTitle', (title: string) => void told.push(title));
    await b.context.addInitScript(() => {
      const tell = (): void => void window.tellTitle(document.title);
      const watch = (): void => {
        tell();
        new MutationObserver(tell).observe(document.head, {
          childList: true,
          subtree: true,
          characterData: true,
        });
      };
      document.addEventListener('DOMContentLoaded', watch);
    });
    await b.context.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { addressesSeen: seen });
      document.addEventListener('DOMContentLoaded', () => seen.push(location.href));
    });
    const page = await b.context.newPage();
    await page.goto(invite);
    bob = await tabOf(page);
    atOnce = await page.evaluate(() => window.addressesSeen);
    await bob.call('setName', 'Bartholomew from the hills');
    await page.getByTestId('join-confirm').click();
    await until(() => isActive(bob, id), 'bob is in');
    const { cid } = await alice.call('contribute', id, {
      kind: 'work',
      summary: SUMMARY,
      tags: ['turbidity'],
      artifacts: { 'ponds.csv': CONTENT },
    });
    await until(async () => (await bob.call('contribution', id, cid)).files[0]?.held, 'bob holds it');

    const link = unwrap(decodeInvite(invite));
    const grove = toGroveId(Buffer.from(id, 'hex'));
    const record = unwrap(decodeRecord(grove, Uint8Array.from(await storedRecord(alice, id))));
    const people = await Promise.all([alice, bob].map((tab) => tab.call('identity')));
    const keep = (name: string, secret: string | Uint8Array): void => void secrets.set(name, secret);
    keep('grove name', GROVE);
    keep('grove id', Buffer.from(id, 'hex'));
    record.secrets.forEach(({ secret }) => keep('grove secret', secret));
    keep('invite key', link.key);
    keep('invite code', invite.split('#/join/')[1] ?? '');
    keep('summary', SUMMARY);
    keep('artifact', CONTENT);
    keep('CID', Buffer.from(cid.replace('blake3:', ''), 'hex'));
    for (const { name, peerId } of people) {
      keep(`name ${name}`, name);
      keep(`public key of ${name}`, Buffer.from(peerId, 'hex'));
    }
    for (const word of SDP_WORDS) keep(word, word);
    for (const [tab, who] of [
      [alice, 'a'],
      [bob, 'b'],
    ] as const) {
      for (const sdp of await descriptions(tab))
        for (const [name, secret] of secretsOf(sdp, who)) keep(name, secret);
    }
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await rm(logs, { recursive: true, force: true });
    await server.close();
  });

  it('A9, K1: the endpoint carries no name, secret, key, SDP, candidate or address in the clear, in any encoding', () => {
    const names = [...secrets.keys()].join('\n');
    for (const kind of ['grove secret', 'ice-pwd', 'candidate:', 'fingerprint bytes', 'address bytes'])
      expect(names).toContain(kind);
    const messages = recorded.filter(({ direction }) => direction !== 'request');
    expect(messages.filter(({ bytes }) => bytes.length > 256).length).toBeGreaterThan(4);
    expect(
      scan(
        messages.map(({ bytes }) => bytes),
        secrets,
      ),
    ).toEqual([]);
    const requests = recorded.filter(({ direction }) => direction === 'request');
    expect(requests.length).toBeGreaterThan(4);
    expect(
      scan(
        requests.map(({ bytes }) => bytes),
        secrets,
      ),
    ).toEqual([]);
  });

  it('the same scan finds each of them, in each encoding, where it is sent as a plain payload', async () => {
    const mole = await connectRaw(server.url);
    const listener = await connectRaw(server.url);
    const room = randomBytes(32).toString('hex');
    await listener.join(room);
    await mole.join(room);
    const before = recorded.length;
    const planted: { needle: string; encoding: string }[] = [];
    for (const [needle, secret] of secrets) {
      const parts: Uint8Array[] = [];
      for (const [encoding, encoded] of encodings(secret)) {
        planted.push({ needle, encoding });
        parts.push(randomBytes(5), encoded);
      }
      mole.send({ type: 'send', room, to: null, payload: Buffer.concat(parts) });
    }
    await until(
      () =>
        Promise.resolve(listener.received.filter(({ type }) => type === 'message').length === secrets.size),
      'all of it came through',
    );
    for (const direction of ['in', 'out']) {
      const bytes = recorded
        .slice(before)
        .flatMap((each) => (each.direction === direction ? [each.bytes] : []));
      expect(scan(bytes, secrets)).toEqual(planted);
    }
    mole.close();
    listener.close();
  });

  it('A9: the invite has left the address bar, the history and what the page kept before the page is shown', async () => {
    const code = invite.split('#/join/')[1] ?? '';
    expect(code.length).toBeGreaterThan(100);
    expect(atOnce).toEqual([`${server.url}/#/join`]);
    expect(bob.page.url()).not.toContain(code);
    const session = await bob.page.context().newCDPSession(bob.page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(entry.url).not.toContain(code);
      expect(entry.title).not.toContain(code);
    }
    const kept = await bob.page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return JSON.stringify({
        requests: requests.flat().map(({ url }) => url),
        storage: [localStorage, sessionStorage].map((each) => Object.entries(each)),
        state: history.state as unknown,
        referrer: document.referrer,
      });
    });
    expect(kept).toContain('index.html');
    expect(kept).not.toContain(code);
  });

  it('A9: no title, line of the console, error or log names the invite, also where it is no good', async () => {
    const code = invite.split('#/join/')[1] ?? '';
    const altered = `${code.slice(0, 60)}${code[60] === 'A' ? 'B' : 'A'}${code.slice(61)}`;
    const page = await bob.page.context().newPage();
    for (const opened of [code, altered, code.slice(0, -9), `${code}${code}`, `${code}%`]) {
      await page.goto('about:blank');
      await page.goto(`${server.url}/#/join/${opened}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      told.push(await page.title(), await page.locator('[role=alert]').allInnerTexts().then(String));
      told.push(
        await page.evaluate(
          (link) =>
            window.thicket.join(link).then(
              () => 'joined',
              (error: unknown) => `refused: ${String(error)}`,
            ),
          `${server.url}/#/join/${opened}`,
        ),
      );
    }
    await page.evaluate((planted) => console.error(planted), MARK);
    await until(() => Promise.resolve(told.includes(MARK)), 'what the console says is heard');
    expect(told.filter((line) => line.startsWith('refused: ')).length).toBeGreaterThan(2);
    expect(told.some((line) => line.includes(strings.app.name))).toBe(true);
    for (const tab of [alice, bob])
      told.push(
        JSON.stringify([await tab.call('gossipLog'), await tab.call('stats'), await tab.call('peers')]),
      );
    const named = new Map(
      [...secrets].filter(([name]) => ['invite code', 'invite key', 'grove secret'].includes(name)),
    );
    expect(named.size).toBe(3);
    const all = told.join('\n');
    expect(scan([Buffer.from(all)], named)).toEqual([]);
    // A part of it would do as well.
    for (let at = 0; at + 24 <= code.length; at += 12) expect(all).not.toContain(code.slice(at, at + 24));
    await page.close();
  });

  it('A9: no request of any page or worker carries the invite, or anything else of the grove', async () => {
    const code = invite.split('#/join/')[1] ?? '';
    // What finds nothing below finds this.
    await bob.page.evaluate((url) => fetch(url), `/?${MARK}=${code}`);
    await Promise.all(browsers.map((browser) => browser.close()));
    const heads = (await Promise.all(['a', 'b'].map((who) => requestHeads(netLog(who))))).flat();
    // The worker's own requests are among them.
    expect(heads.filter((head) => head.startsWith('GET /signal ')).length).toBeGreaterThanOrEqual(2);
    const bytesOf = (list: string[]): Uint8Array[] => list.map((head) => Buffer.from(head));
    const planted = heads.filter((head) => head.includes(MARK));
    expect(scan(bytesOf(planted), secrets)).toContainEqual({ needle: 'invite code', encoding: 'raw' });
    const own = heads.filter((head) => !head.includes(MARK));
    expect(scan(bytesOf(own), secrets)).toEqual([]);
    expect(own.join('\n')).not.toContain('#/join');
  });
});
