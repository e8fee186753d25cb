// The graph read along its relations: threads, lineage, series, sessions. Types only.
import type { Hidden } from './governing.ts';
import type { ContributionQuery, Direction, RelationType } from './contributions.ts';

/**
 * What is known of a contribution that others point at: all of it (`held`), only its signed header (`missing`), that all who
 * published it withdrew it, that moderators hid it, or nothing but its CID (`unknown`).
 */
export type Standing = 'held' | 'missing' | 'withdrawn' | 'hidden' | 'unknown';
/** A contribution where it is mentioned. Words are those of what is held. */
export interface Mention {
  cid: string;
  standing: Standing;
  /** Who signed it; absent where nobody published it here. */
  author?: string;
  authorName?: string;
  createdAt?: string;
  kind?: string;
  summary?: string;
  /** Where it is hidden. */
  hidden?: Hidden;
}
export interface ThreadOptions {
  /** Levels below it; default and most 16. */
  depth?: number;
  /** Default and most 500. */
  limit?: number;
  cursor?: string;
}
export interface ThreadItem extends Mention {
  /** Levels below the contribution that was asked for; above it less than 0. */
  depth: number;
  /** What it is shown below. */
  parent: string | null;
  /** Direct ones that are shown here or by asking for this one. */
  answers: number;
  agentId?: string;
  agentName?: string;
  /** Its first 4,096 characters. */
  description?: string;
  /** There is more of the description. */
  clipped: boolean;
}
export interface Thread {
  /** What it answers, and what that answers, the furthest first; at most 16 levels. */
  above: ThreadItem[];
  /** Itself first, then depth first, the oldest answers first. */
  items: ThreadItem[];
  /** Pass it back to go on; absent on the last page. */
  cursor?: string;
}
/** By what the roots are. */
export interface ThreadFilter extends ContributionQuery {
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
/** A thread by its root. */
export interface ThreadInfo extends Mention {
  /** That stand, at any level. */
  answers: number;
  /** Who wrote the root and the answers, each once. */
  authors: number;
  /** The newest in it; `at` in ms since the epoch by its author's clock. */
  latest: { cid: string; author: string; authorName: string; at: number };
}
export interface LineageOptions {
  /** Only these; default all. */
  relations?: string[];
  /** Default and most 10,000. */
  depth?: number;
  /** Of either direction; default 500, at most 10,000. */
  limit?: number;
}
export interface LineageItem extends Mention {
  /** Least number of relations between. */
  depth: number;
  /** Relations to what is one step nearer, or from it; at most 8. */
  via: { cid: string; relationType: RelationType }[];
}
/** Nearest first. */
export interface Lineage {
  ancestors: LineageItem[];
  descendants: LineageItem[];
  /** Limit or depth left some out. */
  truncated: { ancestors: boolean; descendants: boolean };
}
export interface LineagePath {
  /** Both ends among them; null where there is no way. */
  items: Mention[] | null;
  /** One for each step: `from` states the relation to `to`, whichever way the path goes. */
  steps: { from: string; to: string; relationType: RelationType }[];
  /** Not all was looked at: there may be a way all the same. */
  truncated: boolean;
}
export interface SeriesFilter extends ContributionQuery {
  /** Points; default 1,000, at most 10,000. */
  limit?: number;
}
export interface SeriesPoint {
  cid: string;
  value: number;
  /** Of this and all before it. */
  best: number;
  /** Better than all before it. */
  improves: boolean;
  /** Its place in the whole series, from 0. */
  index: number;
  author: string;
  authorName: string;
  /** ms since the epoch by its author's clock. */
  at: number;
}
export interface Series {
  direction: Direction;
  unit?: string;
  /** In the order of the log. Beyond the limit improvements stay before anything else does. */
  points: SeriesPoint[];
  /** How many there are, told or not. */
  total: number;
  improvements: number;
}
/** `first` and `last` in ms since the epoch by the authors' clocks. */
export interface AgentInfo {
  /** A claim: any author may use it. */
  agentId: string;
  /** As its newest contribution says. */
  agentName?: string;
  platform?: string;
  /** That stand and are held. */
  contributions: number;
  first: number;
  last: number;
}
export interface AuthorInfo {
  author: string;
  authorName: string;
  /** Published, withdrawn ones too. */
  contributions: number;
  /** Claims, outcomes, votes, settings, profiles and retractions. */
  acts: number;
  first: number;
  last: number;
}
/** The latest activity first, at most 500 of each. */
export interface Sessions {
  agents: AgentInfo[];
  authors: AuthorInfo[];
  /** How many are not told. */
  more: { agents: number; authors: number };
}
/** An agent by what its contributions claim, or an author by its key. */
export type SessionOf = { agentId: string } | { author: string };
export interface SessionItem {
  /** Entry id. */
  id: string;
  /** `contribution`, or the act: `claim`, `outcome`, `vote`, `setting`, `profile`, `retract`. */
  kind: string;
  author: string;
  authorName: string;
  /** ms since the epoch by its author's clock. */
  at: number;
  /** The contribution, or the one that the act is about. */
  target?: Mention;
  /** Of a claim `claim`, `renew`, `release` or `complete`; of an outcome and a vote what it says. */
  word?: string;
  /** Of a claim its note, of an outcome its reason. */
  note?: string;
  /** Of a setting. */
  key?: string;
}
/** Oldest first. */
export interface Session {
  items: SessionItem[];
  /** Pass it back to go on; absent on the last page. */
  cursor?: string;
}

/** Something that happened in a grove: an entry of its log, and what it is about. */
export interface ActivityItem extends SessionItem {
  /** In the order in which this device came to have it, from 0. */
  place: number;
  /** Who was let in, given a role, banned, let back in, or handed the grove. Their new role is `word`, why is `note`. */
  member?: { peerId: string; name: string };
}
/** Newest first. Invites, rotations and renewals of claims are left out. */
export interface Activity {
  items: ActivityItem[];
  /** One more than the highest place. */
  end: number;
  /** Pass it back as `before` to go on; absent on the last page. */
  cursor?: number;
}

export interface ReadingMethods {
  thread: { params: [grove: string, cid: string, options?: ThreadOptions]; result: Thread };
  threads: {
    params: [grove: string, filter?: ThreadFilter];
    result: { items: ThreadInfo[]; cursor?: string };
  };
  lineage: { params: [grove: string, cid: string, options?: LineageOptions]; result: Lineage };
  path: {
    params: [grove: string, from: string, to: string, options?: { relations?: string[] }];
    result: LineagePath;
  };
  series: { params: [grove: string, metric: string, filter?: SeriesFilter]; result: Series };
  sessions: { params: [grove: string]; result: Sessions };
  session: {
    params: [grove: string, of: SessionOf, options?: { limit?: number; cursor?: string }];
    result: Session;
  };
  activity: { params: [grove: string, options?: { limit?: number; before?: number }]; result: Activity };
}
