// Eight real peers as a mesh, without one of them, without the endpoint, and with a ninth that comes by hand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isActive, removeProfile, serve, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const PEERS = 8;
/** One of desktops, one of phones: peers of even and of odd number. */
const PROCESSES = 2;
/** SPEC P2: neighbours that a phone has at most. Its other links are closed once nobody needs them (P9). */
const PHONE_MOST = 4;

describe('eight peers', () => {
  let server: Served;
  const started: Browser[] = [];

  beforeAll(async () => {
    server = await serve();
    started.push(...(await Promise.all([startBrowser(), startBrowser({ phone: true })])));
  });
  afterAll(async () => {
    await Promise.all(started.map((browser) => browser.close()));
    await Promise.all(started.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  /** Another peer: a worker and a database of its own. */
  async function open(name: string, at: number): Promise<Tab> {
    const browser = started[at % PROCESSES];
    if (browser === undefined) throw new Error('no browser was started');
    return browser.open(`${server.url}/?peer=${name}`);
  }

  const linked = async (tab: Tab, grove: string): Promise<string[]> =>
    (await tab.call('peers', grove)).flatMap(({ peerId, link }) => (link === null ? [] : [peerId]));

  const write = (tab: Tab, grove: string, summary: string) =>
    tab.call('contribute', grove, { kind: 'work', summary });

  async function allHold(tabs: readonly Tab[], grove: string, cid: string): Promise<void> {
    for (const [index, tab] of tabs.entries())
      await until(
        async () => (await tab.call('contribution', grove, cid)).body,
        `peer ${index} holds ${cid}`,
      );
  }

  /** Links of each, once nobody is alone and all are reached from the first over links. */
  async function connected(tabs: readonly Tab[], grove: string): Promise<number[] | null> {
    const ids = await Promise.all(tabs.map(async (tab) => (await tab.call('identity')).peerId));
    const links = await Promise.all(tabs.map((tab) => linked(tab, grove)));
    const reached = new Set(ids.slice(0, 1));
    for (const id of reached) for (const other of links[ids.indexOf(id)] ?? []) reached.add(other);
    const whole = ids.every((id) => reached.has(id));
    return whole ? links.map(({ length }) => length) : null;
  }

  /** The same, once no phone has more links than it may have neighbours: so none is linked to all. */
  async function partial(tabs: readonly Tab[], grove: string): Promise<number[] | null> {
    const links = await connected(tabs, grove);
    return links?.every((each, index) => index % PROCESSES === 0 || each <= PHONE_MOST) === true
      ? links
      : null;
  }

  it('P2, P4, R3, R4: desktops and phones link as a partial mesh, outlive one of them and the endpoint, and take in a ninth by hand', async () => {
    const tabs: Tab[] = [];
    for (let i = 0; i < PEERS; i += 1) tabs.push(await open(`p${i}`, i));
    const [owner, leaver, ...others] = tabs;
    if (owner === undefined || leaver === undefined) throw new Error('eight tabs were opened');
    const { id: grove } = await owner.call('createGrove', { name: 'Mesh' });
    const invite = await owner.call('invite', grove, { uses: PEERS + 1 });
    await Promise.all([leaver, ...others].map((tab) => tab.call('join', invite)));
    for (const tab of [leaver, ...others])
      await until(() => isActive(tab, grove), 'the invite completes', 60_000);
    // As soon as a crowd has joined, all may be linked to all: what is too much goes later.
    const links = await until(() => partial(tabs, grove), 'the mesh is whole, and partial', 120_000);
    console.info(`links of each of the eight: ${links.join(', ')}`);
    expect(links.reduce((sum, each) => sum + each, 0)).toBeLessThan(PEERS * (PEERS - 1));
    await allHold(tabs, grove, (await write(leaver, grove, 'Before it leaves')).cid);

    await leaver.page.close();
    const rest = [owner, ...others];
    await until(() => connected(rest, grove), 'the mesh is whole without the one that left', 60_000);
    await allHold(rest, grove, (await write(owner, grove, 'After it left')).cid);

    await server.close();
    await until(async () => (await owner.call('stats')).signal.state !== 'up', 'the endpoint is missed');
    server = await serve(server.port);
    const ninth = await open('ninth', 0);
    await server.close();
    await until(async () => (await ninth.call('stats')).signal.state !== 'up', 'the endpoint is missed');
    await ninth.call('join', invite);
    const offer = await ninth.call('offer', grove);
    await ninth.call('accept', await owner.call('answer', offer));
    await until(() => isActive(ninth, grove), 'the ninth is let in by the link made by hand', 60_000);
    await until(
      async () => (await linked(ninth, grove)).length >= 3,
      'it is linked to others through it',
      60_000,
    );
    const everyone = [...rest, ninth];
    await allHold(everyone, grove, (await write(ninth, grove, 'From the ninth')).cid);
    await allHold(everyone, grove, (await write(others[0] ?? owner, grove, 'To the ninth')).cid);
    const lists = await Promise.all(
      everyone.map(async (tab) => (await tab.call('contributions', grove)).items.map(({ cid }) => cid)),
    );
    for (const list of lists) expect(list).toEqual(lists[0]);
    expect(lists[0]).toHaveLength(4);
  });
});
