// Forks between several devices: how they come to be known, what accuses nobody, and what a device does that may not
// be up to its own log.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { encodeEntry, signEntry, type Entry } from '../../../worker/core/model/entry.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures, type Keypair } from '../../../worker/core/model/keys.ts';
import { Log } from '../../../worker/core/sync/log.ts';
import { readProof } from '../../../worker/core/sync/proof.ts';
import type { WireEntry, WireHeader } from '../../../worker/core/wire/frame.ts';
import { SEED } from '../model/fixtures.ts';
import { key, linkOf, NOTED, OWNER, World, type Written } from './bench.ts';
import { Net, type Peer } from './peers.ts';

const [a, b, c] = [key(2), key(3), key(4)];
const forker = key(5);

/** The same place of a log, written anew with something else. */
function another(
  { entry, wire }: Written,
  by: Keypair,
  change: Partial<Entry> = {},
): WireEntry & { entry: Entry } {
  const made = encodeEntry({ ...entry, at: entry.at + 1_000_000, ...change });
  return { ...wire, header: made.header, signature: signEntry(nobleSignatures, by, made.id), entry: made };
}

/** A branch of as many entries as another, beside it. */
function beside(run: readonly Written[], by: Keypair): WireEntry[] {
  let prev = run[0]?.entry.prev ?? null;
  return run.map((each) => {
    const made = another(each, by, { prev });
    prev = made.entry.id;
    return made;
  });
}

function setUp(people: readonly Keypair[] = [a, b, c]) {
  const world = new World([a, b, c, forker]);
  const net = new Net(world.grove);
  const common = world.wires();
  const peers = people.map((person) => net.add(person));
  for (const peer of peers) net.give(peer, common);
  return { world, net, peers };
}

const forksOf = (world: World, peers: readonly Peer[]) =>
  peers.map((peer) => peer.sync.pipeline(world.grove)?.forks());
const headOf = (world: World, peer: Peer, who: Keypair): number =>
  peer.sync.log(world.grove)?.head(who.id)?.seq ?? 0;

function line(net: Net, peers: readonly Peer[]): void {
  for (const [i, peer] of peers.entries()) {
    const next = peers[i + 1];
    if (next !== undefined) net.link(peer, next);
  }
  net.settle();
}

const proofOf = (run: readonly WireEntry[]): WireHeader[] =>
  run.map(({ header, signature }) => ({ header, signature }));

