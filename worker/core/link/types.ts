// What goes into the link machine and what comes out.
import type { Deed } from '../context.ts';
import type { Effect } from '../io.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { LinkId, PeerId } from '../model/ids.ts';
import type { LinkEvent, SignalEvent } from '../ports.ts';
import type { Frame } from '../wire/frame.ts';
import type { Form } from './config.ts';

/** What a link is for: gossip, or one fetch (P9). */
export type Purpose = 'neighbour' | 'temporary';
/** How its signaling travelled; the mesh carries gossip's (P7). */
export type Source = 'hand' | 'endpoint' | 'gossip';

export type LinkInput =
  | LinkEvent
  | SignalEvent
  | { type: 'tick' }
  /** What kind of device this is: how many links it may have. Told before it carries any; those there are stay. */
  | { type: 'form'; form: Form }
  /** Enters a room (a grove's, or an invite's joining room). `room`: 64 hex digits; `key`: 32 bytes that seal; `want`: links.
   * `newcomer`: only those who listen there (want 0) are of use. `home`: the room whose places those take whom we meet here.
   * `only`: nothing is announced there, and nobody answered but these, each sealed to its box key (A16); told anew, others. */
  | {
      type: 'room-open';
      room: string;
      key: Uint8Array;
      want: number;
      newcomer?: boolean;
      home?: string | null;
      only?: ReadonlyMap<PeerId, Uint8Array> | null;
    }
  /** Leaves it. Links that were met there stay until the node closes them. */
  | { type: 'room-close'; room: string }
  | { type: 'room-want'; room: string; want: number; home?: string | null }
  /** Says goodbye and closes; the peer isn't linked again for `holdOff`, unless another room is opened. */
  | { type: 'close'; link: LinkId; reason: string }
  /** Opens a link to a peer: ends in `up` or in `dial-failed`, or says nothing where there is one. `relay`: the mesh can carry a call (R3). */
  | { type: 'dial'; room: string; peer: PeerId; purpose: Purpose; relay: boolean }
  /** A signaling message that the mesh carried to us. `from` is the relays' word. */
  | { type: 'relayed'; room: string; from: PeerId; payload: Uint8Array }
  /** Whether an up link is of use (P9). One that is not is closed after 10 s; each begins with 10 s. */
  | { type: 'keep'; link: LinkId; kept: boolean }
  /** The other end turned out to share this room's grove: the link counts there from now on. */
  | { type: 'shared'; link: LinkId; room: string }
  /** A person wants this peer to be tried again: that attempts failed is forgotten. */
  | { type: 'forgive'; peer: PeerId }
  /** Ends all there is with this peer, and begins nothing for so many ms (P11); with 0 it is refused no more. */
  | { type: 'refuse'; peer: PeerId; left: number }
  /** R4. Each is answered once, by `hand-text`, `hand-accepted` or `hand-failed`. */
  | { type: 'hand-offer'; request: string; room: string }
  | { type: 'hand-answer'; request: string; text: string }
  | { type: 'hand-accept'; request: string; text: string }
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
      purpose: Purpose;
      source: Source;
    }
  /** An `up` link is gone. Told once. `closed`: by this side, `goodbye`: by the other, `lost`: by neither. */
  | { type: 'down'; link: LinkId; peer: PeerId; reason: string; how: 'lost' | 'goodbye' | 'closed' }
  /** To be carried through the mesh to a peer. `retry`: what was sent before brought nothing; the way may be wrong (R2). */
  | { type: 'relay'; room: string; to: PeerId; payload: Uint8Array; retry: boolean }
  | { type: 'dial-failed'; room: string; peer: PeerId; reason: string }
  /** An authentic announce: this peer is in the room. */
  | { type: 'met'; room: string; peer: PeerId }
  /** The text of an offer or an answer to be carried by hand; `peer`: whom an answer is for. */
  | { type: 'hand-text'; request: string; room: string; text: string; peer: PeerId | null }
  /** The answer fits; `up` follows, with source `hand`, or it doesn't. */
  | { type: 'hand-accepted'; request: string; room: string; peer: PeerId }
  | { type: 'hand-failed'; request: string; code: ErrorCode; message: string }
  /** What the link layer saw its other end do (P11). */
  | { type: 'blame'; link: LinkId; peer: PeerId; deed: Deed }
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
  purpose: Purpose;
  source: Source;
}

/**
 * How far an attempt came: our call found no offer; our offer found no answer; the descriptions met and no channel opened between
 * them; the channel opened and the other end proved nothing.
 */
export type Stage = 'call' | 'answer' | 'path' | 'handshake';

/** Attempts at a peer that failed in a row, and how the last one did. */
export interface LinkFailure {
  peer: PeerId;
  attempts: number;
  reason: string;
  stage: Stage;
  /** ms since the epoch. */
  at: number;
}

/** A room at the endpoint. */
export interface RoomInfo {
  room: string;
  /** Whether this device wants to be in it, and whether the endpoint let it in. */
  inside: boolean;
  joined: boolean;
  /** Others in it, and of how many an authentic word was heard. */
  others: number;
  heard: number;
}
