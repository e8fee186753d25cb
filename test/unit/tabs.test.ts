import { describe, expect, it } from 'vitest';
import { ThicketError } from '../../worker/core/model/errors.ts';
import type { UncheckedCall } from '../../worker/rpc/from-page.ts';
import { RPC_VERSION } from '../../worker/rpc/protocol.ts';
import { createTabs } from '../../worker/tabs.ts';
import { createFakeLocks, createFakePort, createFakeTimers, settle } from './rpc/fakes.ts';
import type { FakePort } from './rpc/fakes.ts';

function setUp(call: (call: UncheckedCall) => Promise<unknown> = () => Promise.resolve(null)) {
  const timers = createFakeTimers();
  const locks = createFakeLocks();
  const carriers: (string | null)[] = [];
  const links: unknown[] = [];
  const hidden: boolean[] = [];
  const joined: unknown[] = [];
  let outlived = 0;
  const tabs = createTabs({
    build: 'test',
    now: () => timers.now(),
    every: (ms, callback) => timers.every(ms, callback),
    onceFree: (name, callback) => locks.onceFree(name, callback),
    onJoined: (tab) => joined.push(tab),
    onHidden: (now) => hidden.push(now),
    onOutlived: () => {
      outlived++;
    },
    call,
    onCarrier: (post) => {
      carriers.push(post ? tabs.info().tab : null);
      post?.({ type: 'link-close', link: 'l1', reason: 'a test' });
    },
    onLink: (message) => links.push(message),
  });
  const join = (tab: string, change: object = {}): FakePort => {
    const port = createFakePort();
    tabs.add(port);
    port.deliver({
      type: 'hello',
      version: RPC_VERSION,
      tab,
      lock: `lock-${tab}`,
      visible: true,
      phone: false,
      since: timers.now(),
      origin: 'http://localhost',
      ...change,
    });
    timers.advance(100);
    return port;
  };
  return { timers, locks, carriers, links, tabs, join, hidden, joined, outlived: () => outlived };
}

const types = (port: FakePort): unknown[] => port.sent.map((message) => (message as { type: string }).type);

