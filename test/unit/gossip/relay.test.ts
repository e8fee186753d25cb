// Relayed signaling over a plain graph: what reaches whom, and what no neighbour can make of it.
import { describe, expect, it } from 'vitest';
import { RELAY_CONFIG } from '../../../worker/core/gossip/relay-config.ts';
import type { RelayConfig } from '../../../worker/core/gossip/relay-config.ts';
import { createRelay } from '../../../worker/core/gossip/relay.ts';
import type { Relay, RelayFact, RelayFrame } from '../../../worker/core/gossip/relay.ts';
import { toGroveId, toPeerId } from '../../../worker/core/model/ids.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { SeededRandom } from '../../../worker/core/model/random.ts';

const GROVE = toGroveId(new Uint8Array(32).fill(9));

const idOf = (n: number): PeerId => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n + 1);
  return toPeerId(bytes);
};

interface Node {
  id: PeerId;
  relay: Relay;
  neighbours: Set<PeerId>;
  counts: Map<string, number>;
  got: { from: PeerId; payload: Uint8Array }[];
}

interface Graph {
  nodes: Map<PeerId, Node>;
  draw: SeededRandom;
  now: number;
  hops: number;
  /** Carries out what is under way; returns how often a frame went over a link. */
  settle(): number;
  node(n: number): Node;
  link(a: number, b: number): void;
  cut(a: number, b: number): void;
  counted(name: string): number;
}

function graph(size: number, degree: number, seed: number): Graph {
  const draw = createSeededRandom(seed);
  const queue: { at: PeerId; from: PeerId; frame: RelayFrame }[] = [];
  const nodes = new Map<PeerId, Node>();
  const world: Graph = {
    nodes,
    draw,
    now: 0,
    hops: 0,
    settle() {
      let hops = 0;
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        hops += 1;
        nodes.get(next.at)?.relay.frame(next.from, next.frame);
      }
      return hops;
    },
    node(n) {
      const node = nodes.get(idOf(n));
      if (node === undefined) throw new Error(`no node ${n}`);
      return node;
    },
    link(a, b) {
      if (a === b) return;
      world.node(a).neighbours.add(idOf(b));
      world.node(b).neighbours.add(idOf(a));
    },
    cut(a, b) {
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        world.node(one).neighbours.delete(idOf(other));
        world.node(one).relay.gone(idOf(other));
      }
    },
    counted: (name) => [...nodes.values()].reduce((sum, { counts }) => sum + (counts.get(name) ?? 0), 0),
  };
  for (let n = 0; n < size; n++) {
    const id = idOf(n);
    const node: Omit<Node, 'relay'> = { id, neighbours: new Set(), counts: new Map(), got: [] };
    const relay = createRelay({
      grove: GROVE,
      self: id,
      context: {
        elapsed: () => world.now,
        random: draw,
        count: (name, by = 1) => void node.counts.set(name, (node.counts.get(name) ?? 0) + by),
      },
      linked: (peer) => node.neighbours.has(peer),
      active: () => [...node.neighbours],
      emit(fact: RelayFact) {
        if (fact.type === 'send') queue.push({ at: fact.to, from: id, frame: fact.frame });
        else node.got.push(fact);
      },
    });
    nodes.set(id, { ...node, relay });
  }
  // A ring and random chords: connected, and nowhere denser than a mesh is.
  for (let n = 0; n < size; n++) {
    world.link(n, (n + 1) % size);
    for (let k = 0; k < (degree - 2) / 2; k++) world.link(n, draw.int(size));
  }
  return world;
}

/** News of `n` goes out over its tree of shortest ways, as its pushes do. */
function spread(world: Graph, n: number): void {
  const known = new Set([idOf(n)]);
  for (const at of known) {
    for (const to of world.nodes.get(at)?.neighbours ?? []) {
      if (known.has(to)) continue;
      known.add(to);
      world.nodes.get(to)?.relay.heard(idOf(n), at);
    }
  }
}

