// Takes one received list of entries apart: what is whole goes to staging, the rest is counted and dropped.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { decodeEntry, groveOf, type Entry } from '../model/entry.ts';
import type { EntryId, GroveId } from '../model/ids.ts';
import { toHash } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Log } from './log.ts';
import type { Staged, Staging } from './staging.ts';
import type { Inbound } from './types.ts';

interface Target {
  id: GroveId;
  log: Log;
  staging: Staging;
  /** What is sent is held by who sends it. */
  duplicate: (entry: EntryId) => void;
}

export interface Received {
  /** Entries whose author seems to have signed another in their place. */
  rivals: Staged[];
  /** Something was not what its header names. */
  refused: boolean;
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

/** It stands where an applied entry stands, or follows another than the applied one (SPEC S8). */
function isRival(entry: Entry, log: Log): boolean {
  const head = log.head(entry.author);
  if (head === null) return false;
  return entry.seq <= head.seq || (entry.seq === head.seq + 1 && entry.prev !== head.id);
}

export function receive(target: Target, inbound: Inbound, context: Context): Received {
  const received: Received = { rivals: [], refused: false };
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
    const { signature, body, table } = item;
    const { link, peer } = inbound;
    const urgent = inbound.why !== 'sync';
    const staged: Staged = {
      ...{ entry, signature, body, table, link, peer, urgent },
      state: 'open',
      gone: false,
    };
    if (isRival(entry, target.log)) {
      received.rivals.push({ ...staged, body: null, table: null });
      continue;
    }
    if (signature === null && entry.seq % CONFIG.sync.signatureEvery === 0) {
      context.count('entries.unsigned');
      context.count('entries.refused');
      received.refused = true;
      continue;
    }
    if (!isWhole(entry, item)) {
      context.count('entries.badBody');
      context.count('entries.refused');
      received.refused = true;
      continue;
    }
    if (!target.staging.add(staged)) context.count('entries.overflow');
  }
  return received;
}
