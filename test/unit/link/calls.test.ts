// Links that are dialled: through the mesh, through the endpoint, for a neighbour or for one fetch.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, byKey, createHub, idOf, keypairOf } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import type { LinkOutput } from '../../../worker/core/link/types.ts';

/** In the room for signaling's key, but with no endpoint: nobody is announced to. */
function open(peer: Peer, want = 0): void {
  peer.give({ type: 'carrier', present: true });
  peer.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want });
}

/** Peers that only the mesh joins. */
function meshed(...names: string[]): { hub: Hub; peers: Peer[]; a: Peer; b: Peer } {
  const hub = createHub();
  const peers = names.map((name) => hub.peer(name));
  for (const peer of peers) {
    peer.give({ type: 'carrier', present: true });
    peer.machine.handle({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 }, hub.now);
  }
  const [a, b] = peers;
  if (a === undefined || b === undefined) throw new Error('two peers at least');
  return { hub, peers, a, b };
}

const dial = (from: Peer, to: PeerId, change: object = {}): LinkOutput[] =>
  from.give({ type: 'dial', room: ROOM, peer: to, purpose: 'neighbour', relay: true, ...change });

const failed = (peer: Peer): string[] =>
  peer.outputs.flatMap((output) => (output.type === 'dial-failed' ? [output.reason] : []));
const relayed = (peer: Peer) => peer.outputs.filter((output) => output.type === 'relay');

