// What the room machine is given and gives back. Knows no rule.
import type { Told } from './elsewhere.ts';

/** One WebSocket, named by the host; never reused. */
export type ConnId = number;

export type RoomInput =
  /** `address`: the key of its network address; without one it is held to the limits of connections only. */
  | { type: 'open'; conn: ConnId; address?: string }
  /** A text message is a string: there is none in the protocol, so it is malformed. */
  | { type: 'message'; conn: ConnId; data: Uint8Array | string }
  /** The other side answered a ping of ours. */
  | { type: 'pong'; conn: ConnId }
  | { type: 'close'; conn: ConnId }
  /** Something that happened in a room at another endpoint. */
  | { type: 'elsewhere'; told: Told }
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
