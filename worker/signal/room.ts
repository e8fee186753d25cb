// The signaling endpoint as a pure machine (SPEC E1-E3, E5): who is in which room, and what goes to whom. Must not know
// sockets, files or clocks, nor what a room or a payload means.
import { bytesToHex } from '@noble/hashes/utils.js';
import { ThicketError } from '../core/model/errors.ts';
import type { Random } from '../core/ports.ts';
import { createAddresses } from './addresses.ts';
import type { Bucket } from './bucket.ts';
import { createBucket, refill } from './bucket.ts';
import type { Payer } from './charging.ts';
import { createCharging } from './charging.ts';
import type { RoomLimits } from './config.ts';
import type { Elsewhere, RoomNews, Told } from './elsewhere.ts';
import { NOWHERE } from './elsewhere.ts';
import type { FromEndpoint, SignalErrorCode, ToEndpoint } from './protocol.ts';
import { encodeFromEndpoint, MEMBER_BYTES, parseToEndpoint } from './protocol.ts';
import type { ConnId, RoomEffect, RoomInput, Rooms } from './room-types.ts';

export type { ConnId, RoomEffect, RoomInput, Rooms } from './room-types.ts';

interface Connection extends Payer {
  readonly id: ConnId;
  /** Room -> this connection's member id there. */
  readonly rooms: Map<string, string>;
  missedPings: number;
}

interface Room {
  /** Member id -> connection, in order of entry. */
  readonly members: Map<string, ConnId>;
  /** What is forwarded in it. */
  readonly spent: Bucket;
}

/** WebSocket close codes: RFC 6455 section 7.4.1 and the IANA registry. */
const POLICY = 1008;
const TOO_BIG = 1009;
const TRY_LATER = 1013;
const SILENT = 4000;

