// The course of a transfer as it is told: states, progress, pauses, a full disk, and what a crash costs.
import { describe, expect, it } from 'vitest';
import { blockKey, heldKey } from '../../../worker/core/cas/keys.ts';
import { Meter } from '../../../worker/core/cas/meter.ts';
import { Pace } from '../../../worker/core/cas/pace.ts';
import type { TransferInfo } from '../../../worker/core/cas/types.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext } from '../../../worker/core/context.ts';
import { equalBytes } from '../../../worker/core/model/bytes.ts';
import type { Hash } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { linkOf } from '../sync/bench.ts';
import { blobOf, block, createCasBench, GROVE, type Blob } from './bench.ts';
import { createNetwork } from './network.ts';

const random = createSeededRandom(3);
const noise = (count: number): Blob => blobOf(...Array.from({ length: count }, () => random.bytes(65_536)));
const blob = noise(160);
const small = blobOf(block(1), block(2), block(3));

describe('progress', () => {
  const network = createNetwork();
  const receiver = network.device('receiver');
  const source = network.device('source');
  network.give(source, blob);
  network.link(receiver, source, { rate: 1_000, delay: 10 });
  network.want(receiver, blob);
  const took = network.until(() => network.has(receiver, blob));
  network.until(() => false, 10_000);
  const told = receiver.facts.flatMap(({ at, fact }) =>
    fact.type === 'transfer' ? [{ at, ...fact.info }] : [],
  );

  it('C11: each change of state is told, what came at most every 250 ms, and never less than before', () => {
    expect(took).toBeGreaterThan(10_000);
    const states = told.map(({ state }) => state).filter((state, index, list) => state !== list[index - 1]);
    expect(states).toEqual(['queued', 'receiving', 'verifying', 'complete']);
    const times = told.filter(({ state }) => state === 'receiving').map(({ at }) => at);
    expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= CONFIG.cas.tell)).toBe(true);
    expect(times.length).toBeGreaterThan(30);
    const received = told.map((info) => info.received);
    expect(received).toEqual([...received].sort((a, b) => a - b));
  });

  it('C11: the rate is that of the last 5 s, and the time left what is left by it', () => {
    const late = told.filter(
      ({ state, received }) => state === 'receiving' && received > blob.claim.size / 2,
    );
    expect(late.length).toBeGreaterThan(10);
    for (const { rate, timeLeft, received } of late) {
      expect(rate).toBeGreaterThan(850_000);
      expect(rate).toBeLessThan(1_150_000);
      expect(timeLeft).toBe(Math.ceil((blob.claim.size - received) / rate));
    }
    const done: Partial<TransferInfo> = { received: blob.claim.size, rate: 0, timeLeft: null, sources: 0 };
    expect(told.at(-1)).toMatchObject(done);
  });

  it('C11: a rate falls to nothing once nothing comes', () => {
    const meter = new Meter(0);
    for (let at = 0; at < 8_000; at += 100) meter.add(at, 1_000);
    expect(meter.rate(8_000)).toBeGreaterThan(9_500);
    expect(meter.rate(10_500)).toBeGreaterThan(4_500);
    expect(meter.rate(10_500)).toBeLessThan(5_500);
    expect(meter.rate(13_100)).toBe(0);
  });
});

