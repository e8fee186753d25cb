// Many broadcast machines over a random graph with delays: a small world in which only ids travel, so that figures of
// trees can be looked at without links, logs or signatures.
import { createContext, type ContextControl } from '../../../worker/core/context.ts';
import { createBroadcast, type Broadcast, type BroadcastFact } from '../../../worker/core/gossip/plumtree.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { toEntryId, toGroveId, toPeerId } from '../../../worker/core/model/ids.ts';
import type { EntryId, LinkId, PeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';

const GROVE = toGroveId(new Uint8Array(32));

interface Node {
  index: number;
  context: ContextControl;
  broadcast: Broadcast;
  /** Neighbour -> one-way ms. */
  links: Map<number, number>;
  held: Map<EntryId, { at: number; hops: number }>;
  arriving: Set<EntryId>;
  /** Who said that it holds an entry. */
  known: Map<EntryId, Set<LinkId>>;
  alive: boolean;
  wakeAt: number;
}

export interface Message {
  id: EntryId;
  author: number;
  at: number;
  receptions: number;
}

/** SPEC P2: who has fewer links lets none go, who has so many takes no more. */
const FEW = 4;
const MANY = 8;

const linkTo = (index: number): LinkId => String(index) as LinkId;

/** A binary heap of what happens when; what happens at once keeps its order. */
class Agenda {
  readonly #items: { at: number; order: number; run: () => void }[] = [];
  #orders = 0;

  get size(): number {
    return this.#items.length;
  }

  add(at: number, run: () => void): void {
    const items = this.#items;
    items.push({ at, order: (this.#orders += 1), run });
    for (let child = items.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  take(): { at: number; run: () => void } | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    items[0] = last;
    for (let parent = 0; ;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < items.length && this.#before(child, least)) least = child;
      if (least === parent) return first;
      this.#swap(least, parent);
      parent = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (x === undefined || y === undefined) return;
    this.#items[a] = y;
    this.#items[b] = x;
  }
}

export interface FloodOptions {
  nodes: number;
  degree: number;
  seed: number;
  /** ms from an entry's arrival until it is applied. */
  apply?: number;
}

export class Flood {
  readonly nodes: Node[] = [];
  readonly messages: Message[] = [];
  readonly counts = new Map<string, number>();
  now = 0;
  readonly #agenda = new Agenda();
  readonly #random;
  readonly #apply: number;

  constructor({ nodes, degree, seed, apply = 4 }: FloodOptions) {
    this.#random = createSeededRandom(seed);
    this.#apply = apply;
    for (let index = 0; index < nodes; index += 1) this.nodes.push(this.#createNode(index));
    for (const [a, b] of this.#regular(degree)) this.link(a, b);
  }

  link(a: Node, b: Node): void {
    const delay = 10 + this.#random.int(81);
    for (const [node, other] of [
      [a, b],
      [b, a],
    ] as const) {
      node.links.set(other.index, delay);
      node.broadcast.neighbour(linkTo(other.index), true);
    }
  }

  /** Pairs of a random graph in which each has so many others, but for a few that are short of one. */
  #regular(degree: number): [Node, Node][] {
    const seen = new Set<string>();
    const pairs: [Node, Node][] = [];
    let stubs = this.nodes.flatMap((node) => Array.from({ length: degree }, () => node));
    for (let round = 0; round < 100 && stubs.length > 1; round += 1) {
      const left: Node[] = [];
      const order = stubs.map((node) => ({ node, at: this.#random.float() })).sort((x, y) => x.at - y.at);
      for (let i = 0; i + 1 < order.length; i += 2) {
        const [a, b] = [order[i]?.node, order[i + 1]?.node];
        if (a === undefined || b === undefined) continue;
        const name = a.index < b.index ? `${a.index}/${b.index}` : `${b.index}/${a.index}`;
        if (a === b || seen.has(name)) left.push(a, b);
        else {
          seen.add(name);
          pairs.push([a, b]);
        }
      }
      stubs = left;
    }
    return pairs;
  }

  #createNode(index: number): Node {
    const context = createContext(createSeededRandom(index));
    const held: Node['held'] = new Map();
    const node: Node = {
      index,
      context,
      held,
      links: new Map(),
      arriving: new Set(),
      known: new Map(),
      alive: true,
      wakeAt: Infinity,
      broadcast: createBroadcast({
        grove: GROVE,
        context,
        rtt: (link) => 2 * (node.links.get(Number(link)) ?? 0),
        holds: (id) => held.has(id),
        knows: (link, id) => node.known.get(id)?.has(link) === true,
        emit: (fact) => this.#carry(node, fact),
      }),
    };
    return node;
  }

  #carry(from: Node, fact: BroadcastFact): void {
    const to = this.nodes[Number(fact.link)];
    const delay = from.links.get(Number(fact.link));
    const kind = fact.type === 'push' ? fact.why : fact.frame.type;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (to === undefined || delay === undefined) return;
    const sent = { ...fact };
    this.#agenda.add(this.now + Math.round(delay * (0.95 + 0.1 * this.#random.float())), () => {
      if (to.alive && to.links.has(from.index)) this.#arrive(to, linkTo(from.index), sent);
    });
  }

  #arrive(to: Node, link: LinkId, fact: BroadcastFact): void {
    this.#at(to, () => {
      if (fact.type === 'send') {
        if (fact.frame.type === 'ihave') {
          for (const { id } of fact.frame.rows) to.known.set(id, (to.known.get(id) ?? new Set()).add(link));
          to.broadcast.onIhave(link, fact.frame.rows);
        } else if (fact.frame.type === 'graft') to.broadcast.onGraft(link, fact.frame.ids);
        else to.broadcast.onPrune(link);
        return;
      }
      const { ids, hops, why } = fact;
      const rows = ids.map((id) => ({ id, author: this.#authorOf(id) }));
      to.broadcast.received(link, rows, hops + 1, why);
      for (const id of ids) {
        const message = this.messages.find((each) => each.id === id);
        if (message !== undefined) message.receptions += 1;
        if (to.held.has(id) || to.arriving.has(id)) continue;
        to.arriving.add(id);
        this.#agenda.add(this.now + this.#apply, () => {
          if (to.alive) this.#at(to, () => this.#applied(to, id, link, hops + 1));
        });
      }
    });
  }

  #authorOf(id: EntryId): PeerId {
    const author = this.messages.find((each) => each.id === id)?.author ?? 0;
    return toPeerId(hash32(utf8(`${author}`)));
  }

  #applied(node: Node, id: EntryId, link: LinkId | null, hops: number): void {
    node.arriving.delete(id);
    node.held.set(id, { at: this.now, hops });
    node.broadcast.applied([{ id, link, large: false }]);
  }

  #at(node: Node, run: () => void): void {
    node.context.setNow(this.now);
    run();
    this.#wake(node);
  }

  #wake(node: Node): void {
    const at = node.context.nextTimer();
    if (at === null || at >= node.wakeAt) return;
    node.wakeAt = at;
    this.#agenda.add(Math.max(at, this.now), () => {
      node.wakeAt = Infinity;
      node.context.setNow(this.now);
      if (node.alive) node.context.runTimers();
      this.#wake(node);
    });
  }

  write(author: Node): Message {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, this.messages.length + 1);
    const message: Message = { id: toEntryId(bytes), author: author.index, at: this.now, receptions: 0 };
    this.messages.push(message);
    this.#at(author, () => this.#applied(author, message.id, null, 0));
    return message;
  }

  run(ms: number): void {
    const until = this.now + ms;
    this.#agenda.add(until, () => undefined);
    for (;;) {
      const next = this.#agenda.take();
      if (next === undefined) return;
      this.now = Math.max(this.now, next.at);
      next.run();
      if (this.now >= until && next.at >= until) return;
    }
  }

  /** A node is gone; those linked to it notice after so many ms. */
  kill(node: Node, noticed: number): void {
    node.alive = false;
    this.#agenda.add(this.now + noticed, () => {
      for (const index of node.links.keys()) {
        const other = this.nodes[index];
        if (other?.alive !== true) continue;
        other.links.delete(node.index);
        this.#at(other, () => other.broadcast.linkGone(linkTo(node.index)));
      }
    });
  }

  /** A node of enough links lets one go for another, as an overlay that is still finding its shape. */
  replaceLink(): void {
    const [node, next] = [this.pick(), this.pick()];
    const links = [...node.links.keys()];
    const old = this.nodes[links[this.#random.int(links.length)] ?? -1];
    const few = [node, old].some((each) => each === undefined || each.links.size < FEW);
    if (old === undefined || few || node === next || node.links.has(next.index) || next.links.size >= MANY)
      return;
    for (const [one, other] of [
      [node, old],
      [old, node],
    ] as const) {
      one.links.delete(other.index);
      this.#at(one, () => one.broadcast.linkGone(linkTo(other.index)));
    }
    this.link(node, next);
  }

  pick(): Node {
    const alive = this.nodes.filter((node) => node.alive);
    const node = alive[this.#random.int(alive.length)];
    if (node === undefined) throw new Error('nobody is left');
    return node;
  }

  /** Of messages from the `from`th on. */
  figures(from: number): { delivered: number; redundancy: number; hops: number; p50: number; p95: number } {
    const alive = this.nodes.filter((node) => node.alive);
    const latencies: number[] = [];
    let [hops, receptions, wanted] = [0, 0, 0];
    for (const message of this.messages.slice(from)) {
      receptions += message.receptions;
      for (const node of alive) {
        if (node.index === message.author) continue;
        wanted += 1;
        const held = node.held.get(message.id);
        if (held === undefined) continue;
        latencies.push(held.at - message.at);
        hops = Math.max(hops, held.hops);
      }
    }
    latencies.sort((a, b) => a - b);
    const at = (share: number): number => Math.round(latencies[Math.floor(share * latencies.length)] ?? 0);
    return {
      delivered: latencies.length / wanted,
      redundancy: receptions / latencies.length - 1,
      hops,
      p50: at(0.5),
      p95: at(0.95),
    };
  }
}
