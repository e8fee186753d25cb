// Peers, links, and what passes between them. Types only.
import type { Role } from './groves.ts';

export interface PeerInfo {
  peerId: string;
  name: string;
  fingerprint: string;
  role: Role | null;
  /** `self` is this device. */
  state: 'self' | 'linked' | 'connecting' | 'away' | 'error';
  link: { id: string; since: number; sent: number; received: number; carrier: string } | null;
  rttMs: number | null;
  /** Entries the other is known to lack. */
  lag: number | null;
  /** The same by author: at most 100, the most first. */
  lags: { author: string; entries: number }[];
  /**
   * `active`: compared notes and exchanges; `backfilling`: catching up; `paused`: by this device's `pausePeer`; `error`: attempts to
   * link failed again and again; `idle`: linked, nothing compared yet. Null where it isn't linked.
   */
  sync: 'active' | 'backfilling' | 'paused' | 'error' | 'idle' | null;
  /** Entries of the catch-up under way, in either direction. */
  backfill: { done: number; total: number } | null;
  /** When notes were last compared; ms since the epoch. */
  lastSync: number | null;
  /** How this device came to know it. */
  source: 'hand' | 'endpoint' | 'gossip' | null;
  /** By the word of members; `frozen`: its tabs are hidden. */
  liveness: 'alive' | 'suspect' | 'failed' | 'frozen' | null;
  /** Whether news of a grove go to it directly. */
  neighbour: boolean;
  groves: string[];
  /** What this device saw it do itself, and what follows here; null for this device. */
  standing: PeerStanding | null;
  reason?: string;
}
/** What a device was seen to do by this one. Nobody else is told. Old deeds count less and less. */
export interface PeerStanding {
  /** `doubtful`: others are preferred; `refused`: no link with it until `until`, unless `forgivePeer` is called. */
  state: 'good' | 'doubtful' | 'refused';
  /** How often which was seen. */
  seen: { deed: PeerDeed; times: number }[];
  /** ms since the epoch; null where links aren't refused. */
  until: number | null;
}
/**
 * `garbled`: bytes that are no frames; `flood`: more frames than anyone needs; `bad-block`, `bad-signature`, `bad-entry`: what it
 * should have checked before it sent it; `lie`: lacked what it signed to hold, and signed that again.
 */
export type PeerDeed = 'garbled' | 'flood' | 'bad-block' | 'bad-signature' | 'bad-entry' | 'lie';
export interface PeerMethods {
  /** What was seen of a peer is forgotten, and links with it are not refused any more. */
  forgivePeer: { params: [peer: string]; result: null };
}
/** One message that passed between this device and a peer. Its contents are not recorded. */
export interface GossipMessage {
  /** ms since the epoch, by this device's clock. */
  at: number;
  /** The frame's type, such as `entries`, `ihave` or `shuffle`. */
  type: string;
  peer: string;
  grove: string | null;
  direction: 'in' | 'out';
  /** On the wire. */
  bytes: number;
  why:
    | 'eager'
    | 'lazy'
    | 'graft'
    | 'sync'
    | 'want'
    | 'answer'
    | 'receipt'
    | 'membership'
    | 'liveness'
    | 'digest'
    | 'relay'
    | 'access'
    | 'unknown';
  /** `taken` is all that is known of most; entries are `staged` until they are `applied`. */
  outcome: 'sent' | 'taken' | 'staged' | 'duplicate' | 'applied' | 'dropped' | 'unknown' | 'refused';
}
export interface GossipFilter {
  type?: string;
  grove?: string;
  peer?: string;
  direction?: GossipMessage['direction'];
  outcome?: GossipMessage['outcome'];
  /** ms since the epoch. */
  since?: number;
  /** Default 200, at most 50,000. */
  limit?: number;
}
/** Whether a signaling address answered, and after how many ms. */
export interface EndpointTest {
  ok: boolean;
  ms: number;
  /** The address that was tried. */
  url: string | null;
  reason: string | null;
}
export interface SignalInfo {
  /** `off`: this device links by hand only, by its settings. */
  state: 'up' | 'connecting' | 'down' | 'off';
  url: string | null;
  reason: string | null;
  /** When that state began, ms since the epoch; null before anything was heard. */
  since: number | null;
  /** What went wrong last, also once it is reached again. */
  lastError: { at: number; reason: string } | null;
}
