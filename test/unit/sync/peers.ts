// A few whole logs linked with each other: the sync machines of several devices, their members and views, over stores
// of plain maps. Frames pass in an order that the test chooses; nothing waits but where the clock is moved.
import { isControl } from '../../../worker/core/access/membership.ts';
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import { createBroadcast } from '../../../worker/core/gossip/plumtree.ts';
import { Grove } from '../../../worker/core/grove.ts';
import type { Effect } from '../../../worker/core/io.ts';
import type { GroveId, LinkId, PeerId } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures, type Keypair } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { createSync, type Sync, type SyncFrame } from '../../../worker/core/sync/machine.ts';
import type { Signatures } from '../../../worker/core/ports.ts';
import type { Append, AppliedEntry, SyncFact } from '../../../worker/core/sync/types.ts';
import { decodeFrame, type WireEntry } from '../../../worker/core/wire/frame.ts';
import { valueOf } from '../model/fixtures.ts';
import { answer, linkOf, recordOf, Tables } from './bench.ts';

export type Outcome = Parameters<Append['then']>[0];

export interface Peer {
  key: Keypair;
  sync: Sync;
  grove: Grove;
  context: ContextControl;
  tables: Tables;
  facts: SyncFact[];
  links: Map<LinkId, PeerId>;
  /** Writes that may still go through; below zero the device is dead. */
  writes: number;
}

export class Net {
  readonly peers: Peer[] = [];
  readonly #id: GroveId;
  readonly #seed: number;
  /** Sent and not arrived, per direction in order. */
  readonly #wires = new Map<string, { to: Peer; link: LinkId; from: PeerId; frame: SyncFrame }[]>();
  /** What becomes of a frame on its way; false drops it. */
  passes: (frame: SyncFrame, from: PeerId, to: PeerId) => boolean = () => true;
  now = 1_700_000_000_000;

  readonly #signatures: Signatures;

  constructor(id: GroveId, seed = 1, signatures: Signatures = nobleSignatures) {
    this.#id = id;
    this.#seed = seed;
    this.#signatures = signatures;
  }

