// Claims, votes, outcomes, tasks and questions as the scripting surface tells of them. Types only.
import type { ContributionItem } from './contributions.ts';

export type ClaimStatus = 'active' | 'expired' | 'released' | 'completed';
/** Who works on a plan or question. `status` as of the moment it was told: compare `until` with the clock. */
export interface Claim {
  /** Entry id. */
  claim: string;
  author: string;
  authorName: string;
  status: ClaimStatus;
  /** ms since the epoch by the author's clock, as is `until`. */
  at: number;
  until: number;
  note: string;
}
/** `ended`: another claim that stands ended it; `lost`: a rival stands, and this never did. `by` is that other claim. */
export interface PastClaim extends Omit<Claim, 'status'> {
  status: ClaimStatus | 'ended' | 'lost';
  by: string | null;
}
export interface Claims {
  /** The one in force, whatever became of it. */
  current: Claim | null;
  /** All of them, newest first; at most 100. */
  history: PastClaim[];
  total: number;
}
export interface ClaimOptions {
  /** ms from now; default 300,000, at most a day. */
  lease?: number;
  /** At most 4,096 characters. */
  note?: string;
  /** Whether this device renews it by itself at a third of the lease while it runs. Default true. */
  renew?: boolean;
}
export interface Votes {
  up: number;
  down: number;
  /** This device's person's own. */
  mine: 'up' | 'down' | null;
}
export interface VoteList extends Votes {
  /** Who, ascending by key; at most 500. `at`: ms since the epoch by the voter's clock. */
  votes: { author: string; authorName: string; vote: 'up' | 'down'; at: number }[];
}
export type Outcome = 'accepted' | 'rejected' | 'crashed' | 'invalidated';
/** How many evaluators say each. */
export type OutcomeCounts = { [outcome in Outcome]?: number };
export interface Evaluation {
  author: string;
  authorName: string;
  outcome: Outcome;
  reason: string;
  /** ms since the epoch by the evaluator's clock. */
  at: number;
}
/** What members did about a contribution; each is there where there is some. */
export interface Acts {
  votes?: Votes;
  claim?: Claim;
  outcomes?: OutcomeCounts;
}
/** `open`: nobody claims it, or who did let go; `expired`: who claimed it ran out of time. Both can be claimed, as can `answered`. */
export type TaskStatus = 'open' | 'claimed' | 'expired' | 'answered' | 'completed';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export interface TaskFilter {
  kind?: 'plan' | 'ask_user';
  /** Any of them. */
  status?: TaskStatus[];
  /** Only those whose claim in force is this device's. */
  mine?: boolean;
  /** Key of who published it first. */
  author?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
export interface QuestionFilter {
  /** Without a response that stands; `false`: with one. */
  open?: boolean;
  priority?: Priority;
  /** Only those that this device asked. */
  mine?: boolean;
  author?: string;
  /** Default 50, at most 500. */
  limit?: number;
  cursor?: string;
}
/** A plan or a question. */
export interface Task extends ContributionItem {
  status: TaskStatus;
  /** Responses that stand. */
  responses: number;
  /** Of a question. */
  priority?: Priority;
}

export interface TaskMethods {
  claim: { params: [grove: string, cid: string, options?: ClaimOptions]; result: Claim };
  renewClaim: {
    params: [grove: string, cid: string, options?: { lease?: number; note?: string }];
    result: Claim;
  };
  release: { params: [grove: string, cid: string, note?: string]; result: null };
  complete: { params: [grove: string, cid: string, note?: string]; result: null };
  claims: { params: [grove: string, cid: string]; result: Claims };
  vote: { params: [grove: string, cid: string, vote: 'up' | 'down' | 'none']; result: null };
  votes: { params: [grove: string, cid: string]; result: VoteList };
  outcome: { params: [grove: string, cid: string, outcome: Outcome, reason?: string]; result: null };
  outcomes: { params: [grove: string, cid: string]; result: Evaluation[] };
  tasks: { params: [grove: string, filter?: TaskFilter]; result: { items: Task[]; cursor?: string } };
  questions: { params: [grove: string, filter?: QuestionFilter]; result: { items: Task[]; cursor?: string } };
}
