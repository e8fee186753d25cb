// How many bytes an author may have in a grove: refused here for what is ours, and by all alike for what is others'.
import { describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { Knowledge } from '../../../worker/core/sync/neighbour.ts';
import { key, World } from './bench.ts';
import { Net } from './peers.ts';

vi.mock('../../../worker/core/config.ts', async (original) => {
  const { CONFIG } = await original<typeof import('../../../worker/core/config.ts')>();
  const limits = { author: 6_000, acts: 2_000, grove: 12_000 };
  return { CONFIG: { ...CONFIG, sync: { ...CONFIG.sync, limits } } };
});

const [a, b, c] = [key(2), key(3), key(4)];
const MINUTE = 60_000;

describe('what an author may have in a grove', () => {
  it('S19: a device refuses its own contributions beyond it, clearly, and can still write acts', () => {
    const world = new World([a]);
    const net = new Net(world.grove);
    const peer = net.add(a);
    net.give(peer, world.wires());
    let written = 0;
    let refused = net.append(peer, 'contribution', utf8('x'.repeat(1_000)));
    while (refused !== null && 'entry' in refused && written < 100) {
      written += 1;
      refused = net.append(peer, 'contribution', utf8(`${written}`.repeat(1_000).slice(0, 1_000)));
    }
    expect(written).toBeGreaterThan(2);
    expect(refused).toMatchObject({ code: 'too-large' });
    expect(refused).toHaveProperty('message', expect.stringContaining('no author may have more than'));
    expect(net.append(peer, 'note', utf8('an act'))).toHaveProperty('entry');
    // Read back, it comes to the same.
    const before = peer.sync.log(world.grove)?.weights.of(a.id);
    const again = net.add(a, peer.tables);
    expect(again.sync.log(world.grove)?.weights.of(a.id)).toBe(before);
    expect(net.append(again, 'contribution', utf8('x'.repeat(1_000)))).toMatchObject({ code: 'too-large' });
  });

  it('S19: a grove that holds too much takes no more contributions of this device, and all of others’', () => {
    const people = [key(10), key(11), key(12), a];
    const world = new World(people);
    const wires = people
      .slice(0, 3)
      .flatMap((who) => [1, 2, 3].map((i) => world.append(who, 'contribution', utf8(`${i}`.repeat(250)))));
    const bulk = people
      .slice(0, 3)
      .flatMap((who) => [1, 2, 3].map(() => world.append(who, 'note', utf8('y'.repeat(800)))));
    const net = new Net(world.grove);
    const peer = net.add(a);
    net.give(peer, world.wires());
    expect(peer.sync.log(world.grove)?.size).toBe(world.wires().length);
    expect(wires.length + bulk.length).toBe(18);
    expect(peer.sync.log(world.grove)?.weights.total).toBeGreaterThan(12_000);
    expect(net.append(peer, 'contribution', utf8('more'))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('begin another') as string,
    });
    expect(net.append(peer, 'note', utf8('an act'))).toHaveProperty('entry');
  });

  it('S19: all stop at the same entry of one who writes on, in whatever order it comes, and store none beyond', () => {
    const world = new World([a, b, c]);
    const base = world.wires();
    const many = Array.from(
      { length: 40 },
      (_, i) => world.append(c, 'contribution', utf8(`${i} ${'z'.repeat(300)}`)).wire,
    );
    const net = new Net(world.grove);
    const [first, second] = [a, b].map((each) => net.add(each));
    if (first === undefined || second === undefined) throw new Error('two peers');
    for (const peer of [first, second]) net.give(peer, base);
    net.give(first, many);
    net.give(second, many.toReversed());
    const heads = [first, second].map((peer) => peer.sync.log(world.grove)?.head(c.id)?.seq ?? 0);
    expect(heads[0]).toBe(heads[1]);
    expect(heads[0]).toBeGreaterThan(5);
    expect(heads[0]).toBeLessThan(40);
    for (const peer of [first, second]) {
      expect(peer.sync.log(world.grove)?.weights.of(c.id)).toBeLessThanOrEqual(6_000);
      expect(peer.facts).toContainEqual({
        type: 'over-limit',
        grove: world.grove,
        author: c.id,
        seq: (heads[0] ?? 0) + 1,
      });
      expect(
        [...peer.tables.rows.keys()].filter((at) => at.includes(`/${c.id}/`)).length,
      ).toBeLessThanOrEqual(heads[0] ?? 0);
    }
    let asked = 0;
    net.passes = (frame) => {
      if (frame.type === 'want-entries' || frame.type === 'want-ids') asked += 1;
      return true;
    };
    net.link(first, second);
    net.pass(MINUTE);
    expect(net.stateOf(first).vector).toEqual(net.stateOf(second).vector);
    asked = 0;
    net.pass(5 * MINUTE);
    expect(asked).toBe(0);
  });

  it('S19: of two entries in the place where one is too large, the one that fits is applied by all', () => {
    const world = new World([a, b, c]);
    const base = world.wires();
    const filler = Array.from(
      { length: 9 },
      (_, i) => world.append(c, 'contribution', utf8(`${i} ${'z'.repeat(250)}`)).wire,
    );
    const place = world.contribute(c, 'small');
    const net = new Net(world.grove);
    const [first, second] = [a, b].map((each) => net.add(each));
    if (first === undefined || second === undefined) throw new Error('two peers');
    const large = new World([a, b, c]);
    expect(large.grove).toBe(world.grove);
    Array.from({ length: 9 }, (_, i) => large.append(c, 'contribution', utf8(`${i} ${'z'.repeat(250)}`)));
    const big = large.append(c, 'contribution', utf8('w'.repeat(5_000)));
    for (const peer of [first, second]) net.give(peer, [...base, ...filler]);
    net.give(first, [big.wire]);
    expect(first.facts.some(({ type }) => type === 'over-limit')).toBe(true);
    net.give(second, [place.wire]);
    net.link(first, second);
    net.pass(MINUTE);
    expect(net.stateOf(first).vector).toEqual(net.stateOf(second).vector);
    expect(first.sync.log(world.grove)?.has(place.entry.id)).toBe(true);
  });
});

describe('what one that gave too much says', () => {
  it('S19: counts for no more than what fits, until others show another entry of that place', () => {
    let head = 4;
    const log = { head: () => ({ seq: head }), end: 0 } as never;
    const knowledge = new Knowledge(log);
    const author = c.id;
    knowledge.hear(author, 9);
    expect([...knowledge.ahead()]).toEqual([[author, 9]]);
    knowledge.cap(author, 4);
    knowledge.hear(author, 12);
    expect([...knowledge.ahead()]).toEqual([]);
    head = 5;
    knowledge.hear(author, 12);
    expect([...knowledge.ahead()]).toEqual([[author, 12]]);
  });
});
