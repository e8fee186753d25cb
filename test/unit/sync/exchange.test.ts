// Who is sent what: vectors, catch-up, pushes and their bounds.
import { describe, expect, it } from 'vitest';
import { toEntryId, toPeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { MAX_VECTOR_ROWS } from '../../../worker/core/wire/frame.ts';
import { createBench, key, linkOf, OWNER, World } from './bench.ts';

const a = key(2);
const b = key(3);
const one = linkOf('one');
const two = linkOf('two');

function setUp(contributions = 0) {
  const world = new World([a, b]);
  for (let i = 0; i < contributions; i += 1) world.contribute(a, `${i}`);
  const bench = createBench(world.grove, { self: OWNER });
  bench.give('source', world.wires());
  bench.run();
  bench.sent.splice(0);
  const { exchange, log } = bench.pipeline;
  const framesTo = (link: string, type: string) =>
    bench.sent.filter((each) => each.link === link && each.frame.type === type).map(({ frame }) => frame);
  const entriesTo = (link: string) =>
    framesTo(link, 'entries').flatMap((frame) => (frame.type === 'entries' ? frame.entries : []));
  return { world, bench, exchange, log, framesTo, entriesTo };
}

describe('the exchange of one grove', () => {
  it('S5: on opening it sends its vector, and what the other’s lacks, in (lamport, id) order', () => {
    const { world, bench, exchange, log, framesTo, entriesTo } = setUp(5);
    exchange.setOpening(one, b.id, 'full');
    bench.run();
    expect(framesTo('one', 'vector')).toMatchObject([{ reply: true, rows: log.vector() }]);
    exchange.onVector(one, [], false);
    bench.run();
    expect(entriesTo('one').map(({ header }) => header)).toEqual(world.wires().map(({ header }) => header));
    expect(exchange.lag(one)).toEqual({ entries: 0, backfilling: false });
    expect(exchange.holds(one, a.id, 1)).toBe(false);
  });

  it('A3: to an inward neighbour nothing goes but the question for what it has', () => {
    const { bench, exchange, entriesTo, framesTo } = setUp(2);
    exchange.setOpening(one, b.id, 'inward');
    exchange.onVector(one, [{ author: b.id, seq: 4, id: toEntryId(hash32(utf8('x'))) }], true);
    exchange.onWant(one, [{ author: a.id, from: 1, to: 2 }]);
    bench.run();
    expect(entriesTo('one')).toEqual([]);
    expect(framesTo('one', 'vector')).toEqual([]);
    expect(framesTo('one', 'want-entries')).toMatchObject([{ runs: [{ author: b.id, from: 1, to: 4 }] }]);
    expect(bench.counter('frames.closed')).toBe(1);
  });

  it('S5: what was pushed during a catch-up hides nothing of it that was not sent', () => {
    const { world, bench, exchange, entriesTo } = setUp(600);
    exchange.setOpening(one, b.id, 'full');
    exchange.onVector(one, [], false);
    // One batch is being read; then a new entry is pushed, and a vector comes that lacks all but one.
    const last = world.all.at(-1);
    const kept = last && bench.pipeline.log.get(last.entry.id);
    if (last === undefined || !kept) throw new Error('nothing written');
    const { entry, wire } = last;
    exchange.push([{ kept, entry, ...wire, link: null }]);
    exchange.onVector(one, [{ author: OWNER.id, seq: 1, id: toEntryId(hash32(utf8('x'))) }], false);
    bench.run();
    const sent = new Set(entriesTo('one').map(({ header }) => toEntryId(hash32(header))));
    expect(sent.has(entry.id)).toBe(true);
    for (const each of world.all) expect(sent.has(each.entry.id)).toBe(true);
  });

  it('S5: what could not be read is not taken for sent', () => {
    const { bench, exchange, entriesTo } = setUp(3);
    for (const at of [...bench.tables.rows.keys()])
      if (at.startsWith('log:') && at.includes(a.id)) bench.tables.rows.delete(at);
    exchange.setOpening(one, b.id, 'full');
    exchange.onVector(one, [], false);
    bench.run();
    expect(entriesTo('one').length).toBeGreaterThan(0);
    expect(exchange.lag(one)?.entries).toBe(3);
    expect(bench.counter('store.missing')).toBe(3);
  });

  it('S6: a new entry goes to all but the link it came by and those that hold it', () => {
    const { world, bench, exchange, entriesTo } = setUp();
    const three = linkOf('three');
    const { wire, entry } = world.contribute(a, 'new');
    for (const link of [one, two, three]) exchange.setOpening(link, b.id, 'full');
    exchange.onVector(one, bench.pipeline.log.vector(), false);
    exchange.onVector(two, bench.pipeline.log.vector(), false);
    exchange.onVector(three, [...bench.pipeline.log.vector(), { author: a.id, seq: 1, id: entry.id }], false);
    bench.run();
    bench.give('one', [wire], 'push');
    bench.run();
    expect(['one', 'two', 'three'].map((link) => entriesTo(link).length)).toEqual([0, 1, 0]);
    // Who pushed it is told that it arrived.
    expect(bench.sent.filter(({ frame }) => frame.type === 'held')).toMatchObject([
      { link: 'one', frame: { entry: entry.id, complete: false } },
    ]);
  });

  it('K7: much that is new at once goes as bulk', () => {
    const { world, bench, exchange } = setUp();
    exchange.setOpening(one, b.id, 'full');
    exchange.onVector(one, bench.pipeline.log.vector(), false);
    bench.run();
    const wires = Array.from({ length: 200 }, (_, i) => world.contribute(a, `${i}`).wire);
    bench.sent.splice(0);
    bench.give('source', wires);
    bench.run();
    const lanes = bench.sent.filter(({ frame }) => frame.type === 'entries').map(({ lane }) => lane);
    expect(new Set(lanes)).toEqual(new Set(['bulk']));
    expect(exchange.lag(one)?.entries).toBe(0);
  });

  it('S5: runs that overlap are answered once', () => {
    const { bench, exchange, entriesTo } = setUp(50);
    exchange.setOpening(one, b.id, 'full');
    const runs = Array.from({ length: 1_000 }, (_, i) => ({ author: a.id, from: 1 + (i % 9), to: 2 ** 50 }));
    exchange.onWant(one, runs);
    bench.run();
    expect(entriesTo('one')).toHaveLength(50);
  });

  it('S5: acknowledged is what the other holds of our own log, by its ids', () => {
    const { bench, exchange, log } = setUp();
    exchange.setOpening(one, b.id, 'full');
    const head = log.head(OWNER.id);
    if (head === null) throw new Error('no head');
    const told = () => bench.facts.filter(({ type }) => type === 'acknowledged');
    exchange.onVector(one, [{ author: OWNER.id, seq: head.seq + 5, id: head.id }], false);
    exchange.onVector(one, [{ author: OWNER.id, seq: head.seq, id: toEntryId(hash32(utf8('fork'))) }], false);
    expect(told()).toEqual([]);
    exchange.onVector(one, [{ author: OWNER.id, seq: head.seq, id: head.id }], false);
    expect(told()).toMatchObject([{ seq: head.seq, peer: b.id }]);
  });

  it('S5: who asks for vectors all the time is answered a few times, and once more at the end', () => {
    const { bench, exchange, framesTo } = setUp();
    exchange.setOpening(one, b.id, 'full');
    bench.run();
    bench.sent.splice(0);
    for (let i = 0; i < 50; i += 1) exchange.onVector(one, [], true);
    bench.run();
    expect(framesTo('one', 'vector')).toHaveLength(8);
    bench.pass(10_000);
    expect(framesTo('one', 'vector')).toHaveLength(9);
  });

  it('S5: a vector of more rows than a frame holds takes several frames, and is heeded once its last came', () => {
    const { bench, exchange, log, entriesTo } = setUp(2);
    exchange.setOpening(one, b.id, 'full');
    bench.run();
    const stranger = (i: number) => ({
      author: toPeerId(hash32(utf8(`${i}`))),
      seq: 1,
      id: toEntryId(hash32(utf8('x'))),
    });
    const rows = [...Array.from({ length: MAX_VECTOR_ROWS }, (_, i) => stranger(i)), ...log.vector()];
    exchange.onVector(one, rows.slice(0, MAX_VECTOR_ROWS), false);
    bench.run();
    expect(entriesTo('one')).toEqual([]);
    expect(exchange.lag(one)).toBeNull();
    exchange.onVector(one, rows.slice(MAX_VECTOR_ROWS), false);
    bench.run();
    expect(exchange.lag(one)?.entries).toBe(0);
    expect(entriesTo('one')).toEqual([]);
  });

  it('leaves no timer behind once all links are gone', () => {
    const { world, bench, exchange } = setUp();
    exchange.setOpening(one, b.id, 'full');
    exchange.onVector(one, [], true);
    bench.give('one', [world.contribute(a, 'x').wire]);
    bench.run();
    bench.pipeline.linkGone(one);
    expect(exchange.nextWake()).toBeNull();
    expect(bench.context.nextTimer()).toBeNull();
  });
});