const payloadOf = (draw: SeededRandom): Uint8Array => draw.bytes(600);

describe('the way of a message', () => {
  it('R1, R2: among 400 peers a message follows what was heard of its target, and the answer its trace', () => {
    const world = graph(400, 5, 1);
    let arrived = 0;
    let answered = 0;
    for (let n = 0; n < 60; n++) {
      world.now += 1_000;
      const [a, b] = [world.draw.int(400), world.draw.int(400)];
      if (a === b) continue;
      spread(world, b);
      world.node(a).relay.send(idOf(b), payloadOf(world.draw));
      expect(world.settle()).toBeLessThanOrEqual(RELAY_CONFIG.hops);
      const got = world.node(b).got.splice(0);
      arrived += got.length;
      if (got[0] === undefined) continue;
      expect(got[0].from).toBe(idOf(a));
      world.node(b).relay.send(idOf(a), payloadOf(world.draw));
      world.settle();
      answered += world.node(a).got.splice(0).length;
    }
    expect(arrived).toBeGreaterThanOrEqual(58);
    expect(answered).toBe(arrived);
  });

  it('R2: one that is linked is reached over that link, whatever was heard of it', () => {
    const world = graph(20, 4, 2);
    world.link(0, 5);
    world.node(0).relay.heard(idOf(5), idOf(1));
    world.node(0).relay.send(idOf(5), payloadOf(world.draw));
    expect(world.settle()).toBe(1);
    expect(world.node(5).got).toHaveLength(1);
  });

  it('R1: a message for nobody ends after 10 hops and is counted', () => {
    const world = graph(200, 5, 3);
    world.node(0).relay.send(idOf(5_000), payloadOf(world.draw));
    expect(world.settle()).toBeLessThanOrEqual(10);
    expect(world.counted('relay.expired') + world.counted('relay.stuck')).toBe(1);
  });

  it('R2: what can only go back is dropped and counted', () => {
    const world = graph(0, 0, 4);
    const line = graph(3, 2, 4);
    line.cut(0, 2);
    line.node(0).relay.send(idOf(77), payloadOf(line.draw));
    line.settle();
    expect(line.counted('relay.stuck')).toBe(1);
    expect(world.nodes.size).toBe(0);
  });

  it('R2: the way over a link that is gone is forgotten', () => {
    const world = graph(10, 2, 5);
    world.node(0).relay.heard(idOf(5), idOf(1));
    world.cut(0, 1);
    world.node(0).relay.send(idOf(5), payloadOf(world.draw));
    expect(world.settle()).toBe(5);
    expect(world.node(5).got).toHaveLength(1);
  });
});

describe('wrong ways', () => {
  it('R2: ways that lead in a circle are left once the message comes back', () => {
    let left = 0;
    for (let seed = 0; seed < 20; seed++) {
      const world = graph(40, 4, 200 + seed);
      world.link(0, 2);
      const ring = [0, 1, 2];
      for (const n of ring) world.node(n).relay.heard(idOf(20), idOf((n + 1) % 3));
      world.node(0).relay.send(idOf(20), payloadOf(world.draw));
      world.settle();
      const outside = [...world.nodes.values()].filter(({ id }) => !ring.some((n) => idOf(n) === id));
      left += outside.some(({ counts, got }) => counts.size > 0 || got.length > 0) ? 1 : 0;
    }
    expect(left).toBeGreaterThanOrEqual(16);
  });

  it('R2: a neighbour that claims everybody cannot cut anyone off: what is sent again goes other ways', () => {
    let reached = 0;
    for (let seed = 0; seed < 30; seed++) {
      const world = graph(300, 6, 100 + seed);
      spread(world, 150);
      const [hostile] = [...world.node(0).neighbours];
      if (hostile === undefined || world.node(0).neighbours.has(idOf(150))) continue;
      // It says that it hears of the target all the time, and swallows what comes for it.
      world.node(0).relay.heard(idOf(150), hostile);
      const swallow = world.nodes.get(hostile);
      if (swallow) swallow.relay = { ...swallow.relay, frame: () => undefined };
      world.node(0).relay.send(idOf(150), payloadOf(world.draw));
      world.settle();
      expect(world.node(150).got).toHaveLength(0);
      world.node(0).relay.heard(idOf(150), hostile);
      world.node(0).relay.send(idOf(150), payloadOf(world.draw), true);
      world.settle();
      reached += world.node(150).got.length > 0 ? 1 : 0;
    }
    expect(reached).toBeGreaterThanOrEqual(28);
  });
});

