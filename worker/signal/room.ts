// The signaling endpoint as a pure machine (SPEC E1-E3): who is in which room, and what goes to whom. Must not know
// sockets, files or clocks, nor what a room or a payload means.
import { bytesToHex } from '@noble/hashes/utils.js';
import { ThicketError } from '../core/model/errors.ts';
import type { Random } from '../core/ports.ts';
import type { RoomLimits } from './config.ts';
import type { FromEndpoint, SignalErrorCode, ToEndpoint } from './protocol.ts';
import { encodeFromEndpoint, MEMBER_BYTES, parseToEndpoint } from './protocol.ts';

/** One WebSocket, named by the host; never reused. */
export type ConnId = number;

export type RoomInput =
  | { type: 'open'; conn: ConnId }
  /** A text message is a string: there is none in the protocol, so it is malformed. */
  | { type: 'message'; conn: ConnId; data: Uint8Array | string }
  /** The other side answered a ping of ours. */
  | { type: 'pong'; conn: ConnId }
  | { type: 'close'; conn: ConnId }
  /** The time asked for by `wake` has come. */
  | { type: 'tick' };

export type RoomEffect =
  | { type: 'send'; conn: ConnId; data: Uint8Array<ArrayBuffer> }
  /** A ping of the WebSocket's own, which browsers answer even where the page's timers are throttled. */
  | { type: 'ping'; conn: ConnId }
  /** The connection is forgotten already. `code` is a WebSocket close code. */
  | { type: 'close'; conn: ConnId; code: number; reason: string }
  /** A `tick` is wanted at or after `at`; replaces the one asked for before. */
  | { type: 'wake'; at: number };

export interface Rooms {
  /** `now` in ms, never running backwards. Never throws, whatever a connection sends. */
  handle(input: RoomInput, now: number): RoomEffect[];
  /** Of now: connections, rooms with members in them, and memberships. */
  count(): { connections: number; rooms: number; members: number };
}

interface Connection {
  readonly id: ConnId;
  /** Room -> this connection's member id there. */
  readonly rooms: Map<string, string>;
  tokens: number;
  refilledAt: number;
  /** Messages dropped since the bucket was last half full. */
  refused: number;
  missedPings: number;
}

/** WebSocket close codes: RFC 6455 section 7.4.1 and the IANA registry. */
const POLICY = 1008;
const TOO_BIG = 1009;
const TRY_LATER = 1013;
const SILENT = 4000;

