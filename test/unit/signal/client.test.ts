import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signalUrl } from '../../../worker/adapters/signal-ws.ts';
import { FakeSocket, last, ME, ONE, ROOM, settle, setup, TWO } from './fake-socket.ts';

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe('signaling client: connecting', () => {
  it('E1: says nothing while it first connects, then that it is up, never within the call itself', async () => {
    const { events } = setup();
    expect(events).toEqual([]);
    await settle();
    last().fire('open');
    await settle();
    expect(events).toEqual([{ type: 'signal-state', up: true, url: ONE, reason: null }]);
  });

  it('K6: falls through to the next endpoint where one cannot be reached', async () => {
    const { state } = setup([ONE, TWO]);
    last().fire('close');
    expect(last().url).toBe(TWO);
    last().fire('open');
    await settle();
    expect(state()).toEqual({ type: 'signal-state', up: true, url: TWO, reason: null });
  });

  it('K6: an endpoint that does not answer within 10 s counts as unreachable', async () => {
    const { state } = setup();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(state()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(state()?.reason).toBe('The endpoint did not answer within 10 s. Trying again in 0.3 s.');
    expect(last().closed).toBe(true);
  });

  it('K6: an address that the platform forbids is said so and falls through', async () => {
    const { state } = setup(['ws://forbidden.example/']);
    await vi.advanceTimersByTimeAsync(1);
    expect(state()?.reason).toContain('may not be reached from here');
  });

  it('E10: waits a random part of 0.5 s, doubling to 30 s', async () => {
    const { state } = setup();
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      last().fire('close');
      await settle();
      const wait = Number(/in ([\d.]+) s/.exec(state()?.reason ?? '')?.[1]);
      waits.push(wait);
      await vi.advanceTimersByTimeAsync(wait * 1000 + 100);
      expect(FakeSocket.made).toHaveLength(n + 2);
    }
    expect(waits).toEqual([0.3, 0.5, 1, 2, 4, 8, 15, 15, 15]);
  });

  it('K6: the doubling starts over after a connection that held, and not after one that did not', async () => {
    const { state } = setup();
    for (const wait of [250, 500, 1_000, 2_000, 4_000]) {
      last().fire('close');
      await vi.advanceTimersByTimeAsync(wait);
    }
    last().fire('open');
    await vi.advanceTimersByTimeAsync(1_000);
    last().fire('close', { code: 1008, reason: 'too many messages' });
    await settle();
    expect(state()?.reason).toBe(
      'The endpoint closed the connection: too many messages. Trying again in 8.0 s.',
    );
    await vi.advanceTimersByTimeAsync(8_000);
    last().fire('open');
    await vi.advanceTimersByTimeAsync(15_000);
    last().tell({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(15_000);
    last().fire('close');
    await settle();
    expect(state()?.reason).toBe('The endpoint closed the connection (code 1006). Trying again in 0.3 s.');
  });

  it('K6: configuring again, or the network returning, tries at once', async () => {
    const { signal } = setup();
    for (let n = 0; n < 6; n++) {
      last().fire('close');
      await vi.advanceTimersByTimeAsync(20_000);
    }
    last().fire('close');
    const made = FakeSocket.made.length;
    signal.retry();
    expect(FakeSocket.made).toHaveLength(made + 1);
    last().fire('close');
    signal.configure([ONE]);
    expect(FakeSocket.made).toHaveLength(made + 2);
    signal.configure([ONE]);
    expect(FakeSocket.made).toHaveLength(made + 2);
  });

  it('K6: while up, the network returning asks for a sign of life instead', async () => {
    const { signal, state } = setup();
    last().fire('open');
    signal.retry();
    expect(last().sent).toEqual([{ type: 'ping' }]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state()?.up).toBe(false);
  });

  it('K6: on a lesser endpoint it looks for the better one, and moves once that is back', async () => {
    const { signal, events } = setup([ONE, TWO]);
    signal.join(ROOM);
    last().fire('close');
    const lesser = last();
    lesser.fire('open');
    for (let n = 0; n < 20; n++) {
      lesser.tell({ type: 'pong' });
      await vi.advanceTimersByTimeAsync(15_000);
    }
    const better = last();
    expect(better.url).toBe(ONE);
    better.fire('close');
    expect(lesser.closed).toBe(false);
    for (let n = 0; n < 20; n++) {
      lesser.tell({ type: 'pong' });
      await vi.advanceTimersByTimeAsync(15_000);
    }
    events.length = 0;
    last().fire('open');
    await settle();
    expect(lesser.closed).toBe(true);
    expect(last().sent).toEqual([{ type: 'join', room: ROOM }]);
    expect(events).toEqual([
      { type: 'signal-state', up: false, url: ONE, reason: 'Moving to a preferred endpoint.' },
      { type: 'signal-state', up: true, url: ONE, reason: null },
    ]);
  });

  it('an empty list disconnects, and nothing is tried any more', async () => {
    const { signal, state } = setup();
    last().fire('open');
    signal.configure([]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(last().closed).toBe(true);
    expect(FakeSocket.made).toHaveLength(1);
    expect(state()).toEqual({ type: 'signal-state', up: false, url: null, reason: 'No endpoint is set.' });
    signal.configure(['mailto:someone']);
    await settle();
    expect(state()?.reason).toBe('No endpoint has a usable address.');
  });

  it('closing is final and idempotent: no event, no timer, no socket stays', async () => {
    const { signal, events } = setup();
    signal.join(ROOM);
    last().fire('open');
    await settle();
    events.length = 0;
    last().tell({ type: 'joined', room: ROOM, self: ME, members: [] });
    signal.close();
    signal.close();
    signal.configure([TWO]);
    signal.retry();
    await settle();
    expect(events).toEqual([]);
    expect(last().closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([
  ['https://site.example', 'wss://site.example/signal'],
  ['http://127.0.0.1:8080/', 'ws://127.0.0.1:8080/signal'],
  ['https://site.example/thicket/', 'wss://site.example/thicket/signal'],
  ['https://site.example/signal', 'wss://site.example/signal'],
  ['ws://site.example', 'ws://site.example/signal'],
  ['wss://site.example/own/path?key=1#x', 'wss://site.example/own/path?key=1'],
  ['ftp://site.example', null],
  ['https://user:secret@site.example', null],
  ['nonsense', null],
])('the endpoint given as %s is %s', (given, url) => {
  expect(signalUrl(given)).toBe(url);
});

it('an endpoint whose address is too long is not usable', () => {
  expect(signalUrl(`https://site.example/${'x'.repeat(490)}`)).not.toBeNull();
  expect(signalUrl(`https://site.example/${'x'.repeat(492)}`)).toBeNull();
});
