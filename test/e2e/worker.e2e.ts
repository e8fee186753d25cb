// The worker dies, hangs, or is a dedicated one: the page recovers, writes happen once, and one writer has the database.
import type { CDPSession } from 'playwright';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Served, Tab } from './harness.ts';
import {
  connections,
  hasSummary,
  linksTo,
  listen,
  removeProfile,
  serve,
  share,
  startBrowser,
  until,
} from './harness.ts';

/** ms from a worker's death until its page works again. */
const RECOVERY_LIMIT = 10_000;

describe('the worker', () => {
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

  it('killed while calls wait: the page recovers, writes are done once, and no old connection stays', async () => {
    const alice = await a.open(server.url);
    const bob = await b.open(server.url);
    const grove = await share(alice, bob);
    const bobsId = (await bob.call('identity')).peerId;
    const alicesId = (await alice.call('identity')).peerId;
    await until(async () => (await linksTo(alice, bobsId)).length === 1, 'the link');
    const [before = ''] = await linksTo(alice, bobsId);
    const restarts = await listen(alice, 'restarted');
    const entries = await listen(alice, 'entry');

    const summaries = Array.from({ length: 40 }, (_, n) => `Result ${n}`);
    const writes = Promise.all(
      summaries.map((summary) => alice.call('contribute', grove, { kind: 'work', summary })),
    );
    await until(async () => (await entries()).length > 2, 'some are done');
    const cdp = await a.context.newCDPSession(alice.page);
    await cdp.send('Target.closeTarget', { targetId: (await sharedWorker(cdp)).targetId });
    const killedAt = Date.now();
    await until(async () => (await restarts()).length > 0, 'the page notices');
    const cids = new Set((await writes).map(({ cid }) => cid));
    const answeredAfter = Date.now() - killedAt;
    const link = await until(async () => {
      const [now = before] = await linksTo(alice, bobsId);
      return now === before ? null : now;
    }, 'the link returns');
    const linkedAfter = Date.now() - killedAt;
    console.info(`calls answered ${answeredAfter} ms and linked ${linkedAfter} ms after the worker's death`);
    expect(linkedAfter).toBeLessThanOrEqual(RECOVERY_LIMIT);

    expect(cids.size).toBe(summaries.length);
    for (const tab of [alice, bob]) {
      await until(async () => (await summariesOf(tab, grove)).length >= summaries.length, 'all are there');
      expect(await summariesOf(tab, grove)).toEqual([...summaries].sort());
    }
    // The new worker counts its links from 1 again.
    expect(link.split(' ')[0]).toBe(before.split(' ')[0]);
    expect(await connections(alice)).toBe(1);
    expect(await linksTo(bob, alicesId)).toHaveLength(1);
    await until(async () => (await connections(bob)) === 1, 'Bob lets the old connection go');
  });

  it('hanging: another takes its place, but only once it let go of the database, and nothing is done twice', async () => {
    const alice = await a.open(server.url);
    const { id: grove } = await alice.call('createGrove', { name: 'Held' });
    const problems = await listen(alice, 'problem');
    const cdp = await a.context.newCDPSession(alice.page);
    const hung = await pause(cdp, await sharedWorker(cdp));

    let answered = false;
    const write = alice.call('contribute', grove, { kind: 'work', summary: 'Once' });
    void write.then(() => (answered = true));
    await until(async () => (await problems()).some(({ code }) => code === 'busy'), 'a second worker waits');
    // It runs, yet has no part of the database: the first is the only one to have opened it.
    expect(await lockNames(alice, 'held')).toContain('worker:main:1');
    expect((await lockNames(alice, 'held')).filter((name) => name === 'peer:main')).toHaveLength(1);
    expect((await lockNames(alice, 'pending')).filter((name) => name === 'peer:main')).toHaveLength(1);
    expect(answered).toBe(false);

    await hung.resume();
    await write;
    await until(async () => !(await lockNames(alice, 'held')).includes('worker:main:0'), 'the first is gone');
    expect(await lockNames(alice, 'held')).toContain('peer:main');
    expect(await summariesOf(alice, grove)).toEqual(['Once']);
  });

  it('dedicated: does the main job, serves a second tab, and that one takes over when the first closes', async () => {
    const url = `${server.url}/?worker=dedicated`;
    const first = await a.open(url);
    const bob = await b.open(server.url);
    const cdp = await a.context.newCDPSession(first.page);
    expect(await workerKinds(cdp)).toEqual([]);
    const grove = await share(first, bob);
    const artifacts = { 'notes.txt': 'x'.repeat(300_000) };
    const { cid } = await bob.call('contribute', grove, { kind: 'work', summary: 'Base', artifacts });
    await until(() => hasSummary(first, grove, 'Base'), 'it is known');
    expect((await first.call('fetch', grove, cid)).files).toMatchObject([{ held: true, size: 300_000 }]);

    const second = await a.open(url);
    expect(await second.call('identity')).toEqual(await first.call('identity'));
    expect((await second.call('stats')).carrier.tabs).toBe(2);
    const relations = [{ targetCid: cid, relationType: 'derives_from' as const }];
    const child = await second.call('contribute', grove, { kind: 'work', summary: 'Child', relations });
    expect(await second.call('replicated', grove, child.cid, 1)).toEqual({ copies: 1 });
    expect(await connections(second)).toBe(0);

    const bobsId = (await bob.call('identity')).peerId;
    const closedAt = Date.now();
    await first.page.close();
    await second.call('contribute', grove, { kind: 'work', summary: 'After' });
    await until(() => hasSummary(bob, grove, 'After'), 'Bob has it');
    const tookOverAfter = Date.now() - closedAt;
    console.info(`a second tab took over and reached Bob ${tookOverAfter} ms after the first closed`);
    expect(tookOverAfter).toBeLessThanOrEqual(RECOVERY_LIMIT);
    expect(await linksTo(second, bobsId)).toHaveLength(1);
    expect(await connections(second)).toBe(1);
    expect(await summariesOf(second, grove)).toEqual(['After', 'Base', 'Child']);
  });
});