export function createRooms(options: {
  limits: RoomLimits;
  random: Random;
  /** Of several endpoints that form one; default: alone. */
  elsewhere?: Elsewhere;
}): Rooms {
  const { limits, random, elsewhere = NOWHERE } = options;
  const connections = new Map<ConnId, Connection>();
  const addresses = createAddresses(limits);
  const charging = createCharging(limits, addresses);
  /** A room exists while somebody is in it. */
  const rooms = new Map<string, Room>();
  let beatAt: number | null = null;

  return { handle, count };

  function handle(input: RoomInput, now: number): RoomEffect[] {
    switch (input.type) {
      case 'open':
        return open(input.conn, input.address ?? null, now);
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
      case 'elsewhere':
        return retell(input.told);
      case 'tick':
        return tick(now);
    }
  }

  function count(): { connections: number; rooms: number; members: number } {
    let members = 0;
    for (const room of rooms.values()) members += room.members.size;
    return { connections: connections.size, rooms: rooms.size, members };
  }

  function open(conn: ConnId, address: string | null, now: number): RoomEffect[] {
    if (connections.has(conn)) throw new ThicketError('internal', `connection ${conn} is open already`);
    if (connections.size >= limits.connections)
      return [{ type: 'close', conn, code: TRY_LATER, reason: `full: ${limits.connections} connections` }];
    const refusal = address === null ? null : addresses.open(address, now);
    if (refusal !== null) return [{ type: 'close', conn, code: TRY_LATER, reason: refusal }];
    connections.set(conn, {
      id: conn,
      address,
      rooms: new Map(),
      spent: createBucket(limits, now),
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
    const refusal = refusalOf(connection, now);
    if (refusal) return refusal;
    const message = typeof data === 'string' ? null : parseToEndpoint(data);
    if (!message) return [complain(conn, 'malformed', null, 'not a message of this protocol')];
    return obey(connection, message, now);
  }

  function obey(connection: Connection, message: ToEndpoint, now: number): RoomEffect[] {
    switch (message.type) {
      case 'join':
        return join(connection, message.room, now);
      case 'leave':
        return leave(connection, message.room);
      case 'send':
        return forward(connection, message, now);
      case 'ping':
        return [tell(connection.id, { type: 'pong' })];
    }
  }

  /** Joining again is answered with who is there now. */
  function join(connection: Connection, name: string, now: number): RoomEffect[] {
    const { id, rooms: own } = connection;
    const room = rooms.get(name) ?? { members: new Map(), spent: createBucket(limits.room, now) };
    const before = own.get(name);
    if (before !== undefined) return welcome(connection, name, before, room);
    if (own.size >= limits.roomsPerConnection)
      return [
        complain(id, 'too-many-rooms', name, `a connection joins at most ${limits.roomsPerConnection} rooms`),
      ];
    if (room.members.size + elsewhere.members(name).length >= limits.membersPerRoom)
      return [complain(id, 'room-full', name, `a room has at most ${limits.membersPerRoom} members`)];
    const self = bytesToHex(random.bytes(MEMBER_BYTES));
    if (room.members.has(self)) throw new ThicketError('internal', 'the random source repeats itself');
    const others = [...room.members.values()];
    room.members.set(self, id);
    rooms.set(name, room);
    own.set(name, self);
    return [
      ...welcome(connection, name, self, room),
      ...tellRoom(connection, others, { type: 'entered', room: name, member: self }),
    ];
  }

  function leave(connection: Connection, name: string): RoomEffect[] {
    const self = connection.rooms.get(name);
    if (self === undefined) return [];
    connection.rooms.delete(name);
    const room = rooms.get(name);
    room?.members.delete(self);
    const others = [...(room?.members.values() ?? [])];
    if (others.length === 0) rooms.delete(name);
    return tellRoom(connection, others, { type: 'left', room: name, member: self });
  }

  type Send = Extract<ToEndpoint, { type: 'send' }>;

  function forward(connection: Connection, { room: name, to, payload }: Send, now: number): RoomEffect[] {
    const { id } = connection;
    const from = connection.rooms.get(name);
    const room = rooms.get(name);
    if (from === undefined || !room)
      return [complain(id, 'not-in-room', name, 'join the room before sending to it')];
    refill(room.spent, limits.room, now);
    if (room.spent.tokens <= 0)
      return [complain(id, 'too-fast', name, 'too much is said in this room; this was dropped')];
    const message: RoomNews = { type: 'message', room: name, from, payload };
    const members = [...room.members.values()];
    const target = to === null ? undefined : room.members.get(to);
    if (to === null)
      return tellRoom(
        connection,
        members.filter((other) => other !== id),
        message,
        room,
      );
    if (target !== undefined) return fanOut(connection, [target], message, room);
    if (!elsewhere.members(name).includes(to))
      return [complain(id, 'no-member', name, `nobody here is ${to}`)];
    elsewhere.tell({ to, message });
    return fanOut(connection, [], message, room);
  }

  /** To others in the room here, and to all elsewhere. */
  function tellRoom(
    sender: Connection,
    others: readonly ConnId[],
    message: RoomNews,
    room?: Room,
  ): RoomEffect[] {
    elsewhere.tell({ to: null, message });
    return fanOut(sender, others, message, room);
  }

  /** What was told elsewhere is told here. */
  function retell({ to, message }: Told): RoomEffect[] {
    const room = rooms.get(message.room);
    const target = to === null ? undefined : room?.members.get(to);
    const targets = to === null ? [...(room?.members.values() ?? [])] : target === undefined ? [] : [target];
    const data = encodeFromEndpoint(message);
    return targets.map((conn) => ({ type: 'send', conn, data }));
  }

  /** The sender pays for what it makes the endpoint send, and so do its address and, of payloads, the room. */
  function fanOut(
    sender: Connection,
    targets: readonly ConnId[],
    message: FromEndpoint,
    room?: Room,
  ): RoomEffect[] {
    if (targets.length === 0 && elsewhere === NOWHERE) return [];
    const data = encodeFromEndpoint(message);
    const copies = targets.length + (elsewhere === NOWHERE ? 0 : 1);
    charging.pay(sender, room?.spent ?? null, data.length * copies);
    return targets.map((conn) => ({ type: 'send', conn, data }));
  }

  /** Where the message may not be heeded: what is answered. Too often closes the connection. */
  function refusalOf(connection: Connection, now: number): RoomEffect[] | null {
    switch (charging.take(connection, now)) {
      case 'paid':
        return null;
      case 'again':
        return [];
      case 'flood':
        return shut(connection, POLICY, 'too many messages');
      case 'first': {
        const text = `at most ${limits.perSecond} messages a second; some were dropped`;
        return [complain(connection.id, 'too-fast', null, text)];
      }
    }
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
    if (connection.address !== null) addresses.close(connection.address);
    return [...connection.rooms.keys()].flatMap((name) => leave(connection, name));
  }

  function welcome(to: Connection, name: string, self: string, room: Room): RoomEffect[] {
    const own = [...room.members.keys()].filter((member) => member !== self);
    // Endpoints that let in the last one at the same time may have one too many together.
    const members = [...own, ...elsewhere.members(name)].slice(0, limits.membersPerRoom - 1);
    return fanOut(to, [to.id], { type: 'joined', room: name, self, members });
  }

  function complain(conn: ConnId, code: SignalErrorCode, room: string | null, message: string): RoomEffect {
    return tell(conn, { type: 'error', code, room, message });
  }

  function tell(conn: ConnId, message: FromEndpoint): RoomEffect {
    return { type: 'send', conn, data: encodeFromEndpoint(message) };
  }
}
