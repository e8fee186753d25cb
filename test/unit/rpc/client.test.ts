import { describe, expect, it } from 'vitest';
import { createClient } from '../../../worker/rpc/client.ts';
import { WORKER_STARTING } from '../../../worker/rpc/config.ts';
import { RPC_VERSION } from '../../../worker/rpc/protocol.ts';
import type { FromPage, ToCarrier, ToPage } from '../../../worker/rpc/protocol.ts';
import { createFakePort, createFakeTimers, settle } from './fakes.ts';
import type { FakePort } from './fakes.ts';

function setUp() {
  const timers = createFakeTimers();
  const ports: FakePort[] = [];
  const carrier: ToCarrier[] = [];
  const again: boolean[] = [];
  let uuids = 0;
  const client = createClient({
    connect(restart) {
      again.push(restart);
      const port = createFakePort();
      ports.push(port);
      return port;
    },
    tab: 'a',
    lock: 'tab:main:a',
    since: 1,
    origin: 'http://localhost',
    visible: true,
    phone: false,
    onCarrier: (message) => carrier.push(message),
    now: () => timers.now(),
    every: (ms, callback) => timers.every(ms, callback),
    uuid: () => `uuid-${++uuids}`,
  });
  const port = (): FakePort => {
    const last = ports.at(-1);
    if (!last) throw new Error('no port was opened');
    return last;
  };
  const answer = (message: ToPage): void => port().deliver(message);
  const calls = (): unknown[] =>
    port().sent.filter((message) => (message as { type: string }).type === 'call');
  const welcome = (): void => answer({ type: 'welcome', version: RPC_VERSION, build: 'test' });
  return { client, timers, ports, port, again, carrier, answer, calls, welcome };
}

