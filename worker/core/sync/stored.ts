// Entries as they lie on disk, in rows of their own or in segments (SPEC S15): read by what the log knows of them. Knows
// nothing of why.
import { isFailure, type Context } from '../context.ts';
import type { EntryId, GroveId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import type { LogEntry } from './log.ts';
import { rowKey } from './row.ts';
import { decodeSegment, encodeSegment, segmentKey, type Packed, type Slot } from './segment.ts';

/** Calls back with what lies on disk of each, in order; null where it can't be read. Bodies are those in segments. */
export function readRows(
  grove: GroveId,
  wanted: readonly LogEntry[],
  context: Context,
  then: (found: (Packed | null)[], failed: boolean) => void,
): void {
  const keyOf = (kept: LogEntry): string =>
    kept.slot === null ? rowKey(grove, kept) : segmentKey(grove, kept.slot.segment);
  const keys = [...new Set(wanted.map(keyOf))];
  if (keys.length === 0) return then([], false);
  context.read('log', keys, (values) => {
    if (isFailure(values))
      return then(
        wanted.map(() => null),
        true,
      );
    const rows = new Map(keys.map((key, at) => [key, values[at] ?? null]));
    const segments = new Map<string, readonly Packed[]>();
    const inSegment = (key: string, { slot }: Slot): Packed | null => {
      const known = segments.get(key);
      if (known !== undefined) return known[slot] ?? null;
      const bytes = rows.get(key) ?? null;
      const decoded = bytes && decodeSegment(bytes);
      segments.set(key, decoded?.ok ? decoded.value : []);
      return segments.get(key)?.[slot] ?? null;
    };
    then(
      wanted.map((kept) => {
        const key = keyOf(kept);
        if (kept.slot !== null) return inSegment(key, kept.slot);
        const row = rows.get(key) ?? null;
        return row && { row, body: null };
      }),
      false,
    );
  });
}

/** Calls back with the row and the body of each, wherever they lie. */
export function readStored(
  grove: GroveId,
  wanted: readonly LogEntry[],
  context: Context,
  then: (found: (Packed | null)[]) => void,
): void {
  readParts(grove, wanted, wanted, context, (rows, bodies) =>
    then(
      wanted.map(({ id }, at) => {
        const row = rows.get(id)?.row ?? null;
        return row && { row, body: bodies[at] ?? null };
      }),
    ),
  );
}

/** Calls back with the body of each, wherever it lies; null where it isn't here. */
export function readBodies(
  grove: GroveId,
  wanted: readonly LogEntry[],
  context: Context,
  then: (bodies: (Uint8Array | null)[]) => void,
): void {
  const inSegments = wanted.filter(({ slot }) => slot !== null);
  readParts(grove, inSegments, wanted, context, (_rows, bodies) => then(bodies));
}

function readParts(
  grove: GroveId,
  ofRows: readonly LogEntry[],
  ofBodies: readonly LogEntry[],
  context: Context,
  then: (rows: ReadonlyMap<EntryId, Packed>, bodies: (Uint8Array | null)[]) => void,
): void {
  const rows = new Map<EntryId, Packed>();
  const bodies = new Map<string, Uint8Array>();
  let waiting = 0;

  /** Runs once all that was asked for is here. */
  function done(): void {
    if (waiting > 0) return;
    then(
      rows,
      ofBodies.map(({ id, body }) => rows.get(id)?.body ?? bodies.get(body) ?? null),
    );
  }

  function byHash(some: readonly LogEntry[]): void {
    const keys = [...new Set(some.map(({ body }) => body))];
    if (keys.length === 0) return;
    waiting += 1;
    context.read('bodies', keys, (values) => {
      waiting -= 1;
      if (!isFailure(values))
        keys.forEach((key, at) => {
          const value = values[at] ?? null;
          if (value !== null) bodies.set(key, value);
        });
      done();
    });
  }

  // Both are asked for at once: one look at the disk each, and neither waits for the other.
  waiting += 1;
  byHash(ofBodies.filter(({ slot }) => slot === null));
  readRows(grove, ofRows, context, (found) => {
    waiting -= 1;
    ofRows.forEach(({ id }, at) => {
      const packed = found[at] ?? null;
      if (packed !== null) rows.set(id, packed);
    });
    // Cut out of its segment, or come later than its header.
    byHash(ofBodies.filter(({ id, slot }) => slot !== null && (rows.get(id)?.body ?? null) === null));
    done();
  });
}

/** Calls back with what rewrites the segments that hold bodies of these entries, without those bodies. */
export function withoutBodies(
  grove: GroveId,
  entries: readonly LogEntry[],
  context: Context,
  then: (ops: WriteOp[]) => void,
): void {
  const cut = new Map<number, Set<number>>();
  for (const { slot } of entries) {
    if (slot !== null) cut.set(slot.segment, (cut.get(slot.segment) ?? new Set()).add(slot.slot));
  }
  const keys = [...cut.keys()].map((segment) => segmentKey(grove, segment));
  if (keys.length === 0) return then([]);
  context.read('log', keys, (values) => {
    const found = isFailure(values) ? [] : values;
    then(
      [...cut.values()].flatMap((slots, at): WriteOp[] => {
        const bytes = found[at] ?? null;
        const decoded = bytes && decodeSegment(bytes);
        if (decoded?.ok !== true) return [];
        const rest = decoded.value.map(({ row, body }, slot) => ({
          row,
          body: slots.has(slot) ? null : body,
        }));
        return [{ op: 'put', table: 'log', key: keys[at] ?? '', value: encodeSegment(rest) }];
      }),
    );
  });
}
