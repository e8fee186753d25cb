// Who forks its log is known to all within three rounds, and nobody else is ever accused: in random histories of devices that
// crash in an append, run twice on one store, come back from a backup, and hear of each other by way of one that garbles.
import { expect, it } from 'vitest';
import { createSimSignatures } from '../../sim/ports/signatures.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { encodeEntry, signEntry } from '../../../worker/core/model/entry.ts';
import type { Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom, type SeededRandom } from '../../../worker/core/model/random.ts';
import type { SyncFrame } from '../../../worker/core/sync/machine.ts';
import type { WireEntry } from '../../../worker/core/wire/frame.ts';
import { key, Tables, World } from './bench.ts';
import { Net, type Peer } from './peers.ts';

/** Remembers what was signed, verifies all else for real. */
const signatures = createSimSignatures();
const [ada, ben, garbler] = [key(2), key(3), key(4)];
const HISTORIES = process.env['THICKET_FULL'] === '1' ? 10_000 : 150;

const world = new World([ada, ben, garbler]);
const common = world.wires();
/** What a device holds that was let in and wrote nothing yet. */
function freshTables(who: Keypair): Tables {
  const net = new Net(world.grove, 1, signatures);
  const peer = net.add(who);
  net.give(peer, common);
  return peer.tables;
}
const fresh = new Map([ada, ben, garbler].map((who) => [who.id, freshTables(who)]));

const flip = (draw: SeededRandom, bytes: Uint8Array): Uint8Array => {
  const changed = bytes.slice();
  const at = changed.length > 0 ? draw.int(changed.length) : 0;
  changed[at] = (changed[at] ?? 0) ^ (1 + draw.int(255));
  return changed;
};

function garbled(draw: SeededRandom, entry: WireEntry): WireEntry {
  const what = draw.int(5);
  if (what === 0) return { ...entry, header: flip(draw, entry.header) };
  if (what === 1) return { ...entry, signature: entry.signature && flip(draw, entry.signature) };
  if (what === 2) return { ...entry, body: entry.body && flip(draw, entry.body) };
  if (what === 3) return { ...entry, signature: null };
  // Another entry in its place, under the same signature or the garbler's own.
  const { header } = entry;
  return { ...entry, header: flip(draw, header), signature: draw.bytes(64) };
}

/** What becomes of a frame that the one in the middle passes on. False: nothing. */
function spoil(draw: SeededRandom, frame: SyncFrame): boolean {
  if (draw.int(6) === 0) return false;
  if (draw.int(3) > 0) return true;
  if (frame.type === 'entries') {
    frame.entries = frame.entries.map((entry) => (draw.int(2) === 0 ? garbled(draw, entry) : entry));
    if (draw.int(4) === 0) frame.entries.reverse();
  } else if (frame.type === 'vector') {
    const [first, second] = frame.rows;
    if (first !== undefined && second !== undefined && draw.int(2) === 0) second.id = first.id;
    else if (first !== undefined) first.seq += 1 + draw.int(3);
  } else if (frame.type === 'fork')
    frame.chains = frame.chains.map((chain) =>
      chain.map((row) => ({ ...row, header: flip(draw, row.header) })),
    );
  return true;
}

interface Device {
  who: Keypair;
  peer: Peer;
}

/** Those who write, and the one between them, whose word on what they wrote is worth nothing. */
class History {
  readonly draw: SeededRandom;
  readonly net: Net;
  readonly ends: Device[] = [];
  readonly middle: Peer;
  readonly told = { crashes: 0, twice: 0, restored: 0, written: 0 };
  /** Of each device a copy of its disk at some time. */
  readonly backups = new Map<string, Tables>();
  garbles = true;
  #texts = 0;

  constructor(seed: number) {
    this.draw = createSeededRandom(seed);
    this.net = new Net(world.grove, seed, signatures);
    this.ends = [ada, ben].map((who) => ({ who, peer: this.start(who) }));
    this.middle = this.start(garbler);
    this.net.passes = (frame, from) => !this.garbles || from !== garbler.id || spoil(this.draw, frame);
    for (const { peer } of this.ends) this.net.link(peer, this.middle);
    this.net.settle();
  }

  start(who: Keypair, tables = fresh.get(who.id)?.copy()): Peer {
    return this.net.add(who, tables);
  }

  choose = (wires: number): number => this.draw.int(wires);

  write({ peer }: Device): void {
    this.#texts += 1;
    const outcome = this.net.append(peer, 'note', utf8(`${this.#texts}`));
    if (outcome !== null && 'entry' in outcome) this.told.written += 1;
  }

  gone({ peer }: Device): void {
    for (const other of this.net.peers)
      if (other !== peer && other.links.has(linkName(peer))) this.net.unlink(peer, other);
    peer.writes = -1;
    this.net.peers.splice(this.net.peers.indexOf(peer), 1);
  }

