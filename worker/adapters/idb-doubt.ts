// Whether a batch of unknown end took place, judged by what the store holds now. Knows no IndexedDB.
import { equalBytes } from '../core/model/bytes.ts';
import { TABLES } from '../core/ports.ts';
import type { Store, Table, WriteOp } from '../core/ports.ts';

/**
 * True where everything is as the batch leaves it, which, even if it didn't take place, comes to the same.
 * @throws StoreError where the store cannot be read.
 */
export async function looksWritten(store: Store, ops: readonly WriteOp[]): Promise<boolean> {
  for (const table of TABLES) {
    const { values, cleared } = outcomeOf(table, ops);
    const found = await store.read(table, [...values.keys()]);
    const asWritten = [...values.values()].every((wanted, i) => {
      const held = found[i] ?? null;
      return wanted === null || held === null ? wanted === held : equalBytes(wanted, held);
    });
    if (!asWritten) return false;
    for (const prefix of cleared) {
      const left = [...values].filter(([key, value]) => value !== null && key.startsWith(prefix)).length;
      if ((await store.scan(table, prefix, null, left + 1)).length > left) return false;
    }
  }
  return true;
}

/** Of one table: what the batch leaves under each key it names (null: nothing), and which prefixes hold nothing else. */
export function outcomeOf(
  table: Table,
  ops: readonly WriteOp[],
): { values: Map<string, Uint8Array | null>; cleared: string[] } {
  const values = new Map<string, Uint8Array | null>();
  const cleared: string[] = [];
  for (const op of ops) {
    if (op.table !== table) continue;
    if (op.op === 'put') values.set(op.key, op.value);
    else if (op.op === 'delete') values.set(op.key, null);
    else if (op.op === 'clear') {
      cleared.push(op.prefix);
      for (const key of values.keys()) if (key.startsWith(op.prefix)) values.set(key, null);
    }
  }
  return { values, cleared };
}
