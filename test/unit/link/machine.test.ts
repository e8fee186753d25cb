// How links open, meet, replace each other and end.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, byKey, createHub, idOf, keypairOf, printOf, sdpOf, sentFrames } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import type { LinkId } from '../../../worker/core/model/ids.ts';
import { encodeFrame } from '../../../worker/core/wire/frame.ts';

const OTHER_ROOM = 'cd'.repeat(32);
const OTHER_KEY = hash32(utf8('other room key'));

function pair(): { hub: Hub; a: Peer; b: Peer } {
  const hub = createHub();
  const a = hub.peer('a');
  const b = hub.peer('b');
  hub.enter(a);
  hub.enter(b);
  return { hub, a, b };
}

const types = (peer: Peer): string[] => peer.outputs.map(({ type }) => type);

describe('opening', () => {
  it('K2, K3, K4: two peers in a room come to one proven link, with exactly these effects', () => {
    const { a, b } = pair();
    expect(types(a)).toEqual([
      'signal-join',
      'met',
      'link-open',
      'signal-send', // offer
      'signal-send', // candidate
      'link-signal', // answer
      'link-signal', // candidate
      'link-send', // hello
      'link-send', // proof
      'up',
      'link-send', // ping
      'link-send', // pong
    ]);
    expect(types(b)).toEqual([
      'signal-join',
      'signal-send', // announce
      'link-open',
      'link-signal', // offer
      'link-signal', // candidate
      'signal-send', // answer
      'signal-send', // candidate
      'link-send', // hello
      'link-send', // proof
      'up',
      'link-send', // ping
      'link-send', // pong
    ]);
    expect(sentFrames(a)).toEqual(['hello', 'proof', 'ping', 'pong']);
    expect(a.outputs.filter((output) => output.type === 'link-open')).toEqual([
      { type: 'link-open', link: 'L1', initiator: true },
    ]);
    expect(b.outputs.filter((output) => output.type === 'link-open')).toEqual([
      { type: 'link-open', link: 'L1', initiator: false },
    ]);
  });

  it('K4: both ends learn the same transcript, the other key, the version and the room', () => {
    const hub = createHub();
    const a = hub.peer('a', { features: ['x'] });
    const b = hub.peer('b', { features: ['y', 'z'] });
    hub.enter(a);
    hub.enter(b);
    const [atA, atB] = [a.ups()[0], b.ups()[0]];
    expect(atA).toMatchObject({ peer: idOf(b), version: 1, features: ['y', 'z'], rooms: [ROOM] });
    expect(atB).toMatchObject({ peer: idOf(a), version: 1, features: ['x'], rooms: [ROOM] });
    expect(atA?.transcript).toEqual(atB?.transcript);
    expect(atA?.transcript).toHaveLength(32);
  });

  it('K1: nothing the endpoint sees holds a key, a description or a candidate in the clear', () => {
    const { hub, a } = pair();
    const seen = hub.posted.map(({ payload }) => Buffer.from(payload).toString('latin1')).join('|');
    const planted = Buffer.concat([Buffer.from(a.keypair.publicKey), Buffer.from('candidate:1 fingerprint')]);
    for (const secret of ['candidate:', 'fingerprint', Buffer.from(a.keypair.publicKey).toString('latin1')]) {
      expect(seen).not.toContain(secret);
      expect(planted.toString('latin1')).toContain(secret);
    }
    expect(hub.posted.every(({ payload }) => (payload.length - 24 - 16) % 256 === 0)).toBe(true);
  });

  it('K2: many peers link with each other up to the wanted number, and nobody stays without', () => {
    const hub = createHub();
    const config = { maxRoomLinks: 4 };
    const peers = Array.from({ length: 7 }, (_, index) => hub.peer(`p${index}`, { config }));
    for (const peer of peers) hub.enter(peer, { want: 2 });
    hub.advance(10_000);
    for (const peer of peers) {
      expect(peer.live().length).toBeGreaterThan(0);
      expect(peer.live().length).toBeLessThanOrEqual(4);
    }
    const linked = new Map(peers.map((peer) => [idOf(peer), peer.machine.links().map((link) => link.peer)]));
    const reached = new Set([idOf(peers[0] as Peer)]);
    for (const id of reached) for (const next of linked.get(id) ?? []) reached.add(next);
    expect(reached.size).toBe(peers.length);
  });

  it('K2: a device takes no more than its 24 links', () => {
    const hub = createHub();
    const centre = hub.peer('centre', { config: { maxLinks: 3 } });
    hub.enter(centre);
    for (let n = 0; n < 6; n++) hub.enter(hub.peer(`p${n}`));
    expect(centre.live()).toHaveLength(3);
    expect(centre.machine.links()).toHaveLength(3);
  });

  it('P2: told that it is a phone, a device takes no more than 8 links, whatever its rooms want', () => {
    const hub = createHub();
    const phone = hub.peer('phone');
    phone.give({ type: 'form', form: 'phone' });
    const rooms = ['a1', 'b2', 'c3'].map((byte) => byte.repeat(32));
    for (const room of rooms) {
      hub.enter(phone, { room, want: 8 });
      for (let n = 0; n < 4; n++) hub.enter(hub.peer(`${room.slice(0, 2)}${n}`), { room });
    }
    hub.advance(10_000);
    expect(phone.live()).toHaveLength(8);
  });

  it('K7: a peer without a page neither announces nor answers, and announces at once when one appears', () => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    hub.enter(a);
    b.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 });
    hub.settle();
    expect(hub.posted).toHaveLength(0);
    expect(b.machine.nextWake()).toBeNull();
    b.give({ type: 'carrier', present: true });
    hub.settle();
    expect(b.live()).toHaveLength(1);
  });

  it('K3: in glare the lower key makes the one link that comes up', () => {
    const hub = createHub();
    const [lower, higher] = byKey('a', 'b');
    const peers = new Map([lower, higher].map((name) => [name, hub.peer(name)]));
    // Messages are held back until both have offered.
    const held: Parameters<Hub['post']>[0][] = [];
    hub.onPosted = (message) => {
      held.push(message);
      return [];
    };
    for (const peer of peers.values()) hub.enter(peer);
    const first = peers.get(lower) as Peer;
    const second = peers.get(higher) as Peer;
    first.give({ type: 'signal-joined', room: ROOM, members: [higher] });
    second.give({ type: 'signal-joined', room: ROOM, members: [lower] });
    hub.settle();
    for (const message of held.splice(0)) hub.post(message);
    hub.settle();
    expect(held.filter(({ from }) => from === lower).length).toBeGreaterThan(0);
    expect(held.filter(({ from }) => from === higher).length).toBeGreaterThan(0);
    hub.onPosted = (message) => [message];
    for (const message of held.splice(0)) hub.post(message);
    hub.settle();
    expect(first.ups()).toHaveLength(1);
    expect(second.ups()).toHaveLength(1);
    expect(first.machine.links()).toMatchObject([{ state: 'up', initiator: true }]);
    expect(second.machine.links()).toMatchObject([{ state: 'up', initiator: false }]);
    hub.advance(60_000);
    expect(first.ups()).toHaveLength(1);
  });

  it('K3: candidates that overtake the offer or the answer are kept and handed over after it', () => {
    const hub = createHub();
    const [a, b] = [hub.peer('a'), hub.peer('b')];
    let late: Parameters<Hub['post']>[0] | null = null;
    // The first of each pair (offer, candidate) and (answer, candidate) comes second.
    hub.onPosted = (message) => {
      if (message.to === null) return [message];
      const swapped = late === null ? [] : [message, late];
      late = late === null ? message : null;
      return swapped;
    };
    hub.enter(a);
    hub.enter(b);
    expect(a.live()).toHaveLength(1);
    expect(b.live()).toHaveLength(1);
    for (const { handed } of hub.connections.values()) {
      expect(handed.map((data) => (JSON.parse(data) as { type: string }).type)).toHaveLength(2);
      expect(handed[1]).toContain('candidate');
    }
  });
});

