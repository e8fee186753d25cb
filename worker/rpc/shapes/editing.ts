// An edit of a contribution. Types only.
import type { Agent, Json, Mode, Relation, Score } from './contributions.ts';

/** What is different; all else is carried over. Null takes away. */
export interface EditInput {
  mode?: Mode;
  summary?: string;
  description?: string | null;
  /** By name: those not named are carried over, held here or not; null takes one away. */
  artifacts?: { [name: string]: Blob | Uint8Array | string | null };
  /** Beside the one that supersedes, which is there always. */
  relations?: Relation[];
  scores?: { [metric: string]: Score } | null;
  tags?: string[];
  context?: { [key: string]: Json } | null;
  /** Default: this device. */
  agent?: Agent;
  /** Default: now. */
  createdAt?: string;
}

export interface EditingMethods {
  edit: { params: [grove: string, cid: string, input: EditInput]; result: { cid: string } };
}
