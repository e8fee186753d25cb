import { describe, expect, it } from 'vitest';
import { MAX_FRAME } from '../../src/links/config.ts';
import { createLanes, type Outlet } from '../../src/links/lanes.ts';
import { createJoiner, LAST, MORE } from '../../src/links/parts.ts';
import { equalBytes } from '../../worker/core/model/bytes.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';

const KIB = 1024;

/** A channel that takes so many bytes per ms, in simulated time; `goOn` to the next ms. */
function createChannel(rate: () => number) {
  let now = 0;
  let buffered = 0;
  /** What is in the buffer, with when it was handed over and what is before it. */
  const inside: { data: unknown; left: number }[] = [];
  const arrived: { at: number; data: unknown }[] = [];
  let most = 0;
  const outlet: Outlet = {
    get bufferedAmount() {
      return buffered;
    },
    bufferedAmountLowThreshold: 0,
    send(data: string | ArrayBuffer | Uint8Array) {
      const size = typeof data === 'string' ? data.length : data.byteLength;
      buffered += size;
      most = Math.max(most, buffered);
      // The page's buffers may be used again.
      inside.push({ data: typeof data === 'string' ? data : new Uint8Array(data).slice(), left: size });
    },
  };
  let drained = 0;
  const lanes = createLanes({ now: () => now, onDrained: (bytes) => (drained += bytes) });
  return {
    ...{ outlet, lanes, arrived },
    now: () => now,
    drained: () => drained,
    takeMost: () => [most, (most = 0)][0] ?? 0,
    goOn(ms = 1): void {
      for (let end = now + ms; now < end;) {
        now += 1;
        const before = buffered;
        let budget = Math.min(buffered, rate());
        buffered -= budget;
        for (let first = inside[0]; first !== undefined && budget >= first.left; first = inside[0]) {
          budget -= first.left;
          arrived.push({ at: now, data: first.data });
          inside.shift();
        }
        if (inside[0] !== undefined) inside[0].left -= budget;
        const isLow =
          before > outlet.bufferedAmountLowThreshold && buffered <= outlet.bufferedAmountLowThreshold;
        if (isLow) lanes.pump(outlet);
      }
    },
  };
}

/** Keeps bulk coming and sends 100 bytes of control each 50 ms; gives how long each took. */
function mixed(rate: number, ms: number, from = 0) {
  const channel = createChannel(() => rate);
  const sent: number[] = [];
  let bulk = 0;
  const random = createSeededRandom(1);
  for (let at = 0; at < ms; at += 1) {
    // As against credit: 256 KiB are there at most.
    while (bulk - channel.drained() < 256 * KIB) {
      const size = 16 * KIB + random.int(224 * KIB);
      bulk += size;
      channel.lanes.push(new ArrayBuffer(size), 'bulk');
      channel.lanes.pump(channel.outlet);
    }
    if (at % 50 === 0) {
      sent.push(channel.now());
      channel.lanes.push(new ArrayBuffer(100), 'control');
      channel.lanes.pump(channel.outlet);
    }
    channel.goOn();
  }
  const control = channel.arrived.filter(({ data }) => data instanceof Uint8Array && data.length === 100);
  const waits = control.map(({ at }, index) => at - (sent[index] ?? 0)).slice(from / 50);
  waits.sort((a, b) => a - b);
  return { p95: waits[Math.floor(waits.length * 0.95)] ?? Infinity, used: channel.drained() / (rate * ms) };
}

