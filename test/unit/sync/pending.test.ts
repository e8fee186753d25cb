// Entries whose parents are missing: they wait, what they lack is fetched by id, and waking them looks at no others.
import { describe, expect, it } from 'vitest';
import { encodeEntry, signEntry, type Entry } from '../../../worker/core/model/entry.ts';
import { toEntryId, toPeerId, type EntryId } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { Heap } from '../../../worker/core/sync/heap.ts';
import { Log } from '../../../worker/core/sync/log.ts';
import { Staging, type Staged } from '../../../worker/core/sync/staging.ts';
import type { Frame, WireEntry } from '../../../worker/core/wire/frame.ts';
import { createBench, key, linkOf, World } from './bench.ts';

const a = key(2);
const b = key(3);
const c = key(4);

function setUp() {
  const world = new World([a, b, c]);
  const forgotten: EntryId[] = [];
  const bench = createBench(world.grove, { forgotten: (ids) => void forgotten.push(...ids) });
  bench.give('one', world.wires());
  bench.run();
  bench.applied.splice(0);
  for (const link of ['one', 'two']) bench.pipeline.exchange.setOpening(linkOf(link), b.id, 'full');
  bench.run();
  bench.sent.splice(0);
  const asked = (link: string): Extract<Frame, { type: 'want-ids' }>[] =>
    bench.sent.flatMap(({ link: to, frame }) => (to === link && frame.type === 'want-ids' ? [frame] : []));
  return { world, bench, asked, forgotten };
}

const someId = (text: string): EntryId => toEntryId(hash32(utf8(text)));

/** An entry by `by` that names what nobody has. */
function orphan(by: typeof a, of: Entry, name: string, body: Uint8Array | null): WireEntry {
  const { id, header } = encodeEntry({ ...of, parents: [someId(name)], lamport: of.lamport + 50 });
  return { header, signature: signEntry(nobleSignatures, by, id), body, table: null };
}

describe('entries whose parents are missing', () => {
  it('S3: what a push lacks is asked at once of who brought it, after 2 s of another, and then both are applied', () => {
    const { world, bench, asked } = setUp();
    const parent = world.contribute(a, 'parent');
    world.meet(a, b);
    const child = world.contribute(b, 'child');
    bench.give('one', [child.wire], 'push');
    bench.run();
    expect(asked('one').map(({ ids }) => ids)).toEqual([[parent.entry.id]]);
    bench.pass(1_900);
    expect(asked('two')).toEqual([]);
    bench.pass(200);
    expect(asked('one')).toHaveLength(1);
    expect(asked('two').map(({ ids }) => ids)).toEqual([[parent.entry.id]]);
    bench.give('two', [parent.wire], 'want');
    bench.run();
    expect(bench.ids()).toEqual([parent.entry.id, child.entry.id]);
    bench.sent.splice(0);
    bench.pass(10_000);
    expect(asked('one').concat(asked('two'))).toEqual([]);
    expect(bench.pipeline.staged()).toBe(0);
  });

  it('S3: what a catch-up lacks is given 2 s to come with the rest of it', () => {
    const { world, bench, asked } = setUp();
    const parent = world.contribute(a, 'parent');
    world.meet(a, b);
    bench.give('one', [world.contribute(b, 'child').wire], 'sync');
    bench.run();
    bench.pass(1_000);
    expect(asked('one')).toEqual([]);
    bench.pass(3_000);
    expect(asked('one').map(({ ids }) => ids)).toEqual([[parent.entry.id]]);
  });

  it('S3: a parent that is fetched and has a gap below it brings that, and all of it is applied', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary));
    world.meet(a, b);
    const child = world.contribute(b, 'child');
    bench.give('one', [child.wire], 'push');
    bench.run();
    bench.give(
      'one',
      run.slice(2).map(({ wire }) => wire),
      'want',
    );
    bench.run();
    const seq = run[0]?.entry.seq ?? 0;
    expect(bench.sent.map(({ frame }) => frame)).toContainEqual({
      type: 'want-entries',
      grove: world.grove,
      runs: [{ author: a.id, from: seq, to: seq + 1 }],
    });
    bench.give(
      'one',
      run.slice(0, 2).map(({ wire }) => ({ ...wire, signature: null })),
    );
    bench.run();
    expect(bench.ids()).toEqual([...run, child].map(({ entry }) => entry.id));
  });

  it('S3: is given up after some attempts, told as not held, and taken again when it is whole', () => {
    const { world, bench, forgotten } = setUp();
    const parent = world.contribute(a, 'parent');
    world.meet(a, b);
    const child = world.contribute(b, 'child');
    bench.give('one', [child.wire], 'push');
    bench.run();
    for (let i = 0; i < 30; i += 1) bench.pass(1_000);
    expect(bench.pipeline.staged()).toBe(0);
    expect(forgotten).toEqual([child.entry.id]);
    expect(bench.counter('entries.orphaned')).toBe(1);
    expect(bench.context.isScheduled(`gaps/${world.grove}`)).toBe(false);
    bench.give('two', [parent.wire, child.wire], 'push');
    bench.run();
    expect(bench.ids()).toEqual([parent.entry.id, child.entry.id]);
  });

  it('S3: who makes up parents makes us ask for no more than 256 at once, and keeps no other from being asked', () => {
    const { world, bench, asked } = setUp();
    const { entry, wire } = world.contribute(a, 'first');
    const strangers = Array.from({ length: 400 }, (_, i) => keypairFromSeed(hash32(utf8(`${i}`))));
    bench.give(
      'one',
      strangers.map((by, i) =>
        orphan(by, { ...entry, author: by.id, seq: 1, prev: null }, `${i}`, wire.body),
      ),
      'push',
    );
    bench.run();
    expect(asked('one').flatMap(({ ids }) => ids)).toHaveLength(256);
    expect(Math.max(...asked('one').map(({ ids }) => ids.length))).toBe(64);
    world.meet(a, b);
    bench.give('two', [world.contribute(b, 'child').wire], 'push');
    bench.run();
    expect(asked('two').flatMap(({ ids }) => ids)).toEqual([entry.id]);
  });

  it('S3: entries are given by id wherever they stand, with those up to the signature that covers them', () => {
    const { world, bench } = setUp();
    const run = ['x', 'y', 'z'].map((summary) => world.contribute(a, summary));
    bench.give(
      'one',
      run.map(({ wire }, i) => (i < 2 ? { ...wire, signature: null } : wire)),
    );
    bench.run();
    bench.sent.splice(0);
    const ids = [run[1]?.entry.id ?? someId('none'), someId('unknown')];
    bench.pipeline.onWantIds(linkOf('two'), ids);
    bench.pipeline.onWantIds(linkOf('three'), ids);
    bench.run();
    expect(bench.sent).toMatchObject([
      {
        link: 'two',
        lane: 'control',
        frame: {
          type: 'entries',
          why: 'want',
          entries: [{ signature: null }, { signature: run[2]?.wire.signature }],
        },
      },
    ]);
    expect(bench.counter('frames.closed')).toBe(1);
  });

  it('S4: each 32nd entry of an author is refused without its signature, so that no run is longer than that', () => {
    const { world, bench } = setUp();
    const run = Array.from({ length: 40 }, (_, i) => world.contribute(a, `${i}`));
    const bare = run.map(({ wire, entry }) => (entry.seq === 40 ? wire : { ...wire, signature: null }));
    bench.give('one', bare);
    bench.run();
    expect(bench.ids()).toEqual([]);
    expect(bench.counter('entries.unsigned')).toBe(1);
    bench.give(
      'two',
      run.map(({ wire, entry }) =>
        entry.seq === 40 || entry.seq === 32 ? wire : { ...wire, signature: null },
      ),
    );
    bench.run();
    expect(bench.ids()).toHaveLength(40);
  });
});

