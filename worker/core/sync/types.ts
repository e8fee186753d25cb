// What the sync machine is asked and what it tells. Types only.
import type { Outcome } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import type { Frame, WireEntry } from '../wire/frame.ts';
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
  then: (outcome: { entry: Entry; signature: Uint8Array } | { code: ErrorCode; message: string }) => void;
}

export interface Inbound {
  link: LinkId;
  peer: PeerId;
  entries: readonly WireEntry[];
  why: 'push' | 'sync' | 'want' | 'graft';
  /** Links that it came over, this one included; 0 where it was not pushed. */
  hops: number;
  /** Says what became of it, for the record of gossip (SPEC O1). */
  verdict?: (outcome: Outcome) => void;
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
  /** A grove is being read back, and all is told that says who may write: what follows are contributions. */
  | { type: 'ruled'; grove: GroveId }
  /** The grove is read back from the store; `applied` told its entries before. */
  | { type: 'loaded'; grove: GroveId }
  /** Authors who signed two entries of one seq, newly proved and stored: nothing of them counts from `seq` on. The log is to be read anew (`reload`). */
  | { type: 'forked'; grove: GroveId; forks: readonly { author: PeerId; seq: number }[] }
  /** Equal vectors, and nothing missing; but what is derived from them isn't equal. */
  | { type: 'views-differ'; grove: GroveId; peer: PeerId }
  /** Rows that were read back once can't be read any more (SPEC S17): the log is to be read anew (`reload`), and claims what it can give. */
  | { type: 'damaged'; grove: GroveId; entries: readonly { author: PeerId; seq: number }[] }
  /** More of an author than there is room for, from this seq on: not applied, stored or passed on (SPEC S19). */
  | { type: 'over-limit'; grove: GroveId; author: PeerId; seq: number }
  | { type: 'problem'; code: ErrorCode; message: string };

/** What the broadcast is told, and does: to whom new entries go (SPEC B). Injected, since machines don't know each other. */
export interface Broadcaster {
  neighbour(link: LinkId, active: boolean): void;
  linkGone(link: LinkId): void;
  received(
    link: LinkId,
    entries: readonly { id: EntryId; author: PeerId }[],
    hops: number,
    why: 'push' | 'graft' | 'other',
  ): void;
  forget(ids: Iterable<EntryId>): void;
  applied(entries: readonly { id: EntryId; link: LinkId | null; large: boolean }[]): void;
  onIhave(link: LinkId, rows: readonly { id: EntryId; hops: number }[]): void;
  onGraft(link: LinkId, ids: readonly EntryId[]): void;
  onPrune(link: LinkId): void;
  eager(): readonly LinkId[];
  lazy(): readonly LinkId[];
  close(): void;
}

export interface BroadcastHooks {
  holds(id: EntryId): boolean;
  knows(link: LinkId, id: EntryId): boolean;
  send(link: LinkId, frame: Extract<Frame, { type: 'ihave' | 'graft' | 'prune' }>): void;
  push(link: LinkId, ids: readonly EntryId[], why: 'push' | 'graft', hops: number): void;
}

/** What the machine asks of the rest of the node, synchronously. */
export interface SyncHooks {
  /** Whether an entry of this author and kind may enter the log now (SPEC A7). */
  admits(grove: GroveId, entry: Entry): boolean;
  /** Our newest seq that others are known to hold: below it nothing may be appended, or it would fork that (SPEC S11). */
  resumeFrom(grove: GroveId): number;
  /** Whether the body that came with an entry is to be stored (SPEC Y1, G15): those of contributions may not. It is passed on all the same. */
  wantsBody(grove: GroveId, entry: Entry, body: Uint8Array): boolean;
  /** The hash of what is derived, where nothing that belongs to it is missing; else null. */
  viewHash(grove: GroveId): Uint8Array | null;
  /** Kinds that change who is admitted: a batch ends after one, so that the next is judged with it applied. */
  isControl(kind: string): boolean;
}