describe('a window', () => {
  it('C10: follows what the link brings, within its bounds, and all links together have one', () => {
    const context = createContext(createSeededRandom(1));
    let now = 0;
    context.setNow(now);
    const pace = new Pace(context);
    const link = linkOf('one');
    expect(pace.room(link).bytes).toBe(CONFIG.cas.window.first);
    const bring = (bytes: number, each: number, times: number): void => {
      for (let i = 0; i < times; i += 1) {
        for (let k = 0; k < 2; k += 1) pace.ask(link, bytes);
        now += each;
        context.setNow(now);
        for (let k = 0; k < 2; k += 1) {
          pace.came(link, bytes, each);
          pace.release(link, bytes);
        }
      }
    };
    // 20 KB/s: two blocks at most, but one always.
    bring(1_000, 100, 20);
    expect(pace.room(link).bytes).toBe(CONFIG.cas.window.block);
    pace.ask(link, 200_000);
    expect(pace.room(link)).toEqual({ count: 0, bytes: 0 });
    pace.drop(link, 200_000);
    bring(500_000, 10, 200);
    expect(pace.room(link).bytes).toBe(CONFIG.cas.window.most);
    for (let i = 0; i < 4; i += 1) pace.ask(linkOf(`other ${i}`), CONFIG.cas.window.most);
    expect(pace.hasRoom(link)).toBe(false);
    pace.gone(linkOf('other 2'));
    expect(pace.hasRoom(link)).toBe(true);
  });

  it('C5, C10: a crash at any moment costs at most a window of each source, and no byte is wrong', () => {
    // 4 MB/s and some 290 ms: 1.2 MB of each.
    const windows = 2 * 20;
    for (let run = 0; run < 8; run += 1) {
      const network = createNetwork();
      const sources = [0, 1].map((index) => network.device(`source${index}`));
      for (const source of sources) network.give(source, blob);
      const start = (name: string) => {
        const receiver = network.device(name, run);
        for (const source of sources) network.link(receiver, source, { rate: 4_000, delay: 20 });
        return receiver;
      };
      const before = start('before');
      before.disk = 40;
      network.want(before, blob);
      network.until(() => false, 50 + run * 170);
      const came = [...before.got.values()].reduce((sum, count) => sum + count, 0);
      const after = start('after');
      for (const [at, bytes] of before.tables.rows) after.tables.rows.set(at, bytes);
      // The process is gone: nothing of it goes on.
      before.links.clear();
      const missing = [...blob.blocks.keys()].filter(
        (hash) => after.tables.get('blobs', heldKey(hash)) === null,
      );
      expect(came - (blob.order.length - missing.length)).toBeLessThanOrEqual(windows);
      expect(missing.length).toBeGreaterThan(0);
      network.want(after, blob);
      expect(network.until(() => network.has(after, blob))).not.toBeNull();
      const again = [...after.got.values()].reduce((sum, count) => sum + count, 0);
      expect(again).toBeLessThanOrEqual(missing.length + 4);
      const isRight = ([hash, bytes]: [Hash, Uint8Array]): boolean =>
        equalBytes(after.tables.get('blocks', blockKey(hash)) ?? new Uint8Array(), bytes);
      expect([...blob.blocks].every(isRight)).toBe(true);
    }
  }, 60_000);
});

