// A hostile endpoint, members with bad intentions, and somebody in the middle: none of them yields a link.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, byKey, createHub, idOf, keypairOf, printOf, sdpOf } from './hub.ts';
import type { Hub, Peer, Posted } from './hub.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { hash32, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { LINK_CONFIG } from '../../../worker/core/link/config.ts';
import { openMessage, sealMessage } from '../../../worker/core/link/envelope.ts';
import type { Message, Outgoing } from '../../../worker/core/link/envelope.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';
import { encodeFrame } from '../../../worker/core/wire/frame.ts';

const room = { name: ROOM, key: ROOM_KEY };
const random = createSeededRandom(7);

/** What a member, who has the room's key, reads of a message; `for` somebody in particular. */
function read(payload: Uint8Array, reader: Peer): Message | null {
  const opened = openMessage(nobleSignatures, idOf(reader), room, payload, LINK_CONFIG.maxPayload);
  return opened.ok ? opened.message : null;
}

const sealAs = (name: string, message: Outgoing): Uint8Array =>
  sealMessage(nobleSignatures, keypairOf(name), room, random, message).payload;

function world(): { hub: Hub; a: Peer; b: Peer } {
  const hub = createHub();
  return { hub, a: hub.peer('a'), b: hub.peer('b') };
}

function enterBoth({ hub, a, b }: { hub: Hub; a: Peer; b: Peer }): void {
  hub.enter(a);
  hub.enter(b);
  hub.advance(25_000);
}

const noLink = (...peers: Peer[]): void => {
  for (const peer of peers) expect(peer.ups()).toEqual([]);
};

