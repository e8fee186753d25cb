// What goes into the link machine and what comes out.
import type { Effect } from '../io.ts';
import type { LinkId, PeerId } from '../model/ids.ts';
import type { LinkEvent, SignalEvent } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';

export type LinkInput =
  | LinkEvent
  | SignalEvent
  | { type: 'tick' }
  /** Enters a room (a grove's, or an invite's joining room). `room`: 64 hex digits; `key`: 32 bytes that seal; `want`: links. */
  | { type: 'room-open'; room: string; key: Uint8Array; want: number }
  /** Leaves it. Links that were met there stay until the node closes them. */
  | { type: 'room-close'; room: string }
  | { type: 'room-want'; room: string; want: number }
  /** Says goodbye and closes; the peer isn't linked again for `holdOff`, unless another room is opened. */
  | { type: 'close'; link: LinkId; reason: string }
  /** Goodbye to all. Later inputs are ignored. */
  | { type: 'stop' };

export type LinkEffect =
  Extract<Effect, { type: `link-${string}` }> | Exclude<SignalEffect, { type: 'signal-configure' }>;
type SignalEffect = Extract<Effect, { type: `signal-${string}` }>;

export type LinkOutput =
  | LinkEffect
  /** Authenticated. `transcript` (32 bytes) is known to the two ends only; `rooms` are those it was met in. */
  | {
      type: 'up';
      link: LinkId;
      peer: PeerId;
      transcript: Uint8Array;
      version: number;
      features: string[];
      rooms: string[];
    }
  /** An `up` link is gone. Told once. */
  | { type: 'down'; link: LinkId; peer: PeerId; reason: string }
  /** A frame of an authenticated link that isn't the link layer's own. `bytes` is its size on the wire. */
  | { type: 'frame'; link: LinkId; peer: PeerId; frame: Frame; bytes: number }
  | { type: 'count'; name: string; by?: number };

export interface LinkInfo {
  link: LinkId;
  peer: PeerId;
  state: 'connecting' | 'authenticating' | 'up';
  /** When it entered that state, ms since the epoch. */
  since: number;
  /** Smoothed; null until the first pong. */
  rttMs: number | null;
  /** Whether this side made the offer. */
  initiator: boolean;
  rooms: string[];
}

/** Attempts at a peer that failed in a row. */
export interface LinkFailure {
  peer: PeerId;
  attempts: number;
  reason: string;
}
