// Several endpoints that form one, by a carrier that the test holds in its hands: what a member hears is what it would
// hear of one endpoint alone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLUSTER, ROOM_LIMITS } from '../../../worker/signal/config.ts';
import type { RoomLimits } from '../../../worker/signal/config.ts';
import type { Cluster } from '../../../worker/signal/elsewhere.ts';
import { createCluster, NODES } from '../../../worker/signal/elsewhere.ts';
import { encodeToEndpoint, parseFromEndpoint } from '../../../worker/signal/protocol.ts';
import type { FromEndpoint, ToEndpoint } from '../../../worker/signal/protocol.ts';
import { createRooms } from '../../../worker/signal/room.ts';
import type { RoomInput } from '../../../worker/signal/room.ts';
import { seededRandom } from './seeded.ts';

const ROOM = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Node {
  cluster: Cluster;
  channels: Set<string>;
  /** Cut off from the carrier. */
  cut: boolean;
  handle(input: RoomInput): void;
  /** What a connection heard, and whom it takes to be in a room. */
  heard: Map<number, FromEndpoint[]>;
}

/** Endpoints on one carrier. Messages pass at once, in order. */
function createBus(count: number, limits: Partial<RoomLimits> = {}) {
  let now = 0;
  const nodes = Array.from({ length: count }, (_, n) => createNode(n));
  for (const node of nodes) flush(node);
  return { nodes, flush, wait, say, open, members };

  function createNode(n: number): Node {
    const cluster = createCluster(`${n}`.padStart(16, '0'));
    const rooms = createRooms({
      limits: { ...ROOM_LIMITS, ...limits },
      random: seededRandom(100 + n),
      elsewhere: cluster,
    });
    const heard = new Map<number, FromEndpoint[]>();
    const handle = (input: RoomInput): void => {
      for (const effect of rooms.handle(input, now)) {
        const message = effect.type === 'send' ? parseFromEndpoint(effect.data) : null;
        if (effect.type === 'send' && message) heard.get(effect.conn)?.push(message);
      }
      const node = nodes[n];
      if (node) flush(node);
    };
    return { cluster, channels: new Set(), cut: false, handle, heard };
  }

  function flush(node: Node): void {
    for (const effect of node.cluster.take()) {
      if (effect.type === 'subscribe') {
        node.channels.add(effect.channel);
        node.cluster.subscribed(effect.channel);
        flush(node);
      } else if (effect.type === 'unsubscribe') node.channels.delete(effect.channel);
      else if (!node.cut)
        for (const other of nodes)
          if (!other.cut && other.channels.has(effect.channel)) receive(other, effect.channel, effect.data);
    }
  }

  function receive(node: Node, channel: string, data: Uint8Array): void {
    for (const told of node.cluster.receive(channel, data, now)) node.handle({ type: 'elsewhere', told });
    flush(node);
  }

  function wait(ms: number): void {
    for (const end = now + ms; now < end;) {
      now += CLUSTER.beatMs;
      for (const node of nodes) {
        for (const told of node.cluster.beat(now)) node.handle({ type: 'elsewhere', told });
        flush(node);
      }
    }
  }

  function open(node: Node, conn: number): void {
    node.heard.set(conn, []);
    node.handle({ type: 'open', conn });
  }

  function say(node: Node, conn: number, message: ToEndpoint): FromEndpoint[] {
    const before = node.heard.get(conn)?.length ?? 0;
    node.handle({ type: 'message', conn, data: encodeToEndpoint(message) });
    return node.heard.get(conn)?.slice(before) ?? [];
  }

  /** Itself and whom it takes to be in the room with it, by what it heard; null where it is not in it. */
  function members(node: Node, conn: number, room: string): { self: string; others: Set<string> } | null {
    let found: { self: string; others: Set<string> } | null = null;
    for (const message of node.heard.get(conn) ?? []) {
      if (message.type === 'joined' && message.room === room)
        found = { self: message.self, others: new Set(message.members) };
      if (message.type === 'entered' && message.room === room) found?.others.add(message.member);
      if (message.type === 'left' && message.room === room) found?.others.delete(message.member);
    }
    return found;
  }
}

