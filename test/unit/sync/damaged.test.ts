// Rows that go bad on a disk after they were read: what is asked for then, what stays, and what is said.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';
import { Staging } from '../../../worker/core/sync/staging.ts';
import { createHub, createPeer, has, pair, until, work } from '../node/mesh.ts';
import { key, linkOf, World } from './bench.ts';
import { Net, type Peer } from './peers.ts';

const [a, b] = [key(2), key(3)];
const MINUTE = 60_000;

const rowOf = (peer: Peer, author: string, seq: number): string =>
  [...peer.tables.rows.keys()].find((at) => at.endsWith(`${author}/${String(seq).padStart(16, '0')}`)) ?? '';

/** Two who hold the same of a grove, and what the first wrote since without being linked. */
function setUp() {
  const world = new World([a, b]);
  const net = new Net(world.grove);
  const [first, second] = [a, b].map((each) => {
    const peer = net.add(each);
    net.give(peer, world.wires());
    return peer;
  });
  if (first === undefined || second === undefined) throw new Error('two peers');
  for (let i = 0; i < 4; i += 1) net.append(first, 'note', utf8(`${i}`));
  const headAt = (peer: Peer): number => peer.sync.log(world.grove)?.head(a.id)?.seq ?? 0;
  const asks = { count: 0 };
  net.passes = (frame) => {
    if (frame.type === 'want-entries' || frame.type === 'want-ids') asks.count += 1;
    return true;
  };
  return { world, net, first, second, headAt, asks };
}

describe('a row of our own that goes bad', () => {
  it('S17: is not claimed any more, all below it is given and kept, and nobody asks for it over and over', () => {
    const { world, net, first, second, headAt, asks } = setUp();
    const start = headAt(second);
    first.tables.rows.set(rowOf(first, a.id, start + 3), new Uint8Array([1, 2, 3]));
    net.link(first, second);
    net.pass(10_000);
    expect(headAt(second)).toBe(start + 2);
    expect(headAt(first)).toBe(start + 2);
    expect(first.facts).toContainEqual({
      type: 'damaged',
      grove: world.grove,
      entries: [{ author: a.id, seq: start + 3 }],
    });
    const pipeline = first.sync.pipeline(world.grove);
    expect(pipeline?.unreadable()).toEqual({ from: start + 3, to: start + 4 });
    expect(net.append(first, 'note', utf8('x'))).toMatchObject({ code: 'busy' });
    asks.count = 0;
    for (let i = 0; i < 20; i += 1) net.pass(MINUTE);
    expect(asks.count).toBe(0);
  });

  it('S17: comes again from somebody who holds it, and the device writes on', () => {
    const { world, net, first, second, headAt } = setUp();
    const start = headAt(second);
    net.link(first, second);
    net.pass(10_000);
    expect(headAt(second)).toBe(start + 4);
    const third = net.add(key(4));
    first.tables.rows.set(rowOf(first, a.id, start + 2), new Uint8Array([1, 2, 3]));
    net.link(first, third);
    net.pass(2 * MINUTE);
    expect([first, third].map(headAt)).toEqual([start + 4, start + 4]);
    expect(first.sync.pipeline(world.grove)?.unreadable()).toBeNull();
    expect(net.append(first, 'note', utf8('x'))).toMatchObject({ entry: { seq: start + 5 } });
  });

  it('S17: a disk that fails for a moment loses nothing', () => {
    const { world, net, first, second, headAt } = setUp();
    const start = headAt(second);
    const name = rowOf(first, a.id, start + 3);
    const row = first.tables.rows.get(name) ?? new Uint8Array();
    const { get, scan } = {
      get: first.tables.get.bind(first.tables),
      scan: first.tables.scan.bind(first.tables),
    };
    // Rows are looked for in a range, and what that lacks by itself: both fail once.
    let looks = 0;
    const isHidden = (at: string): boolean => at === name && (looks += 1) <= 2;
    first.tables.get = (table, at) => (isHidden(`${table}:${at}`) ? null : get(table, at));
    first.tables.scan = (table, ...rest) =>
      scan(table, ...rest).filter(({ key: at }) => !isHidden(`${table}:${at}`));
    net.link(first, second);
    for (let i = 0; i < 4; i += 1) net.pass(MINUTE);
    expect(looks).toBeGreaterThan(2);
    expect(first.facts.some(({ type }) => type === 'damaged')).toBe(false);
    expect(row.length).toBeGreaterThan(0);
    expect([first, second].map(headAt)).toEqual([start + 4, start + 4]);
    expect(first.sync.pipeline(world.grove)?.unreadable()).toBeNull();
  });
});

describe('what nobody gives', () => {
  it('S17: a gap is asked for after 2 s, then after twice the time, up to 64 s, and anew once something came', () => {
    const world = new World([a]);
    const log = world.log(a);
    const wires = Array.from({ length: 4 }, (_, i) => world.contribute(b, `${i}`));
    const staging = new Staging(log, { entries: 10, bytes: 100_000 });
    const add = (at: number): void => {
      const written = wires[at];
      if (written === undefined) return;
      const { entry, wire } = written;
      const { signature, body, table } = wire;
      const link = linkOf('other');
      staging.add({
        ...{ entry, signature, body, table, link, peer: b.id },
        ...{ urgent: true, state: 'open', gone: false },
      });
    };
    const askedUntil = (from: number, to: number): number[] => {
      const asked: number[] = [];
      for (let now = from; now <= to; now += 1_000)
        if (staging.gaps(now, 2_000).size > 0) asked.push((now - from) / 1_000);
      return asked;
    };
    add(3);
    expect(askedUntil(0, 260_000)).toEqual([0, 2, 6, 14, 30, 62, 126, 190, 254]);
    add(0);
    add(1);
    expect(askedUntil(300_000, 306_000)).toEqual([0, 2, 6]);
  });
});

describe('what a device says of it', () => {
  it('S17: its own row in `peers` has the reason, `stats` the number, and what is below is there', async () => {
    const hub = createHub();
    const { a: ada, b: ben, id } = await pair(hub);
    const { cid } = await ada.api.contribute(id, work('kept'));
    await has(ben, id, cid);
    const self = (await ada.api.identity()).peerId;
    ada.stop();
    ben.stop();
    const { data } = ada.store as ReturnType<typeof createMemoryStore>;
    const last = data.log.keys.findLast((at) => at.startsWith(`${id}/${self}/`)) ?? '';
    const seq = Number(last.split('/')[2]);
    const bad: WriteOp = { op: 'put', table: 'log', key: last, value: new Uint8Array([1, 2, 3]) };
    await ada.store.write([bad], 'strict');
    // Alone: nobody gives it back.
    const again = createPeer(createHub(), 'a', { store: createMemoryStore({ data }) });
    const row = await until(
      async () => (await again.api.peers(id)).find(({ peerId, sync }) => peerId === self && sync === 'error'),
      'the error',
    );
    expect(row.reason).toContain(`entries ${seq} to ${seq} of this device in "Grove"`);
    expect((await again.api.stats()).gauges).toMatchObject({ unreadable: 1 });
    await expect(again.api.contribute(id, work('more'))).rejects.toMatchObject({ code: 'busy' });
    expect((await again.api.groves()).find((grove) => grove.id === id)?.entries).toBeGreaterThan(0);
    again.stop();
  });
});
