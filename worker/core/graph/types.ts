// What the views answer. Structurally equal to rpc/api.ts where both speak of the same thing; core does not know rpc.
import type { Cid, EntryId, PeerId } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ContributionFilter } from './filter.ts';

export type Direction = 'minimize' | 'maximize';
export type Lifecycle = 'superseded' | 'challenged' | 'adopted' | 'reproduced' | 'under_review' | 'published';
export type RelationType = Manifest['relations'][number]['relationType'];
export type RelationMetadata = NonNullable<Manifest['relations'][number]['metadata']>;

/** A metric of the grove's contract. */
export interface ContractMetric {
  name: string;
  direction: Direction;
  unit?: string;
}

/** One entry that carried a manifest into the log. */
export interface Publication {
  author: PeerId;
  entry: EntryId;
  lamport: number;
  /** ms since the epoch by the author's clock; display only. */
  at: number;
}

/** A relation seen from one end: `cid` is the other. */
export interface RelationEdge {
  cid: Cid;
  relationType: RelationType;
  metadata?: RelationMetadata;
  /** Of the other end, where its manifest is held. */
  summary?: string;
  kind?: string;
}

/** A contribution without its relations: an item of a list. */
export interface ContributionItem {
  cid: Cid;
  /** Null while the body is not held. */
  manifest: Manifest | null;
  /** Those who stand by it, first by (lamport, id); where all have withdrawn, all who once published it. Never empty. */
  publishers: Publication[];
  /** Withdrawn by all of its publishers. */
  withdrawn: boolean;
  lifecycle: Lifecycle;
  /** The manifest's claim as it is; without a body the first publication's `at` as ISO 8601. */
  createdAt: string;
}

export interface ContributionRecord extends ContributionItem {
  /** In the manifest's order. */
  outgoing: RelationEdge[];
  /** From contributions that are not withdrawn, oldest first by (lamport, id). */
  incoming: RelationEdge[];
}

export interface ListFilter extends ContributionFilter {
  /** Words, each of which begins some word of summary, description, tags, agent or artifact names. */
  text?: string;
  /** Default 50, at most 500. */
  limit?: number;
  /** From an earlier page of the same filter. */
  cursor?: string;
}
export interface ListPage {
  items: ContributionItem[];
  /** Absent on the last page. */
  cursor?: string;
}

export interface FrontierFilter extends ContributionFilter {
  /** Only this metric in `byMetric`; the other rankings are as without it. */
  metric?: string;
  /** Of each ranking; default 10, at most 500. */
  limit?: number;
}
export interface Ranked {
  cid: Cid;
  value: number;
}
export interface MetricRanking {
  direction: Direction;
  unit?: string;
  entries: Ranked[];
}
export interface Rankings {
  /** Has no prototype: any name is an own property or absent. */
  byMetric: Record<string, MetricRanking>;
  byAdoption: Ranked[];
  /** `value` is ms since the epoch. */
  byRecency: Ranked[];
  byReviewScore: Ranked[];
  byReproduction: Ranked[];
}

export interface GraphNode {
  cid: Cid;
  /** Empty while the body is not held, as is `summary`. */
  kind: string;
  summary: string;
  author: PeerId;
  /** Incoming adopts and derives_from. */
  adoption: number;
  createdAt: string;
}
export interface GraphView {
  /** Targets before sources where both are there. */
  nodes: GraphNode[];
  /** From the contribution that states the relation to its target, both among the nodes. */
  edges: { from: Cid; to: Cid; relationType: RelationType }[];
  /** More than `limit` exist; the newest are given. */
  truncated: boolean;
}

export interface Counts {
  contributions: number;
  bodies: number;
  withdrawn: number;
}
