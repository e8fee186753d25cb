// What two and more logs say to each other until they are equal, and how several neighbours share in it.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { hash32, keypairFromSeed, type Keypair } from '../../../worker/core/model/keys.ts';
import type { WireEntry } from '../../../worker/core/wire/frame.ts';
import { createSimSignatures } from '../../sim/ports/signatures.ts';
import { Between } from './between.ts';
import { createBench, key, linkOf, World } from './bench.ts';

const people = Array.from({ length: 10 }, (_, i) => key(2 + i));
const someone = (i: number): Keypair => people[i % people.length] ?? key(2);
const sizeOf = ({ header, body, table, signature }: WireEntry): number =>
  header.length + (body?.length ?? 0) + (table?.length ?? 0) + (signature?.length ?? 0);

function peer(between: Between, name: string, world: World, wires: readonly WireEntry[], n: number) {
  const self = key(n);
  const bench = between.add(name, createBench(world.grove, { self }), self.id);
  for (let at = 0; at < wires.length; at += 500) {
    bench.give('disk', wires.slice(at, at + 500));
    bench.run();
  }
  bench.pipeline.linkGone(linkOf('disk'));
  bench.sent.splice(0);
  return bench;
}

function aWorld(contributions: number): World {
  const world = new World(people);
  for (let i = 0; i < contributions; i += 1) world.contribute(someone(i), `${i}`);
  return world;
}

const large = aWorld(1_300);