describe('a call through the mesh', () => {
  it('R1, R3: brings a proven link with the endpoint down, and says by which way', () => {
    const { hub, a, b } = meshed('a', 'b');
    dial(a, idOf(b));
    hub.settle();
    expect(a.ups()).toMatchObject([{ peer: idOf(b), source: 'gossip', purpose: 'neighbour', rooms: [ROOM] }]);
    expect(b.ups()).toMatchObject([{ peer: idOf(a), source: 'gossip', purpose: 'neighbour' }]);
    expect(a.ups()[0]?.transcript).toEqual(b.ups()[0]?.transcript);
    expect(hub.posted).toEqual([]);
    expect(b.machine.links()).toMatchObject([{ initiator: true }]);
    // Call, answer, candidate; offer, candidate.
    expect([relayed(a).length, relayed(b).length]).toEqual([3, 2]);
  });

  it('R3, K2: who calls many that are gone, and has few links, takes what it is offered meanwhile', () => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    open(b, 5);
    hub.settle();
    // So that it is up to the other to make the offer.
    hub.onPosted = (message) => (message.from === 'b' && message.to === null ? [] : [message]);
    open(a, 5);
    for (let n = 0; n < 12; n++) dial(a, keypairOf(`gone ${n}`).id);
    hub.advance(3_000);
    expect(a.ups()).toMatchObject([{ peer: idOf(b) }]);
  });

  it('R3: goes through the endpoint after 3 s where the mesh brought nothing', () => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    hub.onRelayed = () => [];
    // Heard while it has no page, and so makes no offer.
    a.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 0 });
    hub.settle();
    open(b);
    hub.settle();
    hub.onPosted = () => [];
    a.give({ type: 'carrier', present: true });
    hub.settle();
    hub.onPosted = (message) => [message];
    const posted = hub.posted.length;
    dial(a, idOf(b));
    hub.advance(2_900);
    expect(hub.posted).toHaveLength(posted);
    hub.advance(200);
    expect(a.ups()).toMatchObject([{ source: 'endpoint' }]);
    // Its name there is known from its announce.
    expect(hub.posted[posted]).toMatchObject({ from: 'a', to: 'b' });
    expect(b.live()).toHaveLength(1);
  });

  it('R3: goes through the endpoint at once where no link can carry it, to the whole room where the peer is not known there', () => {
    const hub = createHub();
    const [a, b, c] = [hub.peer('a'), hub.peer('b'), hub.peer('c')];
    hub.onPosted = () => [];
    for (const peer of [b, c, a]) open(peer);
    hub.settle();
    hub.onPosted = (message) => [message];
    const posted = hub.posted.length;
    dial(a, idOf(b), { relay: false });
    hub.settle();
    expect(hub.posted[posted]).toMatchObject({ from: 'a', to: null });
    expect(a.ups()).toMatchObject([{ peer: idOf(b), source: 'endpoint' }]);
    expect(c.machine.links()).toEqual([]);
    expect(c.counted('signal.foreign')).toBe(1);
  });

  it('R2, R3: without an endpoint it is sent again by other ways, and given up after 10 s', () => {
    const { hub, a, b } = meshed('a', 'b');
    hub.onRelayed = () => [];
    dial(a, idOf(b));
    hub.advance(9_900);
    expect(relayed(a).map(({ retry }) => retry)).toEqual([false, true, true, true]);
    expect(failed(a)).toEqual([]);
    hub.advance(200);
    expect(failed(a)).toEqual(['no answer to our call']);
    expect(a.machine.failures()).toMatchObject([{ peer: idOf(b), attempts: 1 }]);
    dial(a, idOf(b));
    expect(failed(a).at(-1)).toBe('failed a moment ago');
    hub.onRelayed = (_from, to) => [to];
    hub.advance(1_000);
    dial(a, idOf(b));
    hub.settle();
    expect(a.live()).toHaveLength(1);
  });

  it('K3: two that call each other at one moment come to one link', () => {
    const [lower, higher] = byKey('a', 'b');
    const { hub, a, b } = meshed(lower, higher);
    dial(a, idOf(b));
    dial(b, idOf(a));
    hub.settle();
    hub.advance(30_000);
    expect(a.ups()).toHaveLength(1);
    expect(b.ups()).toHaveLength(1);
    expect([...failed(a), ...failed(b)]).toEqual([]);
  });

  it.each([true, false])(
    'R3: an offer is taken that answers a call made before the page changed (its maker has the lower key: %s)',
    (isLower) => {
      const hub = createHub();
      const [lower, higher] = byKey('a', 'b').map((name) => hub.peer(name));
      if (lower === undefined || higher === undefined) throw new Error('two peers');
      const [moved, other] = isLower ? [lower, higher] : [higher, lower];
      for (const peer of [moved, other]) hub.enter(peer);
      hub.advance(60_000);
      const [link] = moved.live();
      if (link === undefined) throw new Error('linked');
      // The endpoint brings what is for one sooner than what is for all.
      const late: Parameters<Hub['post']>[0][] = [];
      hub.onPosted = (message) => (message.to === null ? (late.push(message), []) : [message]);
      // Both lose the link and call before they hear of each other; then a page takes over from the one that went.
      moved.give({ type: 'link-closed', link, reason: 'the page is gone' });
      for (const [peer, to] of [
        [moved, other],
        [other, moved],
      ] as const) {
        for (const each of peer.live()) peer.give({ type: 'link-closed', link: each, reason: 'gone' });
        dial(peer, idOf(to), { relay: false });
      }
      moved.give({ type: 'carrier', present: false });
      moved.give({ type: 'carrier', present: true });
      hub.settle();
      for (const message of late) hub.post(message);
      hub.settle();
      expect([moved.live().length, other.live().length]).toEqual([1, 1]);
      expect([...moved.outputs, ...other.outputs].filter(({ type }) => type === 'up')).toHaveLength(4);
    },
  );

  it('R3: where an answer is lost it comes to a link or to a failure that is told, never to nothing', () => {
    for (let lost = 0; lost < 6; lost++) {
      const { hub, a, b } = meshed('a', 'b');
      let n = 0;
      hub.onRelayed = (_from, to) => (n++ === lost ? [] : [to]);
      dial(a, idOf(b));
      hub.advance(25_000);
      expect(a.live().length + failed(a).length).toBe(1);
      expect(a.live().length).toBe(b.live().length);
    }
  });

  it('K5: a call of a peer that lost its link replaces what is left of it; one that crossed a new link is ignored', () => {
    const { hub, a, b } = meshed('a', 'b');
    dial(a, idOf(b));
    hub.settle();
    const [former] = b.live();
    const again = hub.peer('a');
    open(again, 5);
    const inputs = dial(again, idOf(b));
    expect(inputs).toHaveLength(1);
    hub.settle();
    expect(b.live()).toEqual([former]);
    // By the endpoint after 3 s, where nobody is, and by the mesh after 6 s.
    hub.advance(6_100);
    expect(again.live()).toHaveLength(1);
    expect(b.downs()).toMatchObject([{ link: former, reason: 'replaced', how: 'closed' }]);
  });
});