function pair(limits: Partial<RoomLimits> = {}) {
  const bus = createBus(2, limits);
  const [left, right] = bus.nodes as [Node, Node];
  bus.open(left, 1);
  bus.open(right, 2);
  return { ...bus, left, right };
}

describe('several endpoints as one', () => {
  it('E9: members of a room find each other, wherever they are connected', () => {
    const { left, right, say, members } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: ROOM });
    const [a, b] = [members(left, 1, ROOM), members(right, 2, ROOM)];
    expect([...(a?.others ?? [])]).toEqual([b?.self]);
    expect([...(b?.others ?? [])]).toEqual([a?.self]);
  });

  it('E9: a payload for all reaches all others, one for a member that member alone', () => {
    const { left, right, open, say, members } = pair();
    open(left, 3);
    for (const [node, conn] of [
      [left, 1],
      [right, 2],
      [left, 3],
    ] as const)
      say(node, conn, { type: 'join', room: ROOM });
    const [a, b] = [members(left, 1, ROOM)?.self ?? '', members(right, 2, ROOM)?.self ?? ''];
    const count = () => [left.heard.get(1), right.heard.get(2), left.heard.get(3)].map((all) => all?.length);
    const before = count();
    say(left, 1, { type: 'send', room: ROOM, to: b, payload: bytes('for b') });
    expect(right.heard.get(2)?.at(-1)).toEqual({
      type: 'message',
      room: ROOM,
      from: a,
      payload: bytes('for b'),
    });
    say(right, 2, { type: 'send', room: ROOM, to: null, payload: bytes('for all') });
    const told = { type: 'message', room: ROOM, from: b, payload: bytes('for all') };
    expect(left.heard.get(1)?.at(-1)).toEqual(told);
    expect(left.heard.get(3)?.at(-1)).toEqual(told);
    expect(count().map((now = 0, n) => now - (before[n] ?? 0))).toEqual([1, 1, 1]);
  });

  it('E9: a payload for nobody known anywhere is an error as before', () => {
    const { left, right, say } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: OTHER });
    expect(
      say(left, 1, { type: 'send', room: ROOM, to: 'cc'.repeat(16), payload: bytes('x') }),
    ).toMatchObject([{ type: 'error', code: 'no-member' }]);
  });

  it('E9: who is at one that falls silent has left after 20 s, and is back when that is', () => {
    const { left, right, say, wait, members } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: ROOM });
    wait(5_000);
    right.cut = true;
    wait(CLUSTER.silentMs);
    expect(members(left, 1, ROOM)?.others.size).toBe(1);
    wait(CLUSTER.beatMs);
    expect(members(left, 1, ROOM)?.others.size).toBe(0);
    expect(members(right, 2, ROOM)?.others.size).toBe(0);
    right.cut = false;
    right.cluster.resync();
    wait(CLUSTER.beatMs);
    expect(members(left, 1, ROOM)?.others.size).toBe(1);
    expect(members(right, 2, ROOM)?.others.size).toBe(1);
  });

  it('E9: one that closes takes its members along at once', () => {
    const { left, right, say, flush, members } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: ROOM });
    right.cluster.close();
    flush(right);
    expect(members(left, 1, ROOM)?.others.size).toBe(0);
  });

  it('E2, E9: a room’s limit counts those at other endpoints', () => {
    const { left, right, open, say } = pair({ membersPerRoom: 2 });
    open(right, 3);
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: ROOM });
    expect(say(right, 3, { type: 'join', room: ROOM })).toMatchObject([{ type: 'error', code: 'room-full' }]);
  });

  it('E9: rooms that nobody here is in are not subscribed to, and leave nothing behind', () => {
    const { left, right, say } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    say(right, 2, { type: 'join', room: ROOM });
    expect([...right.channels]).toEqual([NODES, ROOM]);
    right.handle({ type: 'close', conn: 2 });
    expect([...right.channels]).toEqual([NODES]);
    expect(right.cluster.counts()).toEqual({ nodes: 1, members: 0, malformed: 0 });
    expect(left.cluster.counts()).toEqual({ nodes: 1, members: 0, malformed: 0 });
  });

  it('E9: whatever the carrier brings, nothing is thrown, and what is kept is bounded', () => {
    const { left, say } = pair();
    say(left, 1, { type: 'join', room: ROOM });
    const head = fc
      .tuple(fc.constantFrom(1, 1, 1, 2), fc.constantFrom(0, 1, 2, 3, 4, 5, 9), fc.nat(200))
      .map(([version, kind, node]) => [version, kind, ...new Array<number>(7).fill(7), node]);
    const rest = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(65, 66, 67, 68), fc.constantFrom(0xa1, 0xb2), fc.uint8Array({ maxLength: 64 }))
        .map(([type, room, more]) => Uint8Array.of(type, ...new Array<number>(32).fill(room), ...more)),
    );
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(head, rest).map(([a, b]) => Uint8Array.of(...a, ...b)),
    );
    fc.assert(
      fc.property(fc.constantFrom(ROOM, OTHER, NODES, 'nonsense'), data, (channel, given) => {
        for (const told of left.cluster.receive(channel, given, 0)) left.handle({ type: 'elsewhere', told });
        left.cluster.take();
        const { nodes, members } = left.cluster.counts();
        expect(nodes).toBeLessThanOrEqual(CLUSTER.nodes);
        expect(members).toBeLessThanOrEqual(ROOM_LIMITS.membersPerRoom);
      }),
      { seed: 20_261_121, numRuns: 3000 },
    );
    expect(left.cluster.counts().malformed).toBeGreaterThan(100);
  });
});

