// Tabs of one browser: one peer with one set of links, which another tab takes over when the carrying one goes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contributeRandom, digestOf } from './bytes.ts';
import type { Browser, Served, Tab } from './harness.ts';
import {
  connections,
  hasSummary,
  isActive,
  linksTo,
  removeProfile,
  serve,
  share,
  startBrowser,
  until,
} from './harness.ts';

/** ms from a carrier's end to the link's return through another tab. */
const RETURN_LIMIT = 2_000;
const CRASH_LIMIT = 10_000;
const ROUNDS = 5;

describe('tabs of one browser', () => {
  let server: Served;
  let a: Browser;
  let b: Browser;
  let tabs: Tab[];
  let bob: Tab;
  let grove: string;
  let alicesId: string;
  let bobsId: string;

  beforeAll(async () => {
    server = await serve();
    [a, b] = await Promise.all([startBrowser(), startBrowser()]);
    tabs = [await a.open(server.url), await a.open(server.url)];
    bob = await b.open(server.url);
    grove = await share(first(), bob);
    alicesId = (await first().call('identity')).peerId;
    bobsId = (await bob.call('identity')).peerId;
    await bob.call('policy', grove, { artifacts: 'on-demand' });
    await first().call('policy', grove, { artifacts: 'on-demand' });
  });
  afterAll(async () => {
    await Promise.all([a, b].map((browser) => browser.close()));
    await Promise.all([a, b].map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  const first = (): Tab => at(0);
  const at = (index: number): Tab => {
    const tab = tabs[index];
    if (!tab) throw new Error(`no tab ${index}`);
    return tab;
  };

  /** The tab that carries the links, and another. */
  async function roles(): Promise<{ carrier: Tab; other: Tab }> {
    const counts = await Promise.all(tabs.map((tab) => connections(tab)));
    const index = counts.findIndex((count) => count > 0);
    if (index < 0) throw new Error('no tab carries');
    return { carrier: at(index), other: at(index === 0 ? 1 : 0) };
  }

  /** What the tab takes to see a link to Bob that is not the one of before: ms since the epoch. */
  async function watchReturn(tab: Tab): Promise<() => Promise<number>> {
    const [before] = await linksTo(tab, bobsId);
    await tab.page.evaluate(
      ({ peer, old }) => {
        const { thicket } = window;
        const look = async (): Promise<void> => {
          const found = (await thicket.peers()).find(({ peerId }) => peerId === peer);
          if (found?.link && `${found.link.id} ${found.link.since}` !== old) {
            Object.assign(window, { returnedAt: Date.now() });
          } else setTimeout(() => void look(), 10);
        };
        Object.assign(window, { returnedAt: 0 });
        void look();
      },
      { peer: bobsId, old: before ?? '' },
    );
    return () => until(() => tab.page.evaluate(() => window.returnedAt || null), 'the link returns');
  }

  it('share one peer: one link to another peer, carried by one of them', async () => {
    const [one, two] = [at(0), at(1)];
    expect(await two.call('identity')).toEqual(await one.call('identity'));
    await until(async () => (await linksTo(two, bobsId)).length === 1, 'the link to Bob');
    for (const tab of tabs) {
      expect(await linksTo(tab, bobsId)).toHaveLength(1);
      expect(await tab.call('stats')).toMatchObject({ gauges: { links: 1 }, carrier: { tabs: 2 } });
    }
    expect((await Promise.all(tabs.map((tab) => connections(tab)))).sort()).toEqual([0, 1]);
    expect(await linksTo(bob, alicesId)).toHaveLength(1);
    expect(await connections(bob)).toBe(1);
  });

  it(`when the carrier closes, links return through another within ${RETURN_LIMIT} ms and nothing is lost`, async () => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { carrier, other } = await roles();
      const returned = await watchReturn(other);
      const closedAt = Date.now();
      await Promise.all([
        carrier.page.close(),
        other.call('contribute', grove, { kind: 'work', summary: `to Bob ${round}` }),
        bob.call('contribute', grove, { kind: 'work', summary: `from Bob ${round}` }),
      ]);
      times.push((await returned()) - closedAt);
      await until(() => hasSummary(bob, grove, `to Bob ${round}`), 'Bob has it');
      await until(() => hasSummary(other, grove, `from Bob ${round}`), 'the other tab has it');
      expect(await linksTo(bob, alicesId)).toHaveLength(1);
      tabs = [other, await a.open(server.url)];
    }
    console.info(`links returned after ${times.join(', ')} ms`);
    expect(Math.max(...times)).toBeLessThanOrEqual(RETURN_LIMIT);
  });

  it('a transfer under way when the carrier closes goes on and completes with the right bytes', async () => {
    const size = 24 * 1024 * 1024;
    const { cid, digest } = await contributeRandom(bob, grove, 'large.bin', size);
    const { carrier, other } = await roles();
    await until(() => knows(other, grove, cid), 'the contribution is known');
    const [before] = await linksTo(other, bobsId);
    const fetched = other.call('fetch', grove, cid);
    const receivedBefore = await until(async () => {
      const [transfer] = (await other.call('stats')).transfers;
      return transfer && transfer.received > size / 16 ? transfer.received : null;
    }, 'the transfer runs');
    expect(receivedBefore).toBeLessThan(size);
    await carrier.page.close();
    // What had come is kept.
    const [transfer] = (await other.call('stats')).transfers;
    expect(transfer?.received).toBeGreaterThanOrEqual(receivedBefore);
    const [link] = await until(async () => {
      const links = await linksTo(other, bobsId);
      return links.length > 0 && links[0] !== before ? links : null;
    }, 'the link returns');
    expect((await fetched).files).toMatchObject([{ held: true, received: size }]);
    expect(await digestOf(other, grove, cid, 'large.bin')).toBe(digest);
    // A link under load is not given up.
    expect(await linksTo(other, bobsId)).toEqual([link]);
    tabs = [other, await a.open(server.url)];
  });

  it(`when the carrier crashes, links return within ${CRASH_LIMIT} ms`, async () => {
    const { carrier, other } = await roles();
    const returned = await watchReturn(other);
    const session = await a.context.newCDPSession(carrier.page);
    const crashedAt = Date.now();
    // The answer never comes: who would give it is gone.
    session.send('Page.crash').catch(() => undefined);
    const time = (await returned()) - crashedAt;
    console.info(`links returned ${time} ms after a crash`);
    expect(time).toBeLessThanOrEqual(CRASH_LIMIT);
    await other.call('contribute', grove, { kind: 'work', summary: 'after the crash' });
    await until(() => hasSummary(bob, grove, 'after the crash'), 'Bob has it');
    await carrier.page.close();
  });

  it('?peer=NAME gives a tab a peer of its own, and the two link like any', async () => {
    const carla = await b.open(`${server.url}/?peer=carla`);
    const { peerId } = await carla.call('identity');
    expect(peerId).not.toBe(bobsId);
    await carla.call('join', await bob.call('invite', grove));
    await until(() => isActive(carla, grove), 'the invite completes');
    expect(await linksTo(carla, bobsId)).toHaveLength(1);
    expect(await linksTo(bob, peerId)).toHaveLength(1);
    await carla.call('contribute', grove, { kind: 'work', summary: 'from next door' });
    await until(() => hasSummary(bob, grove, 'from next door'), 'Bob has it');
  });
});

const knows = async (tab: Tab, grove: string, cid: string): Promise<boolean> =>
  (await tab.call('contributions', grove, { limit: 500 })).items.some((item) => item.cid === cid);
