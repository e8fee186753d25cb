// The messages between a peer and the signaling endpoint: two closed unions and their bytes. Knows neither
// sockets nor rooms' meaning. Binary, because base64 costs a third and would hide a leak from a scan of the traffic:
//   byte 0 the type; a room is 32 bytes, a member 16; what is last (payload, members, text) runs to the end.
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { isHex32 } from '../core/model/ids.ts';
import { MEMBERS_PER_ROOM, MESSAGE_BYTES } from './config.ts';

/** WebSocket subprotocol: the version. It changes when a message below changes shape. */
export const SUBPROTOCOL = 'thicket.signal.1';

export const ERRORS = [
  'malformed', // not one of the messages below
  'too-fast', // the token bucket is empty; the message was dropped
  'too-many-rooms', // this connection's limit
  'room-full', // the room's limit
  'not-in-room', // one speaks only in rooms one has joined
  'no-member', // the addressee is not, or no longer, in the room
] as const;
export type SignalErrorCode = (typeof ERRORS)[number];

/** Peer -> endpoint. Rooms are 64 hex digits, members 32. `to: null` is everyone else in the room. */
export type ToEndpoint =
  | { type: 'join'; room: string }
  | { type: 'leave'; room: string }
  | { type: 'send'; room: string; to: string | null; payload: Uint8Array }
  | { type: 'ping' };

/** Endpoint -> peer. `members` are the others, in order of entry. */
export type FromEndpoint =
  | { type: 'joined'; room: string; self: string; members: readonly string[] }
  | { type: 'entered'; room: string; member: string }
  | { type: 'left'; room: string; member: string }
  | { type: 'message'; room: string; from: string; payload: Uint8Array }
  | { type: 'error'; code: SignalErrorCode; room: string | null; message: string }
  | { type: 'pong' };

export const ROOM_BYTES = 32;
export const MEMBER_BYTES = 16;
const ADDRESSED = 1 + ROOM_BYTES + MEMBER_BYTES;
/** The largest payload of a `send`, so that it fits one message in either direction. */
export const PAYLOAD_BYTES = MESSAGE_BYTES - ADDRESSED - 1;
const ERROR_TEXT_BYTES = 256;

const JOIN = 1;
const LEAVE = 2;
const SEND = 3;
const PING = 4;
const JOINED = 65;
const ENTERED = 66;
const LEFT = 67;
const MESSAGE = 68;
const ERROR = 69;
const PONG = 70;

const EVERYONE = 0;
const ONE = 1;

const MEMBER = /^[0-9a-f]{32}$/;
export const isRoom = isHex32;
export const isMember = (text: unknown): text is string => typeof text === 'string' && MEMBER.test(text);

type Bytes = Uint8Array<ArrayBuffer>;
const join = (...parts: Uint8Array[]): Bytes => new Uint8Array(concatBytes(...parts));
const byte = (value: number): Bytes => Uint8Array.of(value);

export function encodeToEndpoint(message: ToEndpoint): Bytes {
  switch (message.type) {
    case 'join':
      return join(byte(JOIN), hexToBytes(message.room));
    case 'leave':
      return join(byte(LEAVE), hexToBytes(message.room));
    case 'send': {
      const to = message.to === null ? byte(EVERYONE) : join(byte(ONE), hexToBytes(message.to));
      return join(byte(SEND), hexToBytes(message.room), to, message.payload);
    }
    case 'ping':
      return byte(PING);
  }
}

/** Null for anything that is not exactly one of the messages. The payload is a copy. */
export function parseToEndpoint(bytes: Uint8Array): ToEndpoint | null {
  if (bytes.length > MESSAGE_BYTES) return null;
  const read = reader(bytes);
  switch (read.byte()) {
    case JOIN: {
      const room = read.hex(ROOM_BYTES);
      return room !== null && read.done() ? { type: 'join', room } : null;
    }
    case LEAVE: {
      const room = read.hex(ROOM_BYTES);
      return room !== null && read.done() ? { type: 'leave', room } : null;
    }
    case SEND: {
      const room = read.hex(ROOM_BYTES);
      const flag = read.byte();
      const to = flag === ONE ? read.hex(MEMBER_BYTES) : null;
      if (room === null || (flag === ONE ? to === null : flag !== EVERYONE)) return null;
      const payload = read.rest();
      return payload.length <= PAYLOAD_BYTES ? { type: 'send', room, to, payload } : null;
    }
    case PING:
      return read.done() ? { type: 'ping' } : null;
    default:
      return null;
  }
}

