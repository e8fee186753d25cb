// What the link machine remembers, as plain data that its files share. No behaviour here but lookups.
import type { LinkId, PeerId } from '../model/ids.ts';
import type { Keypair } from '../model/keys.ts';
import type { Random, Signatures } from '../ports.ts';
import type { LinkConfig } from './config.ts';
import type { Handshake } from './handshake.ts';
import type { Inflow } from './inflow.ts';
import type { Liveness } from './liveness.ts';
import type { Candidate } from './sdp.ts';
import type { LinkOutput, Purpose, Source, Stage } from './types.ts';

/** How an attempt's messages travel: through the endpoint to one of its members, through the mesh, or as text. */
export type Route = { type: 'endpoint'; member: string } | { type: 'relay' } | { type: 'hand' };

/** One connection, from the first attempt on. */
export interface Link {
  readonly id: LinkId;
  readonly peer: PeerId;
  /** Whether this side makes the offer. */
  readonly initiator: boolean;
  /** The room its signaling is sealed for, and the way it goes. */
  readonly room: string;
  route: Route;
  purpose: Purpose;
  /** Whether this device asked for it. */
  readonly dialled: boolean;
  /** Open rooms in which the peer was met. */
  readonly rooms: Set<string>;
  /** The offer's nonce: names the attempt. */
  readonly session: Uint8Array;
  /** The announce's or the call's nonce that the offer echoes. */
  readonly echo: Uint8Array;
  state: 'connecting' | 'authenticating' | 'up';
  /** Wall clock, for display. */
  since: number;
  startedAt: number;
  /** When the present state has lasted too long; Infinity once up. */
  deadline: number;
  /** When an up link that nobody needs is closed (P9); Infinity while it is of use. */
  neededUntil: number;
  /** The node said that it needs it no more: it makes place for others. */
  spare: boolean;
  offerHash: Uint8Array | null;
  /** DTLS fingerprints that the two signed descriptions name. */
  localPrint: Uint8Array | null;
  remotePrint: Uint8Array | null;
  candidates: { sent: number; taken: number; waiting: Candidate[] };
  /** An answer that is carried by hand and still gathers its candidates. */
  gathering: { request: string; sdp: string | null; candidates: Candidate[]; textAt: number } | null;
  /** The offerer's candidates, handed to our connection again and again until the answer is accepted. */
  vigil: { candidates: readonly Candidate[]; round: number; nextAt: number } | null;
  /** A new path for a connection that stands: the newest attempt's number, and what of ours is still being gathered. */
  restart: {
    n: number;
    answered: boolean;
    gathering: { sdp: string; candidates: Candidate[]; sendAt: number } | null;
  } | null;
  handshake: Handshake | null;
  transcript: Uint8Array | null;
  liveness: Liveness | null;
  garbled: number;
  readonly inflow: Inflow;
}

/** A nonce that was announced, and the offers that came for it. */
export interface Announced {
  readonly nonce: Uint8Array;
  readonly at: number;
  readonly offers: Set<string>;
}

/** A peer that this device wants to link to and has asked to make an offer (R3). */
export interface Call {
  readonly room: string;
  readonly peer: PeerId;
  purpose: Purpose;
  /** Whether the mesh can carry it. */
  readonly relay: boolean;
  /** One for each time it was sent. */
  announced: Announced[];
  /** When it is sent again, by another way. */
  againAt: number;
  deadline: number;
}

/** A connection whose offer is carried by hand: whose it will be isn't known before the answer (R4). */
export interface HandOffer {
  readonly link: LinkId;
  readonly room: string;
  /** Who is still to be told the text. */
  request: string | null;
  readonly session: Uint8Array;
  readonly deadline: number;
  sdp: string | null;
  readonly candidates: Candidate[];
  /** When no more candidates are waited for. */
  textAt: number;
  offerHash: Uint8Array | null;
}

export interface Room {
  readonly name: string;
  readonly key: Uint8Array;
  want: number;
  /** Looks for those who listen here, not for others who look. */
  readonly newcomer: boolean;
  /** The room whose places those take who are met here: an invite's grove's. */
  home: string;
  /** Of an earlier epoch: who alone is answered here, by box key. Null: everybody, and we announce ourselves. */
  only: ReadonlyMap<PeerId, Uint8Array> | null;
  /** Box keys of those who wrote to this device alone: they are answered likewise. */
  readonly boxes: Map<PeerId, Uint8Array>;
  /** Whether the endpoint has let this peer in since the connection to it was last lost. */
  joined: boolean;
  /** K8: whether it wants to be let in, since when, and when that is thought over. */
  inside: boolean;
  askedAt: number;
  reviewAt: number;
  /** Calls for a neighbour that brought no answer since a link last came up here, or it was entered. */
  vain: number;
  /** Others there as far as known, with their keys once heard: those told at joining and those heard since. */
  readonly members: Map<string, PeerId | null>;
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
  stage: Stage;
  at: number;
  notBefore: number;
}

export interface State {
  readonly keypair: Keypair;
  readonly random: Random;
  readonly signatures: Signatures;
  config: LinkConfig;
  readonly features: readonly string[];
  /** By id, in the order of their beginning. */
  readonly links: Map<LinkId, Link>;
  readonly rooms: Map<string, Room>;
  readonly calls: Map<PeerId, Call>;
  /** Calls that ended without a link: an offer that answers one may be on its way still. */
  readonly callsEnded: Map<PeerId, Call>;
  /** Nonces of calls that were heeded, so that none is twice. */
  readonly callsSeen: Map<string, true>;
  readonly hands: Map<LinkId, HandOffer>;
  /** Offers answered and sessions accepted by hand: none is twice. */
  readonly handsSeen: Map<string, true>;
  readonly failures: Map<PeerId, Failure>;
  /** Peers whose link this device closed by its own decision -> until when. */
  readonly heldOff: Map<PeerId, number>;
  /** Peers that are refused for what they did -> until when (P11). */
  readonly refused: Map<PeerId, number>;
  carrier: boolean;
  /** Whether the endpoint is reached. */
  endpoint: boolean;
  /** When something is due; to be found anew where `stale`. */
  dueAt: number;
  stale: boolean;
  nextLink: number;
  /** The machine's own clock in ms: elapsed time, which never goes back. */
  t: number;
  /** The wall clock of the present input. */
  now: number;
  out: LinkOutput[];
}

export function linksOf(state: State, room: string): Link[] {
  const links: Link[] = [];
  for (const link of state.links.values()) if (link.rooms.has(room)) links.push(link);
  return links;
}

export function upLink(state: State, peer: PeerId): Link | undefined {
  for (const link of state.links.values()) if (link.peer === peer && link.state === 'up') return link;
  return undefined;
}

export function pendingLink(state: State, peer: PeerId): Link | undefined {
  for (const link of state.links.values()) if (link.peer === peer && link.state !== 'up') return link;
  return undefined;
}

/** An answer that was written and may never be accepted: it holds up nobody. */
export const isWaiting = (link: Link): boolean =>
  link.route.type === 'hand' && !link.initiator && link.state === 'connecting';

/** An attempt that comes to something or fails within seconds. */
export const isUnderWay = (state: State, peer: PeerId): boolean =>
  [...state.links.values()].some((link) => link.peer === peer && link.state !== 'up' && !isWaiting(link));

export const sourceOf = ({ type }: Route): Source => (type === 'relay' ? 'gossip' : type);

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
