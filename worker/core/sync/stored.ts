// Entries as they lie on disk, in rows of their own or in segments (SPEC S15): read by what the log knows of them. Knows
// nothing of why.
import { isFailure, type Context } from '../context.ts';
import type { EntryId, GroveId, PeerId } from '../model/ids.ts';
import type { WriteOp } from '../ports.ts';
import type { LogEntry } from './log.ts';
import { authorPrefix, logKey, rowKey } from './row.ts';
import { decodeSegment, encodeSegment, segmentKey, type Packed } from './segment.ts';

/** From so many of an author on, one after the other, they are read as a range: one request instead of as many. */
const RANGE = 4;

interface Range {
  author: PeerId;
  from: number;
  to: number;
}

/** What lies one after the other in an author's log, and the keys of everything else; each once. */
function plan(grove: GroveId, wanted: readonly LogEntry[]): { ranges: Range[]; keys: string[] } {
  const keys = new Set<string>();
  const byAuthor = new Map<PeerId, LogEntry[]>();
  for (const kept of wanted) {
    if (kept.slot !== null || kept.aside) keys.add(keyOf(grove, kept));
    else byAuthor.set(kept.author, [...(byAuthor.get(kept.author) ?? []), kept]);
  }
  const ranges: Range[] = [];
  for (const [author, entries] of byAuthor) {
    const seqs = [...new Set(entries.map(({ seq }) => seq))].sort((a, b) => a - b);
    for (let at = 0; at < seqs.length;) {
      const from = seqs[at] ?? 0;
      let to = from;
      while (seqs[at + to - from + 1] === to + 1) to += 1;
      at += to - from + 1;
      if (to - from + 1 >= RANGE) ranges.push({ author, from, to });
      else for (let seq = from; seq <= to; seq += 1) keys.add(logKey(grove, author, seq));
    }
  }
  return { ranges, keys: [...keys] };
}

const keysIn = (grove: GroveId, ranges: readonly Range[]): string[] =>
  ranges.flatMap(({ author, from, to }) =>
    Array.from({ length: to - from + 1 }, (_, at) => logKey(grove, author, from + at)),
  );

const keyOf = (grove: GroveId, kept: LogEntry): string =>
  kept.slot === null ? rowKey(grove, kept) : segmentKey(grove, kept.slot.segment);

/** Calls back with what lies on disk of each, in order; null where it can't be read. Bodies are those in segments. */
export function readRows(
  grove: GroveId,
  wanted: readonly LogEntry[],
  context: Context,
  then: (found: (Packed | null)[], failed: boolean) => void,
): void {
  const { ranges, keys } = plan(grove, wanted);
  const rows = new Map<string, Uint8Array>();
  let failed = false;

  function took(isRead: boolean): void {
    failed ||= !isRead;
    waiting -= 1;
    if (waiting > 0) return;
    const missing = keysIn(grove, ranges).filter((key) => !rows.has(key));
    ranges.length = 0;
    if (missing.length > 0) one(missing);
    else then(pick(grove, wanted, rows), failed);
  }

  function one(some: readonly string[]): void {
    waiting += 1;
    context.read('log', some, (values) => {
      if (!isFailure(values))
        some.forEach((key, at) => {
          const value = values[at] ?? null;
          if (value !== null) rows.set(key, value);
        });
      took(!isFailure(values));
    });
  }

  let waiting = ranges.length;
  if (keys.length > 0) one(keys);
  if (waiting === 0) return then([], false);
  for (const { author, from, to } of ranges) {
    // What lies beside the log may lie between: what it takes the place of is read by itself.
    const after = logKey(grove, author, from - 1);
    context.scan('log', authorPrefix(grove, author), `${after}/~`, to - from + 1, (found) => {
      if (!isFailure(found)) for (const { key, value } of found) rows.set(key, value);
      took(!isFailure(found));
    });
  }
}

function pick(
  grove: GroveId,
  wanted: readonly LogEntry[],
  rows: ReadonlyMap<string, Uint8Array>,
): (Packed | null)[] {
  const segments = new Map<string, readonly Packed[]>();
  const segment = (key: string): readonly Packed[] => {
    const known = segments.get(key);
    if (known !== undefined) return known;
    const bytes = rows.get(key);
    const decoded = bytes && decodeSegment(bytes);
    const packed = decoded?.ok ? decoded.value : [];
    segments.set(key, packed);
    return packed;
  };
  return wanted.map((kept) => {
    const key = keyOf(grove, kept);
    if (kept.slot !== null) return segment(key)[kept.slot.slot] ?? null;
    const row = rows.get(key);
    return row === undefined ? null : { row, body: null };
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

  // Never answered at once: a long log is read page after page, and would go deeper with each page that has nothing to ask for.
  if (ofRows.length === 0 && ofBodies.length === 0) return context.read('bodies', [], done);
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
