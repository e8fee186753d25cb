// What the parts of a transfer share: its shapes, and reasons that others look for.
import type { Failure } from '../context.ts';
import type { GroveId, Hash } from '../model/ids.ts';
import type { Hasher } from '../ports.ts';
import type { ClaimHooks } from './claims.ts';

/** The reason of a transfer that waits for room on the disk (SPEC C12). */
export const FULL = 'quota';
/** The reason of a transfer that was ended by hand. */
export const CANCELLED = 'cancelled';

export interface BlobWant {
  grove: GroveId;
  hash: Hash;
}

export type TransferState =
  'queued' | 'receiving' | 'verifying' | 'complete' | 'stalled' | 'paused' | 'failed';

export interface TransferInfo {
  grove: GroveId;
  hash: Hash;
  /** Bytes. */
  size: number;
  received: number;
  /** Bytes per second over the last few seconds. */
  rate: number;
  /** Seconds, by that rate; null where nothing comes. */
  timeLeft: number | null;
  /** Links that owe something of it. */
  sources: number;
  state: TransferState;
  reason?: string;
}

/** What happens to a transfer, for whoever runs it. `self` is the transfer. */
export interface TransferHooks<Self> extends ClaimHooks {
  /** BLAKE3-256 of a block, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** The same of what comes in parts; null where there is none that is fast. */
  hasher: (() => Hasher) | null;
  /** Whether another transfer already fetches this block: equal blocks are fetched once (SPEC C6). */
  isUnderWay: (block: Hash, self: Self) => boolean;
  stored: (blocks: ReadonlySet<Hash>, self: Self) => void;
  /** It is known which of its blocks are held. */
  planned: (self: Self) => void;
  /** Its state changed. */
  changed: (self: Self) => void;
  /** Only what can be counted did. */
  moved: (self: Self) => void;
  /** More may be asked for now, or less is waited for. */
  pump: () => void;
  storeFailed: (failure: Failure) => void;
}
