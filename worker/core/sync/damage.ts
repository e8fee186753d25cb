// Rows of the log that are on the disk no more, or are none any more (SPEC S17). Knows nothing of what follows from it.
import type { Context } from '../context.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import type { LogEntry } from './log.ts';
import { decodeRow } from './row.ts';
import { readRows } from './stored.ts';

interface Deps {
  grove: GroveId;
  context: Context;
  hash: (bytes: Uint8Array) => Uint8Array;
}

/** Looks again, since the disk may have failed for a moment: only what lies there and is no row any more is lost. */
export function lostRows(
  { grove, context, hash }: Deps,
  entries: readonly LogEntry[],
  then: (lost: { author: PeerId; seq: number }[]) => void,
): void {
  readRows(grove, entries, context, (found, failed) => {
    if (failed) return;
    const lost = entries.filter((kept, at) => {
      const row = found[at]?.row ?? null;
      const decoded = row && decodeRow(row, hash);
      return decoded?.ok !== true || decoded.value.entry.id !== kept.id;
    });
    then(lost.map(({ author, seq }) => ({ author, seq })));
  });
}