describe('a fork', () => {
  it.each([1, 2, 40])(
    'S8, S12: is found where two hold branches of %i entries each, and known to all who are linked with them',
    (length) => {
      const { world, net, peers } = setUp();
      const run = Array.from({ length }, (_, i) => world.contribute(forker, `${i}`));
      const seq = run[0]?.entry.seq;
      const [first, , last] = peers;
      if (first === undefined || last === undefined) return;
      net.give(
        first,
        run.map(({ wire }) => wire),
      );
      net.give(last, beside(run, forker));
      expect(headOf(world, first, forker)).toBe(length);
      line(net, peers);
      net.pass(60_000);
      expect(forksOf(world, peers)).toEqual(peers.map(() => [{ author: forker.id, seq }]));
      for (const peer of peers) expect(net.stateOf(peer)).toEqual(net.stateOf(first));
      expect(first.grove.views.counts().contributions).toBe(0);
      // What one of them held stays fetchable by id there.
      expect(first.sync.log(world.grove)?.has(run[0]?.entry.id ?? world.invite.id)).toBe(true);
    },
  );

  it('S4, S8: is led back over runs that carry only each 32nd signature', () => {
    const { world, net, peers } = setUp([a, b]);
    const run = Array.from({ length: 130 }, (_, i) => world.contribute(forker, `${i}`));
    const [first, second] = peers;
    if (first === undefined || second === undefined) return;
    const bare = (wires: readonly WireEntry[]): WireEntry[] =>
      wires.map((wire, i) => ((i + 1) % 32 === 0 || i === 129 ? wire : { ...wire, signature: null }));
    // All at once, so that only the newest of them is verified.
    const give = (peer: Peer, entries: readonly WireEntry[]): void => {
      peer.sync.receive(world.grove, linkOf('outside'), a.id, entries);
      net.settle();
    };
    give(first, bare(run.map(({ wire }) => wire)));
    give(second, [
      ...run.slice(0, 20).map(({ wire }) => wire),
      ...bare(beside(run.slice(20), forker)).map((wire, i) =>
        (i + 21) % 32 === 0 || i === 109
          ? { ...wire, signature: beside(run.slice(20), forker)[i]?.signature ?? null }
          : { ...wire, signature: null },
      ),
    ]);
    expect([first, second].map((peer) => headOf(world, peer, forker))).toEqual([130, 130]);
    line(net, peers);
    net.pass(60_000);
    expect(forksOf(world, peers)).toEqual(peers.map(() => [{ author: forker.id, seq: 21 }]));
    expect(first.grove.views.counts().contributions).toBe(20);
    expect(net.stateOf(second)).toEqual(net.stateOf(first));
  });

  it('S12: that lies below a known one takes its place, and one above it is no news', () => {
    const { world, net, peers } = setUp([a, b]);
    const run = Array.from({ length: 9 }, (_, i) => world.contribute(forker, `${i}`));
    const [first, second] = peers;
    if (first === undefined || second === undefined) return;
    net.give(
      first,
      run.map(({ wire }) => wire),
    );
    line(net, peers);
    net.pass(10_000);
    const forkAt = (seq: number): void => {
      const place = run[seq - 1];
      if (place !== undefined) net.give(first, [another(place, forker)]);
    };
    for (const seq of [8, 9, 5, 7, 3]) forkAt(seq);
    net.pass(30_000);
    expect(forksOf(world, peers)).toEqual(peers.map(() => [{ author: forker.id, seq: 3 }]));
    // What came soon after the first was one more reading of the log.
    expect(first.facts.filter(({ type }) => type === 'forked')).toHaveLength(2);
    expect(net.stateOf(second)).toEqual(net.stateOf(first));
  });

  it('S12: by the owner, at its first place, leaves the contract standing', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first] = peers;
    const contract = world.all[0];
    if (first === undefined || contract === undefined) return;
    const beginning = { grove: world.grove as unknown as Entry['grove'], kind: 'note' };
    net.give(first, [another(contract, OWNER, beginning)]);
    line(net, peers);
    net.pass(30_000);
    expect(forksOf(world, peers)).toEqual(peers.map(() => [{ author: OWNER.id, seq: 2 }]));
    expect(first.grove.members.owner).toBe(OWNER.id);
    // What the owner wrote after it stands where others named it.
    expect(
      first.sync
        .log(world.grove)
        ?.vector()
        .filter(({ author }) => author !== OWNER.id),
    ).toEqual([]);
  });

  it('S13: what its author goes on to write is not taken, and who passes it on is sent the proof', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first, second] = peers;
    if (first === undefined || second === undefined) return;
    const one = world.contribute(forker, 'one');
    net.give(first, [one.wire, another(one, forker)]);
    expect(forksOf(world, [first])).toEqual([[{ author: forker.id, seq: 1 }]]);
    const size = first.sync.log(world.grove)?.size;
    net.give(first, [world.contribute(forker, 'two').wire]);
    expect(first.sync.log(world.grove)?.size).toBe(size);
    expect(first.context.counters.get('entries.quarantined')).toBe(1);
    net.give(second, [one.wire]);
    line(net, peers);
    net.pass(5_000);
    expect(forksOf(world, [second])).toEqual([[{ author: forker.id, seq: 1 }]]);
  });
});

