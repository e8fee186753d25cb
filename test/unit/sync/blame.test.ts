// Whom a log holds what against (SPEC P11): who sends what it should have checked; never who passes on what another garbled,
// as far as it could not see it, nor who says again what it said before.
import { describe, expect, it } from 'vitest';
import type { Deed } from '../../../worker/core/context.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import type { SyncFrame } from '../../../worker/core/sync/machine.ts';
import type { Frame, WireEntry } from '../../../worker/core/wire/frame.ts';
import { key, linkOf, World } from './bench.ts';
import { Net, type Peer } from './peers.ts';

const [a, b, c] = [key(2), key(3), key(4)];
const outside = linkOf('outside');

function setUp() {
  const world = new World([a, b, c]);
  const net = new Net(world.grove);
  const peers = [a, b, c].map((person) => net.add(person));
  const blamed: { by: number; link: string; deed: Deed }[] = [];
  peers.forEach((peer, by) =>
    peer.context.judgeBy({
      blame: (link, deed) => void blamed.push({ by, link, deed }),
      doubts: () => false,
    }),
  );
  for (const peer of peers) net.give(peer, world.wires());
  const [first, second, third] = peers;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three peers');
  return { world, net, first, second, third, blamed };
}

/** All in one frame, as a run travels. */
function give(net: Net, peer: Peer, world: World, entries: readonly WireEntry[]): void {
  peer.sync.receive(world.grove, outside, c.id, entries);
  net.settle();
}
const spoil = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte));
const written = (world: World, count: number): WireEntry[] =>
  Array.from({ length: count }, (_, n) => world.contribute(c, `${n}`).wire);
const has = (peer: Peer, world: World): number => peer.sync.log(world.grove)?.head(c.id)?.seq ?? 0;

describe('who is blamed', () => {
  it.each<[string, Deed, (entry: WireEntry) => WireEntry]>([
    [
      'a signature that does not hold',
      'bad-signature',
      (entry) => ({ ...entry, signature: new Uint8Array(64) }),
    ],
    [
      'a body that is not the named one',
      'bad-entry',
      (entry) => ({ ...entry, body: spoil(entry.body ?? new Uint8Array(9)) }),
    ],
    ['a header that is none', 'bad-entry', (entry) => ({ ...entry, header: entry.header.slice(1) })],
  ])('P11: who sends %s', (_name, deed, change) => {
    const { world, net, first, blamed } = setUp();
    const [entry] = written(world, 1);
    if (entry === undefined) return;
    give(net, first, world, [change(entry)]);
    expect(blamed).toEqual([{ by: 0, link: outside, deed }]);
    expect(has(first, world)).toBe(0);
  });

  it('P11: not who passes on a run of which another garbled what a later signature covers', () => {
    const { world, net, first, second, blamed } = setUp();
    const run = written(world, 40).map((entry, at) =>
      at % 32 === 31 || at === 39 ? entry : { ...entry, signature: new Uint8Array(64).fill(at) },
    );
    give(net, first, world, run);
    expect(has(first, world)).toBe(40);
    net.link(first, second);
    net.settle();
    net.pass(60_000);
    expect(has(second, world)).toBe(40);
    expect(blamed).toEqual([]);
  });

  it('P11: not who has lost a body that must travel, nor who sends the same again and again', () => {
    const { world, net, first, blamed } = setUp();
    const [entry] = written(world, 1);
    if (entry === undefined) return;
    for (let n = 0; n < 50; n++) give(net, first, world, [entry]);
    give(net, first, world, [{ ...entry, body: null }]);
    expect(blamed).toEqual([]);
  });

  it('P11: only who garbles, where some on the way do and all catch up with each other', () => {
    const { world, net, first, second, third, blamed } = setUp();
    for (const entry of written(world, 80)) net.give(first, [entry]);
    let frames = 0;
    // What the second sends is garbled now and then: it is the hostile one.
    net.passes = (frame: Frame, from) => {
      if (frame.type !== 'entries' || from !== b.id || (frames += 1) % 2 === 0) return true;
      frame.entries = frame.entries.map((entry) => ({
        ...entry,
        signature: entry.signature && new Uint8Array(64),
      }));
      return true;
    };
    net.link(first, second);
    net.link(second, third);
    net.link(first, third);
    net.settle();
    net.pass(120_000);
    expect(has(third, world)).toBe(80);
    expect(new Set(blamed.map(({ link }) => link))).toEqual(new Set(blamed.length > 0 ? [linkOf(b.id)] : []));
  });
});

describe('entries that nobody asked for', () => {
  const { burst, perSecond, again } = CONFIG.sync.unasked;

  it('S20: are taken in a burst and so many a second; what is beyond comes by catching up, and nobody is blamed for it', () => {
    const { world, net, first, second, blamed } = setUp();
    const all = written(world, burst + 500);
    // The second holds all of it, and pushes one after the other.
    for (let at = 0; at < all.length; at += 100) give(net, second, world, all.slice(at, at + 100));
    expect(has(second, world)).toBe(all.length);
    const send = (entries: readonly WireEntry[]): void => {
      const frame: SyncFrame = {
        ...{ type: 'entries', grove: world.grove, why: 'push', hops: 0 },
        entries: [...entries],
      };
      first.sync.frame(linkOf(b.id), b.id, frame);
      net.settle();
    };
    first.links.set(linkOf(b.id), b.id);
    first.sync.setOpening(world.grove, linkOf(b.id), b.id, 'full');
    for (let at = 0; at < all.length; at += 100) send(all.slice(at, at + 100));
    expect(has(first, world)).toBe(burst);
    expect(first.context.counters.get('entries.flooded')).toBe(500);
    net.now += 1_000;
    first.context.setNow(net.now);
    send(all.slice(burst, burst + 200));
    expect(has(first, world)).toBe(burst + perSecond);
    net.link(first, second);
    net.pass(again + 10_000);
    expect(has(first, world)).toBe(all.length);
    expect(blamed).toEqual([]);
  });
});
