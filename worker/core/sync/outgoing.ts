// Entries on their way out: read from the store as they are wanted, and packed into frames under the limit.
// Knows nothing of who lacks what.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { MAX_INLINE_BODY } from '../model/entry.ts';
import type { GroveId } from '../model/ids.ts';
import { MAX_ENTRIES, type WireEntry } from '../wire/frame.ts';
import type { LogEntry } from './log.ts';
import { decodeRow } from './row.ts';
import { readStored } from './stored.ts';
import type { AppliedEntry } from './types.ts';

/** What an entry takes in a frame beside its bytes. */
const OVERHEAD = 80;

/** A body over 64 KiB travels as a blob. */
export const toWire = ({
  entry,
  signature,
  body,
  table,
}: Pick<AppliedEntry, 'entry' | 'signature' | 'body' | 'table'>): WireEntry => ({
  header: entry.header,
  signature,
  body: entry.size > MAX_INLINE_BODY ? null : body,
  table,
});

/** As many from the front as one frame holds, at least one. */
export function oneBatch(backlog: LogEntry[]): LogEntry[] {
  let bytes = 0;
  let count = 0;
  for (const entry of backlog) {
    bytes += entry.bytes + OVERHEAD;
    if (count > 0 && (bytes > CONFIG.sync.batchBytes || count >= CONFIG.sync.batchEntries)) break;
    count += 1;
  }
  return backlog.splice(0, count);
}

/** Calls back with those that could be read, in order; null for the others. */
export function readEntries(
  grove: GroveId,
  wanted: readonly LogEntry[],
  context: Context,
  hash: ((bytes: Uint8Array) => Uint8Array) | undefined,
  then: (entries: (WireEntry | null)[]) => void,
): void {
  readStored(grove, wanted, context, (found) =>
    then(
      wanted.map((kept, index) => {
        const stored = found[index] ?? null;
        const decoded = stored && decodeRow(stored.row, hash);
        const body = decoded?.ok && stored?.body?.length === decoded.value.entry.size ? stored.body : null;
        // A row that was lost or damaged, or a body that must travel and doesn't lie here, would be refused.
        const whole = decoded?.ok && decoded.value.entry.id === kept.id;
        if (whole && (body !== null || kept.kind === 'contribution'))
          return toWire({ ...decoded.value, body });
        context.count('store.missing');
        return null;
      }),
    ),
  );
}

/** Sends entries in as few frames as hold them. */
export function sendEntries(entries: readonly WireEntry[], send: (entries: WireEntry[]) => void): void {
  let batch: WireEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry.header.length + (entry.body?.length ?? 0) + (entry.table?.length ?? 0) + OVERHEAD;
    if (batch.length > 0 && (bytes + size > CONFIG.sync.batchBytes || batch.length >= MAX_ENTRIES)) {
      send(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) send(batch);
}
