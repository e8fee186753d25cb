// A device's disk, and the store over it: answers in order at simulated times, refuses writes when told to, and loses
// what a crash loses. What is committed is told to the checks. Knows nothing of what rows mean.
import { createMemoryStore, type MemoryData } from '../../../worker/adapters/store-memory.ts';
import { equalBytes } from '../../../worker/core/model/bytes.ts';
import type { SeededRandom } from '../../../worker/core/model/random.ts';
import {
  StoreError,
  TABLES,
  type Row,
  type Store,
  type StoreFailure,
  type WriteOp,
} from '../../../worker/core/ports.ts';
import type { Scheduler } from '../scheduler.ts';

/** Simulated ms: what IndexedDB takes on a laptop (FACTS). */
const COST = { read: 0.4, scan: 0.8, relaxed: 1, strict: 4 };

export interface Disk {
  data: MemoryData;
  /** Batches that a loss of power would take back, oldest first, as what undoes them. */
  unflushed: WriteOp[][];
}

export const createDisk = (): Disk => ({ data: createMemoryStore().data, unflushed: [] });

/** Values are never changed in place, so that they may be shared. */
export function copyData(data: MemoryData): MemoryData {
  const copy = createMemoryStore().data;
  for (const table of TABLES) {
    for (const [key, value] of data[table].values) copy[table].values.set(key, value);
    copy[table].keys.push(...data[table].keys);
  }
  return copy;
}

export interface StoreFaults {
  /** Share of writes that fail with one of `failures`. */
  rate: number;
  failures: readonly StoreFailure[];
  /** The peer crashes at so many writes from now: just before or just after, by chance. */
  crashIn: number | null;
}

export interface SimStore extends Store {
  faults: StoreFaults;
  /** The process is gone: nothing is answered any more. Writes under way happened or not; a loss of power takes relaxed ones back. */
  crash(kind: 'kill' | 'power'): void;
}

export interface SimStoreOptions {
  scheduler: Scheduler;
  disk: Disk;
  random: SeededRandom;
  onCommit(ops: readonly WriteOp[]): void;
  /** The write at which `crashIn` came to nought. */
  onCrash(): void;
}

export function createSimStore(options: SimStoreOptions): SimStore {
  const { scheduler, disk, random } = options;
  const memory = createMemoryStore({ data: disk.data });
  const waiting: { ops: readonly WriteOp[]; strict: boolean }[] = [];
  let freeAt = 0;
  let closed = false;
  let dead = false;

  /** Runs at its turn; never where the process died first. */
  function inTurn<T>(cost: number, work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new StoreError('closed', 'the store was closed'));
    freeAt = Math.max(freeAt, scheduler.now()) + cost;
    return new Promise<T>((resolve) => {
      scheduler.after(freeAt - scheduler.now(), () => {
        if (dead) return;
        scheduler.settled();
        resolve(work());
      });
    });
  }

  function commit({ ops, strict }: { ops: readonly WriteOp[]; strict: boolean }): Promise<void> {
    if (conflicts(disk.data, ops)) return memory.write(ops, 'strict');
    disk.unflushed.push(ops.flatMap((op) => undoOf(disk.data, op)));
    // The platform's log is sequential: a flush takes with it what was written before.
    if (strict) disk.unflushed = [];
    // The memory store does its work before it returns.
    const done = memory.write(ops, 'strict');
    options.onCommit(ops);
    return done;
  }

  const store: SimStore = {
    faults: { rate: 0, failures: [], crashIn: null },
    read: (table, keys) => inTurn(COST.read, () => memory.read(table, keys)),
    scan: (table, prefix, after, limit): Promise<Row[]> =>
      inTurn(COST.scan, () => memory.scan(table, prefix, after, limit)),
    write(ops, durability) {
      const strict = durability === 'strict';
      const item = { ops, strict };
      waiting.push(item);
      return inTurn(strict ? COST.strict : COST.relaxed, () => {
        waiting.splice(waiting.indexOf(item), 1);
        const { faults } = store;
        if (faults.crashIn !== null) {
          faults.crashIn -= 1;
          if (faults.crashIn <= 0) {
            faults.crashIn = null;
            if (random.int(2) === 1) void commit(item).catch(() => undefined);
            options.onCrash();
            return new Promise<void>(() => undefined);
          }
        }
        if (faults.rate > 0 && random.float() < faults.rate) {
          const failure = faults.failures[random.int(faults.failures.length)] ?? 'internal';
          return Promise.reject(new StoreError(failure, `simulated: ${failure}`));
        }
        return commit(item);
      });
    },
    close() {
      closed = true;
    },
    crash(kind) {
      if (dead) return;
      dead = true;
      // A transaction that was asked for may have gone through without anybody hearing of it.
      const happened = random.int(waiting.length + 1);
      for (const item of waiting.splice(0).slice(0, happened)) void commit(item).catch(() => undefined);
      if (kind === 'power') {
        const kept = random.int(disk.unflushed.length + 1);
        const lost = disk.unflushed.splice(kept);
        const bare = createMemoryStore({ data: disk.data });
        for (const undo of lost.reverse()) void bare.write(undo, 'strict');
      }
    },
  };
  return store;
}

function conflicts(data: MemoryData, ops: readonly WriteOp[]): boolean {
  return ops.some((op) => {
    if (op.op !== 'expect') return false;
    const found = data[op.table].values.get(op.key) ?? null;
    return found === null || op.value === null ? found !== op.value : !equalBytes(found, op.value);
  });
}

/** What brings back what an operation is about to change. */
function undoOf(data: MemoryData, op: WriteOp): WriteOp[] {
  if (op.op === 'expect') return [];
  const { values, keys } = data[op.table];
  const touched = op.op === 'clear' ? keys.filter((key) => key.startsWith(op.prefix)) : [op.key];
  return touched.map((key): WriteOp => {
    const value = values.get(key);
    return value === undefined
      ? { op: 'delete', table: op.table, key }
      : { op: 'put', table: op.table, key, value };
  });
}
