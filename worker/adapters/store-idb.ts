// Store over IndexedDB, one object store per table. Knows nothing of what the rows mean, nor of the lock that keeps other
// writers out.
import { equalBytes } from '../core/model/bytes.ts';
import { StoreError } from '../core/ports.ts';
import type { Row, Store, Table, WriteOp } from '../core/ports.ts';
import { openIdbDatabase } from './idb-database.ts';
import { looksWritten } from './idb-doubt.ts';
import { InDoubt, abort, failureOf, request, settled } from './idb-requests.ts';
import { SCHEMA } from './idb-schema.ts';
import { afterPrefix } from './key-range.ts';

export interface IdbStoreOptions {
  /** Of the database. */
  name: string;
  /** The store closed for good and not by `close()`: open another one, or give up. Told once. */
  onClosed(reason: string): void;
  /** Opening waits for a connection of an older version to close. */
  onBlocked?(): void;
}

/**
 * Opens the database, creating or upgrading it where needed. When the browser closes the connection, as Safari does in the
 * background, the next call opens another; where that fails, or the database was deleted, the store is closed for good.
 * @throws ThicketError `version` where a later version wrote the database; StoreError where it does not open.
 */
export async function openIdbStore(options: IdbStoreOptions): Promise<Store> {
  const database = await openIdbDatabase({ ...options, schema: SCHEMA });

  const failed = (transaction: IDBTransaction, error: unknown): StoreError => {
    const failure = failureOf(error);
    if (failure.failure === 'closed') database.lose(transaction.db);
    return failure;
  };

  const store: Store = {
    async read(table, keys) {
      const transaction = await database.begin([table], 'readonly', 'default');
      const rows = transaction.objectStore(table);
      try {
        return await Promise.all(
          keys.map(async (key) => asBytes(table, key, await request<unknown>(rows.get(key)))),
        );
      } catch (error) {
        throw failed(transaction, error);
      }
    },

    async scan(table, prefix, after, limit) {
      const transaction = await database.begin([table], 'readonly', 'default');
      const range = rangeOf(prefix, after);
      if (range === null || limit < 1) return [];
      const rows = transaction.objectStore(table);
      try {
        const [keys, values] = await Promise.all([
          request(rows.getAllKeys(range, limit)),
          request<unknown[]>(rows.getAll(range, limit)),
        ]);
        return keys.map((key, i) => rowOf(table, key, values[i]));
      } catch (error) {
        throw failed(transaction, error);
      }
    },

    async write(ops, durability) {
      const tables = [...new Set(ops.map((op) => op.table))];
      // A transaction needs a table; with none to write to, only whether the store is open matters.
      const transaction = await database.begin(
        tables.length > 0 ? tables : ['meta'],
        'readwrite',
        durability,
      );
      const done = settled(transaction);
      try {
        await checkExpectations(transaction, ops);
        for (const op of ops) apply(transaction.objectStore(op.table), op);
        transaction.commit();
      } catch (error) {
        abort(transaction);
        // Whether it ends by this abort or had ended before: nothing of it was written, and the first error tells why.
        const end = await done.then(
          () => error,
          (reason: unknown) => reason,
        );
        throw failed(transaction, error instanceof StoreError ? error : end);
      }
      await done.catch(async (error: unknown) => {
        if (error instanceof InDoubt && (await looksWritten(store, ops))) return;
        throw failed(transaction, error);
      });
    },

    close() {
      database.close();
    },
  };
  return store;
}

async function checkExpectations(transaction: IDBTransaction, ops: readonly WriteOp[]): Promise<void> {
  await Promise.all(
    ops.map(async (op) => {
      if (op.op !== 'expect') return;
      const found = asBytes(
        op.table,
        op.key,
        await request<unknown>(transaction.objectStore(op.table).get(op.key)),
      );
      const equal = found === null || op.value === null ? found === op.value : equalBytes(found, op.value);
      if (!equal) throw new StoreError('conflict', `${op.table}/${op.key} does not hold what was expected`);
    }),
  );
}

function apply(store: IDBObjectStore, op: WriteOp): void {
  if (op.op === 'put') store.put(compact(op.value), op.key);
  else if (op.op === 'delete') store.delete(op.key);
  else if (op.op === 'clear') clear(store, op.prefix);
}

function clear(store: IDBObjectStore, prefix: string): void {
  const range = rangeOf(prefix, null);
  if (range !== null) store.delete(range);
}

/** Structured cloning copies the whole buffer behind a view. */
const compact = (value: Uint8Array): Uint8Array =>
  value.byteLength === value.buffer.byteLength ? value : value.slice();

/** Keys that start with `prefix` and are above `after`; null where there can be none. */
function rangeOf(prefix: string, after: string | null): IDBKeyRange | null {
  const end = afterPrefix(prefix);
  const above = after !== null && after >= prefix;
  const start = above ? after : prefix;
  if (end === null) return IDBKeyRange.lowerBound(start, above);
  return start < end ? IDBKeyRange.bound(start, end, above, true) : null;
}

function asBytes(table: Table, key: string, value: unknown): Uint8Array | null {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return value;
  throw new StoreError('internal', `${table}/${key}: not bytes but ${typeof value}`);
}

function rowOf(table: Table, key: IDBValidKey, raw: unknown): Row {
  if (typeof key !== 'string') throw new StoreError('internal', `${table}: a key of type ${typeof key}`);
  const value = asBytes(table, key, raw);
  if (value === null) throw new StoreError('internal', `${table}/${key}: a key without its value`);
  return { key, value };
}
