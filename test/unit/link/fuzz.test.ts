// Two link machines in a world where everything may happen: nothing throws, nobody wrong is believed, nothing grows
// without bound, and once the world behaves again the two are linked.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, createHub, idOf, keypairOf, printOf, sdpOf } from './hub.ts';
import type { Hub, Peer, Posted } from './hub.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { SeededRandom } from '../../../worker/core/model/random.ts';
import { idBytes } from '../../../worker/core/model/ids.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { LINK_CONFIG } from '../../../worker/core/link/config.ts';
import { openMessage, sealMessage } from '../../../worker/core/link/envelope.ts';
import type { Outgoing } from '../../../worker/core/link/envelope.ts';
import { admitOffer, announceTo, keepEarly, noteMember, openRoom } from '../../../worker/core/link/rooms.ts';
import type { State } from '../../../worker/core/link/state.ts';
import { encodeFrame } from '../../../worker/core/wire/frame.ts';

interface World {
  hub: Hub;
  a: Peer;
  b: Peer;
  draw: SeededRandom;
  frames: Uint8Array[];
}

function mutate(draw: SeededRandom, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice(0, draw.int(4) === 0 ? draw.int(bytes.length + 1) : bytes.length);
  for (let n = draw.int(4); n > 0 && changed.length > 0; n--)
    changed[draw.int(changed.length)] = draw.int(256);
  return changed;
}

const pick = <T>(draw: SeededRandom, items: readonly T[]): T | undefined =>
  items.length === 0 ? undefined : items[draw.int(items.length)];

/** A well-formed message by a member of ill will, built from what was seen in the room. */
function scheme({ hub, a, draw }: World, target: Peer): Uint8Array {
  const seen = pick(draw, hub.posted);
  const opened = openMessage(
    nobleSignatures,
    idOf(draw.int(2) === 0 ? a : target),
    room,
    seen?.payload ?? utf8(''),
    65_536,
  );
  const message = opened.ok ? opened.message : null;
  const nonce = message && 'nonce' in message ? message.nonce : draw.bytes(16);
  const session = message && 'session' in message ? message.session : nonce;
  const sdp = sdpOf('mallory/L1', printOf('mallory'));
  const to = idOf(target);
  const candidate = { candidate: 'candidate:9', sdpMid: null, sdpMLineIndex: 0 };
  const schemes: Outgoing[] = [
    { kind: 'announce', nonce: draw.bytes(16), links: draw.int(3), tags: [draw.bytes(16)], want: 5 },
    { kind: 'offer', to, nonce, echo: nonce, sdp: draw.int(3) === 0 ? '' : sdp },
    {
      kind: 'answer',
      to,
      session,
      nonce: draw.bytes(16),
      offerHash: opened.ok ? opened.hash : draw.bytes(32),
      sdp,
    },
    { kind: 'candidate', to, session, candidate },
    { kind: 'restart', to, session, n: draw.int(4), answer: draw.int(2) === 0, sdp, candidates: [candidate] },
    { kind: 'call', to, nonce: draw.int(2) === 0 ? nonce : draw.bytes(16), temporary: draw.int(2) === 0 },
  ];
  const name = `mallory ${draw.int(6)}`;
  return sealMessage(nobleSignatures, keypairOf(name), room, draw, pick(draw, schemes) as Outgoing).payload;
}
const room = { name: ROOM, key: ROOM_KEY };

/** Some text that either has written, cut short now and then. */
function textOf(draw: SeededRandom, ...peers: Peer[]): string {
  const texts = peers.flatMap(({ outputs }) =>
    outputs.flatMap((output) => (output.type === 'hand-text' ? [output.text] : [])),
  );
  const text = pick(draw, texts) ?? 'thicket-offer:';
  return draw.int(4) === 0 ? text.slice(0, draw.int(text.length)) : text;
}

