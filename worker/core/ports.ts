// The slices of the outside world that the driver needs. One implementation per file in worker/adapters
// (and in test/sim); one contract suite per port in test/contract.
import type { LinkId } from './model/ids.ts';

/** Milliseconds since the epoch, and one pending wake-up. */
export interface Clock {
  now(): number;
  /** Calls back once at or after `at` (ms since the epoch); replaces the wake-up asked for before. Null cancels. */
  wake(at: number | null, callback: () => void): void;
}

/** Bytes nobody can guess. The simulator seeds it; so does a replayed run. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** BLAKE3-256 of data that comes in parts. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 32 bytes; the hasher starts over. */
  digest(): Uint8Array;
}

/** The part of cryptography that is too slow to do inline: bulk hashing and bulk verification. */
export interface Crypto {
  /** BLAKE3-256 of large data, 32 bytes, synchronous. Small things are hashed inline by noble. */
  hash(bytes: Uint8Array): Uint8Array;
  /** Synchronous as well; as many at once as are wanted. Without it what was received is read again to be hashed. */
  hasher?(): Hasher;
  /** Ed25519 (strict, small-order keys refused), one answer per item, in order. Never rejects. */
  verify(items: readonly VerifyItem[]): Promise<boolean[]>;
}
export interface VerifyItem {
  key: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}

/** One signature at a time, inline: Ed25519, deterministic, verified as strictly as SPEC M7 asks. */
export interface Signatures {
  /** 64 bytes. `seed`: the RFC 8032 secret, 32 bytes. */
  sign(message: Uint8Array, seed: Uint8Array): Uint8Array;
  /** Never throws: whatever is malformed doesn't verify. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export const TABLES = ['meta', 'log', 'bodies', 'blobs', 'blocks', 'requests'] as const;
export type Table = (typeof TABLES)[number];

export type WriteOp =
  | { op: 'put'; table: Table; key: string; value: Uint8Array }
  | { op: 'delete'; table: Table; key: string }
  /** Deletes every key that starts with the prefix. */
  | { op: 'clear'; table: Table; prefix: string }
  /** The whole batch fails with `conflict` unless the key holds exactly these bytes (null: is absent). */
  | { op: 'expect'; table: Table; key: string; value: Uint8Array | null };

export type StoreFailure = 'conflict' | 'quota' | 'closed' | 'internal';

/** What a store rejects with. Nothing of the batch was written. */
export class StoreError extends Error {
  readonly failure: StoreFailure;
  constructor(failure: StoreFailure, message: string) {
    super(message);
    this.name = 'StoreError';
    this.failure = failure;
  }
}

export interface Row {
  key: string;
  value: Uint8Array;
}

/**
 * An ordered key-value store with atomic batches. Keys order by UTF-16 code units; ours are ASCII. What is asked for takes effect
 * in the order of the calls, whatever the order of the answers (SPEC C16).
 */
export interface Store {
  /** One value per key, in order, null where absent. They are the caller's; several may share a buffer. */
  read(table: Table, keys: readonly string[]): Promise<(Uint8Array | null)[]>;
  /** Rows with key > `after` that start with `prefix`, ascending, at most `limit`. */
  scan(table: Table, prefix: string, after: string | null, limit: number): Promise<Row[]>;
  /** All or nothing. Resolves once committed; `strict` waits for the disk. Rejects with StoreError. */
  write(ops: readonly WriteOp[], durability: 'strict' | 'relaxed'): Promise<void>;
  /** Of a store that keeps values in files beside its rows: looks for those that no row leads to, and deletes them where it is to repair. */
  checkFiles?(repair: boolean): Promise<FileCheck>;
  /** Idempotent. Calls after it reject with `closed`. */
  close(): void;
}

export interface FileCheck {
  files: number;
  /** That nothing leads to. */
  loose: number;
}

/** What the browser says of the disk, in bytes. */
export interface Estimate {
  usage: number;
  /** What this site may use. */
  quota: number;
  /** Whether the browser promised not to delete what is stored without asking. */
  persisted: boolean;
}

/** How much there is room for. */
export interface Disk {
  /** Null where the browser doesn't say. Never rejects. */
  estimate(): Promise<Estimate | null>;
}

/** WebRTC as the worker sees it: opaque frames over links that a page hosts. */
export interface Links {
  /** Starts a connection. Its life is told through LinkEvents. */
  open(link: LinkId, options: { initiator: boolean }): void;
  /** Hands the other side's offer, answer or candidate (JSON text of simple-peer's signal data) to the connection. */
  signal(link: LinkId, data: string): void;
  /** Queues one frame of at most 256 KiB, which is this port's from then on. Control frames overtake bulk frames. Unknown links are ignored. */
  send(link: LinkId, frame: Uint8Array, lane: Lane): void;
  /** Closes it after what is queued as control has been handed over. `closed` follows. */
  close(link: LinkId, reason: string): void;
}
export type Lane = 'control' | 'bulk';

export type LinkEvent =
  | { type: 'link-signal'; link: LinkId; data: string }
  /** The channel's own `open` event. Fingerprints are the DTLS ones, `sha-256 AA:BB:…` as in the SDP. */
  | { type: 'link-open'; link: LinkId; local: string; remote: string }
  | { type: 'link-frame'; link: LinkId; frame: Uint8Array }
  /** So many bulk bytes left this side's queues. */
  | { type: 'link-drained'; link: LinkId; bytes: number }
  | { type: 'link-closed'; link: LinkId; reason: string }
  /** Whether a page is there to host links. Without one, `open` is answered by `link-closed`. */
  | { type: 'carrier'; present: boolean };

/** The signaling endpoint as a client sees it: rooms of opaque members that can be sent opaque bytes. */
export interface Signal {
  /** The endpoints to use, in order of preference; empty disconnects. Reconnects by itself, jittered. */
  configure(urls: readonly string[]): void;
  /** Wants to be in a room (64 hex digits), now and after each reconnect. */
  join(room: string): void;
  leave(room: string): void;
  /** To one member, or to the whole room but this peer. Dropped while down. */
  send(room: string, to: string | null, payload: Uint8Array): void;
}

export type SignalEvent =
  /** Nothing is said while the first attempt is under way. */
  | { type: 'signal-state'; up: boolean; url: string | null; reason: string | null }
  /** This peer is in the room, with those already there. Member ids are the endpoint's, fresh per connection. */
  | { type: 'signal-joined'; room: string; members: readonly string[] }
  | { type: 'signal-entered'; room: string; member: string }
  | { type: 'signal-left'; room: string; member: string }
  | { type: 'signal-message'; room: string; from: string; payload: Uint8Array };