describe('the client', () => {
  it('says hello first, and is ready once it is welcome', async () => {
    const { client, port, welcome } = setUp();
    expect(port().sent[0]).toEqual({
      type: 'hello',
      version: RPC_VERSION,
      tab: 'a',
      lock: 'tab:main:a',
      visible: true,
      phone: false,
      since: 1,
      origin: 'http://localhost',
    });
    welcome();
    expect(await client.ready).toBe('test');
  });

  it('S2: calls that write carry a request id, others none', () => {
    const { client, calls } = setUp();
    void client.call('groves');
    void client.call('setName', 'Ada');
    expect(calls()).toEqual([
      { type: 'call', id: 1, method: 'groves', params: [], requestId: null },
      { type: 'call', id: 2, method: 'setName', params: ['Ada'], requestId: 'uuid-1' },
    ]);
  });

  it('S2: an act about somebody’s work carries one as well, and keeps it when it is sent again', () => {
    const { client, ports } = setUp();
    void client.call('vote', 'g', 'c', 'up');
    void client.call('edit', 'g', 'c', { summary: 'Better' });
    client.reconnect();
    const sent = ports
      .flatMap((port) => port.sent as FromPage[])
      .flatMap((message) => (message.type === 'call' ? [[message.method, message.requestId]] : []));
    expect(sent).toEqual([
      ['vote', 'uuid-1'],
      ['edit', 'uuid-2'],
      ['vote', 'uuid-1'],
      ['edit', 'uuid-2'],
    ]);
  });

  it('says when nothing that writes waits for an answer', async () => {
    const { client, answer } = setUp();
    let written = 0;
    void client.call('groves');
    await client.written();
    const name = client.call('setName', 'Ada');
    void client.written().then(() => (written += 1));
    await Promise.resolve();
    expect(written).toBe(0);
    answer({ type: 'result', id: 2, value: null });
    await name;
    await Promise.resolve();
    expect(written).toBe(1);
  });

  it('answers reach the call they belong to, in whatever order they come', async () => {
    const { client, answer } = setUp();
    const groves = client.call('groves');
    const members = client.call('members', 'g');
    answer({ type: 'error', id: 2, code: 'not-found', message: 'no such grove' });
    answer({ type: 'result', id: 1, value: [] });
    expect(await groves).toEqual([]);
    await expect(members).rejects.toMatchObject({ code: 'not-found', message: 'no such grove' });
  });

  it('D4: a worker that answers no ping for 5 s is started again, and what is unanswered is sent again', async () => {
    const { client, timers, ports, again, answer, calls, welcome, carrier } = setUp();
    const restarted: unknown[] = [];
    client.on('restarted', (payload) => restarted.push(payload));
    welcome();
    const answered = client.call('groves');
    answer({ type: 'result', id: 1, value: [] });
    await answered;
    const pending = client.call('setName', 'Ada');
    timers.advance(4900);
    expect(ports).toHaveLength(1);
    timers.advance(1100);
    expect(again).toEqual([false, true]);
    expect(ports[0]?.closed).toBe(true);
    expect(restarted).toEqual([{}]);
    expect(carrier).toEqual([{ type: 'carry', on: false }]);
    expect(calls()).toEqual([
      { type: 'call', id: 2, method: 'setName', params: ['Ada'], requestId: 'uuid-1' },
    ]);
    const identity = { peerId: 'p', name: 'Ada', fingerprint: 'f' };
    answer({ type: 'result', id: 2, value: identity });
    expect(await pending).toEqual(identity);
  });

  it('D4: a late answer of the worker before is not heard', async () => {
    const { client, timers, ports, answer, welcome } = setUp();
    welcome();
    const call = client.call('groves');
    timers.advance(6000);
    ports[0]?.deliver({ type: 'error', id: 1, code: 'internal', message: 'from the grave' });
    answer({ type: 'result', id: 1, value: [] });
    expect(await call).toEqual([]);
  });

  it('D4: pongs keep the worker alive', () => {
    const { timers, again, answer, welcome } = setUp();
    welcome();
    for (let i = 0; i < 30; i++) {
      timers.advance(1000);
      answer({ type: 'pong', n: i });
    }
    expect(again).toEqual([false]);
  });

  it('D4: a worker that still loads is given more time', () => {
    const { timers, again } = setUp();
    timers.advance(14_000);
    expect(again).toEqual([false]);
    timers.advance(2000);
    expect(again).toEqual([false, true]);
  });

  it('D4: a worker that takes the place of one that hangs is given the time of starting', () => {
    const { timers, again, welcome } = setUp();
    welcome();
    timers.advance(6000);
    timers.advance(5000);
    expect(again).toEqual([false, true, true]);
    timers.advance(13_000);
    expect(again).toEqual([false, true, true]);
    timers.advance(2000);
    expect(again).toEqual([false, true, true, true]);
  });

  it('D4: a page that slept does not blame the worker', () => {
    const { timers, again, welcome } = setUp();
    welcome();
    timers.sleep(60_000);
    expect(again).toEqual([false]);
  });

  it('a worker of another version ends all calls with `version`', async () => {
    const { client, answer, timers, again } = setUp();
    const problems: unknown[] = [];
    client.on('problem', (problem) => problems.push(problem));
    const call = client.call('groves');
    answer({ type: 'mismatch', version: 2, build: 'later' });
    await expect(call).rejects.toMatchObject({ code: 'version' });
    await expect(client.ready).rejects.toMatchObject({ code: 'version' });
    await expect(client.call('groves')).rejects.toMatchObject({ code: 'version' });
    expect(problems).toHaveLength(1);
    timers.advance(60_000);
    expect(again).toEqual([false]);
  });

  it('once the worker of another version is gone, the next one answers what is asked from then on', async () => {
    const { client, answer, calls, welcome } = setUp();
    let restarts = 0;
    client.on('restarted', () => (restarts += 1));
    answer({ type: 'mismatch', version: 2, build: 'earlier' });
    await expect(client.call('groves')).rejects.toMatchObject({ code: 'version' });
    client.reconnect();
    await expect(client.call('groves')).rejects.toMatchObject({ code: 'version' });
    expect(restarts).toBe(0);
    welcome();
    expect(restarts).toBe(1);
    void client.call('groves');
    expect(calls()).toHaveLength(1);
  });

  it('D4: refused by a worker that is there it waits; where that is gone, a next one that is silent is started again', () => {
    const { client, answer, ports, timers } = setUp();
    answer({ type: 'mismatch', version: 2, build: 'earlier' });
    timers.advance(10 * WORKER_STARTING);
    expect(ports).toHaveLength(1);
    client.reconnect();
    timers.advance(2 * WORKER_STARTING);
    expect(ports.length).toBeGreaterThan(2);
  });

  it('events reach those who listen, until they stop', () => {
    const { client, answer } = setUp();
    const heard: unknown[] = [];
    const stop = client.on('changed', ({ grove }) => heard.push(grove));
    answer({ type: 'event', name: 'changed', payload: { grove: 'g1' } });
    answer({ type: 'event', name: 'groves', payload: {} });
    stop();
    answer({ type: 'event', name: 'changed', payload: { grove: 'g2' } });
    expect(heard).toEqual(['g1']);
  });

  it('K7: what is for the host of links is handed to it', () => {
    const { carrier, answer } = setUp();
    answer({ type: 'carry', on: true });
    answer({ type: 'link-close', link: 'l1', reason: 'done' });
    expect(carrier).toEqual([
      { type: 'carry', on: true },
      { type: 'link-close', link: 'l1', reason: 'done' },
    ]);
  });

  it('an argument that cannot be cloned is refused as invalid and waits for nothing', async () => {
    const { client, answer } = setUp();
    const input = { kind: 'work', summary: 's', context: { f: (() => null) as never } } as const;
    await expect(client.call('contribute', 'g', input)).rejects.toMatchObject({ code: 'invalid' });
    answer({ type: 'result', id: 1, value: null });
  });

  it('a tab that closes says bye and ends its calls', async () => {
    const { client, port } = setUp();
    const call = client.call('groves');
    client.close();
    client.close();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    expect(port().sent.at(-1)).toEqual({ type: 'bye' });
  });
});
