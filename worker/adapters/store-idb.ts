// Store over IndexedDB, one object store per table. Knows nothing of what the rows mean, nor of the lock that keeps other
// writers out.
import { equalBytes } from '../core/model/bytes.ts';
import { StoreError } from '../core/ports.ts';
import type { Row, Store, Table, WriteOp } from '../core/ports.ts';
import { openIdbDatabase } from './idb-database.ts';
import { looksWritten, outcomeOf } from './idb-doubt.ts';
import {
  PACKS,
  checkPacks,
  compact,
  dropEmpty,
  isLarge,
  keepsBlobs,
  moveRemains,
  packOf,
  placeOf,
  putAll,
  remainsOf,
} from './idb-packs.ts';
import { PackReader, contentsOf, packsOf, readRemains } from './idb-pack-reader.ts';
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

/** The table whose values are large enough to lie together in packs. */
const PACKED: Table = 'blocks';
const storesOf = (tables: readonly Table[]): string[] =>
  tables.includes(PACKED) ? [...tables, PACKS] : [...tables];

/**
 * Opens the database, creating or upgrading it where needed. When the browser closes the connection, as Safari does in the
 * background, the next call opens another; where that fails, or the database was deleted, the store is closed for good.
 * @throws ThicketError `version` where a later version wrote the database; StoreError where it does not open.
 */
export async function openIdbStore(options: IdbStoreOptions): Promise<Store> {
  const database = await openIdbDatabase({ ...options, schema: SCHEMA });

  const reader = new PackReader();
  const mayPack = await database
    .begin([PACKS], 'readwrite', 'relaxed')
    .then(keepsBlobs)
    .catch(() => false);

  const failed = (transaction: IDBTransaction, error: unknown): StoreError => {
    const failure = failureOf(error);
    if (failure.failure === 'closed') database.lose(transaction.db);
    return failure;
  };

  /** What is left is read before it is written: no transaction waits for a file. */
  const tidy = async (packs: readonly number[]): Promise<void> => {
    const stores = storesOf([PACKED]);
    const found = await remainsOf(await database.begin(stores, 'readonly', 'default'), PACKED, packs);
    for (const remains of found) {
      const values = await readRemains(remains, reader);
      if (values === null) continue;
      await moveRemains(await database.begin(stores, 'readwrite', 'relaxed'), PACKED, remains.pack, values);
    }
  };

  const store: Store = {
    async read(table, keys) {
      const transaction = await database.begin(storesOf([table]), 'readonly', 'default');
      const rows = transaction.objectStore(table);
      try {
        const found = await Promise.all(keys.map((key) => request<unknown>(rows.get(key))));
        return await valuesOf(transaction, reader, table, keys, found);
      } catch (error) {
        throw failed(transaction, error);
      }
    },

    async scan(table, prefix, after, limit) {
      const transaction = await database.begin(storesOf([table]), 'readonly', 'default');
      const range = rangeOf(prefix, after);
      if (range === null || limit < 1) return [];
      const rows = transaction.objectStore(table);
      try {
        const [keys, values] = await Promise.all([
          request(rows.getAllKeys(range, limit)),
          request<unknown[]>(rows.getAll(range, limit)),
        ]);
        const names = keys.map((key) => nameOf(table, key));
        const contents = await valuesOf(transaction, reader, table, names, values);
        return names.flatMap((key, i): Row[] => {
          const value = contents[i] ?? null;
          return value === null ? [] : [{ key, value }];
        });
      } catch (error) {
        throw failed(transaction, error);
      }
    },

    async write(ops, durability) {
      const tables = [...new Set(ops.map((op) => op.table))];
      // A transaction needs a table; with none to write to, only whether the store is open matters.
      const transaction = await database.begin(
        tables.length > 0 ? storesOf(tables) : ['meta'],
        'readwrite',
        durability,
      );
      const done = settled(transaction);
      let loose: number[] = [];
      try {
        await checkExpectations(transaction, ops);
        for (const op of ops) if (op.table !== PACKED) apply(transaction.objectStore(op.table), op);
        if (tables.includes(PACKED)) loose = await applyPacked(transaction, ops, mayPack);
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
      // By itself, since what makes room on a full disk must not need any. What fails is tidied when more of it goes.
      if (loose.length > 0) tidy(loose).catch(() => undefined);
    },

    async checkFiles(repair) {
      const transaction = await database.begin(
        storesOf([PACKED]),
        repair ? 'readwrite' : 'readonly',
        'relaxed',
      );
      try {
        return await checkPacks(transaction, PACKED, repair);
      } catch (error) {
        throw failed(transaction, error);
      }
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
      const row = await request<unknown>(transaction.objectStore(op.table).get(op.key));
      const found = asBytes(op.table, op.key, row);
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

/** What all of it comes to, in the table of packs. Gives the packs that lost some of what lay in them. */
async function applyPacked(
  transaction: IDBTransaction,
  ops: readonly WriteOp[],
  mayPack: boolean,
): Promise<number[]> {
  const rows = transaction.objectStore(PACKED);
  const { values, cleared } = outcomeOf(PACKED, ops);
  const ranges = cleared.flatMap((prefix) => rangeOf(prefix, null) ?? []);
  // Keys of this table are their content's hashes: where a small value is put none lay in a pack.
  const touched = [...values].flatMap(([key, value]) => (value === null || isLarge(value) ? [key] : []));
  const before = await Promise.all([
    ...touched.map((key) => request<unknown>(rows.get(key))),
    ...ranges.map((range) => request<unknown[]>(rows.getAll(range))),
  ]);
  for (const range of ranges) rows.delete(range);
  const puts = new Map<string, Uint8Array>();
  for (const [key, value] of values) {
    if (value === null) rows.delete(key);
    else puts.set(key, value);
  }
  putAll(transaction, PACKED, puts, mayPack);
  return dropEmpty(transaction, PACKED, new Set(before.flat().flatMap(packOf)));
}

function clear(store: IDBObjectStore, prefix: string): void {
  const range = rangeOf(prefix, null);
  if (range !== null) store.delete(range);
}

/** Keys that start with `prefix` and are above `after`; null where there can be none. */
function rangeOf(prefix: string, after: string | null): IDBKeyRange | null {
  const end = afterPrefix(prefix);
  const above = after !== null && after >= prefix;
  const start = above ? after : prefix;
  if (end === null) return IDBKeyRange.lowerBound(start, above);
  return start < end ? IDBKeyRange.bound(start, end, above, true) : null;
}

/** What rows of this table hold, in order; null where there is none. The transaction must not have ended. */
async function valuesOf(
  transaction: IDBTransaction,
  reader: PackReader,
  table: Table,
  keys: readonly string[],
  rows: readonly unknown[],
): Promise<(Uint8Array | null)[]> {
  const plain = rows.map((row, i) => (placeOf(row) === null ? asBytes(table, keys[i] ?? '', row) : null));
  return table === PACKED ? contentsOf(rows, await packsOf(transaction, rows), reader) : plain;
}

function asBytes(table: Table, key: string, value: unknown): Uint8Array | null {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return value;
  const what = placeOf(value) === null ? typeof value : 'in a pack, which no batch can look into';
  throw new StoreError('internal', `${table}/${key}: not bytes but ${what}`);
}

function nameOf(table: Table, key: IDBValidKey): string {
  if (typeof key === 'string') return key;
  throw new StoreError('internal', `${table}: a key of type ${typeof key}`);
}
