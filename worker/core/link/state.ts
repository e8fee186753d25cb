// What the link machine remembers, as plain data that its files share. No behaviour here but lookups.
import type { LinkId, PeerId } from '../model/ids.ts';
import type { Keypair } from '../model/keys.ts';
import type { Random, Signatures } from '../ports.ts';
import type { LinkConfig } from './config.ts';
import type { Handshake } from './handshake.ts';
import type { Liveness } from './liveness.ts';
import type { Candidate } from './sdp.ts';
import type { LinkOutput } from './types.ts';

/** One connection, from the first attempt on. */
export interface Link {
  readonly id: LinkId;
  readonly peer: PeerId;
  /** Whether this side makes the offer. */
  readonly initiator: boolean;
  /** The room its signaling travels in, and the endpoint's name for the other side there. */
  readonly room: string;
  member: string;
  /** Open rooms in which the peer was met. */
  readonly rooms: Set<string>;
  /** The offer's nonce: names the attempt. */
  readonly session: Uint8Array;
  /** The announce's nonce that the offer echoes. */
  readonly echo: Uint8Array;
  state: 'connecting' | 'authenticating' | 'up';
  /** Wall clock, for display. */
  since: number;
  startedAt: number;
  /** When the present state has lasted too long; Infinity once up. */
  deadline: number;
  offerHash: Uint8Array | null;
  /** DTLS fingerprints that the two signed descriptions name. */
  localPrint: Uint8Array | null;
  remotePrint: Uint8Array | null;
  candidates: { sent: number; taken: number; waiting: Candidate[] };
  handshake: Handshake | null;
  transcript: Uint8Array | null;
  liveness: Liveness | null;
  garbled: number;
}

/** A nonce that was announced, and the offers that came for it. */
export interface Announced {
  readonly nonce: Uint8Array;
  readonly at: number;
  readonly offers: Set<string>;
}

export interface Room {
  readonly name: string;
  readonly key: Uint8Array;
  want: number;
  /** Whether the endpoint has let this peer in since the connection to it was last lost. */
  joined: boolean;
  /** Others there as far as known: those told at joining and those heard since. */
  readonly members: Set<string>;
  announced: Announced[];
  announceAt: number;
  backoff: number;
  /** Candidates that overtook their offer, by peer and session. */
  readonly early: Map<string, { at: number; candidates: Candidate[] }>;
}

/** Why a peer is left alone for a while. */
export interface Failure {
  attempts: number;
  reason: string;
  notBefore: number;
}

export interface State {
  readonly keypair: Keypair;
  readonly random: Random;
  readonly signatures: Signatures;
  readonly config: LinkConfig;
  readonly features: readonly string[];
  /** By id, in the order of their beginning. */
  readonly links: Map<LinkId, Link>;
  readonly rooms: Map<string, Room>;
  readonly failures: Map<PeerId, Failure>;
  /** Peers whose link this device closed by its own decision -> until when. */
  readonly heldOff: Map<PeerId, number>;
  carrier: boolean;
  nextLink: number;
  /** The machine's own clock in ms: elapsed time, which never goes back. */
  t: number;
  /** The wall clock of the present input. */
  now: number;
  out: LinkOutput[];
}

export const linksOf = (state: State, room: string): Link[] =>
  [...state.links.values()].filter((link) => link.rooms.has(room));

export const upLink = (state: State, peer: PeerId): Link | undefined =>
  [...state.links.values()].find((link) => link.peer === peer && link.state === 'up');

export const pendingLink = (state: State, peer: PeerId): Link | undefined =>
  [...state.links.values()].find((link) => link.peer === peer && link.state !== 'up');

/** Distinct peers among the links, attempts included: a replacement counts once. */
export const countPeers = (links: Iterable<Link>): number =>
  new Set(Array.from(links, (link) => link.peer)).size;

export const count = (state: State, name: string): void => {
  state.out.push({ type: 'count', name });
};

/** Sets a key of a bounded map; beyond the limit the oldest goes. */
export function setBounded<K, V>(map: Map<K, V>, limit: number, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}

/** Uniform in [0, 1). */
export function fraction(random: Random): number {
  return random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
}
