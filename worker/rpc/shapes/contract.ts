// A grove's contract and what follows from it: gates, stop conditions, verification. Types only.
import type { Metric } from './contributions.ts';

/** A rule that contributions should meet. Scores are compared by the metric's direction. */
export type Gate =
  | { type: 'min_reviews'; count: number }
  | { type: 'min_score'; metric: string; value: number }
  | { type: 'has_artifact'; name: string }
  | { type: 'has_relation'; relationType: string }
  | { type: 'metric_improves'; metric: string };
/** A condition under which work in a grove should stop. */
export type Stop =
  | { type: 'target'; metric: string; value: number }
  | { type: 'rounds'; metric: string; count: number }
  /** `until`: ms since the epoch. At least one of the two. */
  | { type: 'budget'; contributions?: number; until?: number }
  | { type: 'review_quorum'; reviews: number; score: number };
/** What devices that join begin with; each may choose otherwise. */
export interface PolicyDefaults {
  bodies?: 'all' | 'frontier' | 'on-demand';
  artifacts?: 'all' | 'frontier' | 'pinned' | 'on-demand';
  budget?: number | null;
  thresholds?: { [metric: string]: number };
  adopt?: boolean;
}
/** The contract in effect. */
export interface Contract {
  name: string;
  description: string;
  metrics: Metric[];
  /** At most 32. */
  gates: Gate[];
  /** At most 16. */
  stops: Stop[];
  /** `approval` is told to people; an invite still lets in by itself. */
  join: 'open' | 'approval' | 'moderated';
  policy: PolicyDefaults;
}
/** Parts to change; null gives one back to what the grove was founded with. */
export type ContractChange = { [Part in keyof Contract]?: Contract[Part] | null };

export interface GateResult {
  gate: Gate;
  passed: boolean;
  /** In words, with the figures. */
  reason: string;
}
/** `passed`: every gate is. */
export interface Gates {
  passed: boolean;
  results: GateResult[];
}
export interface StopResult {
  stop: Stop;
  met: boolean;
  /** In words, with the figures. */
  reason: string;
  figures: {
    /** The best value so far. */
    best?: number;
    /** Scores since it improved. */
    rounds?: number;
    contributions?: number;
    /** Persons who reviewed the contribution that comes closest, and the mean of their scores. */
    reviews?: number;
    score?: number;
  };
  /** The contribution that comes closest. */
  cid?: string;
}
/** How far a contribution that asks for it is verified by others: k of n persons. */
export interface Verification {
  state: 'pending' | 'confirmed' | 'challenged';
  confirmed: number;
  quorum: number;
}
export interface VerificationDetail extends Verification {
  /** How it is to be verified, as its author says. */
  how: string;
  /** Each person's last word, oldest first; at most 1,000. */
  words: VerificationWord[];
}
export interface VerificationWord {
  author: string;
  authorName: string;
  /** The reproduction that says so. */
  cid: string;
  says: 'confirmed' | 'challenged' | 'none';
  /** Who rejected or invalidated this challenge; null while nobody did. */
  answeredBy: string | null;
}

export interface ContractMethods {
  contract: { params: [grove: string, change?: ContractChange]; result: Contract };
  gates: { params: [grove: string, cid: string]; result: Gates | null };
  stops: { params: [grove: string]; result: StopResult[] };
  verification: { params: [grove: string, cid: string]; result: VerificationDetail | null };
}
