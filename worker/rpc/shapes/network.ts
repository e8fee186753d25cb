// Who is linked to whom, how, and why not. Types only.
import type { Role } from './groves.ts';
import type { SignalInfo } from './peers.ts';

export interface MeshEdge {
  from: string;
  to: string;
  /** Whether news go that way as a whole (`eager`), are only named (`lazy`), or go by others. */
  push: 'eager' | 'lazy' | 'none';
  /** ms since a neighbour said so; null where this device knows it by itself. */
  age: number | null;
}
/** What passed between this device and a peer. */
export interface MeshPassed {
  peer: string;
  direction: 'in' | 'out';
  messages: number;
  bytes: number;
  /** Messages that carried new entries. */
  news: number;
}
export interface MeshView {
  /** ms since the epoch: with it as `since` the next call counts what passed from here on, each message once. */
  at: number;
  /** Links in this grove: those of this device, and those its neighbours tell of, once asked. */
  edges: MeshEdge[];
  /** From `since` (at most a minute ago) up to `at`; blocks of files go for no grove in particular and are counted in each. */
  passed: MeshPassed[];
}
/** What is known of why a link does or doesn't come about (SPEC O5). */
export interface NetworkInfo {
  gossip: 'on' | 'off';
  role: Role | null;
  banned: boolean;
  discovery: 'endpoint' | 'hand' | 'both';
  carrier: boolean;
  members: number;
  signal: SignalInfo;
  /** The grove's room at the endpoint: let in or not, others there, and of how many an authentic word was heard. */
  room: { joined: boolean; others: number; heard: number } | null;
  /** Rooms of all groves. */
  rooms: { wanted: number; joined: number };
  links: { up: number; connecting: number; most: number };
  /**
   * Members linked, with this grove open; and those linked for whom it isn't: paused here; unproven where the other didn't show that it
   * has the grove (it may have left, paused this device, or hold another secret).
   */
  open: string[];
  closed: { peer: string; why: 'paused' | 'unproven' | 'waiting' }[];
  /** Attempts that failed since the last that did not, by members of this grove. */
  attempts: {
    peer: string;
    /** No offer came to our call; no answer to our offer; no channel opened; the channel's other end proved nothing. */
    stage: 'call' | 'answer' | 'path' | 'handshake';
    attempts: number;
    reason: string;
    at: number;
  }[];
  /** Links that ended lately, the newest last. */
  ended: { peer: string; reason: string; at: number }[];
}
/** What another member is known to hold. */
export interface HeldBy {
  /** Entries of the log that it holds, and that this device holds; null where nothing was compared. */
  entries: number | null;
  of: number;
  /** Contributions that it said it holds wholly, files included: to this device since they were linked, or to all. */
  whole: number;
  /** What it offers to all: signed rows of the best that it holds, the most rankings first; at most 100. */
  offers: { cid: string; kind: string; summary: string; rankings: string[] }[];
}
/** How a link's packets go. Told by the tab that carries it; no addresses. */
export interface LinkPath {
  link: string;
  /** Candidate types of the selected pair: `host`, `srflx`, `prflx` or `relay`. */
  local: string;
  remote: string;
  /** `udp` or `tcp`. */
  protocol: string;
  /** By ICE's own checks. */
  rttMs: number | null;
}

export interface NetworkMethods {
  mesh: { params: [grove: string, options?: { since?: number }]; result: MeshView };
  network: { params: [grove: string]; result: NetworkInfo };
  heldBy: { params: [grove: string, peer: string]; result: HeldBy };
  paths: { params: []; result: LinkPath[] };
}
