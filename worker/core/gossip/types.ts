// What membership is told, tells, and shares among its parts. Types only.
import type { Context } from '../context.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';
import type { Book } from './book.ts';
import type { Bucket } from './bucket.ts';
import type { MembershipLimits } from './config.ts';
import type { Issuer, Verifier } from './descriptor.ts';
import type { Views } from './views.ts';

/** How a peer came to be known, the stronger first (P7). */
export type Source = 'hand' | 'endpoint' | 'gossip';
export type LivenessState = 'alive' | 'suspect' | 'failed' | 'frozen';

/** A member worth finding again (P6): ms it was linked in all, and when it was last met (ms since the epoch). */
export interface Remembered {
  peer: PeerId;
  linkedMs: number;
  lastMet: number;
}

export type MembershipFrame = Extract<
  Frame,
  {
    type:
      | 'neighbour'
      | 'neighbour-reply'
      | 'disconnect'
      | 'forward-join'
      | 'shuffle'
      | 'shuffle-reply'
      | 'probe'
      | 'probed'
      | 'suspect';
  }
>;
export type FrameOf<T extends MembershipFrame['type']> = Extract<MembershipFrame, { type: T }>;

export type MembershipFact =
  /** Over the link on which the grove is open. */
  | { type: 'send'; to: PeerId; frame: MembershipFrame }
  /** Answered by `opened` or `dialFailed`. */
  | { type: 'dial'; peer: PeerId }
  /** The active view changed. */
  | { type: 'neighbour'; peer: PeerId; active: boolean }
  /** A descriptor of `peer` came by the link to `via` (R2). */
  | { type: 'heard'; peer: PeerId; via: PeerId }
  /** To be kept on disk at leisure. */
  | { type: 'remember'; peers: readonly Remembered[] }
  | { type: 'liveness'; peer: PeerId; state: LivenessState };

export interface MembershipOptions {
  grove: GroveId;
  self: PeerId;
  context: Context;
  limits: MembershipLimits;
  /** As read from the store. */
  remembered: readonly Remembered[];
  /** By the grove's log. */
  isMember(peer: PeerId): boolean;
  /** Whether so much was seen of it that others are preferred (SPEC P12). */
  isDoubtful(peer: PeerId): boolean;
  /** Whether new entries are pushed to it and by it (SPEC B1). */
  isEager(peer: PeerId): boolean;
  /** Ed25519 with this device's key, over the message as it is. */
  sign(message: Uint8Array): Uint8Array;
  verify(peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean;
  emit(fact: MembershipFact): void;
}

/** A peer on whose link the grove is open. */
export interface Linked {
  /** Elapsed time up to which its link is counted as remembered. */
  noted: number;
  walks: Bucket;
  shuffles: Bucket;
  asks: Bucket;
}

/** What the parts of one membership share. */
export interface Ground {
  readonly options: MembershipOptions;
  readonly limits: MembershipLimits;
  readonly book: Book;
  readonly views: Views;
  readonly own: Issuer;
  readonly verifier: Verifier;
  readonly linked: Map<PeerId, Linked>;
  elapsed(): number;
  send(to: PeerId, frame: MembershipFrame): void;
  count(what: string): void;
  /** Names a timer of this grove; null cancels it. */
  timer(what: string, at: number | null, run: () => void): void;
  /** Tells where its state changed. */
  judge(peer: PeerId): void;
}

export interface PeerKnown {
  peer: PeerId;
  source: Source;
  /** ms since it was last vouched for; null where no descriptor of it is known. */
  age: number | null;
  state: LivenessState;
  linked: boolean;
  active: boolean;
  passive: boolean;
  remembered: boolean;
  failures: number;
}