describe('bounds', () => {
  const alone = (config: Partial<RelayConfig> = {}) => {
    const facts: RelayFact[] = [];
    const counts: string[] = [];
    const clock = { now: 0 };
    const neighbours = [idOf(1), idOf(2)];
    const relay = createRelay({
      grove: GROVE,
      self: idOf(0),
      context: {
        elapsed: () => clock.now,
        random: createSeededRandom(1),
        count: (name) => void counts.push(name),
      },
      linked: (peer) => neighbours.includes(peer),
      active: () => neighbours,
      emit: (fact) => void facts.push(fact),
      config,
    });
    return { relay, facts, counts, clock };
  };
  const frameOf = (n: number, change: Partial<RelayFrame> = {}): RelayFrame => ({
    type: 'relay',
    grove: GROVE,
    to: idOf(9),
    from: idOf(100 + n),
    ttl: 10,
    payload: createSeededRandom(n).bytes(300),
    ...change,
  });

  it('R1: a neighbour that floods is cut off until it is quiet for a while; others are not', () => {
    const { relay, facts, counts, clock } = alone();
    for (let n = 0; n < 1_000; n++) relay.frame(idOf(1), frameOf(n));
    expect(facts).toHaveLength(RELAY_CONFIG.messages.burst);
    expect(counts.filter((name) => name === 'relay.flood')).toHaveLength(1_000 - facts.length);
    relay.frame(idOf(2), frameOf(2_000));
    expect(facts).toHaveLength(RELAY_CONFIG.messages.burst + 1);
    clock.now += 1_000;
    relay.frame(idOf(1), frameOf(2_001));
    expect(facts).toHaveLength(RELAY_CONFIG.messages.burst + 2);
  });

  it('R1: large messages empty the bucket sooner', () => {
    const { relay, facts } = alone();
    for (let n = 0; n < 20; n++) relay.frame(idOf(1), frameOf(n, { payload: new Uint8Array(65_536) }));
    expect(facts).toHaveLength(RELAY_CONFIG.bytes.burst / 65_536);
  });

  it('R1: a hop count above the limit is cut down to it, and what bears our name and is not ours goes no further', () => {
    const { relay, facts, counts } = alone();
    relay.frame(idOf(1), frameOf(1, { ttl: 16 }));
    expect(facts).toMatchObject([{ type: 'send', to: idOf(2), frame: { ttl: 9 } }]);
    relay.frame(idOf(1), frameOf(2, { ttl: 1 }));
    relay.frame(idOf(1), frameOf(3, { from: idOf(0) }));
    expect(facts).toHaveLength(1);
    expect(counts).toEqual(['relay.forwarded', 'relay.expired', 'relay.refused']);
  });

  it('R2: at most so many ways are remembered; the longest unheard goes first', () => {
    const { relay, facts } = alone({ hints: 3 });
    for (let n = 10; n < 14; n++) relay.heard(idOf(n), idOf(2));
    const to = (n: number): PeerId[] => {
      facts.length = 0;
      for (let k = 0; k < 40; k++) relay.send(idOf(n), createSeededRandom(1_000 * n + k).bytes(64));
      return [...new Set(facts.map((fact) => (fact.type === 'send' ? fact.to : fact.from)))].sort();
    };
    expect(to(11)).toEqual([idOf(2)]);
    expect(to(13)).toEqual([idOf(2)]);
    expect(to(10)).toEqual([idOf(1), idOf(2)]);
  });
});
