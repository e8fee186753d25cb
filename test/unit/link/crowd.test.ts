// K8: rooms of many, and who is in them.
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, createHub, idOf, keypairOf } from './hub.ts';
import type { Hub, Peer } from './hub.ts';
import { LINK_CONFIG } from '../../../worker/core/link/config.ts';
import { sealMessage } from '../../../worker/core/link/envelope.ts';
import type { Outgoing } from '../../../worker/core/link/envelope.ts';
import { nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';

const names = (size: number): string[] => Array.from({ length: size }, (_, n) => `other ${n}`);

function inside(want: number, size: number, name = 'a'): { hub: Hub; a: Peer } {
  const hub = createHub();
  const a = hub.peer(name);
  a.give({ type: 'carrier', present: true });
  a.give({ type: 'signal-state', up: true, url: 'ws://x', reason: null });
  a.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want });
  a.give({ type: 'signal-joined', room: ROOM, members: names(size) });
  return { hub, a };
}

const moves = (peer: Peer): string[] =>
  peer.outputs.map(({ type }) => type).filter((type) => type === 'signal-join' || type === 'signal-leave');

/** Lets time pass for one machine alone. */
function pass(hub: Hub, peer: Peer, ms: number): void {
  const end = hub.now + ms;
  for (let next = peer.machine.nextWake(); next !== null && next <= end; next = peer.machine.nextWake()) {
    hub.now = next;
    peer.give({ type: 'tick' });
  }
  hub.now = end;
}

