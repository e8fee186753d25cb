// Entries on their way to one neighbour as the broadcast decided: what was just applied from memory, the rest read back
// (SPEC S6). Knows nothing of how that is decided.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId } from '../model/ids.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Log } from './log.ts';
import { readEntries, sendEntries, toWire } from './outgoing.ts';
import type { AppliedEntry } from './types.ts';

export interface PushingOptions {
  grove: GroveId;
  log: Log;
  context: Context;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Whether the grove is still fully open there. */
  isOpen: (link: LinkId) => boolean;
}

export function createPushing({ grove, log, context, hash, isOpen }: PushingOptions) {
  const { sync } = CONFIG;
  /** Just applied, and signed: what needs no look at the disk. */
  let atHand = new Map<EntryId, AppliedEntry>();

  return {
    push(link: LinkId, ids: readonly EntryId[], why: 'push' | 'graft', hops: number): void {
      const give = (entries: readonly WireEntry[]): void => {
        const bytes = entries.reduce((sum, { header, body }) => sum + header.length + (body?.length ?? 0), 0);
        const lane = bytes > sync.pushBytes ? 'bulk' : 'control';
        sendEntries(entries, (batch) => {
          if (isOpen(link)) context.send(link, { type: 'entries', grove, why, hops, entries: batch }, lane);
        });
      };
      const here = ids.flatMap((id) => atHand.get(id) ?? []);
      if (here.length > 0) give(here.map(toWire));
      const others = ids.filter((id) => !atHand.has(id));
      if (others.length === 0) return;
      // Who doesn't take what was sent already gets no more; the rest is caught up with.
      if (context.outstanding(link) >= sync.windowBytes) return context.count('grafts.busy');
      // Whatever has no signature of its own travels with what covers it.
      const stored = [...new Set(others.flatMap((id) => log.signedFrom(id)))].slice(0, sync.wantIds.answered);
      readEntries(grove, stored, context, hash, (entries) => give(entries.filter((each) => each !== null)));
    },

    /** While this runs, what was applied is at hand. */
    withAtHand(applied: readonly AppliedEntry[], run: () => void): void {
      atHand = new Map(
        applied.flatMap((each) => (each.signature === null ? [] : [[each.entry.id, each] as const])),
      );
      run();
      atHand = new Map();
    },
  };
}
