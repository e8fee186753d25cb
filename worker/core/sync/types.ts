// What the sync machine is asked and what it tells. Types only.
import type { Entry } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { LogEntry } from './log.ts';

/** What a link may see of a grove: all, nothing but our questions (SPEC A3), or not even that. */
export type Opening = 'full' | 'inward' | 'closed';

/** An entry of our own to be written. */
export interface Append {
  kind: string;
  body: Uint8Array;
  /** Encoded blob table and its total, where the body names artifacts. */
  table: { bytes: Uint8Array; total: number } | null;
  /** Written in the same transaction: the request's answer, say. Given the entry, since answers name it. */
  also: (entry: Entry) => readonly WriteOp[];
  /** Once it is committed and applied, or nothing of it happened. */
  then: (outcome: { entry: Entry } | { code: ErrorCode; message: string }) => void;
}

export interface Inbound {
  link: LinkId;
  peer: PeerId;
  entries: readonly WireEntry[];
  why: 'push' | 'sync' | 'want' | 'graft';
  /** Links that it came over, this one included; 0 where it was not pushed. */
  hops: number;
}

export interface AppliedEntry {
  kept: LogEntry;
  entry: Entry;
  signature: Uint8Array | null;
  body: Uint8Array | null;
  table: Uint8Array | null;
  /** The link it came by; null for our own and for what was read back from the store. */
  link: LinkId | null;
}

export type SyncFact =
  | { type: 'applied'; grove: GroveId; applied: readonly AppliedEntry[] }
  /** Another member said, by vector or acknowledgement, that it holds our log up to here. */
  | { type: 'acknowledged'; grove: GroveId; peer: PeerId; seq: number }
  /** The grove is read back from the store; `applied` told its entries before. */
  | { type: 'loaded'; grove: GroveId }
  | { type: 'problem'; code: ErrorCode; message: string };

/** What the machine asks of the rest of the node, synchronously. */
export interface SyncHooks {
  /** Whether an entry of this author and kind may enter the log now (SPEC A7). */
  admits(grove: GroveId, entry: Entry): boolean;
  /** Our seq before we erased this grove: below it nothing may be appended, or it would fork what others hold. */
  resumeFrom(grove: GroveId): number;
  /** Whether the body that came with an entry is to be stored (SPEC Y1): those of contributions may not. It is passed on all the same. */
  wantsBody(grove: GroveId, entry: Entry): boolean;
  /** Kinds that change who is admitted: a batch ends after one, so that the next is judged with it applied. */
  isControl(kind: string): boolean;
}
