// What one broadcast machine does with what it is told.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext } from '../../../worker/core/context.ts';
import { createBroadcast, type BroadcastFact } from '../../../worker/core/gossip/plumtree.ts';
import { toGroveId, type EntryId, type LinkId } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { MAX_IDS } from '../../../worker/core/wire/frame.ts';
import { alice, anEntryId, bob } from '../model/fixtures.ts';

const grove = toGroveId(new Uint8Array(32));
const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((name) => name as LinkId) as [
  LinkId,
  LinkId,
  LinkId,
  LinkId,
];
const { hold, idle, tellAfter, shorter } = CONFIG.broadcast;
// The tree is turned for the lower key.
const [lower, higher] = alice.id < bob.id ? [alice.id, bob.id] : [bob.id, alice.id];

function setUp(...links: LinkId[]) {
  const context = createContext(createSeededRandom(1));
  const held = new Set<EntryId>();
  const known = new Set<string>();
  let facts: BroadcastFact[] = [];
  let now = 1_000_000;
  context.setNow(now);
  const broadcast = createBroadcast({
    grove,
    context,
    rtt: () => 120,
    holds: (id) => held.has(id),
    knows: (link, id) => known.has(`${link}/${id}`),
    emit: (fact) => void facts.push(fact),
  });
  for (const link of links) broadcast.neighbour(link, true);
  const bench = {
    broadcast,
    context,
    held,
    known,
    /** What it said since it was last asked. */
    said(): BroadcastFact[] {
      const said = facts;
      facts = [];
      return said;
    },
    pass(ms: number): void {
      now += ms;
      context.setNow(now);
      context.runTimers();
    },
    apply(id: EntryId, link: LinkId | null = null, large = false): void {
      held.add(id);
      broadcast.applied([{ id, link, large }]);
    },
    push(link: LinkId, id: EntryId, hops = 1, author = lower): void {
      broadcast.received(link, [{ id, author }], hops, 'push');
    },
    /** Something comes by one and is applied, and then by the other, which is pruned. */
    makeLazy(link: LinkId, first: LinkId): void {
      const id = anEntryId(`${link} 0`);
      bench.push(first, id);
      bench.apply(id, first);
      bench.push(link, id);
      bench.pass(tellAfter);
      bench.said();
    },
  };
  return bench;
}

const push = (link: LinkId, ids: EntryId[], hops = 0, why = 'push') => ({
  type: 'push',
  link,
  ids,
  why,
  hops,
});
const send = (link: LinkId, frame: object) => ({ type: 'send', link, frame: { grove, ...frame } });
const [x, y] = [anEntryId('x'), anEntryId('y')];