  /** Dies at one of its next writes, and comes back with what was on the disk. */
  crash(device: Device): void {
    this.told.crashes += 1;
    device.peer.writes = this.draw.int(3);
    for (let n = this.draw.int(3); n >= 0; n--) this.write(device);
    if (this.draw.int(2) === 0) this.net.settle(this.choose);
    this.again(device, device.peer.tables.copy());
  }

  again(device: Device, tables: Tables): void {
    this.gone(device);
    device.peer = this.start(device.who, tables);
    this.net.link(device.peer, this.middle);
    this.net.settle(this.choose);
  }

  /** A second worker on the same disk, for a while: only one of them may have written anything. */
  twice(device: Device): void {
    this.told.twice += 1;
    const second: Device = { who: device.who, peer: this.start(device.who, device.peer.tables) };
    for (let n = this.draw.int(4); n >= 0; n--) this.write(this.draw.int(2) === 0 ? device : second);
    this.net.settle(this.choose);
    this.gone(second);
    // What the other one wrote is on the disk that both share.
    this.again(device, device.peer.tables);
  }

  /** Its disk is as it was some time ago, and all it wrote since is with the others: it hears of that before it writes. */
  restore(device: Device): void {
    const backup = this.backups.get(device.who.id);
    if (backup === undefined) return;
    this.told.restored += 1;
    this.heal();
    this.again(device, backup.copy());
    this.net.pass(5_000, this.choose);
    this.garbles = true;
  }

  /** All is passed on as it is, until everybody has everything. */
  heal(): void {
    this.garbles = false;
    this.net.pass(40_000, this.choose);
  }

  step(): void {
    const device = this.ends[this.draw.int(this.ends.length)];
    if (device === undefined) return;
    const what = this.draw.int(12);
    if (what < 5) this.write(device);
    else if (what === 5) this.crash(device);
    else if (what === 6) this.twice(device);
    else if (what === 7) this.restore(device);
    else if (what === 8) this.backups.set(device.who.id, device.peer.tables.copy());
    else if (what === 9) this.net.pass(this.draw.int(4_000), this.choose);
    else this.net.settle(this.choose);
  }

  forks(): unknown[] {
    return this.net.peers.flatMap((peer) => peer.sync.pipeline(world.grove)?.forks() ?? []);
  }
}
const linkName = ({ key: { id } }: Peer) => id as unknown as Parameters<Peer['links']['has']>[0];

it(`S8, S11: nobody is accused in ${HISTORIES} histories of crashes, two workers, backups and a garbling relay`, () => {
  const sum = { crashes: 0, twice: 0, restored: 0, written: 0, garbled: 0 };
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = new History(seed);
    for (let n = 0; n < 14; n++) history.step();
    history.heal();
    expect(history.forks(), `history ${seed}`).toEqual([]);
    for (const { context } of history.net.peers) {
      expect(context.counters.get('entries.forked'), `history ${seed}`).toBeUndefined();
      for (const name of ['entries.badSignature', 'entries.malformed', 'entries.badBody', 'forks.malformed'])
        sum.garbled += context.counters.get(name) ?? 0;
    }
    for (const [name, count] of Object.entries(history.told)) sum[name as keyof typeof history.told] += count;
  }
  // They were about something.
  for (const count of Object.values(sum)) expect(count).toBeGreaterThan(HISTORIES / 4);
}, 1_800_000);

it('S8, S12: with three branches shown to eight, all hold the proof within three rounds', () => {
  const people = Array.from({ length: 8 }, (_, n) => key(20 + n));
  const forker = key(5);
  const wide = new World([...people, forker]);
  const net = new Net(wide.grove, 3, signatures);
  const peers = people.map((person) => net.add(person));
  for (const peer of peers) net.give(peer, wide.wires());
  const one = wide.contribute(forker, 'one');
  const branches = [0, 1, 2].map((n): WireEntry => {
    const made = encodeEntry({ ...one.entry, at: one.entry.at + n });
    return { ...one.wire, header: made.header, signature: signEntry(signatures, forker, made.id) };
  });
  // A ring, so that news of one branch take four links to reach all.
  peers.forEach((peer, n) => {
    const next = peers[(n + 1) % peers.length];
    if (next !== undefined) net.link(peer, next);
  });
  net.settle();
  peers.forEach((peer, n) => {
    const branch = branches[n % branches.length];
    if (branch !== undefined) net.give(peer, [branch]);
  });
  const holding = (): number =>
    peers.filter((peer) => (peer.sync.pipeline(wide.grove)?.forks() ?? []).length > 0).length;
  const began = net.now;
  while (holding() < peers.length && net.now - began < 3 * CONFIG.sync.interval) net.pass(500);
  expect(holding()).toBe(8);
  net.pass(60_000);
  const found = peers.map((peer) => peer.sync.pipeline(wide.grove)?.forks());
  expect(found).toEqual(peers.map(() => [{ author: forker.id, seq: one.entry.seq }]));
});