function disturb(world: World): void {
  const { hub, a, b, draw, frames } = world;
  const [peer, other] = draw.int(2) === 0 ? ([a, b] as const) : ([b, a] as const);
  const link = (
    draw.int(4) === 0 ? `L${draw.int(40)}` : (pick(draw, peer.machine.links())?.link ?? 'L1')
  ) as LinkId;
  const payload = pick(draw, hub.posted)?.payload ?? draw.bytes(99);
  const frame = pick(draw, frames) ?? encodeFrame({ type: 'ping', n: 1 });
  const from = pick(draw, ['a', 'b', 'c']) as string;
  const steps: (() => unknown)[] = [
    () => peer.give({ type: 'signal-message', room: ROOM, from, payload: mutate(draw, payload) }),
    () => peer.give({ type: 'signal-message', room: ROOM, from, payload: scheme(world, peer) }),
    () => peer.give({ type: 'signal-message', room: draw.int(9) === 0 ? 'nowhere' : ROOM, from, payload }),
    () => peer.give({ type: 'link-frame', link, frame: mutate(draw, frame) }),
    () => peer.give({ type: 'link-frame', link, frame }),
    () => peer.give({ type: 'link-frame', link, frame: draw.bytes(draw.int(80)) }),
    () =>
      peer.give({
        type: 'link-open',
        link,
        local: printOf('x'),
        remote: draw.int(2) === 0 ? '' : printOf('mallory'),
      }),
    () => peer.give({ type: 'link-closed', link, reason: 'why not' }),
    () =>
      peer.give({
        type: 'link-signal',
        link,
        data: pick(draw, ['{}', '[', '{"candidate":{}}', '{"sdp":1}']) as string,
      }),
    () => peer.give({ type: 'link-drained', link, bytes: 5 }),
    () => peer.give({ type: 'carrier', present: draw.int(3) > 0 }),
    () => peer.give({ type: 'signal-state', up: draw.int(2) === 0, url: null, reason: null }),
    () => peer.give({ type: 'signal-joined', room: ROOM, members: ['a', 'b', 'c'] }),
    () => peer.give({ type: 'signal-left', room: ROOM, member: from }),
    () => peer.give({ type: 'room-want', room: ROOM, want: draw.int(7) }),
    () => peer.give({ type: 'close', link, reason: 'bored \ud800' }),
    () => peer.give({ type: 'relayed', room: ROOM, from: idOf(other), payload: mutate(draw, payload) }),
    () => peer.give({ type: 'relayed', room: ROOM, from: idOf(other), payload }),
    () => {
      const mallory = keypairOf(`mallory ${draw.int(6)}`).id;
      peer.give({ type: 'relayed', room: ROOM, from: mallory, payload: scheme(world, peer) });
    },
    () => {
      const purpose = draw.int(3) === 0 ? 'temporary' : 'neighbour';
      peer.give({ type: 'dial', room: ROOM, peer: idOf(other), purpose, relay: draw.int(2) === 0 });
    },
    () => peer.give({ type: 'keep', link, kept: draw.int(2) === 0 }),
    () => peer.give({ type: 'shared', link, room: draw.int(2) === 0 ? ROOM : 'nowhere' }),
    () => peer.give({ type: 'hand-offer', request: `o${hub.now}`, room: ROOM }),
    () => peer.give({ type: 'hand-answer', request: `a${hub.now}`, text: textOf(draw, peer, other) }),
    () => peer.give({ type: 'hand-accept', request: `c${hub.now}`, text: textOf(draw, peer, other) }),
    () => peer.give({ type: 'tick' }),
    () => hub.advance(draw.int(4_000)),
    () => (hub.now += draw.int(100_000) - 20_000),
    () => hub.settle(),
    () => hub.settle(),
  ];
  pick(draw, steps)?.();
}

const isMallory = (id: string): boolean =>
  Array.from({ length: 6 }, (_, n) => keypairOf(`mallory ${n}`).id as string).includes(id);

function run(seed: number): void {
  const draw = createSeededRandom(seed);
  const hub = createHub();
  const world: World = { hub, a: hub.peer('a'), b: hub.peer('b'), draw, frames: [] };
  const { a, b } = world;
  hub.onPosted = (message) => {
    const held: Posted[] = [
      { ...message, payload: draw.int(8) === 0 ? mutate(draw, message.payload) : message.payload },
    ];
    return draw.int(5) === 0 ? [] : draw.int(8) === 0 ? [...held, ...held] : held;
  };
  hub.onFrame = (_from, frame) => {
    world.frames.push(frame);
    return draw.int(20) === 0 ? [mutate(draw, frame)] : draw.int(20) === 0 ? [] : [frame];
  };
  hub.enter(a);
  hub.enter(b);
  for (let n = 0; n < 150; n++) {
    disturb(world);
    for (const peer of [a, b]) {
      const pending = peer.machine.links().filter(({ state }) => state !== 'up');
      expect(pending.length).toBeLessThanOrEqual(LINK_CONFIG.maxPending);
      expect(peer.live().length).toBeLessThanOrEqual(1);
    }
  }
  for (const [peer, other] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const up of peer.ups()) {
      expect(up.peer).toBe(idOf(other));
      expect(isMallory(up.peer)).toBe(false);
    }
    // Told up and down in turn, never a down without its up.
    const told = peer.outputs.flatMap((output) =>
      output.type === 'up' || output.type === 'down' ? [output] : [],
    );
    const open = new Set<LinkId>();
    for (const { type, link } of told) {
      if (type === 'down') expect(open.delete(link)).toBe(true);
      else open.add(link);
    }
    expect([...open]).toEqual(peer.live());
  }
  heal(world);
}

