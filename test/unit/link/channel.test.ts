// What happens on an open channel: versions, order of frames, pings, sleep.
import { describe, expect, it } from 'vitest';
import { createHub, idOf } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { decodeFrame, encodeFrame } from '../../../worker/core/wire/frame.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';
import type { LinkConfig } from '../../../worker/core/link/machine.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { LINK_CONFIG } from '../../../worker/core/link/config.ts';

function pair(
  config: Partial<LinkConfig> = {},
  features: string[] = [],
): { hub: Hub; a: Peer; b: Peer; link: LinkId } {
  const hub = createHub();
  const a = hub.peer('a');
  const b = hub.peer('b', { config, features });
  hub.enter(a);
  hub.enter(b);
  return { hub, a, b, link: a.machine.links()[0]?.link ?? ('none' as LinkId) };
}

const receive = (peer: Peer, link: LinkId, frame: Frame | Uint8Array) =>
  peer.give({ type: 'link-frame', link, frame: frame instanceof Uint8Array ? frame : encodeFrame(frame) });

/** The frames that reach a peer, by type. */
const typeOf = (frame: Uint8Array): string => {
  const decoded = decodeFrame(frame);
  return decoded.ok ? decoded.value.type : 'garbled';
};

describe('versions', () => {
  it('W4, W2: a side that speaks 1 to 7, with features and frames of its own, links and is understood', () => {
    const { a, b, link } = pair({ version: { min: 1, max: 7 } }, ['from-the-future', 'frontier/3']);
    expect(a.ups()).toMatchObject([{ version: 1, features: ['from-the-future', 'frontier/3'] }]);
    expect(b.ups()).toMatchObject([{ version: 1 }]);
    expect(receive(a, link, encode([70, 'a query', { deep: [1, 2, 3] }]))).toEqual([
      { type: 'count', name: 'frames.unknown' },
    ]);
    expect(a.live()).toEqual([link]);
  });

  it('W2: a known frame with further fields is taken as far as it is known', () => {
    const { a, link } = pair();
    const sent = receive(a, link, encode([4, 99, 'and more']));
    expect(sent.map((output) => (output.type === 'link-send' ? typeOf(output.frame) : ''))).toEqual(['pong']);
  });

  it('W4: a side that speaks only 2 is told so and let go', () => {
    const { hub, a, b } = pair({ version: { min: 2, max: 2 } });
    expect(a.ups()).toEqual([]);
    expect(b.ups()).toEqual([]);
    const byes = a.outputs.flatMap((output) => {
      const frame = output.type === 'link-send' ? decodeFrame(output.frame) : null;
      return frame?.ok === true && frame.value.type === 'bye' ? [frame.value.reason] : [];
    });
    expect(byes).toEqual(['version: speaks 1-1, given 2-2']);
    hub.advance(1_000);
    expect(a.machine.failures()).toMatchObject([
      { peer: idOf(b), reason: expect.stringContaining('version') as string },
    ]);
  });
});

describe('before the proof', () => {
  const frames: [string, Frame | Uint8Array][] = [
    ['a proof before hello', { type: 'proof', signature: new Uint8Array(64) }],
    ['a ping', { type: 'ping', n: 1 }],
    ['tags', { type: 'tags', tags: [] }],
    ['an unknown frame', encode([70])],
    ['bytes that do not decode', Uint8Array.of(255, 1, 2)],
    ['a frame over the limit', new Uint8Array(262_145)],
    ['a goodbye', { type: 'bye', reason: 'no' }],
  ];
  it.each(frames)('K4: %s closes the link', (_name, frame) => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    hub.onFrame = () => [];
    hub.enter(a);
    hub.enter(b);
    const [info] = a.machine.links();
    expect(info?.state).toBe('authenticating');
    const outputs = receive(a, info?.link as LinkId, frame);
    expect(outputs.some(({ type }) => type === 'link-close')).toBe(true);
    expect(outputs.some(({ type }) => type === 'frame' || type === 'up' || type === 'down')).toBe(false);
    expect(a.machine.links()).toEqual([]);
  });

  it('K4: a frame before the channel opened closes the link', () => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    hub.onPosted = (message) => (message.to === null ? [message] : []);
    hub.enter(a);
    hub.enter(b);
    const [info] = a.machine.links();
    expect(receive(a, info?.link as LinkId, { type: 'ping', n: 1 })).toContainEqual(
      expect.objectContaining({ type: 'link-close' }),
    );
  });
});

