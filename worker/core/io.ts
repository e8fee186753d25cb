// What goes into the node and what comes out: the whole of its contact with the world, as data.
import type { ErrorCode } from './model/errors.ts';
import type { LinkId } from './model/ids.ts';
import type {
  Estimate,
  FileCheck,
  Lane,
  LinkEvent,
  Row,
  SignalEvent,
  StoreFailure,
  Table,
  VerifyItem,
  WriteOp,
} from './ports.ts';

/** Names a request and, before the colon, the machine that made it. */
export type Token = `${string}:${number}`;

export type Input =
  | LinkEvent
  | SignalEvent
  /** First of all inputs. The node answers by reading what it needs from the store. */
  | { type: 'start' }
  /** The time asked for by a `wake` effect has come. */
  | { type: 'tick' }
  | { type: 'read'; token: Token; values: readonly (Uint8Array | null)[] }
  | { type: 'scanned'; token: Token; rows: readonly Row[] }
  | { type: 'written'; token: Token }
  /** A read, scan or write that failed. Nothing of it happened. */
  | { type: 'store-failed'; token: Token; failure: StoreFailure; message: string }
  | { type: 'verified'; token: Token; ok: readonly boolean[] }
  | { type: 'ingested'; token: Token; blob: { hash: string; size: number; root: string } }
  | { type: 'assembled'; token: Token; bytes: Uint8Array | null }
  | { type: 'hashed'; token: Token; hash: string | null }
  | { type: 'estimated'; token: Token; estimate: Estimate | null }
  | { type: 'files-checked'; token: Token; files: FileCheck }
  /** A call of the API whose arguments the RPC server has checked. `requestId` makes a retried write happen once. */
  | { type: 'call'; id: number; method: string; params: unknown; requestId: string | null };

export type Effect =
  | { type: 'read'; token: Token; table: Table; keys: readonly string[] }
  | { type: 'scan'; token: Token; table: Table; prefix: string; after: string | null; limit: number }
  | { type: 'write'; token: Token; ops: readonly WriteOp[]; durability: 'strict' | 'relaxed' }
  | { type: 'verify'; token: Token; items: readonly VerifyItem[] }
  /** Cut, hash and store these bytes as a blob. */
  | { type: 'ingest'; token: Token; bytes: Uint8Array }
  /** Hash stored blocks one after the other as one artifact: null where one is missing. */
  | { type: 'hash-blob'; token: Token; blocks: readonly string[] }
  /** The bytes of a stored blob of at most 1 MiB: null where it isn't whole. */
  | { type: 'assemble'; token: Token; hash: string }
  /** Looks through the files that the store keeps beside its rows. */
  | { type: 'check-files'; token: Token; repair: boolean }
  /** What the browser says of the disk. */
  | { type: 'estimate'; token: Token }
  /** Come back with a `tick` at this time (ms since the epoch); replaces the one asked for before. */
  | { type: 'wake'; at: number | null }
  | { type: 'link-open'; link: LinkId; initiator: boolean }
  | { type: 'link-signal'; link: LinkId; data: string }
  | { type: 'link-send'; link: LinkId; frame: Uint8Array; lane: Lane }
  | { type: 'link-close'; link: LinkId; reason: string }
  | { type: 'signal-configure'; urls: readonly string[] }
  | { type: 'signal-join'; room: string }
  | { type: 'signal-leave'; room: string }
  | { type: 'signal-send'; room: string; to: string | null; payload: Uint8Array }
  | { type: 'reply'; id: number; value: unknown }
  | { type: 'refuse'; id: number; code: ErrorCode; message: string }
  /** A fact for whoever listens: `name` and payload are those of rpc/api.ts Events. */
  | { type: 'event'; name: string; payload: unknown };
