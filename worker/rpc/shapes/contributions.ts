// Contributions as the scripting surface tells of them: manifests, lists, rankings, the picture. Types only.
import type { Hidden } from './governing.ts';
import type { Acts } from './tasks.ts';

import type { Gates, Verification } from './contract.ts';

export type Kind =
  'work' | 'review' | 'discussion' | 'adoption' | 'reproduction' | 'plan' | 'ask_user' | 'response';
export type Mode = 'evaluation' | 'exploration';
export type RelationType = 'derives_from' | 'responds_to' | 'reviews' | 'reproduces' | 'adopts';
export type Direction = 'minimize' | 'maximize';
export type Lifecycle = 'superseded' | 'challenged' | 'adopted' | 'reproduced' | 'under_review' | 'published';
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface Score {
  value: number;
  direction: Direction;
  unit?: string;
}
export interface Relation {
  targetCid: string;
  relationType: RelationType;
  metadata?: { [key: string]: Json };
}
export interface Agent {
  agentId: string;
  agentName?: string;
  platform?: string;
  [key: string]: Json | undefined;
}
/** A Grove manifest, version 1. Unknown fields are kept and hashed. */
export interface Manifest {
  manifestVersion: number;
  kind: string;
  mode: string;
  summary: string;
  description?: string;
  /** Name -> `blake3:` + hex of the artifact's bytes. */
  artifacts: { [name: string]: string };
  relations: Relation[];
  scores?: { [metric: string]: Score };
  tags: string[];
  context?: { [key: string]: Json };
  agent: Agent;
  createdAt: string;
}
export interface Metric {
  name: string;
  direction: Direction;
  unit?: string;
}
export interface ContributeInput {
  kind: Kind;
  mode?: Mode;
  summary: string;
  description?: string;
  artifacts?: { [name: string]: Blob | Uint8Array | string };
  relations?: Relation[];
  scores?: { [metric: string]: Score };
  tags?: string[];
  context?: { [key: string]: Json };
  agent?: Agent;
  createdAt?: string;
}
/** Which contributions: all of what is named must hold. Of those whose manifest isn't held only the author is known. */
export interface ContributionQuery {
  /** By name: those of later versions are found as well. */
  kind?: string;
  mode?: string;
  /** All of them. */
  tags?: string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  /** Each key deeply equal to the manifest's. */
  context?: { [key: string]: Json };
  /** The key of one whose publication stands: the fact beside the claims about agents. */
  author?: string;
}
export interface ContributionFilter extends ContributionQuery {
  /** Words, each of which begins some word of summary, description, tags, agent or artifact names. */
  text?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface ContributionItem extends Acts {
  /** Moderators hid it: not to be shown unless a person wants to see it. */
  hidden?: Hidden;
  cid: string;
  kind: string;
  mode: string;
  summary: string;
  agent: Agent;
  /** Who signed it: the fact beside the claim in `agent`. */
  author: string;
  authorName: string;
  createdAt: string;
  scores?: { [metric: string]: Score };
  tags: string[];
  /** Whether the manifest is held here; without it only cid, author and createdAt are known. */
  body: boolean;
  artifacts: { held: number; total: number };
  lifecycle: Lifecycle;
  /** Where it asks to be verified. */
  verification?: Verification;
}
export interface RelationEdge {
  cid: string;
  relationType: RelationType;
  metadata?: { [key: string]: Json };
  /** Summary of the other end where it is held. */
  summary?: string;
  kind?: string;
}
export interface ArtifactInfo {
  name: string;
  hash: string;
  size: number;
  mediaType: string;
  held: boolean;
  /** Bytes of it that are here already. */
  received: number;
}
export interface Contribution extends Manifest, Acts {
  /** Moderators hid it: in no ranking and no search, and not to be shown unless a person wants to see it. */
  hidden?: Hidden;
  cid: string;
  author: string;
  authorName: string;
  /** All who published this manifest here, first by (lamport, id). */
  publishers: string[];
  /** By all of them: in no list and no ranking, and its body and artifacts may go. */
  withdrawn: boolean;
  /** ms since the epoch when this device applied it, and from whom: own, or the peer that sent it. */
  receivedAt: number;
  receivedFrom: string | null;
  signature: 'verified';
  body: boolean;
  lifecycle: Lifecycle;
  /** Null where nothing is judged: withdrawn, or its manifest is not held. */
  gates: Gates | null;
  /** Null where it doesn't ask to be verified. */
  verification: Verification | null;
  outgoing: RelationEdge[];
  incoming: RelationEdge[];
  files: ArtifactInfo[];
  /** Linked members known to hold all of it, this device not counted. */
  holders: number;
}
export interface FrontierFilter extends ContributionQuery {
  /** Only this metric in `byMetric`; the other rankings are as without it. */
  metric?: string;
  /** Default 10, at most 500. */
  limit?: number;
}
export interface FrontierEntry {
  cid: string;
  value: number;
  summary?: string;
  kind?: string;
  author: string;
  authorName: string;
  createdAt: string;
  held: boolean;
  holders: number;
  lifecycle: Lifecycle;
  /** Where it asks to be verified. */
  verification?: Verification;
}
export interface Frontier {
  byMetric: { [metric: string]: { direction: Direction; unit?: string; entries: FrontierEntry[] } };
  byAdoption: FrontierEntry[];
  byRecency: FrontierEntry[];
  byReviewScore: FrontierEntry[];
  byReproduction: FrontierEntry[];
}
/** The live picture: nodes in causal order, edges between what is known. */
export interface GraphView {
  nodes: {
    cid: string;
    kind: string;
    summary: string;
    author: string;
    adoption: number;
    createdAt: string;
  }[];
  edges: { from: string; to: string; relationType: RelationType }[];
  /** More than `limit` exist; the newest are given. */
  truncated: boolean;
}
export interface Change {
  /** Entry id. */
  id: string;
  kind: string;
  author: string;
  cid?: string;
  at: number;
}
