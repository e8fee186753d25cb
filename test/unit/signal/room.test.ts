import { describe, expect, it } from 'vitest';
import { ROOM_LIMITS } from '../../../worker/signal/config.ts';
import type { RoomLimits } from '../../../worker/signal/config.ts';
import type { FromEndpoint, ToEndpoint } from '../../../worker/signal/protocol.ts';
import { encodeToEndpoint, parseFromEndpoint } from '../../../worker/signal/protocol.ts';
import type { ConnId, RoomEffect, Rooms } from '../../../worker/signal/room.ts';
import { createRooms } from '../../../worker/signal/room.ts';
import { seededRandom } from './seeded.ts';

const ROOM = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const room = (n: number): string => n.toString(16).padStart(64, '0');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An effect with its bytes read, so that whole lists can be compared. */
type Told =
  Exclude<RoomEffect, { type: 'send' }> | { type: 'send'; conn: ConnId; message: FromEndpoint | null };
const told = (effects: readonly RoomEffect[]): Told[] =>
  effects.map((effect) =>
    effect.type === 'send'
      ? { type: 'send', conn: effect.conn, message: parseFromEndpoint(effect.data) }
      : effect,
  );

function setup(limits: Partial<RoomLimits> = {}, conns: readonly ConnId[] = [1, 2, 3]) {
  const rooms = createRooms({ limits: { ...ROOM_LIMITS, ...limits }, random: seededRandom(7) });
  for (const conn of conns) rooms.handle({ type: 'open', conn }, 0);
  const say = (conn: ConnId, message: ToEndpoint, now = 0): Told[] =>
    told(rooms.handle({ type: 'message', conn, data: encodeToEndpoint(message) }, now));
  const join = (conn: ConnId, name: string, now = 0): string => {
    const [first] = say(conn, { type: 'join', room: name }, now);
    if (first?.type !== 'send' || first.message?.type !== 'joined') throw new Error('not joined');
    return first.message.self;
  };
  return { rooms, say, join };
}

const error = (conn: ConnId, code: string, name: string | null): unknown => ({
  type: 'send',
  conn,
  message: { type: 'error', code, room: name, message: expect.any(String) as string },
});
const closeOf = (effects: readonly Told[]) => effects.find((effect) => effect.type === 'close');
const send = (conn: ConnId, message: FromEndpoint): Told => ({ type: 'send', conn, message });
const tick = (rooms: Rooms, now: number): Told[] => told(rooms.handle({ type: 'tick' }, now));

describe('rooms', () => {
  it('E1: who joins learns who is there, and those there learn of it', () => {
    const { say, join } = setup();
    const first = join(1, ROOM);
    const [welcome, entered, ...rest] = say(2, { type: 'join', room: ROOM });
    const self = welcome?.type === 'send' && welcome.message?.type === 'joined' ? welcome.message.self : '';
    expect(self).toMatch(/^[0-9a-f]{32}$/);
    expect(self).not.toBe(first);
    expect(welcome).toEqual(send(2, { type: 'joined', room: ROOM, self, members: [first] }));
    expect(entered).toEqual(send(1, { type: 'entered', room: ROOM, member: self }));
    expect(rest).toEqual([]);
  });

  it('E1: member ids are random for each room, so that two rooms cannot be tied together by them', () => {
    const { join } = setup();
    expect(join(1, ROOM)).not.toBe(join(1, OTHER));
  });

  it('E1: a payload for all goes to all others of the room and nobody else', () => {
    const { say, join } = setup({}, [1, 2, 3, 4]);
    const from = join(1, ROOM);
    join(2, ROOM);
    join(3, ROOM);
    join(4, OTHER);
    const message: FromEndpoint = { type: 'message', room: ROOM, from, payload: bytes('sealed') };
    expect(say(1, { type: 'send', room: ROOM, to: null, payload: bytes('sealed') })).toEqual([
      send(2, message),
      send(3, message),
    ]);
  });

  it('E1: a payload for one member goes to that member alone', () => {
    const { say, join } = setup();
    const from = join(1, ROOM);
    join(2, ROOM);
    const to = join(3, ROOM);
    expect(say(1, { type: 'send', room: ROOM, to, payload: bytes('x') })).toEqual([
      send(3, { type: 'message', room: ROOM, from, payload: bytes('x') }),
    ]);
  });

  it('E1: a member of another room is no addressee', () => {
    const { say, join } = setup();
    join(1, ROOM);
    const to = join(2, OTHER);
    expect(say(1, { type: 'send', room: ROOM, to, payload: bytes('x') })).toEqual([
      error(1, 'no-member', ROOM),
    ]);
  });

  it('E1: sending to a room that was not joined is an error', () => {
    const { say, join } = setup();
    join(2, ROOM);
    expect(say(1, { type: 'send', room: ROOM, to: null, payload: bytes('x') })).toEqual([
      error(1, 'not-in-room', ROOM),
    ]);
  });

  it('E1: leaving is told to the others, and afterwards nothing of the room arrives', () => {
    const { rooms, say, join } = setup();
    const first = join(1, ROOM);
    join(2, ROOM);
    expect(say(1, { type: 'leave', room: ROOM })).toEqual([
      send(2, { type: 'left', room: ROOM, member: first }),
    ]);
    expect(say(2, { type: 'send', room: ROOM, to: null, payload: bytes('x') })).toEqual([]);
    expect(say(1, { type: 'leave', room: ROOM })).toEqual([]);
    expect(rooms.count()).toEqual({ connections: 3, rooms: 1, members: 1 });
  });

  it('E1: joining again is answered with who is there now, under the same id, and told to nobody', () => {
    const { say, join } = setup();
    const self = join(1, ROOM);
    const other = join(2, ROOM);
    expect(say(1, { type: 'join', room: ROOM })).toEqual([
      send(1, { type: 'joined', room: ROOM, self, members: [other] }),
    ]);
  });

  it('E1: a closed connection leaves its rooms, and an empty room is forgotten', () => {
    const { rooms, join } = setup();
    const first = join(1, ROOM);
    const elsewhere = join(1, OTHER);
    join(2, ROOM);
    join(3, OTHER);
    expect(told(rooms.handle({ type: 'close', conn: 1 }, 0))).toEqual([
      send(2, { type: 'left', room: ROOM, member: first }),
      send(3, { type: 'left', room: OTHER, member: elsewhere }),
    ]);
    rooms.handle({ type: 'close', conn: 2 }, 0);
    rooms.handle({ type: 'close', conn: 3 }, 0);
    expect(rooms.handle({ type: 'close', conn: 3 }, 0)).toEqual([]);
    expect(rooms.count()).toEqual({ connections: 0, rooms: 0, members: 0 });
  });

  it('E1: a ping is answered', () => {
    expect(setup().say(1, { type: 'ping' })).toEqual([send(1, { type: 'pong' })]);
  });
});