describe('a hostile endpoint', () => {
  it('K1: a message changed in any byte is refused and counted', () => {
    const { hub, a, b } = world();
    let position = 0;
    hub.onPosted = (message) => {
      const payload = message.payload.slice();
      position = (position + 97) % payload.length;
      payload[position] = (payload[position] ?? 0) ^ 1;
      return [{ ...message, payload }];
    };
    enterBoth({ hub, a, b });
    noLink(a, b);
    expect(a.counted('signal.refused')).toBeGreaterThan(0);
  });

  it('K1: a stranger without the room key yields no link and learns nothing to open one', () => {
    const { hub, a } = world();
    const stranger = hub.peer('stranger');
    hub.enter(a);
    hub.enter(stranger, { key: hash32(utf8('guessed')) });
    hub.advance(25_000);
    noLink(a, stranger);
    expect(a.counted('signal.refused')).toBeGreaterThan(0);
    expect(a.outputs.some(({ type }) => type === 'link-open')).toBe(false);
  });

  it('K1: a message of one room is refused in another, though a member of both carries it over', () => {
    const { hub, a, b } = world();
    const other = { name: 'cd'.repeat(32), key: hash32(utf8('other')) };
    hub.enter(a, { room: other.name, key: other.key });
    hub.enter(b);
    b.give({ type: 'signal-joined', room: ROOM, members: ['x'] });
    hub.settle();
    const [announce] = hub.posted;
    const asIs = {
      type: 'signal-message',
      room: other.name,
      from: 'b',
      payload: announce?.payload ?? utf8(''),
    } as const;
    expect(a.give(asIs)).toEqual([{ type: 'count', name: 'signal.refused' }]);
  });

  it('K2: an old offer played again yields nothing, neither at once nor after its announce is forgotten', () => {
    const { hub, a, b } = world();
    hub.enter(a);
    hub.enter(b);
    expect(b.live()).toHaveLength(1);
    const offers = hub.posted.filter(({ payload }) => read(payload, b)?.kind === 'offer');
    expect(offers).toHaveLength(1);
    const opened = b.outputs.filter(({ type }) => type === 'link-open').length;
    for (const wait of [0, 10_000, 120_000]) {
      hub.advance(wait);
      const before = b.counted('signal.replayed');
      for (const offer of offers) hub.post(offer);
      hub.settle();
      expect(b.counted('signal.replayed')).toBe(before + 1);
    }
    expect(b.outputs.filter(({ type }) => type === 'link-open')).toHaveLength(opened);
    expect(b.ups()).toHaveLength(1);
  });

  it('K2: a whole recorded conversation played to a restarted peer yields no link', () => {
    const { hub, a, b } = world();
    hub.enter(a);
    hub.enter(b);
    const recorded = hub.posted.splice(0);
    const again = hub.peer('b');
    again.give({ type: 'carrier', present: true });
    again.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 });
    for (const message of recorded) {
      again.give({ type: 'signal-message', room: ROOM, from: 'a', payload: message.payload });
    }
    noLink(again);
    expect(again.outputs.some(({ type }) => type === 'link-open')).toBe(false);
  });

  it('K2: announces played again and again cost few attempts', () => {
    const { hub, a, b } = world();
    hub.enter(a);
    hub.enter(b);
    const [announce] = hub.posted;
    hub.advance(10_000);
    const before = a.outputs.filter(({ type }) => type === 'link-open').length;
    for (let second = 0; second < 150; second++) {
      hub.post(announce as Posted);
      hub.advance(1_000);
    }
    expect(a.outputs.filter(({ type }) => type === 'link-open').length - before).toBeLessThan(9);
    expect(a.live()).toHaveLength(1);
    expect(a.downs()).toEqual([]);
  });

  it('K3: an answer to another offer is refused', () => {
    const { hub, a, b } = world();
    hub.onPosted = (message) => {
      const answer = read(message.payload, a);
      if (answer?.kind !== 'answer') return [message];
      const forged: Outgoing = { ...answer, offerHash: hash32(utf8('another offer')) };
      return [{ ...message, payload: sealAs('b', forged) }];
    };
    enterBoth({ hub, a, b });
    noLink(a, b);
    expect(a.counted('signal.refused')).toBeGreaterThan(0);
  });

  it('K3: messages in any order, some of them twice, still give exactly one link', () => {
    for (let seed = 0; seed < 6; seed++) {
      const draw = createSeededRandom(seed);
      const { hub, a, b } = world();
      const held: Posted[] = [];
      hub.onPosted = (message) => {
        held.push(message, ...(draw.int(3) === 0 ? [message] : []));
        const at = draw.int(held.length);
        return draw.int(2) === 0 ? held.splice(at, 1) : [];
      };
      hub.enter(a);
      hub.enter(b);
      hub.advance(40_000);
      hub.onPosted = (message) => [message];
      hub.advance(60_000);
      expect([a.live().length, b.live().length]).toEqual([1, 1]);
      expect(a.machine.links()[0]?.peer).toBe(idOf(b));
    }
  });
});

