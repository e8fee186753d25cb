// Takes one received list of entries apart: what is whole goes to staging, the rest is counted and dropped.
import type { Context } from '../context.ts';
import { decodeEntry, groveOf, type Entry } from '../model/entry.ts';
import type { EntryId, GroveId } from '../model/ids.ts';
import { toHash } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Log } from './log.ts';
import type { Staging } from './staging.ts';
import type { Inbound } from './types.ts';

interface Target {
  id: GroveId;
  log: Log;
  staging: Staging;
  /** What is sent is held by who sends it. */
  duplicate: (entry: EntryId) => void;
}

/** Whether what came beside the header is what the header names. */
function isWhole(entry: Entry, { body, table }: WireEntry): boolean {
  if (body === null) {
    // Roles, settings and tasks live in bodies: only a contribution's may be missing.
    if (entry.kind !== 'contribution') return false;
  } else if (body.length !== entry.size || toHash(hash32(body)) !== entry.body) return false;
  if (entry.blobs === null) return table === null;
  return table !== null && toHash(hash32(table)) === entry.blobs.table;
}

export function receive(target: Target, inbound: Inbound, context: Context): void {
  for (const item of inbound.entries) {
    const decoded = decodeEntry(item.header);
    if (!decoded.ok || groveOf(decoded.value) !== target.id) {
      context.count('entries.malformed');
      continue;
    }
    const entry = decoded.value;
    if (target.log.has(entry.id)) {
      context.count('entries.duplicate');
      target.duplicate(entry.id);
      continue;
    }
    if (entry.seq <= (target.log.head(entry.author)?.seq ?? 0)) {
      context.count('entries.forked');
      continue;
    }
    if (!isWhole(entry, item)) {
      context.count('entries.badBody');
      context.count('entries.refused');
      continue;
    }
    const { signature, body, table } = item;
    const staged = {
      entry,
      signature,
      body,
      table,
      link: inbound.link,
      peer: inbound.peer,
      state: 'open' as const,
    };
    if (!target.staging.add(staged)) context.count('entries.overflow');
  }
}