  add(key: Keypair, tables = new Tables()): Peer {
    const context = createContext(createSeededRandom(this.#seed + this.peers.length), this.#signatures);
    context.setNow(this.now);
    const grove = new Grove(recordOf(this.#id), hash32);
    const facts: SyncFact[] = [];
    const sync = createSync({
      keypair: key,
      context,
      hash: hash32,
      hooks: {
        admits: (_, entry) => grove.members.admits(entry.author, entry.kind, entry.seq),
        resumeFrom: () => grove.record.resumeFrom,
        wantsBody: () => true,
        viewHash: () => null,
        isControl,
      },
      broadcast: (_, { send, push, ...asked }) =>
        createBroadcast({
          ...{ grove: this.#id, context, rtt: () => null, ...asked },
          emit(fact) {
            if (fact.type === 'send') send(fact.link, fact.frame);
            else push(fact.link, fact.ids, fact.why, fact.hops);
          },
        }),
      emit: (fact) => this.#onFact(peer, fact),
    });
    const peer: Peer = { key, sync, grove, context, tables, facts, links: new Map(), writes: Infinity };
    this.peers.push(peer);
    sync.load(this.#id);
    this.#carryOut(peer);
    return peer;
  }

  #onFact(peer: Peer, fact: SyncFact): void {
    peer.facts.push(fact);
    if (fact.type === 'applied') this.#apply(peer, fact.applied);
    if (fact.type === 'forked' || fact.type === 'damaged') this.reload(peer);
    if (fact.type !== 'loaded') return;
    peer.grove.finishReading();
    peer.grove.loaded = true;
    for (const [link, other] of peer.links) this.#open(peer, link, other);
  }

  #apply(peer: Peer, applied: readonly AppliedEntry[]): void {
    const before = peer.grove.members.publishers();
    const control = applied.map((each) => peer.grove.apply(each).control).some(Boolean);
    if (!control || !peer.grove.loaded) return;
    const after = peer.grove.members.publishers();
    if ([...before, ...after].some((each) => before.has(each) !== after.has(each))) this.reload(peer);
  }

  reload(peer: Peer): void {
    peer.grove.reset();
    peer.sync.reload(this.#id);
  }

  #open(peer: Peer, link: LinkId, other: PeerId): void {
    peer.sync.setOpening(this.#id, link, other, 'full');
    peer.sync.setNeighbour(this.#id, link, true);
  }

  /** What a device writes itself, and what came of it; null while that is open. */
  append(peer: Peer, kind: string, body: Uint8Array): Outcome | null {
    let outcome: Outcome | null = null;
    const then = (told: Outcome): void => void (outcome = told);
    peer.sync.append(this.#id, { kind, body, table: null, also: () => [], then });
    this.#carryOut(peer);
    return outcome;
  }

  /** Entries that come from outside, in this order. */
  give(peer: Peer, entries: readonly WireEntry[]): void {
    for (const entry of entries) {
      peer.sync.receive(this.#id, linkOf('outside'), peer.key.id, [entry]);
      this.#carryOut(peer);
    }
  }

  link(a: Peer, b: Peer): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.links.set(linkOf(to.key.id), to.key.id);
      this.#open(from, linkOf(to.key.id), to.key.id);
    }
    for (const each of [a, b]) this.#carryOut(each);
  }

  unlink(a: Peer, b: Peer): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.links.delete(linkOf(to.key.id));
      from.sync.linkGone(linkOf(to.key.id));
      this.#wires.delete(`${from.key.id}/${to.key.id}`);
    }
  }

  /** Stores and signatures answer at once; frames go on their wires. */
  #carryOut(peer: Peer): void {
    for (let effects = peer.context.takeEffects(); effects.length > 0; effects = peer.context.takeEffects())
      for (const effect of effects) this.#effect(peer, effect);
  }

  #effect(peer: Peer, effect: Effect): void {
    if (peer.writes < 0) return;
    if (effect.type === 'write') {
      peer.writes -= 1;
      if (peer.writes < 0) return;
    }
    if (effect.type === 'verify') {
      const verify = this.#signatures.verify.bind(this.#signatures);
      const ok = effect.items.map(({ key, message, signature }) => verify(key, message, signature));
      return peer.context.resume({ type: 'verified', token: effect.token, ok });
    }
    if (effect.type !== 'link-send') return void answer(effect, peer.context, peer.tables);
    if (effect.lane === 'bulk') peer.context.drained(effect.link, effect.frame.length);
    peer.sync.drained(effect.link);
    const to = this.peers.find((each) => each.key.id === peer.links.get(effect.link) && each.writes >= 0);
    if (to === undefined) return;
    const name = `${peer.key.id}/${to.key.id}`;
    const frame = valueOf(decodeFrame(effect.frame)) as SyncFrame;
    const wire = this.#wires.get(name) ?? [];
    this.#wires.set(name, wire);
    if (this.passes(frame, peer.key.id, to.key.id))
      wire.push({ to, link: linkOf(peer.key.id), from: peer.key.id, frame });
  }

  /** Frames arrive until none is under way; each time of one of the wires, as `choose` says. */
  settle(choose: (wires: number) => number = () => 0): void {
    for (const peer of this.peers) this.#carryOut(peer);
    for (;;) {
      const some = [...this.#wires.values()].filter((wire) => wire.length > 0);
      if (some.length === 0) return;
      const next = some[choose(some.length) % some.length]?.shift();
      if (next === undefined || next.to.writes < 0) continue;
      next.to.sync.frame(next.link, next.from, next.frame);
      this.#carryOut(next.to);
    }
  }

  /** The clock moves, and what is due is done. */
  pass(ms: number, choose?: (wires: number) => number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += Math.min(500, end - this.now);
      for (const peer of this.peers) {
        if (peer.writes < 0) continue;
        peer.context.setNow(this.now);
        peer.context.runTimers();
      }
      this.settle(choose);
    }
  }

  /** What a device holds, as far as others have to agree with it. */
  stateOf(peer: Peer) {
    const log = peer.sync.log(this.#id);
    return {
      vector: (log?.vector() ?? []).map(({ author, seq, id }) => `${author} ${seq} ${id}`).sort(),
      forks: peer.sync.pipeline(this.#id)?.forks(),
      views: peer.grove.views.digest(),
      members: peer.grove.members
        .list()
        .map(({ peer: each, role, left, name }) => [each, role, left, name])
        .sort(),
      invites: peer.grove.members
        .invites()
        .map(({ source, revoked, used }) => [source.id, revoked, used])
        .sort(),
    };
  }
}