describe('a room of many', () => {
  it('K8: of 200 peers without a lack most leave within 10 s, none before 3 s, and about 32 of all stay', () => {
    let left = 0;
    for (let n = 0; n < 60; n++) {
      const { hub, a } = inside(0, 200, `peer ${n}`);
      pass(hub, a, 2_900);
      expect(moves(a)).toEqual(['signal-join']);
      pass(hub, a, 7_200);
      left += moves(a).includes('signal-leave') ? 1 : 0;
    }
    const share = left / 60;
    expect(share).toBeGreaterThan(1 - 32 / 200 - 0.13);
    expect(share).toBeLessThan(1);
  });

  it('K8: nobody leaves a room of up to 48 others, and nobody who lacks links', () => {
    for (const [want, size] of [
      [0, 48],
      [5, 200],
    ] as const) {
      const { hub, a } = inside(want, size);
      pass(hub, a, 600_000);
      expect(moves(a)).toEqual(['signal-join']);
    }
  });

  it('K8: who left looks in again every 10 min, and at once when it lacks links', () => {
    const { hub, a } = inside(0, 250);
    // Those that stayed at the first look think again, as long as it is crowded.
    pass(hub, a, 120_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave']);
    const at = hub.now;
    while (moves(a).length < 3) pass(hub, a, 10_000);
    expect(hub.now - at).toBeGreaterThan(LINK_CONFIG.lookInEvery * 0.8 - 120_000);
    expect(hub.now - at).toBeLessThan(LINK_CONFIG.lookInEvery * 1.2 + 10_000);
    a.give({ type: 'signal-joined', room: ROOM, members: names(250) });
    pass(hub, a, 120_000);
    expect(moves(a).slice(2)).toEqual(['signal-join', 'signal-leave']);
    expect(a.give({ type: 'room-want', room: ROOM, want: 5 }).map(({ type }) => type)).toEqual([
      'signal-join',
    ]);
    const joined = a.give({ type: 'signal-joined', room: ROOM, members: names(250) });
    expect(joined.map(({ type }) => type)).toEqual(Array(LINK_CONFIG.crowdAsked).fill('signal-send'));
  });

  it('K8: who has few links and calls six in vain looks in again', () => {
    const { hub, a } = inside(0, 250);
    pass(hub, a, 120_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave']);
    const call = (n: number): void => {
      const peer = keypairOf(`away ${n}`).id;
      a.give({ type: 'dial', room: ROOM, peer, purpose: 'neighbour', relay: true });
      pass(hub, a, LINK_CONFIG.connectTimeout + 1);
    };
    for (let n = 1; n < LINK_CONFIG.callsInVain; n++) call(n);
    expect(moves(a)).toHaveLength(2);
    call(LINK_CONFIG.callsInVain);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave', 'signal-join']);
    a.give({ type: 'signal-joined', room: ROOM, members: names(250) });
    pass(hub, a, 120_000);
    expect(moves(a)).toHaveLength(4);
  });

  it('K8: who looks in and finds few stays', () => {
    const { hub, a } = inside(0, 250);
    pass(hub, a, 120_000);
    while (moves(a).length < 3) pass(hub, a, 10_000);
    a.give({ type: 'signal-joined', room: ROOM, members: names(10) });
    pass(hub, a, 600_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave', 'signal-join']);
  });

  it('K8: who is not let in, because the room is full, asks no longer than 20 s where it lacks nothing', () => {
    const hub = createHub();
    const a = hub.peer('a');
    a.give({ type: 'carrier', present: true });
    a.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 0 });
    // While the endpoint is down nobody is in, and nobody gives up.
    pass(hub, a, 120_000);
    expect(moves(a)).toEqual(['signal-join']);
    a.give({ type: 'signal-state', up: true, url: 'ws://x', reason: null });
    pass(hub, a, 19_000);
    expect(moves(a)).toEqual(['signal-join']);
    pass(hub, a, 2_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave']);
    a.give({ type: 'room-want', room: ROOM, want: 1 });
    pass(hub, a, 600_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave', 'signal-join']);
  });

  it('K2: in a crowd an announce goes to 16 by chance, else to all', () => {
    const asked = (n: number, size: number): unknown[] => {
      const { a } = inside(2, size, `newcomer ${n}`);
      return a.outputs.flatMap((output) => (output.type === 'signal-send' ? [output.to] : []));
    };
    expect(asked(0, 48)).toEqual([null]);
    const heard = new Set<unknown>();
    for (let n = 0; n < 50; n++) {
      const to = asked(n, 200);
      expect(new Set(to).size).toBe(16);
      for (const each of to) heard.add(each);
    }
    expect(heard.size).toBeGreaterThan(150);
  });

  it('K8: who enters counts, who leaves does not: a room that fills up is left', () => {
    const { hub, a } = inside(0, 30);
    for (const member of names(250)) a.give({ type: 'signal-entered', room: ROOM, member });
    pass(hub, a, 120_000);
    expect(moves(a)).toEqual(['signal-join', 'signal-leave']);
    const { hub: other, a: b } = inside(0, 250, 'b');
    for (const member of names(250).slice(30)) b.give({ type: 'signal-left', room: ROOM, member });
    pass(other, b, 120_000);
    expect(moves(b)).toEqual(['signal-join']);
  });

  it("K2: in an invite's room of many a newcomer gets a handful of offers, not one from everybody", () => {
    let offers = 0;
    for (let n = 0; n < 100; n++) {
      const { hub, a } = inside(0, 200, `taker ${n}`);
      const random = createSeededRandom(n);
      const announce: Outgoing = {
        kind: 'announce',
        nonce: random.bytes(16),
        links: 0,
        tags: [],
        want: 5,
      };
      const room = { name: ROOM, key: ROOM_KEY };
      const { payload } = sealMessage(nobleSignatures, keypairOf('newcomer'), room, random, announce);
      const outputs = a.give({ type: 'signal-message', room: ROOM, from: 'other 3', payload });
      expect(outputs).toContainEqual({ type: 'met', room: ROOM, peer: keypairOf('newcomer').id });
      offers += outputs.some(({ type }) => type === 'link-open') ? 1 : 0;
      hub.settle();
    }
    // Of 200 that listen 16.
    expect(offers).toBeGreaterThan(0);
    expect(offers).toBeLessThan(20);
  });

  it('K2: where this device only listens it lets in 4 newcomers at once, and more when they are at home elsewhere', () => {
    const hub = createHub();
    const host = hub.peer('host');
    hub.enter(host, { want: 0 });
    const grove = 'cd'.repeat(32);
    host.give({ type: 'room-open', room: grove, key: ROOM_KEY, want: 5 });
    for (let n = 0; n < 6; n++) hub.enter(hub.peer(`n${n}`), { want: 1, newcomer: true });
    expect(host.live()).toHaveLength(4);
    for (const link of host.live()) host.give({ type: 'shared', link, room: grove });
    hub.advance(20_000);
    expect(host.live()).toHaveLength(6);
  });

  it('K2: a newcomer takes three or four of the offers that are made to it', () => {
    const hub = createHub();
    for (let n = 0; n < 8; n++) hub.enter(hub.peer(`l${n}`), { want: 0 });
    const newcomer = hub.peer('newcomer');
    hub.enter(newcomer, { want: 1, newcomer: true });
    hub.advance(20_000);
    expect([3, 4]).toContain(newcomer.live().length);
  });

  it.each([
    { links: 0, want: 1, taken: true },
    { links: 1, want: 1, taken: false },
    // It was let in, and has a log to catch up with.
    { links: 1, want: 3, taken: true },
    { links: 3, want: 3, taken: false },
    // Whatever it wants.
    { links: 4, want: 250, taken: false },
  ])(
    'K2: who listens takes in a newcomer with $links links that wants $want: $taken',
    ({ links, want, taken }) => {
      const { a } = inside(0, 3, 'taker');
      const random = createSeededRandom(1);
      const announce: Outgoing = { kind: 'announce', nonce: random.bytes(16), links, tags: [], want };
      const room = { name: ROOM, key: ROOM_KEY };
      const { payload } = sealMessage(nobleSignatures, keypairOf('newcomer'), room, random, announce);
      const outputs = a.give({ type: 'signal-message', room: ROOM, from: 'other 1', payload });
      expect(outputs.some(({ type }) => type === 'link-open')).toBe(taken);
    },
  );

  it('K2: newcomers take the places of the grove that they join: a device has no more than 8 links for it, at any time', () => {
    const hub = createHub();
    const host = hub.peer('host');
    const grove = 'cd'.repeat(32);
    hub.enter(host, { room: grove, want: 5 });
    for (let n = 0; n < 7; n++) {
      const member = hub.peer(`m${n}`);
      hub.enter(member, { room: grove, want: 5 });
      member.give({ type: 'dial', room: grove, peer: idOf(host), purpose: 'neighbour', relay: false });
      hub.settle();
    }
    expect(host.live()).toHaveLength(7);
    host.give({ type: 'room-open', room: ROOM, key: ROOM_KEY, want: 0, home: grove });
    hub.settle();
    let most = 0;
    for (let n = 0; n < 4; n++) {
      hub.enter(hub.peer(`n${n}`), { want: 1, newcomer: true });
      for (let k = 0; k < 20; k++) {
        hub.advance(250);
        most = Math.max(most, host.live().length);
      }
    }
    const newcomers = Array.from({ length: 4 }, (_, n) => keypairOf(`n${n}`).id);
    const linked = host.machine.links().map(({ peer }) => peer);
    expect(newcomers.every((id) => linked.includes(id))).toBe(true);
    expect(most).toBe(8);
  });
});
