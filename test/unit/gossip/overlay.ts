// Hundreds of memberships joined by a queue of delayed messages: enough to see what overlay they form. No frames are
// encoded and no link is more than a delay; the simulator has those.
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import { GOSSIP, type MembershipLimits } from '../../../worker/core/gossip/config.ts';
import {
  createMembership,
  type Membership,
  type MembershipFact,
  type MembershipFrame,
  type Remembered,
} from '../../../worker/core/gossip/membership.ts';
import { toGroveId, toPeerId, type GroveId, type PeerId } from '../../../worker/core/model/ids.ts';
import type { Random } from '../../../worker/core/ports.ts';

export const GROVE: GroveId = toGroveId(new Uint8Array(32).fill(7));

export const peerOf = (n: number): PeerId =>
  toPeerId(Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? (n >>> (8 * i)) & 255 : 1)));

/** The number that `peerOf` made it of. */
export const numberOf = (peer: PeerId): number =>
  [0, 1, 2, 3].reduce((sum, i) => sum + parseInt(peer.slice(2 * i, 2 * i + 2), 16) * 256 ** i, 0);

/** A small generator: thousands of draws a second of wall time for each of hundreds of peers. */
export function quickRandom(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  };
  return { bytes: (length) => Uint8Array.from({ length }, () => word() & 255) };
}