describe('a catch-up', () => {
  it('S5: 10 + 10 entries by 10 authors on 10,000 shared take one exchange each way and at most 4 KiB beyond themselves', () => {
    const world = new World(people, createSimSignatures());
    for (let i = 0; i < 10_000; i += 1) world.contribute(someone(i), `${i}`);
    const disk = world.disk();
    const shared = world.all.length;
    const [left, right] = [0, 1].map((side) =>
      Array.from(
        { length: 10 },
        (_, i) => world.contribute(someone(5 * side + (i % 5)), `${side} ${i}`).wire,
      ),
    ) as [WireEntry[], WireEntry[]];
    const between = new Between();
    const held = (name: string, n: number, entries: readonly WireEntry[]) => {
      const bench = createBench(world.grove, { self: key(n), tables: disk.copy() }).load();
      between.add(name, bench, key(n).id);
      bench.give('disk', entries);
      bench.run();
      expect(bench.pipeline.log.size).toBe(shared + 10);
      bench.pipeline.linkGone(linkOf('disk'));
      bench.sent.splice(0);
      return bench;
    };
    const l = held('left', 60, left);
    const r = held('right', 61, right);
    between.link('left', 'right');
    between.settle();
    between.pass(CONFIG.sync.confirmAfter);
    expect(l.pipeline.log.size).toBe(shared + 20);
    expect(r.pipeline.log.size).toBe(shared + 20);
    for (const [from, to] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      expect(between.entries(from, to)).toBe(10);
      const sent = between.carried.filter((each) => each.from === from).map(({ frame }) => frame.type);
      for (const type of ['vector', 'want-entries', 'entries'])
        expect(sent.filter((each) => each === type).length).toBeLessThanOrEqual(1);
    }
    const themselves = [...left, ...right].reduce((sum, wire) => sum + sizeOf(wire), 0);
    expect(between.bytes() - themselves).toBeLessThanOrEqual(4 * 1024);
  }, 120_000);

  it('S5: a newcomer is brought all by its neighbours together: none gives over 40 %, nothing comes twice', () => {
    const between = new Between();
    const names = ['one', 'two', 'three', 'four'];
    names.forEach((name, i) => void peer(between, name, large, large.wires(), 60 + i));
    const fresh = peer(between, 'fresh', large, [], 70);
    for (const name of names) between.link('fresh', name);
    between.settle();
    expect(fresh.pipeline.log.size).toBe(large.all.length);
    const served = names.map((name) => between.entries(name, 'fresh'));
    expect(served.reduce((sum, each) => sum + each, 0)).toBe(large.all.length);
    for (const each of served) expect(each).toBeLessThanOrEqual(0.4 * large.all.length);
    expect(fresh.pipeline.exchange.state(linkOf('one')).backfill).toBeNull();
    expect(fresh.counter('entries.duplicate')).toBe(0);
  }, 30_000);

  it('S5: what is much waits a moment for others to come up, and then is asked of who is there', () => {
    const between = new Between();
    peer(between, 'one', large, large.wires(), 60);
    const fresh = peer(between, 'fresh', large, [], 70);
    between.link('fresh', 'one');
    between.settle(5);
    // A slice ends where a signature is sure to lie.
    const { catchUp, signatureEvery } = CONFIG.sync;
    expect(fresh.pipeline.log.size).toBeLessThanOrEqual(catchUp.slice + signatureEvery);
    for (let i = 0; i < 12; i += 1) between.pass(500);
    expect(fresh.pipeline.log.size).toBe(large.all.length);
  }, 30_000);

  it('S5: another newcomer is no source of what both lack: two who have it give it all, each about half', () => {
    const between = new Between();
    for (const [i, name] of ['one', 'two'].entries()) peer(between, name, large, large.wires(), 60 + i);
    peer(between, 'newcomer', large, [], 62);
    const fresh = peer(between, 'fresh', large, [], 70);
    for (const name of ['one', 'newcomer', 'two']) between.link('fresh', name);
    between.settle(8);
    for (let i = 0; i < 3; i += 1) between.pass(500);
    expect(fresh.pipeline.log.size).toBe(large.all.length);
    for (const name of ['one', 'two'])
      expect(between.entries(name, 'fresh')).toBeLessThanOrEqual(0.65 * large.all.length);
  }, 30_000);

  it('P12: of whom something bad was seen nothing is asked that another can give, and all where nobody else can', () => {
    const fetched = (good: boolean): number => {
      const between = new Between();
      for (const [i, name] of ['good', 'bad'].entries()) peer(between, name, large, large.wires(), 60 + i);
      const fresh = peer(between, 'fresh', large, [], 70);
      fresh.context.judgeBy({ blame: () => undefined, doubts: (link) => link === linkOf('bad') });
      between.link('fresh', 'bad');
      if (good) between.link('fresh', 'good');
      between.settle();
      for (let i = 0; i < 12; i += 1) between.pass(500);
      expect(fresh.pipeline.log.size).toBe(large.all.length);
      return between.entries('bad', 'fresh');
    };
    expect(fetched(true)).toBe(0);
    expect(fetched(false)).toBe(large.all.length);
  }, 30_000);

  it('S5: who gives nothing loses its slices to others; so does a link that goes', () => {
    const between = new Between();
    for (const [i, name] of ['one', 'two', 'three'].entries())
      peer(between, name, large, large.wires(), 60 + i);
    const fresh = peer(between, 'fresh', large, [], 70);
    for (const name of ['one', 'two', 'three']) between.link('fresh', name);
    between.settle(2);
    // One is silent from now on, two is gone a little later.
    between.dead.add('one>fresh');
    between.settle(2);
    between.dead.add('two>fresh');
    fresh.pipeline.linkGone(linkOf('two'));
    between.settle();
    for (let i = 0; i < 12; i += 1) between.pass(1_000);
    expect(fresh.counter('catchup.late')).toBeGreaterThan(0);
    expect(fresh.pipeline.log.size).toBe(large.all.length);
  }, 30_000);

  it('B3, K7: what is grafted is read back; much of it goes as bulk, and no more while that is under way', () => {
    const between = new Between();
    const one = peer(between, 'one', large, large.wires(), 60);
    const { exchange } = one.pipeline;
    const link = linkOf('other');
    exchange.setOpening(link, key(61).id, 'full');
    exchange.setNeighbour(link, true);
    one.run();
    const ids = large.all.slice(-300).map(({ entry }) => entry.id);
    const lanes = (some: typeof ids) => {
      one.sent.splice(0);
      exchange.onBroadcast(link, { type: 'graft', grove: large.grove, ids: some });
      one.run();
      return new Set(one.sent.flatMap(({ frame, lane }) => (frame.type === 'entries' ? lane : [])));
    };
    expect(lanes(ids.slice(-1))).toEqual(new Set(['control']));
    expect(lanes(ids)).toEqual(new Set(['bulk']));
    one.context.outstanding = () => CONFIG.sync.windowBytes;
    expect(lanes(ids)).toEqual(new Set());
    expect(one.counter('grafts.busy')).toBe(1);
  });

  it('S5: what is missing is not asked of two at once', () => {
    const between = new Between();
    const [shared, news] = [large.wires().slice(0, 400), large.wires()];
    for (const [i, name] of ['one', 'two', 'three'].entries()) peer(between, name, large, news, 60 + i);
    const late = peer(between, 'late', large, shared, 70);
    for (const name of ['one', 'two', 'three']) between.link('late', name);
    between.settle();
    const asked = new Set<string>();
    for (const { frame } of between.of('want-entries')) {
      if (frame.type !== 'want-entries') continue;
      for (const { author, from, to } of frame.runs)
        for (let seq = from; seq <= to; seq += 1) {
          expect(asked.has(`${author}/${seq}`)).toBe(false);
          asked.add(`${author}/${seq}`);
        }
    }
    expect(late.pipeline.log.size).toBe(large.all.length);
  }, 30_000);

  it('S5: long vectors are compared by buckets: only rows of unequal ones pass', () => {
    const many = Array.from({ length: 300 }, (_, i) => keypairFromSeed(hash32(utf8(`${i}`))));
    const world = new World([]);
    for (const person of many) {
      world.admit(key(1), person);
      world.meet(key(1), person);
      world.contribute(person, 'hello');
    }
    const shared = world.wires();
    const [first] = many;
    if (first === undefined) throw new Error('nobody');
    const { wire } = world.contribute(first, 'news');
    const between = new Between();
    peer(between, 'left', world, [...shared, wire], 60);
    const right = peer(between, 'right', world, shared, 61);
    between.link('left', 'right');
    between.settle();
    expect(right.pipeline.log.size).toBe(world.all.length);
    expect(between.of('vector')).toEqual([]);
    const rows = between
      .of('bucket-rows')
      .reduce((sum, { frame }) => sum + (frame.type === 'bucket-rows' ? frame.rows.length : 0), 0);
    expect(rows).toBeLessThan(60);
    expect(between.bytes()).toBeLessThan(12 * 1024);
    // The rows of equal buckets are known all the same.
    expect(right.pipeline.exchange.lag(linkOf('left'))?.entries).toBe(0);
  }, 30_000);
});