describe('by hand', () => {
  it('C11: a paused transfer asks for nothing, keeps what it has, and goes on when it is resumed', () => {
    const bench = createCasBench();
    bench.want(small);
    const [first] = small.order;
    bench.give('one', {
      type: 'list',
      list: small.claim.root,
      bytes: small.lists.get(small.claim.root) ?? block(0),
    });
    bench.give('one', { type: 'block', block: first ?? small.hash, bytes: block(1) });
    bench.sent.splice(0);
    expect(bench.cas.pause(small.hash)).toBe(true);
    bench.run();
    expect(bench.sent.map(({ frame }) => frame)).toMatchObject([
      { type: 'cancel', blocks: small.order.slice(1) },
    ]);
    expect(bench.cas.info(small.hash)).toMatchObject({
      state: 'paused',
      received: 1_000,
      rate: 0,
      timeLeft: null,
    });
    bench.sent.splice(0);
    bench.cas.want({ grove: GROVE, hash: small.hash });
    bench.cas.resume();
    bench.cas.forgive(linkOf('one'));
    bench.pass(60_000);
    expect(bench.asked()).toEqual([]);
    expect(bench.cas.unpause(small.hash)).toBe(true);
    bench.run();
    expect(bench.serve([small])).toBe(2);
    expect(bench.isComplete(small)).toBe(true);
  });

  it('C11: a paused transfer leaves its turn to others', () => {
    const bench = createCasBench();
    const large = Array.from({ length: 6 }, (_, i) =>
      blobOf(...Array.from({ length: 20 }, (__, k) => block(i, 60_000 + 20 * i + k))),
    );
    bench.want(...large);
    const states = (): string[] => large.map(({ hash }) => bench.cas.info(hash)?.state ?? '');
    expect(states().filter((state) => state === 'receiving')).toHaveLength(4);
    bench.cas.pause(large[0]?.hash ?? small.hash);
    bench.run();
    expect(states()).toEqual(['paused', 'receiving', 'receiving', 'receiving', 'receiving', 'queued']);
  });

  it('C11: a cancelled transfer fails, tells so, and is wanted again only when it is allowed', () => {
    const bench = createCasBench();
    bench.want(small);
    expect(bench.cas.cancel(small.hash)).toBe(true);
    bench.run();
    expect(bench.facts.at(-1)).toMatchObject({
      type: 'transfer',
      info: { state: 'failed', reason: 'cancelled' },
    });
    expect(bench.cas.cancel(small.hash)).toBe(false);
    expect(bench.cas.isCancelled(small.hash)).toBe(true);
    bench.sent.splice(0);
    bench.want(small);
    expect(bench.cas.info(small.hash)).toBeNull();
    expect(bench.asked()).toEqual([]);
    bench.cas.allow(small.hash);
    bench.want(small);
    bench.serve([small]);
    expect(bench.isComplete(small)).toBe(true);
  });
});

describe('a full disk', () => {
  function full() {
    const bench = createCasBench();
    const other = blobOf(block(7), block(8));
    bench.want(small);
    bench.failing = 'quota';
    bench.serve([small, other]);
    bench.want(other);
    return { bench, other };
  }
  const problems = (bench: ReturnType<typeof createCasBench>): number =>
    bench.facts.filter(({ type }) => type === 'problem').length;

  it('C12: stalls what is fetched, is told once, and is tried again after a while that doubles', () => {
    const { bench, other } = full();
    expect(bench.cas.info(small.hash)).toMatchObject({ state: 'stalled', reason: 'quota' });
    expect(bench.cas.info(other.hash)?.state).toBe('queued');
    expect(bench.asked()).toEqual([]);
    bench.pass(14_999);
    expect(bench.asked()).toEqual([]);
    bench.pass(1);
    bench.serve([small, other]);
    expect(bench.cas.info(small.hash)?.state).toBe('stalled');
    bench.pass(29_999);
    expect(bench.asked()).toEqual([]);
    expect(problems(bench)).toBe(1);
    bench.failing = null;
    bench.pass(1);
    bench.serve([small, other]);
    expect([small, other].every(bench.isComplete)).toBe(true);
    expect(bench.cas.nextWake()).toBeNull();
  });

  it('C12: goes on at once when there is room again', () => {
    const { bench, other } = full();
    bench.failing = null;
    bench.cas.roomAgain();
    bench.run();
    bench.serve([small, other]);
    expect([small, other].every(bench.isComplete)).toBe(true);
  });
});

describe('what must not be collected', () => {
  it('C11: is the lists and blocks of what is fetched and planned, and no others', () => {
    const bench = createCasBench();
    const other = blobOf(block(7), block(8));
    bench.want(small);
    const [first] = small.order;
    if (first === undefined) return;
    // Its list is missing: what is held is looked up later.
    expect(bench.cas.transfersInProgress()).toEqual([small.hash]);
    expect([small.hash, first, other.hash].map(bench.cas.isBusy)).toEqual([true, false, false]);
    const { root } = small.claim;
    bench.cas.frame(linkOf('one'), { type: 'list', list: root, bytes: small.lists.get(root) ?? block(0) });
    bench.run();
    expect([root, first, other.hash, other.claim.root].map(bench.cas.isBusy)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    bench.serve([small]);
    expect([small.hash, root, first].map(bench.cas.isBusy)).toEqual([false, false, false]);
  });
});