/** Not a signature, but bound to key and message, which is all that is needed here. */
export function mark(peer: PeerId, message: Uint8Array): Uint8Array {
  let hash = parseInt(peer.slice(0, 8), 16) >>> 0;
  for (const byte of message) hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  const signature = new Uint8Array(64);
  new DataView(signature.buffer).setUint32(0, hash);
  return signature;
}
export const isMarked = (peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean =>
  mark(peer, message).every((byte, i) => byte === signature[i]);

interface Node {
  peer: PeerId;
  context: ContextControl;
  membership: Membership;
  /** Peers it is linked to: the link's number, and since when an end doesn't need it. */
  links: Map<PeerId, { link: number; idle: number | null }>;
  alive: boolean;
  remembered: readonly Remembered[];
  facts: Map<string, number>;
}

export interface OverlayOptions {
  seed: number;
  limits?: MembershipLimits;
  /** ms, one way. */
  delay?: readonly [number, number];
  maxLinks?: number;
  /** Whether two peers can reach each other now. */
  reaches?: (a: PeerId, b: PeerId) => boolean;
  isMember?: (peer: PeerId) => boolean;
  /** What a peer sends in place of what it would: hostile ones. */
  twist?: (from: PeerId, to: PeerId, frame: MembershipFrame) => MembershipFrame[];
}

const DIAL_TIMEOUT = 10_000;
const LINGER = 10_000;

export class Overlay {
  readonly nodes = new Map<PeerId, Node>();
  readonly random: Random;
  readonly #options: OverlayOptions;
  #queue: Heap = new Heap();
  now = 1_000_000;
  frames = 0;
  reaches: (a: PeerId, b: PeerId) => boolean;

  constructor(options: OverlayOptions) {
    this.#options = options;
    this.random = quickRandom(options.seed);
    this.reaches = options.reaches ?? (() => true);
  }

  add(n: number, remembered: readonly Remembered[] = []): PeerId {
    const peer = peerOf(n);
    const context = createContext(quickRandom(this.#options.seed * 65_537 + n));
    context.setNow(this.now);
    const membership = createMembership({
      grove: GROVE,
      self: peer,
      context,
      limits: this.#options.limits ?? GOSSIP.desktop,
      remembered,
      isMember: this.#options.isMember ?? (() => true),
      isDoubtful: () => false,
      isEager: () => false,
      sign: (message) => mark(peer, message),
      verify: isMarked,
      emit: (fact) => this.#onFact(peer, fact),
    });
    const facts = new Map<string, number>();
    this.nodes.set(peer, { peer, context, membership, links: new Map(), alive: true, remembered: [], facts });
    this.#wake(this.node(peer));
    return peer;
  }

  node(peer: PeerId): Node {
    const node = this.nodes.get(peer);
    if (node === undefined) throw new Error(`no node ${peer}`);
    return node;
  }

  alive(): Node[] {
    return [...this.nodes.values()].filter(({ alive }) => alive);
  }

  /** A link by hand, or by the endpoint. */
  link(a: PeerId, b: PeerId, source: 'hand' | 'endpoint' = 'hand'): void {
    this.#connect(a, b, source);
  }

  /** Dies at once; the others see it after a while, as pings go unanswered. */
  crash(peer: PeerId): void {
    const node = this.node(peer);
    node.alive = false;
    node.membership.close();
    for (const other of [...node.links.keys()])
      this.at(9_000 + this.draw() * 6_000, () => this.#cut(peer, other, 'lost'));
  }

  /** Every link between these two kinds of peers goes at once. */
  partition(side: (peer: PeerId) => number): void {
    this.reaches = (a, b) => side(a) === side(b);
    for (const node of this.alive())
      for (const other of [...node.links.keys()])
        if (!this.reaches(node.peer, other))
          this.at(9_000 + this.draw() * 6_000, () => this.#cut(node.peer, other, 'lost'));
  }

  call(peer: PeerId, run: (membership: Membership) => void): void {
    const node = this.node(peer);
    if (!node.alive) return;
    node.context.setNow(this.now);
    run(node.membership);
    this.#wake(node);
  }

  at(delay: number, run: () => void): void {
    this.#queue.push(this.now + delay, run);
  }

  run(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#queue.peek(); next !== null && next <= end; next = this.#queue.peek()) {
      this.now = next;
      this.#queue.pop()?.();
    }
    this.now = end;
  }

  /** Until what was on its way has come, and nobody has just begun anything: at most a few seconds. */
  settle(): void {
    for (let n = 0; n < 100 && this.asymmetric() > 0; n++) this.run(100);
  }

  draw(): number {
    const [a = 0, b = 0] = this.random.bytes(2);
    return (a * 256 + b) / 65_536;
  }

  #delay(): number {
    const [least, most] = this.#options.delay ?? [20, 80];
    return least + this.draw() * (most - least);
  }

  /** Messages of one link keep their order. */
  readonly #last = new Map<string, number>();
  #onFact(peer: PeerId, fact: MembershipFact): void {
    const { facts } = this.nodes.get(peer) ?? { facts: new Map<string, number>() };
    facts.set(fact.type, (facts.get(fact.type) ?? 0) + 1);
    if (fact.type === 'remember') this.node(peer).remembered = fact.peers;
    if (fact.type === 'dial') this.#dial(peer, fact.peer);
    if (fact.type !== 'send') return;
    const frames = this.#options.twist?.(peer, fact.to, fact.frame) ?? [fact.frame];
    for (const frame of frames) this.send(peer, fact.to, frame);
  }

  send(from: PeerId, to: PeerId, frame: MembershipFrame): void {
    const link = this.node(from).links.get(to)?.link;
    if (link === undefined) return;
    this.frames += 1;
    const key = from + to;
    const arrival = Math.max(this.now + this.#delay(), this.#last.get(key) ?? 0);
    this.#last.set(key, arrival);
    this.#queue.push(arrival, () => {
      if (this.node(from).links.get(to)?.link !== link || !this.reaches(from, to)) return;
      this.call(to, (membership) => membership.frame(from, frame));
    });
  }

  #dial(from: PeerId, to: PeerId): void {
    const target = this.nodes.get(to);
    this.at(4 * this.#delay(), () => {
      const node = this.node(from);
      const most = this.#options.maxLinks ?? 24;
      const possible = node.alive && target?.alive === true && this.reaches(from, to);
      if (possible && node.links.size < most && target.links.size < most) this.#connect(from, to, 'gossip');
      else this.at(DIAL_TIMEOUT, () => this.call(from, (membership) => membership.dialFailed(to)));
    });
  }

  #connect(a: PeerId, b: PeerId, source: 'hand' | 'endpoint' | 'gossip'): void {
    // As where both dialled: one link is enough.
    if (this.node(a).links.has(b)) return this.call(a, (membership) => membership.opened(b, source));
    this.#open(a, b, source);
    this.#look(a, b);
  }

  #links = 0;
  #open(a: PeerId, b: PeerId, source: 'hand' | 'endpoint' | 'gossip'): void {
    this.#links += 1;
    this.node(a).links.set(b, { link: this.#links, idle: null });
    this.node(b).links.set(a, { link: this.#links, idle: null });
    this.call(a, (membership) => membership.opened(b, source));
    this.call(b, (membership) => membership.opened(a, source));
  }

  /** A newer link takes the place of the one there is; what was on its way is lost. */
  replace(a: PeerId, b: PeerId): void {
    if (this.node(a).links.has(b)) this.#open(a, b, 'gossip');
  }

  /** A link breaks. Each end sees it for itself. */
  lose(a: PeerId, b: PeerId): void {
    this.#cut(a, b, 'lost');
  }

  #cut(a: PeerId, b: PeerId, how: 'lost' | 'goodbye'): void {
    const [nodeA, nodeB] = [this.node(a), this.node(b)];
    if (!nodeA.links.delete(b)) return;
    nodeB.links.delete(a);
    this.#last.delete(a + b);
    this.#last.delete(b + a);
    this.call(a, (membership) => membership.closed(b, how === 'lost' ? 'lost' : 'closed'));
    this.call(b, (membership) => membership.closed(a, how));
  }

  /** SPEC P9: one end closes what it hasn't needed for a while. */
  #look(a: PeerId, b: PeerId): void {
    this.at(2_000, () => {
      const links = this.node(a).links;
      const idle = (peer: PeerId, other: PeerId): boolean =>
        this.node(peer).alive && !this.node(peer).membership.needs(other);
      const state = links.get(b);
      if (state === undefined) return;
      if (!idle(a, b) && !idle(b, a)) state.idle = null;
      else if (state.idle === null) state.idle = this.now;
      else if (this.now - state.idle >= LINGER) {
        if (idle(a, b)) this.#cut(a, b, 'goodbye');
        else this.#cut(b, a, 'goodbye');
        return;
      }
      this.#look(a, b);
    });
  }

  readonly #woken = new Map<PeerId, number>();
  #wake(node: Node): void {
    const at = node.context.nextTimer();
    if (at === null) return;
    const due = Math.max(at, this.now);
    const before = this.#woken.get(node.peer) ?? Infinity;
    if (before <= due && before >= this.now) return;
    this.#woken.set(node.peer, due);
    this.#queue.push(due, () => {
      if (this.#woken.get(node.peer) === due) this.#woken.delete(node.peer);
      if (!node.alive) return;
      node.context.setNow(this.now);
      node.context.runTimers();
      this.#wake(node);
    });
  }

  // ---- what is measured -------------------------------------------------------------------------------

  /** Pairs of which one holds the other to be its neighbour, and not the other way round. */
  asymmetric(): number {
    let found = 0;
    for (const { peer, membership } of this.alive())
      for (const other of membership.active())
        if (!this.node(other).alive || !this.node(other).membership.active().includes(peer)) found += 1;
    return found;
  }

  degrees(): { least: number; mean: number; most: number } {
    const sizes = this.alive().map(({ membership }) => membership.active().length);
    const sum = sizes.reduce((a, b) => a + b, 0);
    return { least: Math.min(...sizes), mean: sum / sizes.length, most: Math.max(...sizes) };
  }

  /** Sizes of the connected parts of these peers, by links that both ends hold active; largest first. */
  parts(among: (peer: PeerId) => boolean = () => true): number[] {
    const left = new Set(
      this.alive()
        .filter(({ peer }) => among(peer))
        .map(({ peer }) => peer),
    );
    const sizes: number[] = [];
    for (const start of [...left]) {
      if (!left.delete(start)) continue;
      const stack = [start];
      let size = 0;
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        size += 1;
        for (const next of this.node(at).membership.active()) {
          if (!left.has(next) || !this.node(next).membership.active().includes(at)) continue;
          left.delete(next);
          stack.push(next);
        }
      }
      sizes.push(size);
    }
    return sizes.sort((a, b) => b - a);
  }

  /** How many others have each peer in their passive view. */
  inDegrees(): number[] {
    const counts = new Map(this.alive().map(({ peer }) => [peer, 0]));
    for (const { membership } of this.alive())
      for (const peer of membership.passive()) counts.set(peer, (counts.get(peer) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => a - b);
  }

  counted(name: string): number {
    return this.alive().reduce((sum, { context }) => sum + (context.counters.get(name) ?? 0), 0);
  }
  told(type: string): number {
    return this.alive().reduce((sum, { facts }) => sum + (facts.get(type) ?? 0), 0);
  }
}

