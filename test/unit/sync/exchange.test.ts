// Who is asked for what, who is given what, and what is said of it: one log with scripted neighbours.
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../../worker/core/config.ts';
import { toEntryId, toPeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { MAX_VECTOR_ROWS, type VectorRow } from '../../../worker/core/wire/frame.ts';
import { createBench, key, linkOf, OWNER, World } from './bench.ts';

const a = key(2);
const b = key(3);
const one = linkOf('one');
const two = linkOf('two');
const other = toEntryId(hash32(utf8('x')));

function setUp(contributions = 0) {
  const world = new World([a, b]);
  for (let i = 0; i < contributions; i += 1) world.contribute(a, `${i}`);
  const bench = createBench(world.grove, { self: OWNER });
  bench.give('source', world.wires());
  bench.run();
  bench.sent.splice(0);
  const { exchange, log } = bench.pipeline;
  const { grove } = world;
  const framesTo = (link: string, type: string) =>
    bench.sent.filter((each) => each.link === link && each.frame.type === type).map(({ frame }) => frame);
  const entriesTo = (link: string) =>
    framesTo(link, 'entries').flatMap((frame) => (frame.type === 'entries' ? frame.entries : []));
  const vector = (link: typeof one, rows: readonly VectorRow[], reply = false): void =>
    exchange.onCompare(link, { type: 'vector', grove, reply, rows: [...rows] });
  const fingerprint = (link: typeof one, hash: Uint8Array, reply = true): void =>
    exchange.onCompare(link, { type: 'fingerprint', grove, reply, count: 0, hash, views: null });
  const open = (link: typeof one): void => {
    exchange.setOpening(link, b.id, 'full');
    exchange.setNeighbour(link, true);
  };
  /** The hash of what is here, as it tells it itself. */
  const ownHash = (): Uint8Array => {
    const [frame] = bench.sent.flatMap((each) => (each.frame.type === 'fingerprint' ? [each.frame] : []));
    if (frame === undefined) throw new Error('no fingerprint was sent');
    return frame.hash;
  };
  return { world, bench, exchange, log, framesTo, entriesTo, vector, fingerprint, open, ownHash };
}

describe('the exchange of one grove', () => {
  it('S5: who asked for our vector before the grove was open to it gets it once it is, and no fingerprint', () => {
    const { bench, exchange, log, framesTo, vector, open } = setUp(3);
    exchange.setOpening(one, b.id, 'inward');
    vector(one, [], true);
    bench.run();
    expect(bench.sent).toEqual([]);
    open(one);
    bench.run();
    expect(framesTo('one', 'vector')).toMatchObject([{ reply: false, rows: log.vector() }]);
    expect(framesTo('one', 'fingerprint')).toEqual([]);
    // It was given what it asked for: opened anew it is asked as usual.
    exchange.setOpening(one, b.id, 'inward');
    open(one);
    bench.run();
    expect(framesTo('one', 'vector')).toHaveLength(1);
    expect(framesTo('one', 'fingerprint')).toHaveLength(1);
  });

  it('S5: on opening it sends a fingerprint, a vector where that differs, and gives what is asked for', () => {
    const { world, bench, exchange, log, framesTo, entriesTo, fingerprint, open } = setUp(5);
    open(one);
    bench.run();
    expect(framesTo('one', 'fingerprint')).toMatchObject([{ reply: true, count: log.size }]);
    expect(framesTo('one', 'vector')).toEqual([]);
    bench.pass(3_000);
    fingerprint(one, new Uint8Array(32));
    bench.run();
    expect(framesTo('one', 'vector')).toMatchObject([{ reply: true, rows: log.vector() }]);
    exchange.onWant(
      one,
      log.vector().map(({ author, seq }) => ({ author, from: 1, to: seq })),
    );
    bench.run();
    expect(entriesTo('one').map(({ header }) => header)).toEqual(world.wires().map(({ header }) => header));
    // To have sent it is not to know that it is held.
    expect(exchange.holds(one, a.id, 1)).toBe(false);
  });

  it('S5: who holds nothing but the contract asks with its vector, and answers no fingerprint that crosses it', () => {
    const world = new World([a]);
    const bench = createBench(world.grove);
    const framesTo = (type: string): unknown[] => {
      bench.run();
      return bench.sent.map(({ frame }) => frame).filter((frame) => frame.type === type);
    };
    bench.give('one', world.wires().slice(0, 1));
    bench.run();
    bench.pipeline.exchange.setOpening(one, a.id, 'full');
    expect(framesTo('vector')).toMatchObject([{ reply: true, rows: [{ seq: 1 }] }]);
    expect(framesTo('fingerprint')).toEqual([]);
    const hash = new Uint8Array(32);
    const crossing = {
      type: 'fingerprint',
      grove: world.grove,
      reply: true,
      count: 9,
      hash,
      views: null,
    } as const;
    bench.pipeline.exchange.onCompare(one, crossing);
    const rows = [{ author: world.invite.author, seq: 3, id: world.invite.id }];
    bench.pipeline.exchange.onCompare(one, { type: 'vector', grove: world.grove, reply: false, rows });
    expect(framesTo('vector')).toHaveLength(1);
    expect(framesTo('want-entries')).toMatchObject([{ runs: [{ from: 2, to: 3 }] }]);
    // Who gets no answer compares as usual.
    const unheard = createBench(world.grove);
    unheard.give('one', world.wires().slice(0, 1));
    unheard.run();
    unheard.pipeline.exchange.setOpening(one, a.id, 'full');
    unheard.pipeline.exchange.onCompare(one, crossing);
    unheard.pass(CONFIG.sync.answerWithin);
    expect(unheard.sent.at(-1)?.frame).toMatchObject({ type: 'fingerprint', reply: true, count: 1 });
  });

  it('S5: an equal fingerprint says that all is held, and nothing more is sent', () => {
    const { bench, exchange, log, framesTo, fingerprint, open, ownHash } = setUp(5);
    open(one);
    bench.run();
    const hash = ownHash();
    bench.sent.splice(0);
    fingerprint(one, hash);
    bench.run();
    expect(exchange.lag(one)).toEqual({ entries: 0, backfilling: false });
    expect(exchange.holds(one, a.id, 5)).toBe(true);
    expect(framesTo('one', 'vector')).toEqual([]);
    const own = log.head(OWNER.id)?.seq;
    expect(bench.facts.filter(({ type }) => type === 'acknowledged')).toMatchObject([
      { seq: own, peer: b.id },
    ]);
  });

  it('A3: to an inward neighbour nothing goes but the question for what it has', () => {
    const { world, bench, exchange, entriesTo, framesTo, vector, fingerprint } = setUp(2);
    exchange.setOpening(one, b.id, 'inward');
    fingerprint(one, new Uint8Array(32));
    vector(one, [{ author: b.id, seq: 4, id: other }], true);
    exchange.onWant(one, [{ author: a.id, from: 1, to: 2 }]);
    exchange.onBroadcast(one, { type: 'graft', grove: world.grove, ids: [] });
    bench.run();
    expect(entriesTo('one')).toEqual([]);
    expect(framesTo('one', 'fingerprint')).toEqual([]);
    expect(framesTo('one', 'vector')).toMatchObject([{ rows: [], reply: true }]);
    expect(framesTo('one', 'want-entries')).toMatchObject([{ runs: [{ author: b.id, from: 1, to: 4 }] }]);
    expect(bench.counter('frames.closed')).toBe(2);
  });

  it('S5: what could not be read is not taken for sent', () => {
    const { bench, exchange, log, entriesTo, vector, open } = setUp(3);
    for (const at of [...bench.tables.rows.keys()])
      if (at.startsWith('log:') && at.includes(a.id)) bench.tables.rows.delete(at);
    open(one);
    vector(one, []);
    exchange.onWant(
      one,
      log.vector().map(({ author, seq }) => ({ author, from: 1, to: seq })),
    );
    bench.run();
    expect(entriesTo('one').length).toBeGreaterThan(0);
    expect(exchange.lags(one).find(({ author }) => author === a.id)?.entries).toBe(3);
    expect(bench.counter('store.missing')).toBe(3);
  });

  it('S6, B1: a new entry goes to all neighbours but the one it came by and those that hold it', () => {
    const { world, bench, log, entriesTo, vector, open } = setUp();
    const three = linkOf('three');
    const { wire, entry } = world.contribute(a, 'new');
    for (const link of [one, two, three]) open(link);
    vector(one, log.vector());
    vector(two, log.vector());
    vector(three, [...log.vector(), { author: a.id, seq: 1, id: entry.id }]);
    bench.run();
    bench.give('one', [wire], 'push');
    bench.run();
    expect(['one', 'two', 'three'].map((link) => entriesTo(link).length)).toEqual([0, 1, 0]);
    // Who pushed it is told that it arrived.
    expect(bench.sent.filter(({ frame }) => frame.type === 'held')).toMatchObject([
      { link: 'one', frame: { entry: entry.id, complete: false } },
    ]);
  });

  it('S6: who is no neighbour is pushed nothing, and caught up all the same', () => {
    const { world, bench, exchange, entriesTo, framesTo } = setUp();
    exchange.setOpening(one, b.id, 'full');
    bench.give('source', [world.contribute(a, 'new').wire], 'push');
    bench.run();
    expect(entriesTo('one')).toEqual([]);
    expect(framesTo('one', 'ihave')).toEqual([]);
    exchange.onWant(one, [{ author: a.id, from: 1, to: 1 }]);
    bench.run();
    expect(entriesTo('one')).toHaveLength(1);
  });

  it('K7: much that is asked for goes as bulk, a little at once', () => {
    const { bench, exchange, open } = setUp(300);
    open(one);
    const lanes = () => bench.sent.flatMap(({ frame, lane }) => (frame.type === 'entries' ? [lane] : []));
    exchange.onWant(one, [{ author: a.id, from: 1, to: 3 }]);
    bench.run();
    expect(lanes()).toEqual(['control']);
    bench.sent.splice(0);
    exchange.onWant(one, [{ author: a.id, from: 1, to: 300 }]);
    bench.run();
    expect(lanes()[0]).toBe('bulk');
  });

  it('S5: runs that overlap are answered once', () => {
    const { bench, exchange, entriesTo, open } = setUp(50);
    open(one);
    const runs = Array.from({ length: 1_000 }, (_, i) => ({ author: a.id, from: 1 + (i % 9), to: 2 ** 50 }));
    exchange.onWant(one, runs);
    bench.run();
    expect(entriesTo('one')).toHaveLength(50);
  });

  it('S5: acknowledged is what the other holds of our own log, by its ids', () => {
    const { bench, log, vector, open } = setUp();
    open(one);
    const head = log.head(OWNER.id);
    if (head === null) throw new Error('no head');
    const told = () => bench.facts.filter(({ type }) => type === 'acknowledged');
    vector(one, [{ author: OWNER.id, seq: head.seq + 5, id: head.id }]);
    vector(one, [{ author: OWNER.id, seq: head.seq, id: toEntryId(hash32(utf8('fork'))) }]);
    expect(told()).toEqual([]);
    vector(one, [{ author: OWNER.id, seq: head.seq, id: head.id }]);
    expect(told()).toMatchObject([{ seq: head.seq, peer: b.id }]);
  });

  it('S5: who asks for vectors all the time is answered a few times, and once more at the end', () => {
    const { bench, framesTo, vector, open } = setUp();
    open(one);
    bench.run();
    bench.sent.splice(0);
    for (let i = 0; i < 50; i += 1) vector(one, [], true);
    bench.run();
    expect(framesTo('one', 'vector')).toHaveLength(8);
    bench.pass(10_000);
    expect(framesTo('one', 'vector')).toHaveLength(9);
  });

  it('S5: a vector of more rows than a frame holds takes several frames, and is heeded once its last came', () => {
    const { bench, exchange, log, vector, open } = setUp(2);
    open(one);
    bench.run();
    const stranger = (i: number) => ({ author: toPeerId(hash32(utf8(`${i}`))), seq: 1, id: other });
    const rows = [...Array.from({ length: MAX_VECTOR_ROWS }, (_, i) => stranger(i)), ...log.vector()];
    vector(one, rows.slice(0, MAX_VECTOR_ROWS));
    bench.run();
    expect(exchange.lag(one)).toBeNull();
    vector(one, rows.slice(MAX_VECTOR_ROWS));
    bench.run();
    expect(exchange.lag(one)?.entries).toBe(0);
  });

  it('S5: a neighbour that claims much and gives nothing is passed over, and asked for little', () => {
    const { bench, framesTo, vector, open, log } = setUp();
    open(one);
    bench.run();
    vector(one, [...log.vector(), { author: a.id, seq: 2 ** 50, id: other }]);
    bench.run();
    const asked = framesTo('one', 'want-entries').flatMap((frame) =>
      frame.type === 'want-entries' ? frame.runs : [],
    );
    const count = asked.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(512);
    bench.sent.splice(0);
    for (let i = 0; i < 60; i += 1) bench.pass(1_000);
    expect(bench.counter('catchup.late')).toBeGreaterThan(0);
    expect(framesTo('one', 'want-entries').length).toBeLessThan(4);
  });

  it('S5: rounds compare with one neighbour, less and less often while all is equal', () => {
    const { bench, framesTo, fingerprint, open, ownHash } = setUp(1);
    open(one);
    bench.run();
    const hash = ownHash();
    fingerprint(one, hash, false);
    bench.sent.splice(0);
    const within = (seconds: number): number => {
      bench.sent.splice(0);
      for (let i = 0; i < seconds; i += 1) bench.pass(1_000);
      return framesTo('one', 'fingerprint').length;
    };
    expect(within(40)).toBe(1);
    expect(within(600)).toBeLessThanOrEqual(14);
  });

  it('leaves no timer behind once all links are gone', () => {
    const { world, bench, vector, open } = setUp();
    open(one);
    vector(one, [{ author: b.id, seq: 9, id: other }], true);
    bench.give('one', [world.contribute(a, 'x').wire]);
    bench.run();
    bench.pipeline.linkGone(one);
    for (let i = 0; i < 3; i += 1) bench.pass(2_000);
    expect(bench.context.nextTimer()).toBeNull();
  });
});
