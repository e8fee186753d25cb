// Whether an address of an endpoint answers.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testEndpoint } from '../../../worker/adapters/signal-test.ts';
import { FakeSocket, last, ONE } from './fake-socket.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LATE = 'The endpoint did not answer within 5 s.';
const ask = (url = ONE) => testEndpoint(url, { now: () => Date.now(), WebSocketImpl: FakeSocket });

describe('the test of an address', () => {
  it('R4: is one round trip, timed, after which nothing stays open', async () => {
    const tested = ask();
    vi.advanceTimersByTime(30);
    last().fire('open');
    expect(last().sent).toEqual([{ type: 'ping' }]);
    vi.advanceTimersByTime(12);
    last().tell({ type: 'pong' });
    expect(await tested).toEqual({ ok: true, ms: 42, url: ONE, reason: null });
    expect(last().closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('R4: ends after 5 s where nothing answers, be it the server or what stands there', async () => {
    const silent = ask();
    vi.advanceTimersByTime(5_000);
    expect(await silent).toEqual({ ok: false, ms: 5_000, url: ONE, reason: LATE });
    const other = ask();
    last().fire('open');
    vi.advanceTimersByTime(5_000);
    expect(await other).toEqual({ ok: false, ms: 5_000, url: ONE, reason: LATE });
    expect(last().closed).toBe(true);
  });

  it('R4: says why at once where it is refused, forbidden or no address', async () => {
    const refused = ask();
    last().fire('close');
    expect(await refused).toMatchObject({ ok: false, reason: 'The endpoint cannot be reached.' });
    const forbidden = ask('ws://forbidden.example/signal');
    vi.advanceTimersByTime(0);
    expect(await forbidden).toMatchObject({
      ok: false,
      reason: 'The endpoint may not be reached from here.',
    });
    expect(await ask('mailto:someone')).toMatchObject({ ok: false, url: null });
  });
});