export function createRooms(options: { limits: RoomLimits; random: Random }): Rooms {
  const { limits, random } = options;
  const connections = new Map<ConnId, Connection>();
  /** Room -> member id -> connection, in order of entry. A room exists while somebody is in it. */
  const rooms = new Map<string, Map<string, ConnId>>();
  let beatAt: number | null = null;

  return { handle, count };

  function handle(input: RoomInput, now: number): RoomEffect[] {
    switch (input.type) {
      case 'open':
        return open(input.conn, now);
      case 'message':
        return onMessage(input.conn, input.data, now);
      case 'pong': {
        const connection = connections.get(input.conn);
        if (connection) connection.missedPings = 0;
        return [];
      }
      case 'close': {
        const connection = connections.get(input.conn);
        return connection ? forget(connection) : [];
      }
      case 'tick':
        return tick(now);
    }
  }

  function count(): { connections: number; rooms: number; members: number } {
    let members = 0;
    for (const room of rooms.values()) members += room.size;
    return { connections: connections.size, rooms: rooms.size, members };
  }

  function open(conn: ConnId, now: number): RoomEffect[] {
    if (connections.has(conn)) throw new ThicketError('internal', `connection ${conn} is open already`);
    if (connections.size >= limits.connections)
      return [{ type: 'close', conn, code: TRY_LATER, reason: `full: ${limits.connections} connections` }];
    connections.set(conn, {
      id: conn,
      rooms: new Map(),
      tokens: limits.burst,
      refilledAt: now,
      refused: 0,
      missedPings: 0,
    });
    if (beatAt !== null) return [];
    beatAt = now + limits.heartbeatMs;
    return [{ type: 'wake', at: beatAt }];
  }

  function onMessage(conn: ConnId, data: Uint8Array | string, now: number): RoomEffect[] {
    const connection = connections.get(conn);
    if (!connection) return [];
    connection.missedPings = 0;
    if (data.length > limits.messageBytes)
      return shut(connection, TOO_BIG, `a message is at most ${limits.messageBytes} bytes`);
    const refusal = charge(connection, now);
    if (refusal) return refusal;
    const message = typeof data === 'string' ? null : parseToEndpoint(data);
    if (!message) return [complain(conn, 'malformed', null, 'not a message of this protocol')];
    return obey(connection, message);
  }

  function obey(connection: Connection, message: ToEndpoint): RoomEffect[] {
    switch (message.type) {
      case 'join':
        return join(connection, message.room);
      case 'leave':
        return leave(connection, message.room);
      case 'send':
        return forward(connection, message.room, message.to, message.payload);
      case 'ping':
        return [tell(connection.id, { type: 'pong' })];
    }
  }

  /** Joining again is answered with who is there now. */
  function join(connection: Connection, name: string): RoomEffect[] {
    const { id, rooms: own } = connection;
    const room = rooms.get(name) ?? new Map<string, ConnId>();
    const before = own.get(name);
    if (before !== undefined) return welcome(connection, name, before, room);
    if (own.size >= limits.roomsPerConnection)
      return [
        complain(id, 'too-many-rooms', name, `a connection joins at most ${limits.roomsPerConnection} rooms`),
      ];
    if (room.size >= limits.membersPerRoom)
      return [complain(id, 'room-full', name, `a room has at most ${limits.membersPerRoom} members`)];
    const self = bytesToHex(random.bytes(MEMBER_BYTES));
    if (room.has(self)) throw new ThicketError('internal', 'the random source repeats itself');
    const others = [...room.values()];
    room.set(self, id);
    rooms.set(name, room);
    own.set(name, self);
    return [
      ...welcome(connection, name, self, room),
      ...fanOut(connection, others, { type: 'entered', room: name, member: self }),
    ];
  }

  function leave(connection: Connection, name: string): RoomEffect[] {
    const self = connection.rooms.get(name);
    if (self === undefined) return [];
    connection.rooms.delete(name);
    const room = rooms.get(name);
    room?.delete(self);
    if (!room?.size) {
      rooms.delete(name);
      return [];
    }
    return fanOut(connection, [...room.values()], { type: 'left', room: name, member: self });
  }

  function forward(
    connection: Connection,
    name: string,
    to: string | null,
    payload: Uint8Array,
  ): RoomEffect[] {
    const { id } = connection;
    const from = connection.rooms.get(name);
    const room = rooms.get(name);
    if (from === undefined || !room)
      return [complain(id, 'not-in-room', name, 'join the room before sending to it')];
    const message: FromEndpoint = { type: 'message', room: name, from, payload };
    if (to === null)
      return fanOut(
        connection,
        [...room.values()].filter((other) => other !== id),
        message,
      );
    const target = room.get(to);
    if (target === undefined) return [complain(id, 'no-member', name, `nobody here is ${to}`)];
    return fanOut(connection, [target], message);
  }

  /** The sender pays for what it makes the endpoint send. */
  function fanOut(sender: Connection, targets: readonly ConnId[], message: FromEndpoint): RoomEffect[] {
    if (targets.length === 0) return [];
    const data = encodeFromEndpoint(message);
    sender.tokens -= (data.length * targets.length) / limits.bytesPerToken;
    return targets.map((conn) => ({ type: 'send', conn, data }));
  }

  /** Takes a token. Where there is none the message is dropped: said once, and too often closes the connection. */
  function charge(connection: Connection, now: number): RoomEffect[] | null {
    const elapsed = Math.max(0, now - connection.refilledAt);
    connection.tokens = Math.min(limits.burst, connection.tokens + (elapsed / 1000) * limits.perSecond);
    connection.refilledAt = now;
    if (connection.tokens >= limits.burst / 2) connection.refused = 0;
    if (connection.tokens > 0) {
      connection.tokens -= 1;
      return null;
    }
    connection.refused += 1;
    if (connection.refused > limits.refusalsBeforeClose) return shut(connection, POLICY, 'too many messages');
    if (connection.refused > 1) return [];
    return [
      complain(
        connection.id,
        'too-fast',
        null,
        `at most ${limits.perSecond} messages a second; some were dropped`,
      ),
    ];
  }

  /** One beat for all: those that left the last pings unanswered go, the others are asked again. */
  function tick(now: number): RoomEffect[] {
    if (beatAt === null) return [];
    if (now < beatAt) return [{ type: 'wake', at: beatAt }];
    const effects: RoomEffect[] = [];
    for (const connection of [...connections.values()]) {
      if (connection.missedPings >= limits.missedPings) {
        effects.push(...shut(connection, SILENT, 'no answer to pings'));
        continue;
      }
      connection.missedPings += 1;
      effects.push({ type: 'ping', conn: connection.id });
    }
    beatAt = connections.size > 0 ? now + limits.heartbeatMs : null;
    if (beatAt !== null) effects.push({ type: 'wake', at: beatAt });
    return effects;
  }

  function shut(connection: Connection, code: number, reason: string): RoomEffect[] {
    return [{ type: 'close', conn: connection.id, code, reason }, ...forget(connection)];
  }

  function forget(connection: Connection): RoomEffect[] {
    connections.delete(connection.id);
    return [...connection.rooms.keys()].flatMap((name) => leave(connection, name));
  }

  function welcome(
    to: Connection,
    name: string,
    self: string,
    room: ReadonlyMap<string, ConnId>,
  ): RoomEffect[] {
    const members = [...room.keys()].filter((member) => member !== self);
    return fanOut(to, [to.id], { type: 'joined', room: name, self, members });
  }

  function complain(conn: ConnId, code: SignalErrorCode, room: string | null, message: string): RoomEffect {
    return tell(conn, { type: 'error', code, room, message });
  }

  function tell(conn: ConnId, message: FromEndpoint): RoomEffect {
    return { type: 'send', conn, data: encodeFromEndpoint(message) };
  }
}