describe('one link per peer', () => {
  it('K5: a peer met in two rooms shares one link that knows both', () => {
    const { hub, a, b } = pair();
    hub.enter(a, { room: OTHER_ROOM, key: OTHER_KEY });
    hub.enter(b, { room: OTHER_ROOM, key: OTHER_KEY });
    hub.advance(10_000);
    expect(a.ups()).toHaveLength(1);
    for (const peer of [a, b]) {
      expect(peer.machine.links()).toMatchObject([{ state: 'up', rooms: [ROOM, OTHER_ROOM] }]);
    }
  });

  it('K5: a peer that lost everything links anew; the newly proven link replaces the old at the other', () => {
    const { hub, a } = pair();
    hub.advance(10_000);
    const former = a.live();
    hub.onFrame = (from, frame) => (from.peer === a && former.includes(from.link) ? [] : [frame]);
    const again = hub.peer('b');
    hub.enter(again);
    hub.settle();
    expect(a.ups()).toHaveLength(2);
    expect(a.downs()).toMatchObject([{ link: former[0], peer: idOf(again), reason: 'replaced' }]);
    expect(a.live()).toHaveLength(1);
    expect(again.live()).toHaveLength(1);
    const order = types(a).filter((type) => type === 'up' || type === 'down');
    expect(order).toEqual(['up', 'down', 'up']);
  });

  it('K2: an offer that went to a former connection of a peer is not waited for when it announces by a new one', () => {
    const hub = createHub();
    const a = hub.peer('a');
    hub.enter(a);
    hub.onPosted = (message) => (message.to === 'b' ? [] : [message]);
    hub.enter(hub.peer('b'));
    expect(a.machine.links()).toMatchObject([{ state: 'connecting', initiator: true }]);
    const again = hub.peer('b again', { keypair: keypairOf('b') });
    hub.enter(again);
    expect(again.live()).toHaveLength(1);
    expect(a.live()).toHaveLength(1);
  });

  it('K2: an offer that may be under way is waited for', () => {
    const hub = createHub();
    const a = hub.peer('a');
    hub.enter(a);
    hub.onPosted = (message) => (message.to === 'b' ? [] : [message]);
    const b = hub.peer('b');
    hub.enter(b);
    hub.advance(2_000);
    const announces = b.outputs.filter(({ type }) => type === 'signal-send');
    const offers = a.outputs.filter(({ type }) => type === 'link-open');
    expect(announces.length).toBeGreaterThan(1);
    expect(offers).toHaveLength(1);
  });

  it('K5: an attempt that fails leaves the healthy link alone', () => {
    const { hub, a } = pair();
    hub.advance(10_000);
    hub.onPosted = (message) => (message.to === null ? [message] : []);
    const impostor = hub.peer('b');
    impostor.give({ type: 'carrier', present: true });
    impostor.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 5 });
    hub.settle();
    expect(a.machine.links().map(({ state }) => state)).toEqual(['up', 'connecting']);
    const before = a.live();
    for (let n = 0; n < 11; n++) {
      hub.now += 1_000;
      for (const link of before)
        a.give({ type: 'link-frame', link, frame: encodeFrame({ type: 'pong', n: n + 3 }) });
      a.give({ type: 'tick' });
    }
    expect(a.live()).toEqual(before);
    expect(a.downs()).toEqual([]);
    expect(a.machine.failures()).toMatchObject([{ attempts: 1, reason: 'timeout while connecting' }]);
  });
});

