// Workers killed in the middle of writes, tabs frozen, carriers crashed, again and again: how soon all works again, and that what was
// acknowledged is there. `--full` does each 20 times.
import type { CDPSession } from 'playwright';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Served, Tab } from './harness.ts';
import { linksTo, removeProfile, serve, share, startBrowser, tabOf, until } from './harness.ts';

const ROUNDS = process.env['THICKET_FULL'] === '1' ? 20 : 3;
/** ms. On a quiet machine 5 s; a busy one is many times slower. */
const BACK_LIMIT = 30_000;

const told = (what: string, times: readonly number[]): void => {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  console.info(
    `${what}, ${times.length} times: back after ${median} ms (median), ${sorted.at(-1) ?? NaN} ms (most)`,
  );
};

describe('nothing acknowledged is lost', () => {
  let server: Served;
  let a: Browser;
  let b: Browser;
  let alice: Tab;
  let bob: Tab;
  let bobsId: string;
  let grove: string;
  /** CIDs that a page was given, as they were: kept here, since pages die. */
  let acked: string[];

  beforeEach(async () => {
    server = await serve();
    [a, b] = await Promise.all([startBrowser(), startBrowser()]);
    acked = [];
    await a.context.exposeBinding('acked', (_, cid: string) => void acked.push(cid));
    alice = await a.open(server.url);
    bob = await b.open(server.url);
    grove = await share(alice, bob);
    bobsId = (await bob.call('identity')).peerId;
    await until(async () => (await linksTo(alice, bobsId)).length === 1, 'the link');
  });
  afterEach(async () => {
    await Promise.all([a, b].map((browser) => browser.close()));
    await Promise.all([a, b].map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  /** The page writes one after the other, four at a time, until it is told to stop or dies. */
  const write = (tab: Tab): Promise<void> =>
    tab.page.evaluate((id) => {
      const acknowledge = Reflect.get(window, 'acked') as (cid: string) => Promise<void>;
      Object.assign(window, { writing: true });
      const one = async (lane: number): Promise<void> => {
        for (let n = 0; Reflect.get(window, 'writing') === true; n += 1) {
          const summary = `Lane ${lane}, ${n}, ${Math.floor(performance.timeOrigin)}`;
          const { cid } = await window.thicket.contribute(id, { kind: 'work', summary });
          await acknowledge(cid);
        }
      };
      const all = Promise.all([0, 1, 2, 3].map(one));
      Object.assign(window, { written: all });
    }, grove);
  const stop = (tab: Tab): Promise<void> =>
    tab.page.evaluate(async () => {
      Object.assign(window, { writing: false });
      await (Reflect.get(window, 'written') as Promise<unknown>);
    });
  const more = (than: number, by: number): Promise<unknown> =>
    until(() => Promise.resolve(acked.length >= than + by), `${by} more are acknowledged`, BACK_LIMIT);

  async function held(tab: Tab): Promise<Set<string>> {
    const cids = new Set<string>();
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await tab.call('contributions', grove, {
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { cid } of page.items) cids.add(cid);
      cursor = page.cursor;
    }
    return cids;
  }

  /** All that was acknowledged, once each, after a start anew; and the store is whole. */
  async function expectAll(tab: Tab): Promise<void> {
    await tab.page.reload();
    const again = await tabOf(tab.page);
    const here = await held(again);
    expect(acked.filter((cid) => !here.has(cid))).toEqual([]);
    expect(new Set(acked).size).toBe(acked.length);
    expect(await again.call('verify')).toMatchObject({ sound: true, found: 0 });
    await until(
      async () => {
        const there = await held(bob);
        return acked.every((cid) => there.has(cid));
      },
      'Bob has all of it',
      120_000,
    );
  }

  it(`S1, S2, D4: a worker killed ${ROUNDS} times during writes`, { timeout: 600_000 }, async () => {
    await write(alice);
    await more(0, 4);
    const cdp = await a.context.newCDPSession(alice.page);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const targetId = await sharedWorker(cdp);
      const before = acked.length;
      await cdp.send('Target.closeTarget', { targetId });
      const killedAt = Date.now();
      // Four may have been acknowledged before it died.
      await more(before, 5);
      times.push(Date.now() - killedAt);
      // At another moment of its writing each time.
      await more(before, 5 + (round % 7));
    }
    await stop(alice);
    told('a worker killed during writes', times);
    expect(Math.max(...times)).toBeLessThanOrEqual(BACK_LIMIT);
    await expectAll(alice);
  });

  it(
    `D3, P8: a tab frozen ${ROUNDS} times while it writes and carries the links`,
    { timeout: 600_000 },
    async () => {
      await write(alice);
      await more(0, 4);
      const cdp = await a.context.newCDPSession(alice.page);
      await cdp.send('Debugger.enable');
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        // Where the browser freezes a page itself, messages of its worker still run: paused nothing does.
        const paused = new Promise((resolve) => cdp.once('Debugger.paused', resolve));
        await cdp.send('Debugger.pause');
        await paused;
        // What was answered before is on its way to here.
        await new Promise((resolve) => setTimeout(resolve, 500));
        const before = acked.length;
        // Longer than a carrier's pings may be missing.
        await new Promise((resolve) => setTimeout(resolve, 4_000));
        expect(acked.length).toBe(before);
        await cdp.send('Debugger.resume');
        const thawedAt = Date.now();
        await more(before, 5);
        await until(async () => (await linksTo(alice, bobsId)).length === 1, 'the link returns', BACK_LIMIT);
        times.push(Date.now() - thawedAt);
      }
      await stop(alice);
      told('a tab frozen for 4 s', times);
      expect(Math.max(...times)).toBeLessThanOrEqual(BACK_LIMIT);
      await expectAll(alice);
    },
  );

  it(`D3: a carrier crashed ${ROUNDS} times while it writes`, { timeout: 600_000 }, async () => {
    let other = await a.open(server.url);
    let carrier = alice;
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await write(carrier);
      await more(acked.length, 5);
      const [link = ''] = await linksTo(other, bobsId);
      const cdp = await a.context.newCDPSession(carrier.page);
      // The answer never comes: who would give it is gone.
      cdp.send('Page.crash').catch(() => undefined);
      const crashedAt = Date.now();
      const summary = `after crash ${round}`;
      acked.push((await other.call('contribute', grove, { kind: 'work', summary })).cid);
      await until(
        async () => {
          const [now = link] = await linksTo(other, bobsId);
          return now !== link;
        },
        'the link returns',
        BACK_LIMIT,
      );
      times.push(Date.now() - crashedAt);
      await carrier.page.close();
      [carrier, other] = [other, await a.open(server.url)];
    }
    told('a carrier crashed', times);
    expect(Math.max(...times)).toBeLessThanOrEqual(BACK_LIMIT);
    await expectAll(carrier);
  });
});

async function sharedWorker(cdp: CDPSession): Promise<string> {
  const { targetInfos } = await cdp.send('Target.getTargets');
  const found = targetInfos.find(({ type }) => type === 'shared_worker');
  if (found === undefined) throw new Error('no SharedWorker runs');
  return found.targetId;
}