describe('waking what waits', () => {
  it('S3: applying an entry looks only at those that wait for it, however many are staged', () => {
    const world = new World([a, b, c]);
    let looked = 0;
    class Watched extends Log {
      override has(id: EntryId): boolean {
        looked += 1;
        return super.has(id);
      }
    }
    const log = new Watched();
    const noted = { receivedAt: 0, receivedFrom: null, control: false, bytes: 0, signed: true, aside: false };
    for (const { entry } of world.all) log.append(entry, noted);
    const staging = new Staging(log, { entries: 100_000, bytes: 2 ** 30 });
    const stage = (entry: Entry): Staged => {
      const staged: Staged = {
        ...{ entry, signature: new Uint8Array(64), body: null, table: null },
        ...{ link: linkOf('one'), peer: a.id, urgent: false, state: 'open', gone: false },
      };
      staging.add(staged);
      return staged;
    };
    const first = world.contribute(a, 'first').entry;
    const base = world.contribute(b, 'base').entry;
    for (let i = 0; i < 5_000; i += 1) {
      const of = { ...base, seq: 1, prev: null, parents: [someId(`${i}`)], id: someId(`orphan ${i}`) };
      stage({ ...of, author: toPeerId(hash32(utf8(`author ${i}`))) });
    }
    for (const staged of staging.takeUnverified(32)) staging.cover(staged);
    const waiting = stage(first);
    for (const staged of staging.takeUnverified(32)) staging.cover(staged);
    looked = 0;
    expect(staging.pending.next()?.staged).toBe(waiting);
    staging.pending.take(waiting);
    log.append(first, noted);
    staging.pending.settle();
    expect(staging.advance(a.id)).toEqual([]);
    expect(staging.pending.next()).toBeNull();
    expect(looked).toBeLessThan(20);
    expect(staging.size).toBe(5_000);
  });

  it('gives what is least first', () => {
    const random = createSeededRandom(3);
    const heap = new Heap<number>((x, y) => x - y);
    const numbers = [...random.bytes(300)];
    for (const n of numbers) heap.push(n);
    expect(numbers.map(() => heap.pop())).toEqual(numbers.toSorted((x, y) => x - y));
    expect(heap.pop()).toBeUndefined();
  });
});