/** The world behaves from now on: then the two are linked, by one link, and it is the same one. */
function heal({ hub, a, b }: World): void {
  hub.onPosted = (message) => [message];
  hub.onFrame = (_from, frame) => [frame];
  for (const peer of [a, b]) {
    peer.give({ type: 'room-want', room: ROOM, want: 5 });
    peer.give({ type: 'carrier', present: false });
    peer.give({ type: 'carrier', present: true });
    peer.give({ type: 'signal-joined', room: ROOM, members: ['a', 'b'] });
  }
  hub.advance(180_000);
  expect([a.live().length, b.live().length]).toEqual([1, 1]);
  expect(a.ups().at(-1)?.transcript).toEqual(b.ups().at(-1)?.transcript);
}

describe('whatever happens', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed);
  it.each(seeds)(
    'K1-K6: nothing throws, nobody wrong is believed, and the two link again (seed %i)',
    run,
    30_000,
  );
});

describe('bounds', () => {
  it('K2, K3: members, nonces, offers seen and early candidates stay bounded', () => {
    const random = createSeededRandom(1);
    const state: State = {
      keypair: keypairOf('a'),
      random,
      signatures: nobleSignatures,
      config: LINK_CONFIG,
      features: [],
      links: new Map(),
      rooms: new Map(),
      calls: new Map(),
      callsEnded: new Map(),
      callsSeen: new Map(),
      hands: new Map(),
      handsSeen: new Map(),
      failures: new Map(),
      heldOff: new Map(),
      refused: new Map(),
      carrier: true,
      endpoint: true,
      dueAt: Infinity,
      stale: true,
      nextLink: 0,
      t: 0,
      now: 0,
      out: [],
    };
    openRoom(state, { room: ROOM, key: ROOM_KEY, want: 5 });
    const opened = state.rooms.get(ROOM);
    if (opened === undefined) throw new Error('the room is open');
    const peer = keypairOf('b').id;
    const session = random.bytes(16);
    for (let n = 0; n < 400; n++) {
      noteMember(state, opened, `m${n}`);
      state.t += LINK_CONFIG.nonceLifetime;
      if (n < 20) announceTo(state, opened, 'm1');
      const newest = opened.announced.at(-1)?.nonce ?? session;
      admitOffer(state, opened, newest, hash32(idBytes(peer), Uint8Array.of(n >> 8, n)));
      state.t -= LINK_CONFIG.nonceLifetime;
      keepEarly(state, opened, peer, n < 200 ? session : random.bytes(16), {
        candidate: '',
        sdpMid: null,
        sdpMLineIndex: null,
      });
    }
    expect(opened.members.size).toBe(LINK_CONFIG.maxMembers);
    expect(opened.announced.length).toBeLessThanOrEqual(LINK_CONFIG.maxNonces);
    for (const { offers } of opened.announced)
      expect(offers.size).toBeLessThanOrEqual(LINK_CONFIG.maxOffersPerNonce);
    expect(opened.early.size).toBe(LINK_CONFIG.maxPending);
    for (const { candidates } of opened.early.values()) {
      expect(candidates.length).toBeLessThanOrEqual(LINK_CONFIG.maxCandidates);
    }
    state.t += LINK_CONFIG.connectTimeout;
    keepEarly(state, opened, peer, random.bytes(16), { candidate: '', sdpMid: null, sdpMLineIndex: null });
    expect(opened.early.size).toBe(1);
  });

  it('K1: a room that our own node names wrongly is refused aloud', () => {
    const peer = createHub().peer('a');
    expect(() => peer.give({ type: 'room-open', room: 'x', key: ROOM_KEY, want: 1 })).toThrow(/64 hex/);
    expect(() => peer.give({ type: 'room-open', room: ROOM, key: utf8('short'), want: 1 })).toThrow(
      /32 bytes/,
    );
  });
});
