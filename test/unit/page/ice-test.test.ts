// Whether a STUN or TURN server answers, with a connection that is played.
import { describe, expect, it } from 'vitest';
import { testIce, type GatheringEvents, type IceServer } from '../../../src/links/ice-test.ts';

function play(start: (events: GatheringEvents) => Promise<void>) {
  const asked: { server: IceServer; relayOnly: boolean }[] = [];
  const timers: (() => void)[] = [];
  let closed = 0;
  let now = 1000;
  return {
    asked,
    timers,
    closed: () => closed,
    options: {
      gather(server: IceServer, relayOnly: boolean, events: GatheringEvents) {
        asked.push({ server, relayOnly });
        return { start: () => start(events), close: () => void (closed += 1) };
      },
      now: () => (now += 20),
      after(_ms: number, callback: () => void) {
        timers.push(callback);
        return () => void timers.splice(timers.indexOf(callback), 1);
      },
    },
  };
}
const SERVER = { urls: ['turn:a.example', 'turn:b.example'], username: 'u', credential: 'c' };

describe('a test of a server', () => {
  it('asks a TURN server for a relay alone, and is done with the first', async () => {
    const played = play(({ onCandidate }) => {
      onCandidate('relay');
      onCandidate(null);
      return Promise.resolve();
    });
    expect(await testIce(SERVER, 'turn:a.example', played.options)).toMatchObject({
      ...{ url: 'turn:a.example', kind: 'turn', ok: true, ms: 20, reason: null },
    });
    expect(played.asked).toEqual([{ server: { ...SERVER, urls: ['turn:a.example'] }, relayOnly: true }]);
    expect(played.timers).toEqual([]);
    expect(played.closed()).toBe(1);
  });

  it('an address of one’s own is no answer of a STUN server', async () => {
    const played = play(({ onCandidate, onError }) => {
      onCandidate('host');
      onError('701 STUN host lookup received error.');
      onCandidate(null);
      return Promise.resolve();
    });
    expect(await testIce({ urls: ['stun:a.example'] }, 'stun:a.example', played.options)).toMatchObject({
      ...{ kind: 'stun', ok: false, reason: '701 STUN host lookup received error.' },
    });
    expect(played.asked[0]?.relayOnly).toBe(false);
  });

  it('ends where nothing comes, and where the browser refuses the address', async () => {
    const silent = play(() => Promise.resolve());
    const waiting = testIce({ urls: ['stun:a'] }, 'stun:a', silent.options);
    silent.timers[0]?.();
    expect(await waiting).toMatchObject({ ok: false, reason: null });
    expect(silent.closed()).toBe(1);
    const refused = play(() => Promise.reject(new Error('no such address')));
    expect(await testIce({ urls: ['stun:'] }, 'stun:', refused.options)).toMatchObject({
      ...{ ok: false, reason: 'no such address' },
    });
  });
});
