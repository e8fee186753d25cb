// A Store in memory: for tests, the simulator, and as the plain reading of what the port means.
import { equalBytes } from '../core/model/bytes.ts';
import { StoreError, TABLES } from '../core/ports.ts';
import type { Row, Store, Table, WriteOp } from '../core/ports.ts';
import { afterPrefix } from './key-range.ts';

interface SortedTable {
  readonly values: Map<string, Uint8Array>;
  /** The keys of `values`, ascending. */
  readonly keys: string[];
}
/** What is stored, apart from the handle to it: a second store over the same data is a restart. */
export type MemoryData = Readonly<Record<Table, SortedTable>>;

export interface MemoryStoreOptions {
  /** From an earlier store's `data`. Default: nothing stored. */
  data?: MemoryData;
  /** Most bytes of keys and values together; a batch that would go beyond fails with `quota`. Default: no limit. */
  quota?: number;
}

export function createMemoryStore(options: MemoryStoreOptions = {}): Store & { readonly data: MemoryData } {
  const data = options.data ?? createMemoryData();
  const quota = options.quota ?? Infinity;
  let closed = false;

  const attempt = <T>(action: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (closed) throw new StoreError('closed', 'the store was closed');
      resolve(action());
    });

  const check = (ops: readonly WriteOp[]): void => {
    for (const op of ops) {
      if (op.op !== 'expect') continue;
      const found = data[op.table].values.get(op.key) ?? null;
      const equal = op.value === null || found === null ? op.value === found : equalBytes(op.value, found);
      if (!equal) throw new StoreError('conflict', `${op.table}/${op.key} does not hold what was expected`);
    }
  };

  return {
    data,

    read(table, keys) {
      return attempt(() => keys.map((key) => data[table].values.get(key)?.slice() ?? null));
    },

    scan(table, prefix, after, limit) {
      return attempt(() => {
        const { keys, values } = data[table];
        const rows: Row[] = [];
        for (let i = firstAbove(keys, prefix, after); i < keys.length && rows.length < limit; i++) {
          const key = keys[i] ?? '';
          const value = values.get(key);
          if (value === undefined || !key.startsWith(prefix)) break;
          rows.push({ key, value: value.slice() });
        }
        return rows;
      });
    },

    write(ops) {
      return attempt(() => {
        check(ops);
        const undo: (() => void)[] = [];
        for (const op of ops) apply(data[op.table], op, undo);
        if (quota !== Infinity && sizeOf(data) > quota) {
          for (const step of undo.reverse()) step();
          throw new StoreError('quota', `the batch would exceed ${quota} bytes`);
        }
      });
    },

    close() {
      closed = true;
    },
  };
}

function createMemoryData(): MemoryData {
  const table = (): SortedTable => ({ values: new Map(), keys: [] });
  return {
    meta: table(),
    log: table(),
    bodies: table(),
    blobs: table(),
    blocks: table(),
    requests: table(),
  };
}

function apply(table: SortedTable, op: WriteOp, undo: (() => void)[]): void {
  if (op.op === 'put') {
    set(table, op.key, op.value.slice(), undo);
  } else if (op.op === 'delete') {
    unset(table, op.key, undo);
  } else if (op.op === 'clear') {
    const from = position(table.keys, op.prefix);
    const end = afterPrefix(op.prefix);
    const to = end === null ? table.keys.length : position(table.keys, end);
    for (const key of table.keys.slice(from, to).reverse()) unset(table, key, undo);
  }
}

function set(table: SortedTable, key: string, value: Uint8Array, undo: (() => void)[]): void {
  const old = table.values.get(key);
  if (old === undefined) table.keys.splice(position(table.keys, key), 0, key);
  table.values.set(key, value);
  undo.push(() => {
    if (old === undefined) unset(table, key, []);
    else table.values.set(key, old);
  });
}

function unset(table: SortedTable, key: string, undo: (() => void)[]): void {
  const old = table.values.get(key);
  if (old === undefined) return;
  table.values.delete(key);
  table.keys.splice(position(table.keys, key), 1);
  undo.push(() => set(table, key, old, []));
}

/** Index of the first key that is not below `key`. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(keys: readonly string[], prefix: string, after: string | null): number {
  if (after === null || after < prefix) return position(keys, prefix);
  const at = position(keys, after);
  return keys[at] === after ? at + 1 : at;
}

function sizeOf(data: MemoryData): number {
  let size = 0;
  for (const table of TABLES) {
    for (const [key, value] of data[table].values) size += key.length + value.length;
  }
  return size;
}
