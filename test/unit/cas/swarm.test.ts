// Transfers over links of known speed: how long they take, who gives what, and what is asked for in vain.
import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { linkOf } from '../sync/bench.ts';
import { blobOf, type Blob } from './bench.ts';
import { createNetwork, type Device, type Speed } from './network.ts';

const KIB = 1024;
/** 2 MB/s, 20 ms. */
const SHAPED: Speed = { rate: 2_000, delay: 20 };

const noise = (seed: number, count: number, size = 64 * KIB): Blob => {
  const random = createSeededRandom(seed);
  return blobOf(...Array.from({ length: count }, () => random.bytes(size)));
};
const blob = noise(1, 128);

function star(speeds: readonly Speed[], holding: Blob = blob) {
  const network = createNetwork();
  const receiver = network.device('receiver');
  const sources = speeds.map((speed, index) => {
    const source = network.device(`source${index}`);
    network.give(source, holding);
    network.link(receiver, source, SHAPED, speed);
    return source;
  });
  network.want(receiver, holding);
  const time = (): number => {
    const took = network.until(() => network.has(receiver, holding));
    if (took === null) throw new Error('it never completed');
    return took;
  };
  return { network, receiver, sources, time };
}

const given = (receiver: Device): number[] => [...receiver.got.values()];

describe('several sources', () => {
  it('C9, C10: two of one speed take about half the time of one, four a quarter', () => {
    const one = star([SHAPED]).time();
    // Nearly all that the link carries.
    expect(blob.claim.size / SHAPED.rate / one).toBeGreaterThan(0.93);
    expect(one / star([SHAPED, SHAPED]).time()).toBeGreaterThan(1.8);
    expect(one / star([SHAPED, SHAPED, SHAPED, SHAPED]).time()).toBeGreaterThan(3.4);
  });

  it('C10: a link with a long way is filled once it is measured', () => {
    const far = { rate: 10_000, delay: 150 };
    const large = noise(2, 384);
    const { time } = star([far], large);
    expect(large.claim.size / far.rate / time()).toBeGreaterThan(0.6);
  });

  it('C9: a slow source holds up nothing: towards the end another is asked as well, and few blocks come twice', () => {
    const slow = { rate: 20, delay: 20 };
    const alone = star([SHAPED]).time();
    const { receiver, network, time } = star([SHAPED, slow]);
    expect(time()).toBeLessThan(alone * 1.05);
    expect(given(receiver).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(128 + 2);
    expect(network.counter(receiver, 'blocks.askedTwice')).toBeGreaterThan(0);
  });

  it('C9: a source that falls silent costs no more than its window takes another', () => {
    const alone = star([SHAPED]).time();
    const { sources, time } = star([SHAPED, SHAPED]);
    const [first] = sources;
    let sent = 0;
    if (first !== undefined)
      first.tamper = (frame) => (frame.type === 'block' && (sent += 1) > 20 ? null : frame);
    expect(time()).toBeLessThan(alone * 1.25);
  });

  it('C4, C9: one of three that corrupts every block costs one block, and is avoided', () => {
    const { receiver, sources, network, time } = star([SHAPED, SHAPED, SHAPED]);
    const [bad] = sources;
    if (bad !== undefined)
      bad.tamper = (frame) =>
        frame.type === 'block' ? { ...frame, bytes: frame.bytes.map((byte) => byte ^ 1) } : frame;
    time();
    expect(network.counter(receiver, 'blocks.bad')).toBe(1);
    const blocks = [...receiver.tables.rows].filter(([at]) => at.startsWith('blocks:'));
    expect(blocks).toHaveLength(128);
    expect(blocks.every(([at, bytes]) => blobOf(bytes).order[0] === at.slice('blocks:'.length))).toBe(true);
  });
});

describe('slow peers', () => {
  /** One device gives to one of 2 MB/s, and to others that ask for all and take hardly anything. */
  function serving(slow: number): number {
    const network = createNetwork();
    const seed = network.device('seed');
    network.give(seed, blob);
    for (let n = 0; n < slow; n++) {
      const taker = network.device(`slow${n}`);
      network.link(taker, seed, { rate: 1, delay: 400 });
      network.want(taker, blob);
    }
    // They have asked for as much as they may before the other comes.
    network.until(() => false, 5_000);
    const receiver = network.device('receiver');
    network.link(receiver, seed, SHAPED);
    network.want(receiver, blob);
    const took = network.until(() => network.has(receiver, blob));
    if (took === null) throw new Error('it never completed');
    return took;
  }

  it('C10: seven that ask for all and hardly take it leave the eighth at least 0.8 of what it gets alone', () => {
    expect(serving(0) / serving(7)).toBeGreaterThan(0.8);
  });

  it('C9: two of three sources that answer a request after 20 s leave at least 0.8 of what the third gives alone', () => {
    const alone = star([SHAPED]).time();
    const late: Speed = { rate: 2_000, delay: 20_000 };
    expect(alone / star([SHAPED, late, late]).time()).toBeGreaterThan(0.8);
  });
});

describe('those who are still fetching', () => {
  /** One seed of 2 MB/s to each of some receivers that are linked among themselves. */
  function swarm(count: number, linked: boolean) {
    const network = createNetwork();
    const seed = network.device('seed');
    network.give(seed, blob);
    const receivers = Array.from({ length: count }, (_, index) => network.device(`r${index}`));
    receivers.forEach((receiver, index) => {
      // The seed's links share what it has.
      network.link(receiver, seed, SHAPED, { rate: SHAPED.rate / count, delay: 20 });
      for (const other of linked ? receivers.slice(0, index) : []) network.link(receiver, other, SHAPED);
    });
    network.want(receivers[0] ?? seed, blob);
    receivers.slice(1).forEach((receiver) => network.want(receiver, blob));
    const took = network.until(() => receivers.every((receiver) => network.has(receiver, blob)));
    const fromSeed = receivers.map(
      (receiver) => receiver.got.get([...receiver.links.keys()][0] ?? linkOf('none')) ?? 0,
    );
    return { took: took ?? Infinity, fromSeed };
  }

  it('C8, C9: serve what they have verified: three of them take little longer than one would', () => {
    const apart = swarm(3, false);
    const together = swarm(3, true);
    expect(apart.fromSeed).toEqual([128, 128, 128]);
    expect(together.took).toBeLessThan(apart.took * 0.5);
    // Most blocks leave the seed once: they were asked for in different orders.
    expect(together.fromSeed.reduce((sum, blocks) => sum + blocks)).toBeLessThan(128 * 1.6);
  });
});
