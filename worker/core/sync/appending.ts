// Our own entries of one grove: one at a time (SPEC S1), and none that could fork our log (SPEC S11).
import type { Context } from '../context.ts';
import { signEntry, type Entry } from '../model/entry.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { GroveId } from '../model/ids.ts';
import type { Keypair } from '../model/keys.ts';
import type { StoreFailure, WriteOp } from '../ports.ts';
import { buildEntry } from './build.ts';
import { refusalOf } from './limits.ts';
import type { Log } from './log.ts';
import { encodeRow, logKey } from './row.ts';
import type { Append } from './types.ts';

/** An entry of ours that waits for its turn; built already where it founds the grove. */
export type Waiting = Append & { entry?: Entry };

export interface Appended {
  entry: Entry;
  signature: Uint8Array;
  body: Uint8Array;
  table: Uint8Array | null;
  at: number;
}

export const CODE_OF: Record<StoreFailure, ErrorCode> = {
  conflict: 'busy',
  quota: 'quota',
  closed: 'closed',
  internal: 'internal',
};

/** Why this device can't write yet, or any more. */
const REFUSALS = {
  earlier: {
    code: 'busy',
    message:
      'this device was in the grove before: its own earlier entries have to come back from another member first',
  },
  damaged: {
    code: 'busy',
    message:
      'entries of this device lie on its disk and can’t be read: it writes here again once a member who holds them is linked; what is here can be exported',
  },
  forked: {
    code: 'forbidden',
    message:
      'this device wrote two entries in one place, and its log here is closed: a new device has to join',
  },
} as const;

export interface AppendingOptions {
  grove: GroveId;
  log: Log;
  keypair: Keypair;
  context: Context;
  /** Why nothing may be written now. */
  behind: () => keyof typeof REFUSALS | null;
  /** It is committed. Called before whoever wrote it is told. */
  committed: (appended: Appended) => void;
}

export function createAppending(options: AppendingOptions) {
  const { grove, log, keypair, context } = options;
  const waiting: Waiting[] = [];

  function write(append: Waiting, entry: Entry, at: number, done: () => void): void {
    const signature = signEntry(context.signatures, keypair, entry.id);
    const table = append.table?.bytes ?? null;
    const key = logKey(grove, keypair.id, entry.seq);
    const row = { entry, signature, table, index: log.end, receivedAt: at, receivedFrom: null };
    const ops: WriteOp[] = [
      // The head as it lies on disk, so that a second writer could never fork us (SPEC S1).
      { op: 'expect', table: 'log', key, value: null },
      { op: 'put', table: 'log', key, value: encodeRow(row) },
      { op: 'put', table: 'bodies', key: entry.body, value: append.body },
      ...append.also(entry),
    ];
    context.write(ops, 'strict', (failure) => {
      if (failure === null) {
        options.committed({ entry, signature, body: append.body, table, at });
        append.then({ entry, signature });
      } else append.then({ code: CODE_OF[failure.failure], message: failure.message });
      done();
    });
  }

  return {
    add: (append: Waiting): void => void waiting.push(append),

    /** Begins to write what waits first; false where nothing does. Calls `done` unless it was refused at once. */
    start(done: () => void): 'none' | 'refused' | 'begun' {
      const append = waiting.shift();
      if (append === undefined) return 'none';
      const why = append.entry === undefined ? options.behind() : null;
      if (why !== null) {
        append.then(REFUSALS[why]);
        return 'refused';
      }
      const at = context.now();
      const entry = append.entry ?? buildEntry(append, log, grove, keypair.id, at);
      const message = refusalOf(log.weights, entry, append.table?.bytes ?? null);
      if (message !== null) {
        append.then({ code: 'too-large', message });
        return 'refused';
      }
      write(append, entry, at, done);
      return 'begun';
    },

    /** Those that never began. */
    takeAll: (): Waiting[] => waiting.splice(0),
  };
}