describe('a hostile member', () => {
  /** Takes offers and answers and sends on what `forge` makes of them, signed with a key of its own. */
  function forging(hub: Hub, a: Peer, b: Peer, forge: (message: Message, sdp: string) => Uint8Array): void {
    const sdp = sdpOf('mallory/L1', printOf('mallory'));
    hub.onPosted = (posted) => {
      const message = read(posted.payload, posted.from === a.name ? b : a);
      if (message?.kind !== 'offer' && message?.kind !== 'answer') return [posted];
      return [{ ...posted, payload: forge(message, sdp) }];
    };
  }

  it('K3: fingerprints swapped inside a message, signed again by a member, give no link to anybody', () => {
    const { hub, a, b } = world();
    forging(hub, a, b, (message, sdp) => sealAs('mallory', { ...message, sdp } as Outgoing));
    enterBoth({ hub, a, b });
    noLink(a, b);
  });

  it('K3: a description sealed anew under a signature that was made for another is refused', () => {
    const { hub, a, b } = world();
    // The member has room key and message, but not the device key: it can only guess at a signature.
    forging(hub, a, b, (message, sdp) => {
      const wrong = {
        ...keypairOf('mallory'),
        id: message.from,
        publicKey: keypairOf(message.from === idOf(a) ? 'a' : 'b').publicKey,
      };
      return sealMessage(nobleSignatures, wrong, room, random, { ...message, sdp } as Outgoing).payload;
    });
    enterBoth({ hub, a, b });
    const answering = [...a.outputs, ...b.outputs].filter(
      (output) => output.type === 'link-open' && !output.initiator,
    );
    expect(answering).toEqual([]);
    noLink(a, b);
    expect(a.counted('signal.refused') + b.counted('signal.refused')).toBeGreaterThan(0);
  });

  it('K4: a member who answers as itself but speaks as another on the channel is refused', () => {
    const hub = createHub();
    const a = hub.peer('a');
    const [mallory, b] = [hub.peer('mallory'), hub.peer('b')];
    // Mallory's signaling is its own; on the channel it passes on what b says.
    hub.onFrame = (from, frame) => (from.peer === mallory ? [] : [frame]);
    hub.enter(a);
    hub.enter(mallory);
    const [link] = a.machine.links();
    const hello = b.machine.links();
    expect(hello).toEqual([]);
    expect(link?.state).toBe('authenticating');
    const claims: Frame = {
      type: 'hello',
      min: 1,
      max: 1,
      features: [],
      key: idOf(b),
      nonce: hash32(utf8('n')),
    };
    const outputs = a.give({ type: 'link-frame', link: link?.link as never, frame: encodeFrame(claims) });
    expect(outputs).toContainEqual({
      type: 'link-close',
      link: link?.link,
      reason: 'another key than the signaling named',
    });
    noLink(a);
  });

  it('K2: many made-up members cannot make attempts, buffers or memories grow without bound', () => {
    const { hub, a } = world();
    hub.enter(a);
    const session = random.bytes(16);
    for (let n = 0; n < 60; n++) {
      const name = `sybil ${n}`;
      const announce: Outgoing = { kind: 'announce', nonce: random.bytes(16), links: 0, tags: [], want: 5 };
      const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };
      const early: Outgoing = { kind: 'candidate', to: idOf(a), session, candidate };
      for (const message of [announce, early]) {
        a.give({ type: 'signal-message', room: ROOM, from: name, payload: sealAs(name, message) });
      }
    }
    expect(a.machine.links().length).toBeLessThanOrEqual(5 + LINK_CONFIG.maxRoomLinks);
    expect(a.counted('signal.dropped')).toBe(60 - LINK_CONFIG.maxPending);
  });
});

describe('somebody in the middle', () => {
  it('K4: a channel whose fingerprints are not the signed ones is closed before a word is said', () => {
    for (const victim of ['a', 'b']) {
      const { hub, a, b } = world();
      hub.onPrint = (of, other) => (of.peer.name === victim ? printOf('middle') : other.print);
      enterBoth({ hub, a, b });
      noLink(a, b);
      const peer = victim === 'a' ? a : b;
      expect(peer.counted('links.fingerprint')).toBeGreaterThan(0);
    }
  });

  it('K4: frames held back, repeated or reordered on the channel authenticate nobody', () => {
    const { hub, a, b } = world();
    hub.onFrame = (_from, frame) => (frame[1] === 2 ? [] : [frame]);
    hub.enter(a);
    hub.enter(b);
    expect(a.machine.links().map(({ state }) => state)).toEqual(['authenticating']);
    hub.advance(10_000);
    noLink(a, b);
    expect(a.outputs).toContainEqual(
      expect.objectContaining({ type: 'link-close', reason: 'timeout while authenticating' }),
    );
  });

  it('K4: what one side said itself, thrown back at it, is no proof', () => {
    const { hub, a, b } = world();
    const [lower] = byKey('a', 'b');
    hub.onFrame = (from, frame) => {
      if (from.peer.name === lower) return [frame];
      return [];
    };
    hub.enter(a);
    hub.enter(b);
    const echoed = lower === 'a' ? a : b;
    const [link] = echoed.machine.links();
    const sent = echoed.outputs.filter((output) => output.type === 'link-send');
    for (const { frame } of sent) echoed.give({ type: 'link-frame', link: link?.link as never, frame });
    noLink(echoed);
  });
});