describe('after the proof', () => {
  it('K4: frames of others go to the node with their size', () => {
    const { a, b, link } = pair();
    const frame: Frame = { type: 'tags', tags: [new Uint8Array(32)] };
    expect(receive(a, link, frame)).toEqual([
      { type: 'frame', link, peer: idOf(b), frame, bytes: encodeFrame(frame).length },
    ]);
  });

  it('K4: a second hello or proof closes the link', () => {
    const hellos: Frame[] = [
      { type: 'proof', signature: new Uint8Array(64) },
      {
        type: 'hello',
        min: 1,
        max: 1,
        features: [],
        key: 'ab'.repeat(32) as never,
        nonce: new Uint8Array(32),
      },
    ];
    for (const frame of hellos) {
      const { a, link } = pair();
      expect(receive(a, link, frame).map(({ type }) => type)).toEqual(['link-send', 'link-close', 'down']);
    }
  });

  it('W1: frames that do not decode are counted, and closed for when there are many', () => {
    const { a, link } = pair();
    const garbled = Uint8Array.of(0x9f, 0xff);
    for (let n = 0; n < LINK_CONFIG.maxGarbled; n++) {
      expect(receive(a, link, garbled)).toEqual([{ type: 'count', name: 'frames.garbled' }]);
    }
    expect(receive(a, link, garbled).map(({ type }) => type)).toContain('down');
  });
});

describe('pings', () => {
  it('K6: a ping goes every 5 s and its answer gives a smoothed round trip', () => {
    const { hub, a, link } = pair();
    hub.onFrame = () => [];
    expect(a.machine.links()[0]?.rttMs).toBe(0);
    const sent: number[] = [];
    for (let n = 2; n < 5; n++) {
      hub.now = a.machine.nextWake() ?? 0;
      while (!a.give({ type: 'tick' }).some(({ type }) => type === 'link-send'))
        hub.now = a.machine.nextWake() ?? 0;
      sent.push(hub.now);
      hub.now += 80;
      receive(a, link, { type: 'pong', n });
      receive(a, link, { type: 'pong', n: 77 });
    }
    expect(sent.slice(1).map((time, index) => time - (sent[index] ?? 0))).toEqual([5_000, 5_000]);
    const expected = [80, 80, 80].reduce((rtt, sample) => rtt + (sample - rtt) / 8, 0);
    expect(a.machine.links()[0]?.rttMs).toBeCloseTo(expected, 6);
  });

  it('K6: three unanswered pings close the link, on both sides', () => {
    const { hub, a, b } = pair();
    hub.advance(10_000);
    hub.onPosted = () => [];
    hub.onFrame = (_from, frame) => (typeOf(frame) === 'pong' ? [] : [frame]);
    hub.advance(14_900);
    expect(a.live()).toHaveLength(1);
    hub.advance(5_100);
    for (const peer of [a, b]) {
      expect(peer.downs()).toHaveLength(1);
      expect(peer.downs()[0]?.reason).toMatch(/silent|lost/);
    }
  });

  it('K6: a device that slept asks first: who answers within 5 s stays', () => {
    const { hub, a, b } = pair();
    hub.advance(10_000);
    hub.now += 3_600_000;
    const woken = a.give({ type: 'tick' });
    expect(woken.filter(({ type }) => type === 'link-close')).toEqual([]);
    expect(woken.some((output) => output.type === 'link-send' && typeOf(output.frame) === 'ping')).toBe(true);
    b.give({ type: 'tick' });
    hub.advance(60_000);
    expect(a.downs()).toEqual([]);
    expect(b.downs()).toEqual([]);
  });

  it('K6: who does not answer a device that slept is gone after 5 s', () => {
    const { hub, a } = pair();
    hub.advance(10_000);
    hub.onFrame = () => [];
    hub.onPosted = () => [];
    hub.now += 3_600_000;
    a.give({ type: 'tick' });
    hub.now += 4_999;
    a.give({ type: 'tick' });
    expect(a.live()).toHaveLength(1);
    hub.now += 1;
    expect(a.give({ type: 'tick' })).toContainEqual(expect.objectContaining({ type: 'down' }));
  });

  it('K6: a wall clock that is set back delays nothing', () => {
    const { hub, a } = pair();
    hub.advance(10_000);
    hub.now -= 86_400_000;
    a.give({ type: 'tick' });
    expect((a.machine.nextWake() ?? 0) - hub.now).toBeLessThanOrEqual(5_000);
    expect(a.machine.nextWake() ?? 0).toBeGreaterThanOrEqual(hub.now);
  });
});