it('E9: whoever comes and goes where, and whichever endpoint is cut off for a while, in the end all know who is there', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        act: fc.constantFrom('join' as const, 'leave' as const),
        node: fc.nat(2),
        conn: fc.nat(3),
        room: fc.constantFrom(ROOM, OTHER),
      }),
    },
    { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('cut' as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('return' as const), node: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
  );
  let met = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { nodes, open, say, wait, members, flush } = createBus(3);
      nodes.forEach((node) => [0, 1, 2, 3].forEach((conn) => open(node, conn)));
      const inside = new Map<string, Set<string>>([
        [ROOM, new Set()],
        [OTHER, new Set()],
      ]);
      const comeBack = (node: Node): void => {
        if (!node.cut) return;
        node.cut = false;
        node.cluster.resync();
        flush(node);
      };
      for (const one of steps) {
        if (one.act === 'wait') {
          wait(one.ms);
          continue;
        }
        const node = nodes[one.node];
        if (!node) continue;
        if (one.act === 'cut') node.cut = true;
        else if (one.act === 'return') comeBack(node);
        else {
          say(node, one.conn, { type: one.act, room: one.room });
          const who = `${one.node} ${one.conn}`;
          if (one.act === 'join') inside.get(one.room)?.add(who);
          else inside.get(one.room)?.delete(who);
        }
      }
      nodes.forEach(comeBack);
      wait(CLUSTER.silentMs * 2);
      for (const [room, who] of inside) {
        const views = [...who].map((text) => {
          const [n = 0, conn = 0] = text.split(' ').map(Number);
          return members(nodes[n] as Node, conn, room);
        });
        const everybody = views.map((view) => view?.self).sort();
        met += everybody.length > 1 ? 1 : 0;
        for (const view of views) expect([view?.self, ...(view?.others ?? [])].sort()).toEqual(everybody);
      }
    }),
    { seed: 20_261_121, numRuns: 200 },
  );
  expect(met).toBeGreaterThan(50);
}, 60_000);