describe('what a hostile relay can do', () => {
  it('K2: a call, an offer or an answer played again yields nothing', () => {
    const { hub, a, b } = meshed('a', 'b');
    const seen: { from: Peer; to: PeerId; payload: Uint8Array }[] = [];
    hub.onRelayed = (from, to, payload) => {
      seen.push({ from, to, payload });
      return [to];
    };
    dial(a, idOf(b));
    hub.settle();
    hub.advance(5_000);
    const opened = () => [...a.outputs, ...b.outputs].filter(({ type }) => type === 'link-open').length;
    const before = opened();
    for (let round = 0; round < 3; round++) {
      for (const { from, to, payload } of seen) {
        const receiver = to === idOf(a) ? a : b;
        receiver.give({ type: 'relayed', room: ROOM, from: idOf(from), payload });
      }
      hub.advance(1_000);
    }
    expect(opened()).toBe(before);
    expect(b.counted('signal.replayed')).toBeGreaterThan(0);
    expect(a.live()).toHaveLength(1);
  });

  it('R2: a message that says it is from another than its signer is refused', () => {
    const { hub, a, b } = meshed('a', 'b');
    const payloads: Uint8Array[] = [];
    hub.onRelayed = (_from, _to, payload) => {
      payloads.push(payload);
      return [];
    };
    dial(a, idOf(b));
    hub.settle();
    const [payload] = payloads;
    if (payload === undefined) throw new Error('a call was sent');
    const outputs = b.give({ type: 'relayed', room: ROOM, from: keypairOf('x').id, payload });
    expect(outputs).toEqual([{ type: 'count', name: 'signal.refused' }]);
  });

  it('R3: an offer by another peer than the called one is no answer to the call', () => {
    const { hub, a, b, peers } = meshed('a', 'b', 'c');
    const c = peers[2] as Peer;
    hub.onRelayed = (_from, to) => (to === idOf(b) ? [idOf(c)] : [to]);
    dial(a, idOf(b));
    hub.advance(12_000);
    expect(a.live()).toEqual([]);
    expect(c.counted('signal.foreign')).toBeGreaterThan(0);
    expect(failed(a)).toHaveLength(1);
  });
});