describe('a broadcast', () => {
  it('B1: an own entry is pushed to every new neighbour', () => {
    const bench = setUp(one, two);
    bench.apply(x);
    expect(bench.said()).toEqual([push(one, [x]), push(two, [x])]);
  });

  it('B1: what came by push goes on to the eager, with its hops, but not back nor to who holds it', () => {
    const bench = setUp(one, two, three);
    bench.push(one, x, 4);
    expect(bench.said()).toEqual([]);
    bench.known.add(`${three}/${x}`);
    bench.apply(x, one);
    expect(bench.said()).toEqual([push(two, [x], 4)]);
  });

  it('B1: the lazy are told, after a while and all at once, and how long it waited', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    bench.push(one, x, 2);
    bench.apply(x, one);
    bench.pass(20);
    bench.apply(y);
    expect(bench.said()).toEqual([push(one, [y])]);
    bench.pass(tellAfter - 20);
    const rows = [
      { id: x, hops: 2, waited: tellAfter },
      { id: y, hops: 0, waited: tellAfter - 20 },
    ];
    expect(bench.said()).toEqual([send(two, { type: 'ihave', rows })]);
  });

  it('B1: a large entry is told to all, pushed to none, and asked for at once by who is eager', () => {
    const bench = setUp(one);
    bench.apply(x, null, true);
    bench.pass(tellAfter);
    expect(bench.said()).toEqual([
      send(one, { type: 'ihave', rows: [{ id: x, hops: 0, waited: tellAfter }] }),
    ]);
    bench.broadcast.onIhave(one, [{ id: y, hops: 0, waited: 0 }]);
    bench.pass(0);
    expect(bench.said()).toEqual([send(one, { type: 'graft', ids: [y] })]);
  });

  it('B1: what came by catching up is told; much of it is not', () => {
    const bench = setUp(one, two);
    bench.broadcast.received(one, [{ id: x, author: lower }], 1, 'other');
    bench.apply(x, one);
    bench.pass(tellAfter);
    expect(bench.said()).toEqual([
      send(two, { type: 'ihave', rows: [{ id: x, hops: 0, waited: tellAfter }] }),
    ]);
    const many = Array.from({ length: CONFIG.broadcast.tellMost + 1 }, (_, i) => anEntryId(`many ${i}`));
    bench.broadcast.applied(many.map((id) => ({ id, link: one, large: false })));
    bench.pass(tellAfter);
    expect(bench.said()).toEqual([]);
  });

  it('B2: who was never of use is pruned with the first push of what is here, once', () => {
    const bench = setUp(one, two);
    bench.push(one, x);
    expect(bench.said()).toEqual([]);
    // The first copy is still being verified.
    bench.push(two, x);
    expect(bench.said()).toEqual([send(two, { type: 'prune' })]);
    expect(bench.broadcast.eager()).toEqual([one]);
    expect(bench.broadcast.lazy()).toEqual([two]);
    bench.push(two, x);
    expect(bench.said()).toEqual([]);
  });

  it('B2: who brought something new may push so many times in vain, then it is pruned', () => {
    const bench = setUp(one, two);
    for (let i = 0; i < 3 * idle; i += 1) {
      const id = anEntryId(`${i}`);
      const [first, second] = i % 2 === 0 ? [two, one] : [one, two];
      bench.push(first, id);
      if (i > 0) bench.push(second, id);
    }
    expect(bench.said()).toEqual([]);
    for (let i = 1; i <= idle; i += 1) {
      const id = anEntryId(`again ${i}`);
      bench.push(one, id);
      bench.push(two, id);
    }
    expect(bench.said()).toEqual([send(two, { type: 'prune' })]);
  });

  it('B2: the only eager neighbour is not pruned, and a lazy one takes the place of one that prunes us or goes', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    for (let i = 0; i < 3 * idle; i += 1) bench.push(one, anEntryId(`${two} 0`));
    expect(bench.said()).toEqual([]);
    bench.broadcast.onPrune(one);
    expect(bench.said()).toEqual([send(two, { type: 'graft', ids: [] })]);
    bench.broadcast.linkGone(two);
    expect(bench.said()).toEqual([send(one, { type: 'graft', ids: [] })]);
    expect(bench.broadcast.eager()).toEqual([one]);
  });

  it('B2: what was refused is not taken for here', () => {
    const bench = setUp(one, two);
    bench.push(one, x);
    bench.broadcast.forget([x]);
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    bench.pass(400);
    expect(bench.said()).toEqual([send(two, { type: 'graft', ids: [x] })]);
  });

  it('B3: what was told and did not come is asked for, of one after the other', () => {
    const bench = setUp(one, two, three);
    bench.makeLazy(two, one);
    bench.makeLazy(three, one);
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    bench.broadcast.onIhave(three, [{ id: x, hops: 1, waited: 0 }]);
    bench.pass(239);
    expect(bench.said()).toEqual([]);
    bench.pass(1);
    expect(bench.said()).toEqual([send(two, { type: 'graft', ids: [x] })]);
    expect(bench.broadcast.eager()).toContain(two);
    bench.pass(240);
    expect(bench.said()).toEqual([send(three, { type: 'graft', ids: [x] })]);
    bench.pass(1_000);
    expect(bench.said()).toEqual([]);
  });

  it('B3: what came meanwhile is not asked for, whether or not it is applied', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    bench.push(one, x, 2);
    bench.pass(1_000);
    expect(bench.said()).toEqual([]);
  });

  it('B3: a graft is answered with what is held, each once, and makes its sender eager', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    bench.push(one, x, 3);
    bench.apply(x, one);
    bench.broadcast.onGraft(two, [x, x, y]);
    expect(bench.said()).toEqual([push(two, [x], 3, 'graft')]);
    expect(bench.broadcast.eager()).toContain(two);
  });

  it('B4: for the lowest of the authors a better way that was told takes the place of the eager one', () => {
    const bench = setUp(one, two, three);
    bench.makeLazy(two, one);
    // As many hops, and told a little sooner than pushed.
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    bench.pass(shorter.swap - 1);
    bench.push(one, x, 2);
    expect(bench.said()).toEqual([]);
    bench.broadcast.onIhave(two, [{ id: y, hops: 1, waited: 0 }]);
    bench.pass(shorter.swap);
    bench.push(one, y, 2);
    expect(bench.said()).toEqual([send(two, { type: 'graft', ids: [] }), send(one, { type: 'prune' })]);
    expect(bench.broadcast.lazy()).toEqual([one]);
  });

  it('B4: a hop counts besides the time that it takes, and more where a way is deep already', () => {
    const isBetter = (hops: number): boolean => {
      const bench = setUp(one, two, three);
      bench.makeLazy(two, one);
      bench.push(one, x, hops);
      // What one hop less is worth, but for the least that is heeded.
      bench.pass(shorter.perHop - shorter.swap + 1);
      bench.broadcast.onIhave(two, [{ id: x, hops: hops - 2, waited: 0 }]);
      return bench.said().length > 0;
    };
    expect(isBetter(shorter.deep)).toBe(false);
    expect(isBetter(shorter.deep + 1)).toBe(true);
  });

  it('B4: what a tell waited is no part of its way, and no wait is believed that is longer than any', () => {
    const isBetter = (after: number, waited: number): boolean => {
      const bench = setUp(one, two, three);
      bench.makeLazy(two, one);
      bench.push(one, x, 2);
      bench.pass(after);
      bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited }]);
      return bench.said().length > 0;
    };
    expect(isBetter(tellAfter - shorter.swap, tellAfter)).toBe(true);
    expect(isBetter(tellAfter - shorter.swap + 1, tellAfter)).toBe(false);
    expect(isBetter(2 * tellAfter, 65_535)).toBe(false);
  });

  it('B4: for any other author both push from then on where it is much better, also where the tell came late', () => {
    const bench = setUp(one, two, three);
    bench.makeLazy(two, one);
    bench.push(one, y, 1, lower);
    bench.push(one, x, shorter.deep, higher);
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    expect(bench.said()).toEqual([]);
    const z = anEntryId('z');
    bench.push(one, z, shorter.deep + Math.ceil(shorter.add / shorter.perDeep), higher);
    bench.pass(tellAfter);
    bench.broadcast.onIhave(two, [{ id: z, hops: 1, waited: tellAfter }]);
    expect(bench.said()).toEqual([send(two, { type: 'graft', ids: [] })]);
    expect(bench.broadcast.eager()).toEqual([one, three, two]);
  });

  it('B5: a neighbour that goes takes its tells with it; of whom it was asked, the next is asked at once', () => {
    const bench = setUp(one, two, three);
    bench.makeLazy(two, one);
    bench.makeLazy(three, one);
    bench.broadcast.onIhave(two, [{ id: x, hops: 1, waited: 0 }]);
    bench.broadcast.onIhave(three, [{ id: x, hops: 1, waited: 0 }]);
    bench.broadcast.onIhave(two, [{ id: y, hops: 1, waited: 0 }]);
    bench.pass(240);
    bench.said();
    bench.broadcast.linkGone(two);
    bench.pass(0);
    expect(bench.said()).toEqual([send(three, { type: 'graft', ids: [x] })]);
  });

  it('B5: where the link is lost by which the last entry came, the best of who else told of it is asked to push', () => {
    for (const lose of [
      (bench: ReturnType<typeof setUp>) => bench.broadcast.linkGone(one),
      (bench: ReturnType<typeof setUp>) => bench.broadcast.onPrune(one),
    ]) {
      const bench = setUp(one, two, three, four);
      bench.makeLazy(two, one);
      bench.makeLazy(three, one);
      bench.broadcast.onIhave(two, [{ id: x, hops: 3, waited: 0 }]);
      bench.push(one, x, 2);
      bench.broadcast.onIhave(three, [{ id: x, hops: 2, waited: 0 }]);
      expect(bench.said()).toEqual([]);
      lose(bench);
      expect(bench.said()).toEqual([send(three, { type: 'graft', ids: [] })]);
      // Nothing came by this one.
      bench.broadcast.linkGone(four);
      expect(bench.said()).toEqual([]);
    }
  });

  it('B5: tells and grafts of who is no neighbour change nothing', () => {
    const bench = setUp(one);
    bench.apply(x);
    bench.said();
    bench.broadcast.onIhave(two, [{ id: y, hops: 1, waited: 0 }]);
    bench.broadcast.onGraft(two, [x]);
    bench.broadcast.onPrune(two);
    bench.pass(1_000);
    expect(bench.said()).toEqual([]);
    expect(bench.context.counters.get('broadcast.stray')).toBe(2);
  });

  it('B3: is bounded in what it is told of, and counts the rest', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    const { missing } = CONFIG.broadcast;
    for (let i = 0; i < missing + 10; i += 1)
      bench.broadcast.onIhave(two, [{ id: anEntryId(`told ${i}`), hops: 0, waited: 0 }]);
    expect(bench.context.counters.get('broadcast.overflow')).toBe(10);
    bench.pass(400);
    const grafts = bench.said();
    expect(grafts).toHaveLength(missing / MAX_IDS);
  });

  it('B4: hops beyond what a frame holds are cut, whatever a peer counted', () => {
    const bench = setUp(one, two);
    bench.push(one, x, 256);
    bench.apply(x, one);
    bench.pass(hold.ms);
    expect(bench.said()).toEqual([push(two, [x], 255)]);
  });

  it('leaves no timer behind', () => {
    const bench = setUp(one, two);
    bench.makeLazy(two, one);
    bench.push(one, x);
    bench.apply(x, one);
    bench.broadcast.onIhave(two, [{ id: y, hops: 0, waited: 0 }]);
    bench.broadcast.close();
    expect(bench.context.nextTimer()).toBeNull();
  });

  it('B6: what came over many links is pushed on a while later, and not to who told of it meanwhile', () => {
    const { broadcast, known, apply, push: receive, pass, said } = setUp(one, two, three);
    const id = anEntryId('deep');
    receive(one, id, hold.from);
    apply(id, one);
    expect(said()).toEqual([]);
    known.add(`${two}/${id}`);
    pass(hold.ms - 1);
    expect(said()).toEqual([]);
    pass(1);
    expect(said()).toEqual([push(three, [id], hold.from)]);
    expect(broadcast.eager()).toContain(two);
  });

  it('B6: what came over fewer links is pushed at once, and by another author over more', () => {
    const { apply, push: receive, said } = setUp(one, two);
    const [first, near, other, far] = ['first', 'near', 'other', 'far'].map((name) => anEntryId(name)) as [
      EntryId,
      EntryId,
      EntryId,
      EntryId,
    ];
    receive(one, first, 1);
    apply(first, one);
    receive(one, near, hold.from - 1);
    apply(near, one);
    receive(one, other, hold.fromOthers - 1, higher);
    apply(other, one);
    expect(said()).toEqual([
      push(two, [first], 1),
      push(two, [near], hold.from - 1),
      push(two, [other], hold.fromOthers - 1),
    ]);
    receive(one, far, hold.fromOthers, higher);
    apply(far, one);
    expect(said()).toEqual([]);
  });

  it('B6: who pruned while a push waited is told instead, and who is gone is forgotten', () => {
    const { broadcast, apply, push: receive, pass, said } = setUp(one, two, three);
    const id = anEntryId('deep');
    receive(one, id, hold.from);
    apply(id, one);
    broadcast.onPrune(two);
    broadcast.linkGone(three);
    pass(hold.ms);
    pass(tellAfter);
    expect(said()).toEqual([
      {
        type: 'send',
        link: two,
        frame: { type: 'ihave', grove, rows: [{ id, hops: hold.from, waited: tellAfter }] },
      },
    ]);
  });
});