/** A binary heap by time, then by order of arrival. */
class Heap {
  readonly #items: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  peek(): number | null {
    return this.#items[0]?.at ?? null;
  }

  push(at: number, run: () => void): void {
    const items = this.#items;
    items.push({ at, order: this.#order++, run });
    for (let i = items.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfLess(i, parent)) return;
      i = parent;
    }
  }

  pop(): (() => void) | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (first === undefined || last === undefined || first === last) return first?.run;
    items[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < items.length && this.#isLess(child, least)) least = child;
      if (least === i) return first.run;
      this.#swapIfLess(least, i);
      i = least;
    }
  }

  #isLess(a: number, b: number): boolean {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  #swapIfLess(a: number, b: number): boolean {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (x === undefined || y === undefined || !this.#isLess(a, b)) return false;
    this.#items[a] = y;
    this.#items[b] = x;
    return true;
  }
}

/** `count` peers, each of which first met one of the first `seeds`, arriving over `ms`. */
export function grown(options: OverlayOptions, count: number, seeds: number, ms: number): Overlay {
  const overlay = new Overlay(options);
  for (let n = 0; n < count; n++) {
    const arrive = (): void => {
      const peer = overlay.add(n);
      if (n === 0) return;
      overlay.link(peer, peerOf(Math.floor(overlay.draw() * Math.min(n, seeds))), 'endpoint');
    };
    overlay.at((ms * n) / count, arrive);
  }
  overlay.run(ms);
  return overlay;
}