describe('lanes', () => {
  it.each([100, 300, 1_000, 2_000, 10_000, 40_000])(
    'K7: at %i bytes per ms control waits at most 150 ms at p95 beside bulk without end, which still fills the channel',
    (rate) => {
      const { p95, used } = mixed(rate, 20_000, 2_000);
      expect(p95).toBeLessThanOrEqual(150);
      expect(used).toBeGreaterThan(0.85);
    },
  );

  it('K7: a fast channel gets whole frames, as few as 64 KiB ahead', () => {
    const channel = createChannel(() => 40_000);
    for (let i = 0; i < 100; i += 1) channel.lanes.push(new ArrayBuffer(240 * KIB), 'bulk');
    channel.lanes.pump(channel.outlet);
    channel.goOn(2_000);
    expect(channel.arrived).toHaveLength(100);
    expect(channel.arrived.every(({ data }) => data instanceof Uint8Array && data.length === 240 * KIB)).toBe(
      true,
    );
  });

  it('K7: a channel that was slow for a while is filled again once it is fast', () => {
    let rate = 50;
    const channel = createChannel(() => rate);
    for (let i = 0; i < 400; i += 1) channel.lanes.push(new ArrayBuffer(16 * KIB), 'bulk');
    channel.lanes.pump(channel.outlet);
    channel.goOn(5_000);
    channel.takeMost();
    channel.goOn(1_000);
    expect(channel.takeMost()).toBeLessThan(16 * KIB);
    rate = 40_000;
    channel.goOn(400);
    expect(channel.drained()).toBe(400 * 16 * KIB);
  });

  it('K7: what bulk went is told 128 KiB at a time, and at once where no more waits', () => {
    const told: number[] = [];
    const lanes = createLanes({ now: () => 0, onDrained: (bytes) => void told.push(bytes) });
    const outlet: Outlet = { bufferedAmount: 0, bufferedAmountLowThreshold: 0, send: () => undefined };
    const full: Outlet = { ...outlet, bufferedAmount: 64 * KIB + 1 };
    let left = 2;
    const takesTwo: Outlet = {
      ...outlet,
      get bufferedAmount() {
        return (left -= 1) >= 0 ? 0 : 64 * KIB + 1;
      },
    };
    for (let i = 0; i < 4; i += 1) lanes.push(new ArrayBuffer(60 * KIB), 'bulk');
    lanes.pump(full);
    lanes.pump(takesTwo);
    expect(told).toEqual([]);
    lanes.pump(outlet);
    expect(told).toEqual([240 * KIB]);
    lanes.push(new ArrayBuffer(20 * KIB), 'bulk');
    lanes.pump(outlet);
    expect(told).toEqual([240 * KIB, 20 * KIB]);
  });

  it('K7: more than 8 MiB that wait are too much', () => {
    const { lanes } = createChannel(() => 0);
    for (let i = 0; i < 32; i += 1) expect(lanes.push(new ArrayBuffer(MAX_FRAME), 'bulk')).toBe(true);
    expect(lanes.push(new ArrayBuffer(1), 'control')).toBe(false);
  });
});

describe('frames in parts', () => {
  it('K7: what went in parts, with control between them, comes out whole and as it was', () => {
    const channel = createChannel(() => 100);
    const random = createSeededRandom(2);
    const frames = Array.from({ length: 12 }, () => random.bytes(2 + random.int(240 * KIB)));
    for (const frame of frames) channel.lanes.push(frame.slice().buffer, 'bulk');
    for (
      let i = 0;
      i < 100_000 && channel.drained() < frames.reduce((sum, { length }) => sum + length, 0);
      i += 1
    ) {
      if (i % 100 === 0) channel.lanes.push(new Uint8Array([i / 100]).buffer, 'control');
      channel.lanes.pump(channel.outlet);
      channel.goOn();
    }
    channel.goOn(10_000);
    const joiner = createJoiner();
    const whole = channel.arrived.flatMap(({ data }) => {
      const taken = joiner.take(data);
      if (taken === null) return [];
      if ('fault' in taken) throw new Error(taken.fault);
      return [new Uint8Array(taken.frame)];
    });
    expect(channel.arrived.filter(({ data }) => data === MORE).length).toBeGreaterThan(100);
    const large = whole.filter(({ length }) => length > 1);
    expect(large).toHaveLength(frames.length);
    expect(large.every((frame, index) => equalBytes(frame, frames[index] ?? new Uint8Array()))).toBe(true);
    expect(whole.filter(({ length }) => length === 1).length).toBeGreaterThan(50);
  });

  it.each<[string, unknown[]]>([
    ['text that means nothing', ['hello']],
    ['a part announced twice', [MORE, LAST]],
    ['an empty part', [MORE, new Uint8Array(0)]],
    ['parts beyond the largest frame', [MORE, new Uint8Array(MAX_FRAME), LAST, new Uint8Array(1)]],
    ['a frame beyond the largest', [new Uint8Array(MAX_FRAME + 1)]],
    ['something else', [null]],
  ])('K7: %s is a fault', (_, messages) => {
    const joiner = createJoiner();
    const taken = messages.map((data) => joiner.take(data));
    expect(taken.at(-1)).toHaveProperty('fault');
    expect(taken.slice(0, -1)).toEqual(messages.slice(1).map(() => null));
  });
});