describe('tabs', () => {
  it('D3: the first tab is welcomed and carries the links; a second only waits', () => {
    const { join, carriers, tabs } = setUp();
    const first = join('a');
    const second = join('b');
    expect(types(first)).toEqual(['welcome', 'carry', 'link-close']);
    expect(types(second)).toEqual(['welcome']);
    expect(carriers).toEqual(['a']);
    expect(tabs.info()).toEqual({ tab: 'a', tabs: 2 });
  });

  it('P8: tells when all tabs are hidden, and when one is seen again', () => {
    const { join, hidden, locks } = setUp();
    const first = join('a');
    const second = join('b', { visible: false });
    expect(hidden).toEqual([]);
    first.deliver({ type: 'visible', visible: false });
    expect(hidden).toEqual([true]);
    second.deliver({ type: 'visible', visible: true });
    expect(hidden).toEqual([true, false]);
    // The last visible one goes: those left are hidden.
    second.deliver({ type: 'bye' });
    expect(hidden).toEqual([true, false, true]);
    locks.free('lock-a');
    expect(hidden).toEqual([true, false, true]);
    join('c');
    expect(hidden).toEqual([true, false, true, false]);
  });

  it('P2: tells what kind of device the tab is on', () => {
    const { join, joined } = setUp();
    join('a', { phone: true });
    expect(joined).toEqual([{ origin: 'http://localhost', phone: true }]);
  });

  it('D3: when the lock of the carrier is free, another tab carries', () => {
    const { join, carriers, locks, tabs } = setUp();
    const first = join('a');
    join('b');
    locks.free('lock-a');
    expect(carriers).toEqual(['a', null, 'b']);
    expect(first.closed).toBe(true);
    expect(tabs.info()).toEqual({ tab: 'b', tabs: 1 });
  });

  it('D3: a visible carrier whose pings are missing for 3 s is told to stop, and another carries', () => {
    const { join, carriers, timers } = setUp();
    const first = join('a');
    const second = join('b');
    for (let i = 0; i < 5; i++) {
      second.deliver({ type: 'ping', n: i });
      timers.advance(1000);
    }
    expect(carriers).toEqual(['a', null, 'b']);
    expect(first.sent.at(-1)).toEqual({ type: 'carry', on: false });
  });

  it('D3: a hidden carrier needs no pings, since its timers may come once a minute', () => {
    const { join, carriers, timers } = setUp();
    const first = join('a');
    first.deliver({ type: 'visible', visible: false });
    timers.advance(60_000);
    expect(carriers).toEqual(['a']);
  });

  it('D3: a worker that slept does not blame the pages for it', () => {
    const { join, carriers, timers } = setUp();
    join('a');
    timers.sleep(60_000);
    expect(carriers).toEqual(['a']);
  });

  it('D3: a silent tab that speaks again carries again where nobody else does', () => {
    const { join, carriers, timers } = setUp();
    const only = join('a');
    timers.advance(5000);
    expect(carriers).toEqual(['a', null]);
    only.deliver({ type: 'ping', n: 1 });
    expect(carriers).toEqual(['a', null, 'a']);
  });

  it('D3: a tab that says bye is gone at once', () => {
    const { join, tabs, locks } = setUp();
    join('a').deliver({ type: 'bye' });
    expect(tabs.info()).toEqual({ tab: null, tabs: 0 });
    expect(locks.watched.size).toBe(0);
  });

  it('D4: a tab that connects again under its name takes the place of its old connection', () => {
    const { join, tabs, carriers } = setUp();
    const old = join('a');
    const fresh = join('a');
    expect(old.closed).toBe(true);
    expect(tabs.info()).toEqual({ tab: 'a', tabs: 1 });
    expect(carriers).toEqual(['a', null, 'a']);
    old.deliver({ type: 'bye' });
    expect(tabs.info().tabs).toBe(1);
    expect(types(fresh)).toContain('carry');
  });

  it('D4: a page of another version is told so and takes no part', () => {
    const { join, tabs } = setUp();
    const port = join('a', { version: RPC_VERSION + 1 });
    expect(port.sent).toEqual([{ type: 'mismatch', version: RPC_VERSION, build: 'test' }]);
    port.deliver({ type: 'call', id: 1, method: 'groves', params: [], requestId: null });
    expect(port.sent).toHaveLength(1);
    expect(tabs.info().tabs).toBe(0);
  });

  it('D4: a worker that refused a page of another version makes way once its own pages are gone, and no sooner', () => {
    const { join, locks, outlived } = setUp();
    const own = join('a');
    join('b');
    join('newer', { version: RPC_VERSION + 1 });
    own.deliver({ type: 'bye' });
    // One that comes back on another port was not gone.
    join('b');
    expect(outlived()).toBe(0);
    locks.free('lock-b');
    expect(outlived()).toBe(1);
  });

  it('D4: a worker whose own pages are gone before another version asks makes way as well', () => {
    const { join, outlived } = setUp();
    join('newer', { version: RPC_VERSION + 1 });
    expect(outlived()).toBe(0);
    join('a').deliver({ type: 'bye' });
    expect(outlived()).toBe(1);
  });

  it('D4: without a page of another version a worker that lost its last page waits for the next', () => {
    const { join, outlived } = setUp();
    join('a').deliver({ type: 'bye' });
    expect(outlived()).toBe(0);
  });

  it('results and errors go to the tab that asked, with the code kept', async () => {
    const { join } = setUp(({ method }) =>
      method === 'groves'
        ? Promise.resolve([])
        : Promise.reject(new ThicketError('not-found', 'no such grove')),
    );
    const asking = join('a');
    const other = join('b');
    asking.deliver({ type: 'call', id: 1, method: 'groves', params: [], requestId: null });
    asking.deliver({ type: 'call', id: 2, method: 'members', params: [], requestId: null });
    await settle();
    expect(asking.sent.slice(-2)).toEqual([
      { type: 'result', id: 1, value: [] },
      { type: 'error', id: 2, code: 'not-found', message: 'no such grove' },
    ]);
    expect(types(other)).toEqual(['welcome']);
  });

  it('events go to every tab, and pings are answered', () => {
    const { join, tabs } = setUp();
    const ports = [join('a'), join('b')];
    tabs.broadcast('groves', {});
    ports[1]?.deliver({ type: 'ping', n: 7 });
    for (const port of ports) expect(types(port)).toContain('event');
    expect(ports[1]?.sent.at(-1)).toEqual({ type: 'pong', n: 7 });
  });

  it('events of one turn go together after the first, in order, and before what is posted next', async () => {
    const { join, tabs } = setUp();
    const port = join('a');
    port.sent.length = 0;
    tabs.broadcast('groves', {});
    tabs.broadcast('peers', { grove: '1' });
    tabs.broadcast('peers', { grove: '2' });
    port.deliver({ type: 'ping', n: 7 });
    tabs.broadcast('peers', { grove: '3' });
    await Promise.resolve();
    tabs.broadcast('groves', {});
    expect(port.sent).toEqual([
      { type: 'event', name: 'groves', payload: {} },
      {
        type: 'events',
        events: [
          { name: 'peers', payload: { grove: '1' } },
          { name: 'peers', payload: { grove: '2' } },
        ],
      },
      { type: 'pong', n: 7 },
      { type: 'events', events: [{ name: 'peers', payload: { grove: '3' } }] },
      { type: 'event', name: 'groves', payload: {} },
    ]);
  });

  it('K7: only the carrier is heard about links', () => {
    const { join, links } = setUp();
    const carrier = join('a');
    const other = join('b');
    const message = { type: 'link-closed', link: 'l1', reason: 'gone' };
    other.deliver(message);
    expect(links).toEqual([]);
    carrier.deliver(message);
    expect(links).toEqual([message]);
  });

  it('what is no message of ours is dropped', async () => {
    const { join, links } = setUp();
    const port = join('a');
    const before = port.sent.length;
    for (const bad of [
      null,
      7,
      {},
      { type: 'constructor' },
      { type: 'ping' },
      { type: 'call', id: -1, method: 'groves', params: [], requestId: null },
      { type: 'link-frame', link: 'l1', frame: new ArrayBuffer(256 * 1024 + 1) },
      { type: 'link-frame', link: 'l1', frame: 'text' },
      { type: 'link-credit', link: 'l1', bytes: Number.NaN },
    ]) {
      port.deliver(bad);
    }
    await settle();
    expect(port.sent).toHaveLength(before);
    expect(links).toEqual([]);
  });
});
