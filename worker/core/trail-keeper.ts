// Keeps the record of gossip over restarts: what passed is appended to disk at leisure, and the oldest rows make place
// (SPEC O2). Knows nothing of what the messages mean.
import { CONFIG } from './config.ts';
import { isFailure, type Context } from './context.ts';
import type { Trail } from './gossip/trail.ts';
import { decodeTrail, encodeTrail } from './gossip/trail-rows.ts';
import type { GroveId } from './model/ids.ts';
import type { WriteOp } from './ports.ts';

const PREFIX = 'trail/';
const DIGITS = 12;
/** Rows read back; those written within a day are fewer. */
const SCAN = 4_096;
const TIMER = 'trail';

export function createTrailKeeper(context: Context, trail: Trail) {
  const { writeEvery, perWrite, maxBytes } = CONFIG.trail;
  /** On disk, oldest first. Null until they were read. */
  let rows: { key: string; bytes: number }[] | null = null;
  let next = 0;
  let due = false;

  function write(): void {
    due = false;
    if (rows === null) return touch();
    const value = encodeTrail(trail.take(perWrite));
    if (value === null) return;
    const key = `${PREFIX}${String(next).padStart(DIGITS, '0')}`;
    next += 1;
    rows.push({ key, bytes: value.length });
    const ops: WriteOp[] = [{ op: 'put', table: 'meta', key, value }];
    let total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
    while (rows.length > 1 && (total > maxBytes || rows.length > SCAN)) {
      const oldest = rows.shift();
      if (oldest === undefined) break;
      total -= oldest.bytes;
      ops.push({ op: 'delete', table: 'meta', key: oldest.key });
    }
    // A full disk costs the record, and is told by those whose writes matter.
    context.write(ops, 'relaxed', (failure) => {
      if (failure !== null) context.count('trail.notStored');
    });
  }

  function touch(): void {
    if (due) return;
    due = true;
    context.schedule(TIMER, context.elapsed() + writeEvery, write);
  }

  return {
    /** Reads what was kept before this start. */
    load(): void {
      context.scan('meta', PREFIX, null, SCAN, (found) => {
        if (isFailure(found)) return context.count('trail.unread');
        rows = found.map(({ key, value }) => ({ key, bytes: value.length }));
        next = Number((found.at(-1)?.key ?? `${PREFIX}-1`).slice(PREFIX.length)) + 1;
        if (!Number.isSafeInteger(next)) next = 0;
        trail.restore(merge(found.map(({ value }) => decodeTrail(value))));
      });
    },

    /** Something was recorded. */
    touch,

    /** A grove is erased: nothing of it stays. What else was recorded is written anew. */
    forget(grove: GroveId): void {
      trail.forget(grove);
      rows = [];
      context.write([{ op: 'clear', table: 'meta', prefix: PREFIX }], 'relaxed', (failure) => {
        if (failure !== null) context.count('trail.notStored');
      });
      touch();
    },
  };
}

function merge<K, V>(maps: readonly ReadonlyMap<K, readonly V[]>[]): Map<K, V[]> {
  const merged = new Map<K, V[]>();
  for (const [key, values] of maps.flatMap((map) => [...map])) {
    const all = merged.get(key) ?? [];
    for (const value of values) all.push(value);
    merged.set(key, all);
  }
  return merged;
}