describe('ending', () => {
  it('K2: a lost link is announced for at once and comes back', () => {
    const { hub, a, b } = pair();
    hub.advance(10_000);
    hub.cut(a, a.live()[0] as LinkId);
    hub.settle();
    hub.advance(100);
    expect(a.downs()).toMatchObject([{ reason: 'connection lost' }]);
    expect(a.live()).toHaveLength(1);
    expect(b.live()).toHaveLength(1);
  });

  it('K2: links that go one after the other are announced for twice, so that who answers the last is heeded', () => {
    const hub = createHub();
    const a = hub.peer('a');
    hub.enter(a);
    for (let n = 0; n < 6; n++) hub.enter(hub.peer(`b${n}`));
    hub.advance(10_000);
    expect(a.live()).toHaveLength(6);
    const before = hub.posted.length;
    hub.onPosted = () => [];
    for (const link of a.live()) {
      hub.cut(a, link);
      hub.advance(5);
    }
    hub.advance(300);
    const announced = hub.posted.slice(before).filter(({ from, to }) => from === 'a' && to === null);
    expect(announced).toHaveLength(2);
  });

  it('K7: all links are down when the page that carries them is gone, told once, and return with the next', () => {
    const { hub, a, b } = pair();
    hub.advance(10_000);
    const [link] = b.live();
    expect(b.give({ type: 'carrier', present: false })).toEqual([
      { type: 'down', link, peer: idOf(a), reason: 'no page carries links', how: 'closed' },
    ]);
    expect(b.give({ type: 'link-closed', link: link as LinkId, reason: 'late' })).toEqual([]);
    expect(b.give({ type: 'carrier', present: false })).toEqual([]);
    b.give({ type: 'carrier', present: true });
    hub.settle();
    expect(b.live()).toHaveLength(1);
    expect(b.live()).not.toEqual([link]);
    expect(a.live()).toHaveLength(1);
  });

  it('K6: when the endpoint returns, everybody who wants links announces at once', () => {
    const { hub, a } = pair();
    hub.advance(120_000);
    a.give({ type: 'signal-state', up: false, url: null, reason: 'gone' });
    hub.settle();
    const before = hub.posted.length;
    hub.advance(120_000);
    expect(hub.posted.length - before).toBeLessThan(4); // b's, whom nobody told
    a.give({ type: 'signal-state', up: true, url: 'ws://x', reason: null });
    const sent = a.give({ type: 'signal-joined', room: ROOM, members: ['b'] });
    expect(sent).toMatchObject([{ type: 'signal-send', room: ROOM, to: null }]);
  });

  it('K6: announces double from 1 s to 60 s while links lack, and go once a minute when none does', () => {
    const gaps = (want: number): number[] => {
      const hub = createHub();
      const a = hub.peer('a');
      hub.enter(a, { want });
      a.give({ type: 'signal-joined', room: ROOM, members: ['nobody'] });
      const at = [hub.now];
      for (let n = 0; n < 8; n++) {
        const wake = a.machine.nextWake() ?? 0;
        hub.now = wake;
        expect(a.give({ type: 'tick' })).toMatchObject([{ type: 'signal-send' }]);
        at.push(wake);
      }
      return at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000);
    };
    const seconds = [1, 2, 4, 8, 16, 32, 60, 60];
    gaps(5).forEach((gap, index) => {
      expect(Math.abs(gap / (seconds[index] ?? 0) - 1)).toBeLessThanOrEqual(0.11);
    });
    for (const gap of gaps(0)) expect(Math.abs(gap / 60 - 1)).toBeLessThanOrEqual(0.11);
  });

  it('K2: a link closed by the node says why, is told down, and is not opened again at once', () => {
    const { hub, a, b } = pair();
    hub.advance(10_000);
    const [link] = a.live();
    const outputs = a.give({
      type: 'close',
      link: link as LinkId,
      reason: 'no grove in common 💥'.repeat(30),
    });
    expect(outputs.map(({ type }) => type)).toEqual(['link-send', 'link-close', 'down']);
    hub.advance(5_000);
    expect(b.downs()).toHaveLength(1);
    expect(b.downs()[0]?.reason).toContain('goodbye: no grove in common');
    expect(a.ups()).toHaveLength(1);
    hub.advance(60_000);
    expect(a.ups()).toHaveLength(2);
  });

  it('K2: a room that is left gives up its attempts but no link, and is left at the endpoint', () => {
    const { hub, a } = pair();
    hub.onPosted = (message) => (message.to === null ? [message] : []);
    hub.enter(hub.peer('c'));
    expect(a.machine.links().map(({ state }) => state)).toEqual(['up', 'connecting']);
    expect(a.give({ type: 'room-close', room: ROOM }).map(({ type }) => type)).toEqual([
      'link-close',
      'signal-leave',
    ]);
    expect(a.machine.links()).toMatchObject([{ state: 'up', rooms: [] }]);
  });

  it('K2: stop says goodbye to all and leaves the rooms; nothing moves it after that', () => {
    const { hub, a, b } = pair();
    expect(a.give({ type: 'stop' }).map(({ type }) => type)).toEqual([
      'link-send',
      'link-close',
      'down',
      'signal-leave',
    ]);
    hub.settle();
    expect(b.downs()).toMatchObject([{ reason: 'goodbye: leaving' }]);
    expect(a.machine.nextWake()).toBeNull();
    expect(a.give({ type: 'carrier', present: true })).toEqual([]);
    expect(a.give({ type: 'stop' })).toEqual([]);
  });

  it('K3: an attempt that comes to nothing ends after 10 s, and retries of it double', () => {
    const { hub, a } = pair();
    hub.onPosted = (message) => (message.to === null ? [message] : []);
    hub.enter(hub.peer('c'));
    hub.advance(9_000);
    expect(a.machine.links()).toHaveLength(2);
    hub.advance(300_000);
    const failure = a.machine.failures().find(({ peer }) => peer === keypairOf('c').id);
    expect(failure?.attempts).toBeGreaterThan(2);
    expect(failure?.attempts).toBeLessThan(10);
  });

  it('K3: what the own connection says beside descriptions and candidates goes nowhere', () => {
    const hub = createHub();
    const a = hub.peer('a');
    hub.enter(a);
    hub.enter(hub.peer('b'));
    const [link] = a.live() as [LinkId];
    const sent = hub.posted.length;
    for (const data of [
      '{"type":"renegotiate","renegotiate":true}',
      'not json',
      '{"type":"offer","sdp":"\\ud800"}',
      JSON.stringify({ type: 'offer', sdp: sdpOf('again', printOf('again')) }),
    ]) {
      expect(a.give({ type: 'link-signal', link, data })).toEqual([
        { type: 'count', name: 'signal.unneeded' },
      ]);
    }
    hub.settle();
    expect(hub.posted).toHaveLength(sent);
  });
});