describe('nobody is accused', () => {
  it('S8: by chains that do not part, are not signed by the author, or are not chains', () => {
    const world = new World([a, b, forker]);
    const run = Array.from({ length: 3 }, (_, i) => world.contribute(forker, `${i}`));
    const wires = run.map(({ wire }) => wire);
    const other = beside(run, forker);
    const read = (left: readonly WireEntry[], right: readonly WireEntry[], by = forker.id) =>
      readProof(world.grove, by, [proofOf(left), proofOf(right)]);
    expect(read(wires, other)).toMatchObject({ author: forker.id, seq: 1, prev: null });
    expect(read(wires, wires)).toBeNull();
    expect(read(wires.slice(1), other)).toBeNull();
    expect(read(wires.slice(1), other.slice(1))).toBeNull();
    expect(read([], other)).toBeNull();
    expect(read(wires, other, a.id)).toBeNull();
    expect(read(wires, [...other].reverse())).toBeNull();
    expect(
      read(
        wires,
        other.map((wire) => ({ ...wire, signature: null })),
      ),
    ).toBeNull();
    expect(readProof(world.grove, forker.id, [proofOf(wires), proofOf(other), proofOf(other)])).toBeNull();
    const long = Array.from({ length: 60 }, (_, i) => world.contribute(forker, `long ${i}`).wire);
    expect(read([...wires, ...long], other)).toBeNull();
    const elsewhere = beside(run, forker).map((wire) => ({ ...wire, header: wire.header.slice(1) }));
    expect(read(wires, elsewhere)).toBeNull();
  });

  it('S8: by what others sign or garble in its name', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first] = peers;
    if (first === undefined) return;
    const run = Array.from({ length: 3 }, (_, i) => world.contribute(forker, `${i}`));
    const wires = run.map(({ wire }) => wire);
    net.give(first, wires);
    const link = linkOf('outside');
    first.sync.setOpening(world.grove, link, b.id, 'full');
    const lies = [
      beside(run, a),
      beside(run, forker).map((wire) => ({ ...wire, signature: new Uint8Array(64) })),
    ];
    for (const lie of lies) {
      net.give(first, lie);
      for (const chains of [
        [proofOf(wires), proofOf(lie)],
        [proofOf(lie), proofOf(wires)],
      ])
        first.sync.frame(link, b.id, { type: 'fork', grove: world.grove, author: forker.id, chains });
      net.settle();
    }
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 3 }), { maxLength: 3 }),
        (chains) => {
          const some = chains.map((chain) =>
            chain.map((header) => ({ header, signature: new Uint8Array(64) })),
          );
          first.sync.frame(link, b.id, { type: 'fork', grove: world.grove, author: forker.id, chains: some });
          net.settle();
        },
      ),
      { seed: SEED, numRuns: 50 },
    );
    // A vector may claim anything.
    const rows = [
      { author: forker.id, seq: 1, id: toHash(new Uint8Array(32)) as Entry['id'] },
      { author: forker.id, seq: 2, id: world.invite.id },
      { author: a.id, seq: 9, id: toHash(hash32(utf8('x'))) as Entry['id'] },
    ];
    first.sync.frame(link, b.id, { type: 'vector', grove: world.grove, reply: false, rows });
    net.pass(30_000);
    expect(forksOf(world, [first])).toEqual([[]]);
    expect(first.context.counters.get('entries.forked')).toBeUndefined();
    expect(headOf(world, first, forker)).toBe(3);
  });

  it('S8: by a prev that nobody has: there is no place where the branches part', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first] = peers;
    if (first === undefined) return;
    const run = Array.from({ length: 3 }, (_, i) => world.contribute(forker, `${i}`));
    net.give(
      first,
      run.map(({ wire }) => wire),
    );
    line(net, peers);
    const place = run[2];
    if (place === undefined) return;
    net.give(first, [another(place, forker, { prev: world.invite.id })]);
    net.pass(60_000);
    expect(forksOf(world, peers)).toEqual([[], []]);
    expect(first.context.nextTimer()).not.toBeNull();
  });
});