describe('limits', () => {
  it('P9: at most 2 temporary links are dialled at once; they are none of the 8 of the room', () => {
    const names = ['a', ...Array.from({ length: 12 }, (_, n) => `p${n}`)];
    const { hub, peers, a } = meshed(...names);
    const others = peers.slice(1);
    for (const peer of others.slice(0, 3)) dial(a, idOf(peer), { purpose: 'temporary' });
    expect(failed(a)).toEqual(['too many temporary links']);
    for (const peer of others.slice(3)) dial(a, idOf(peer));
    hub.settle();
    expect(failed(a).slice(1)).toEqual(['as many links as there may be']);
    const held = a.machine.links();
    expect(held.filter(({ purpose }) => purpose === 'temporary')).toHaveLength(2);
    expect(held.filter(({ purpose }) => purpose === 'neighbour')).toHaveLength(8);
    expect(others[0]?.machine.links()).toMatchObject([{ purpose: 'temporary' }]);
  });

  it.each([
    ['desktop', 12],
    ['phone', 4],
  ] as const)('P9: of others a %s takes at most %i temporary links', (form, most) => {
    const { hub, peers, a } = meshed('a', ...Array.from({ length: 14 }, (_, n) => `p${n}`));
    a.give({ type: 'form', form });
    for (const peer of peers.slice(1)) {
      dial(peer, idOf(a), { purpose: 'temporary' });
      hub.settle();
    }
    expect(a.machine.links().map(({ purpose }) => purpose)).toEqual(Array(most).fill('temporary'));
  });

  it('R3: a peer that has as many links as there may be says nothing', () => {
    const names = ['a', ...Array.from({ length: 9 }, (_, n) => `p${n}`)];
    const { hub, peers, a } = meshed(...names);
    for (const peer of peers.slice(1)) {
      dial(peer, idOf(a));
      hub.settle();
    }
    expect(a.live()).toHaveLength(8);
    expect(a.counted('signal.unwanted')).toBe(1);
  });

  it('P9: a link that was never needed, or is no more, is closed after 10 s with a goodbye, and may be dialled again', () => {
    const { hub, a, b } = meshed('a', 'b');
    hub.keeps = (peer) => peer === b;
    dial(a, idOf(b));
    hub.advance(9_900);
    expect(a.live()).toHaveLength(1);
    hub.advance(200);
    expect(a.downs()).toMatchObject([{ reason: 'not needed', how: 'closed' }]);
    expect(b.downs()).toMatchObject([{ reason: 'goodbye: not needed', how: 'goodbye' }]);
    hub.keeps = () => true;
    dial(a, idOf(b));
    hub.settle();
    const [link] = a.live();
    if (link === undefined) throw new Error('linked');
    hub.advance(30_000);
    a.give({ type: 'keep', link, kept: false });
    hub.advance(5_000);
    a.give({ type: 'keep', link, kept: false });
    hub.advance(5_100);
    expect(a.live()).toEqual([]);
    const again = dial(a, idOf(b));
    expect(again.map(({ type }) => type)).toEqual(['relay']);
  });

  it('P9: a link that is of no use makes place at once for one that is asked for', () => {
    const names = ['a', ...Array.from({ length: 9 }, (_, n) => `p${n}`)];
    const { hub, peers, a } = meshed(...names);
    for (const peer of peers.slice(1, 9)) {
      dial(a, idOf(peer));
      hub.settle();
    }
    const [first] = a.live();
    if (first === undefined) throw new Error('linked');
    a.give({ type: 'keep', link: first, kept: false });
    dial(a, idOf(peers[9] as Peer));
    hub.settle();
    expect(a.live()).toHaveLength(8);
    expect(a.downs()).toMatchObject([{ link: first, reason: 'full' }]);
  });

  it('K7: without a page a dial fails at once, and all calls end when the page goes', () => {
    const { hub, a, b } = meshed('a', 'b');
    hub.onRelayed = () => [];
    dial(a, idOf(b));
    a.give({ type: 'carrier', present: false });
    dial(a, idOf(b));
    expect(failed(a)).toEqual(['no page carries links', 'no page carries links']);
    hub.advance(60_000);
    expect(failed(a)).toHaveLength(2);
  });

  it('R3: what cannot be sent fails at once and says why', () => {
    const { a, b } = meshed('a', 'b');
    dial(a, idOf(b), { relay: false });
    dial(a, idOf(a));
    dial(a, idOf(b), { room: 'cd'.repeat(32) });
    expect(failed(a)).toEqual([
      'neither the mesh nor the endpoint can carry a call',
      'this device itself',
      'unknown room',
    ]);
  });
});

describe('what is due', () => {
  it('K6: frames move no deadline and are handled without a look at the links; pings still go in time', () => {
    const { hub, a, b } = meshed('a', 'b');
    dial(a, idOf(b));
    hub.advance(60_000);
    const pings = a.outputs.filter((output) => output.type === 'link-send').length;
    expect(pings).toBeGreaterThan(20);
    expect(a.downs()).toEqual([]);
    const wake = a.machine.nextWake() ?? 0;
    expect(wake - hub.now).toBeLessThanOrEqual(5_000);
  });
});