describe('limits', () => {
  it('E2: the 65th room of a connection is refused, and one left makes room for it', () => {
    const { say, join } = setup();
    for (let n = 0; n < 64; n++) join(1, room(n));
    expect(say(1, { type: 'join', room: room(64) })).toEqual([error(1, 'too-many-rooms', room(64))]);
    say(1, { type: 'leave', room: room(0) });
    expect(join(1, room(64))).toMatch(/^[0-9a-f]{32}$/);
  });

  it('E2: the 257th member of a room is refused, and the room is untouched', () => {
    const conns = Array.from({ length: 257 }, (_, n) => n + 1);
    const { rooms, say, join } = setup({}, conns);
    for (const conn of conns.slice(0, 256)) join(conn, ROOM);
    expect(say(257, { type: 'join', room: ROOM })).toEqual([error(257, 'room-full', ROOM)]);
    expect(rooms.count()).toEqual({ connections: 257, rooms: 1, members: 256 });
    rooms.handle({ type: 'close', conn: 1 }, 0);
    expect(join(257, ROOM)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('E2: a message over 64 KiB closes the connection and is told to its rooms', () => {
    const { rooms, join } = setup();
    const first = join(1, ROOM);
    join(2, ROOM);
    expect(told(rooms.handle({ type: 'message', conn: 1, data: new Uint8Array(65_537) }, 0))).toEqual([
      { type: 'close', conn: 1, code: 1009, reason: 'a message is at most 65536 bytes' },
      send(2, { type: 'left', room: ROOM, member: first }),
    ]);
  });

  it('E2: an empty bucket drops messages, says so once, and fills up again', () => {
    const { say } = setup({ burst: 4, perSecond: 2 });
    for (let n = 0; n < 4; n++) expect(say(1, { type: 'ping' })).toEqual([send(1, { type: 'pong' })]);
    expect(say(1, { type: 'ping' })).toEqual([error(1, 'too-fast', null)]);
    expect(say(1, { type: 'ping' })).toEqual([]);
    expect(say(1, { type: 'ping' }, 500)).toEqual([send(1, { type: 'pong' })]);
    expect(say(1, { type: 'ping' }, 500)).toEqual([]);
    expect(say(1, { type: 'ping' }, 2000)).toEqual([send(1, { type: 'pong' })]);
  });

  it('E2: who goes on flooding is closed, however much of it fits the bucket', () => {
    const { rooms, say } = setup();
    let closedAt: number | null = null;
    for (let n = 0; n < 2000 && closedAt === null; n++) {
      const now = n; // 1000 messages a second
      if (closeOf(say(1, { type: 'ping' }, now))) closedAt = n;
    }
    expect(closedAt).toBeGreaterThan(ROOM_LIMITS.burst);
    expect(closedAt).toBeLessThan(1000);
    expect(rooms.count().connections).toBe(2);
  });

  it('E2: one who keeps to the rate for a minute is never refused', () => {
    const { say } = setup();
    for (let n = 0; n < 60 * ROOM_LIMITS.perSecond; n += 64) {
      const now = (n / ROOM_LIMITS.perSecond) * 1000;
      for (let m = 0; m < 64; m++) expect(say(1, { type: 'ping' }, now)).toEqual([send(1, { type: 'pong' })]);
    }
  });

  it('E2: a broadcast is paid for by the bytes that it makes the endpoint send', () => {
    const conns = Array.from({ length: 101 }, (_, n) => n + 1);
    const { say, join } = setup({ burst: 100 }, conns);
    for (const conn of conns) join(conn, ROOM);
    const large: ToEndpoint = { type: 'send', room: ROOM, to: null, payload: new Uint8Array(60_000) };
    expect(say(1, large)).toHaveLength(100);
    expect(say(1, large)).toEqual([error(1, 'too-fast', null)]);
    expect(say(2, large)).toHaveLength(100);
  });

  it('E2: beyond the most connections a further one is told to come later', () => {
    const { rooms } = setup({ connections: 3 });
    expect(rooms.handle({ type: 'open', conn: 9 }, 0)).toEqual([
      { type: 'close', conn: 9, code: 1013, reason: 'full: 3 connections' },
    ]);
    expect(rooms.count().connections).toBe(3);
    expect(rooms.handle({ type: 'message', conn: 9, data: encodeToEndpoint({ type: 'ping' }) }, 0)).toEqual(
      [],
    );
  });

  it.each([
    ['text', 'hello'],
    ['nothing', new Uint8Array()],
    ['an unknown type', Uint8Array.of(99)],
    ['a short room', new Uint8Array(12).fill(1)],
    ['a byte too many', Uint8Array.of(4, 0)],
  ])('E2: %s is malformed, which is an error and no more', (_name, data) => {
    const { rooms } = setup();
    expect(told(rooms.handle({ type: 'message', conn: 1, data }, 0))).toEqual([error(1, 'malformed', null)]);
    expect(rooms.count().connections).toBe(3);
  });
});

describe('heartbeat', () => {
  const beat = ROOM_LIMITS.heartbeatMs;

  it('E3: the first connection starts the beat, each beat asks for the next, and the last one ends it', () => {
    const rooms = createRooms({ limits: ROOM_LIMITS, random: seededRandom(1) });
    expect(rooms.handle({ type: 'open', conn: 1 }, 100)).toEqual([{ type: 'wake', at: 100 + beat }]);
    expect(rooms.handle({ type: 'open', conn: 2 }, 200)).toEqual([]);
    expect(tick(rooms, 99 + beat)).toEqual([{ type: 'wake', at: 100 + beat }]);
    expect(tick(rooms, 105 + beat)).toEqual([
      { type: 'ping', conn: 1 },
      { type: 'ping', conn: 2 },
      { type: 'wake', at: 105 + 2 * beat },
    ]);
    rooms.handle({ type: 'close', conn: 1 }, 0);
    rooms.handle({ type: 'close', conn: 2 }, 0);
    expect(tick(rooms, 105 + 2 * beat)).toEqual([]);
    expect(tick(rooms, 105 + 3 * beat)).toEqual([]);
    expect(rooms.handle({ type: 'open', conn: 3 }, 7 * beat)).toEqual([{ type: 'wake', at: 8 * beat }]);
  });

  it('E3: who answers no ping for two intervals is closed, and those in its rooms are told', () => {
    const { rooms, join } = setup({}, [1, 2]);
    const silent = join(1, ROOM);
    join(2, ROOM);
    tick(rooms, beat);
    rooms.handle({ type: 'pong', conn: 2 }, beat + 10);
    tick(rooms, 2 * beat);
    rooms.handle({ type: 'pong', conn: 2 }, 2 * beat + 10);
    expect(tick(rooms, 3 * beat)).toEqual([
      { type: 'close', conn: 1, code: 4000, reason: 'no answer to pings' },
      send(2, { type: 'left', room: ROOM, member: silent }),
      { type: 'ping', conn: 2 },
      { type: 'wake', at: 4 * beat },
    ]);
  });

  it('E3: any message is a sign of life', () => {
    const { rooms, say } = setup({}, [1]);
    for (let n = 1; n <= 9; n++) {
      expect(tick(rooms, n * beat)).toEqual([
        { type: 'ping', conn: 1 },
        { type: 'wake', at: (n + 1) * beat },
      ]);
      if (n % 2 === 0) say(1, { type: 'ping' }, n * beat + 1);
    }
  });
});