interface Target {
  targetId: string;
  type: string;
}

const targets = async (cdp: CDPSession): Promise<Target[]> =>
  (await cdp.send('Target.getTargets')).targetInfos;

async function sharedWorker(cdp: CDPSession): Promise<Target> {
  const found = (await targets(cdp)).find(({ type }) => type === 'shared_worker');
  if (!found) throw new Error('no SharedWorker runs');
  return found;
}

const workerKinds = async (cdp: CDPSession): Promise<string[]> =>
  (await targets(cdp)).map(({ type }) => type).filter((type) => type === 'shared_worker');

/** Stops a worker in the middle of what it does, as an endless loop would. */
async function pause(cdp: CDPSession, { targetId }: Target): Promise<{ resume(): Promise<void> }> {
  const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: false });
  let paused = false;
  cdp.on('Target.receivedMessageFromTarget', ({ message }) => {
    paused ||= message.includes('"Debugger.paused"');
  });
  let id = 0;
  const tell = (method: string): Promise<unknown> =>
    cdp.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id: ++id, method, params: {} }),
    });
  await tell('Debugger.enable');
  await tell('Debugger.pause');
  await until(() => Promise.resolve(paused), 'the worker is paused');
  return {
    async resume() {
      await tell('Debugger.resume');
    },
  };
}

/** Names of Web Locks of this origin. */
const lockNames = (tab: Tab, which: 'held' | 'pending'): Promise<string[]> =>
  tab.page.evaluate(
    async (kind) => ((await navigator.locks.query())[kind] ?? []).map(({ name }) => name ?? ''),
    which,
  );

const summariesOf = async (tab: Tab, grove: string): Promise<string[]> =>
  (await tab.call('contributions', grove, { limit: 500 })).items.map(({ summary }) => summary).sort();