describe('a device whose log is not whole', () => {
  const write = (net: Net, peer: Peer, text: string) => net.append(peer, 'note', utf8(text));

  it('S1, S8: that dies at any write of an append or before it comes back with one log, and nobody accuses it', () => {
    for (let writes = 0; writes < 6; writes += 1) {
      const { world, net, peers } = setUp([a, b]);
      const [first, second] = peers;
      if (first === undefined || second === undefined) return;
      line(net, peers);
      net.pass(5_000);
      first.writes = writes;
      for (let i = 0; i < 5; i += 1) {
        write(net, first, `before ${i}`);
        // Half of it may be on its way when it dies.
        if (i % 2 === 1) net.settle();
      }
      net.unlink(first, second);
      first.writes = -1;
      const again = net.add(a, first.tables.copy());
      net.link(again, second);
      for (let i = 0; i < 3; i += 1) {
        write(net, again, `after ${i}`);
        net.pass(3_000);
      }
      net.pass(60_000);
      expect(forksOf(world, [again, second])).toEqual([[], []]);
      expect(headOf(world, second, a)).toBe(headOf(world, again, a));
      expect(headOf(world, again, a)).toBeGreaterThanOrEqual(3);
      expect(net.stateOf(second)).toEqual(net.stateOf(again));
    }
  });

  it('S11: restored from an older copy, it writes nothing once it hears that there is more of its log, and then goes on from there', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first, second] = peers;
    if (first === undefined || second === undefined) return;
    line(net, peers);
    write(net, first, 'kept');
    net.pass(3_000);
    const copy = first.tables.copy();
    for (let i = 0; i < 3; i += 1) write(net, first, `${i}`);
    net.pass(3_000);
    net.unlink(first, second);
    first.writes = -1;
    const again = net.add(a, copy);
    // What the other holds of it is late: it is heard of first.
    net.passes = (frame, from) => frame.type !== 'entries' || from !== b.id;
    net.link(again, second);
    net.settle();
    expect(write(net, again, 'too early')).toMatchObject({ code: 'busy' });
    net.passes = () => true;
    net.pass(20_000);
    expect(headOf(world, again, a)).toBe(4);
    expect(write(net, again, 'now')).toMatchObject({ entry: { seq: 5 } });
    net.pass(20_000);
    expect(forksOf(world, [again, second])).toEqual([[], []]);
    expect(headOf(world, second, a)).toBe(5);
  });

  it('S11: who merely claims that there is more of its log keeps it from writing for 30 s, once', () => {
    const { world, net, peers } = setUp([a]);
    const [first] = peers;
    if (first === undefined) return;
    const link = linkOf('liar');
    first.sync.setOpening(world.grove, link, b.id, 'full');
    const claim = (): void => {
      const rows = [{ author: a.id, seq: 99, id: world.invite.id }];
      first.sync.frame(link, b.id, { type: 'vector', grove: world.grove, reply: false, rows });
      net.settle();
    };
    claim();
    expect(write(net, first, 'x')).toMatchObject({ code: 'busy' });
    net.pass(31_000);
    claim();
    expect(write(net, first, 'x')).toMatchObject({ entry: { seq: 1 } });
  });

  it('S11: with a row of its own lost or damaged, it waits until that came back', () => {
    const { world, net, peers } = setUp([a, b]);
    const [first, second] = peers;
    if (first === undefined || second === undefined) return;
    line(net, peers);
    for (let i = 0; i < 4; i += 1) write(net, first, `${i}`);
    net.pass(5_000);
    const name =
      [...first.tables.rows.keys()].find((at) => at.endsWith(`${a.id}/${'2'.padStart(16, '0')}`)) ?? '';
    for (const damage of [null, new Uint8Array([1, 2, 3])]) {
      const copy = first.tables.copy();
      if (damage === null) copy.rows.delete(name);
      else copy.rows.set(name, damage);
      const alone = new Net(world.grove).add(a, copy);
      expect(headOf(world, alone, a)).toBe(1);
      expect(new Net(world.grove).append(alone, 'note', utf8('x'))).toMatchObject({ code: 'busy' });
    }
    const copy = first.tables.copy();
    copy.rows.delete(name);
    net.unlink(first, second);
    first.writes = -1;
    const again = net.add(a, copy);
    net.link(again, second);
    net.pass(20_000);
    expect(write(net, again, 'on')).toMatchObject({ entry: { seq: 5 } });
    net.pass(5_000);
    expect(forksOf(world, [again, second])).toEqual([[], []]);
  });

  it('S11: restored, and writing before it heard of anybody, it has forked its log, and writes no more', () => {
    const { world, net, peers } = setUp([a, b, c]);
    const [first, second, third] = peers;
    if (first === undefined || second === undefined || third === undefined) return;
    line(net, [first, second, third]);
    const copy = first.tables.copy();
    write(net, first, 'one');
    net.pass(5_000);
    net.unlink(first, second);
    first.writes = -1;
    const again = net.add(a, copy);
    expect(write(net, again, 'another')).toMatchObject({ entry: { seq: 1 } });
    net.link(again, second);
    net.pass(60_000);
    expect(forksOf(world, [again, second, third])).toEqual([1, 2, 3].map(() => [{ author: a.id, seq: 1 }]));
    expect(write(net, again, 'more')).toMatchObject({ code: 'forbidden' });
  });
});

it('S13: a log after a fork names nothing that is quarantined', () => {
  const { world, net, peers } = setUp([a]);
  const [first] = peers;
  if (first === undefined) return;
  const one = world.contribute(forker, 'one');
  net.give(first, [one.wire, another(one, forker)]);
  const log = first.sync.log(world.grove) ?? new Log();
  expect(log.has(one.entry.id)).toBe(true);
  expect(log.next(a.id).parents).not.toContain(one.entry.id);
  expect(log.missingHere([{ author: forker.id, seq: 9, id: one.entry.id }])).toEqual([]);
  expect(NOTED(one.entry).aside).toBe(false);
});