export function encodeFromEndpoint(message: FromEndpoint): Bytes {
  switch (message.type) {
    case 'joined':
      return join(
        byte(JOINED),
        hexToBytes(message.room),
        hexToBytes(message.self),
        ...message.members.map((member) => hexToBytes(member)),
      );
    case 'entered':
      return join(byte(ENTERED), hexToBytes(message.room), hexToBytes(message.member));
    case 'left':
      return join(byte(LEFT), hexToBytes(message.room), hexToBytes(message.member));
    case 'message':
      return join(byte(MESSAGE), hexToBytes(message.room), hexToBytes(message.from), message.payload);
    case 'error': {
      const room = message.room === null ? byte(EVERYONE) : join(byte(ONE), hexToBytes(message.room));
      const text = new TextEncoder().encode(message.message).subarray(0, ERROR_TEXT_BYTES);
      return join(byte(ERROR), byte(ERRORS.indexOf(message.code)), room, text);
    }
    case 'pong':
      return byte(PONG);
  }
}

/** Null for anything that is not exactly one of the messages. The payload is a copy. */
export function parseFromEndpoint(bytes: Uint8Array): FromEndpoint | null {
  if (bytes.length > MESSAGE_BYTES) return null;
  const read = reader(bytes);
  const type = read.byte();
  switch (type) {
    case JOINED: {
      const room = read.hex(ROOM_BYTES);
      const self = read.hex(MEMBER_BYTES);
      if (room === null || self === null) return null;
      const members = parseMembers(read.rest());
      return members === null || members.includes(self) ? null : { type: 'joined', room, self, members };
    }
    case ENTERED:
    case LEFT: {
      const room = read.hex(ROOM_BYTES);
      const member = read.hex(MEMBER_BYTES);
      if (room === null || member === null || !read.done()) return null;
      return { type: type === ENTERED ? 'entered' : 'left', room, member };
    }
    case MESSAGE: {
      const room = read.hex(ROOM_BYTES);
      const from = read.hex(MEMBER_BYTES);
      if (room === null || from === null) return null;
      const payload = read.rest();
      return payload.length <= PAYLOAD_BYTES ? { type: 'message', room, from, payload } : null;
    }
    case ERROR:
      return parseError(read);
    case PONG:
      return read.done() ? { type: 'pong' } : null;
    default:
      return null;
  }
}

function parseMembers(bytes: Uint8Array): string[] | null {
  const count = bytes.length / MEMBER_BYTES;
  if (!Number.isInteger(count) || count >= MEMBERS_PER_ROOM) return null;
  const members = new Set<string>();
  for (let at = 0; at < bytes.length; at += MEMBER_BYTES)
    members.add(bytesToHex(bytes.subarray(at, at + MEMBER_BYTES)));
  return members.size === count ? [...members] : null;
}

function parseError(read: Reader): FromEndpoint | null {
  const code = ERRORS[read.byte() ?? ERRORS.length];
  const flag = read.byte();
  const room = flag === ONE ? read.hex(ROOM_BYTES) : null;
  if (code === undefined || (flag === ONE ? room === null : flag !== EVERYONE)) return null;
  const text = read.rest();
  if (text.length > ERROR_TEXT_BYTES) return null;
  return { type: 'error', code, room, message: new TextDecoder().decode(text) };
}

interface Reader {
  /** The next byte, or null at the end. */
  byte(): number | null;
  /** The next `length` bytes as hex, or null where there are fewer. */
  hex(length: number): string | null;
  /** A copy of what is left. */
  rest(): Uint8Array;
  done(): boolean;
}

function reader(bytes: Uint8Array): Reader {
  let at = 0;
  return {
    byte: () => bytes[at++] ?? null,
    hex(length) {
      if (at + length > bytes.length) return null;
      at += length;
      return bytesToHex(bytes.subarray(at - length, at));
    },
    rest: () => new Uint8Array(bytes.subarray(at)),
    done: () => at === bytes.length,
  };
}
