// Takes one received list of entries apart: what is whole goes to staging, the rest is counted and dropped.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import { decodeEntry, groveOf, type Entry } from '../model/entry.ts';
import type { EntryId, GroveId } from '../model/ids.ts';
import { toHash } from '../model/ids.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Log } from './log.ts';
import type { Staged, Staging } from './staging.ts';
import type { Inbound } from './types.ts';

interface Target {
  id: GroveId;
  log: Log;
  staging: Staging;
  /** Whether what is missing isn't on its way by itself. */
  urgent: boolean;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** What is sent is held by who sends it. */
  duplicate: (entry: EntryId) => void;
}

export interface Received {
  /** All of this grove, whatever becomes of them. */
  entries: Entry[];
  /** Runs of entries whose author seems to have signed others in their place. */
  rivals: Staged[][];
  /** Of authors who forked their logs, from there on. */
  quarantined: Staged[];
  /** Something was not what its header names. */
  refused: boolean;
}

/** Whether what came beside the header is what the header names: a disk may have lost it, but nobody sends something else. */
function formOf(
  entry: Entry,
  { body, table }: WireEntry,
  hash: Target['hash'],
): 'whole' | 'lacking' | 'wrong' {
  const isBody = body === null || (body.length === entry.size && toHash(hash(body)) === entry.body);
  const isTable = table === null || (entry.blobs !== null && toHash(hash(table)) === entry.blobs.table);
  if (!isBody || !isTable) return 'wrong';
  // Roles, settings and tasks live in bodies: only a contribution's may be missing.
  const lacksBody = body === null && entry.kind !== 'contribution';
  return lacksBody || (table === null && entry.blobs !== null) ? 'lacking' : 'whole';
}

/** Whether what came beside the header is what the header names. */
export const isWhole = (entry: Entry, wire: WireEntry, hash: Target['hash']): boolean =>
  formOf(entry, wire, hash) === 'whole';

/** It stands where an applied entry stands, or follows another than the applied one (SPEC S8). */
function isRival(entry: Entry, log: Log): boolean {
  const head = log.head(entry.author);
  if (head === null) return false;
  return entry.seq <= head.seq || (entry.seq === head.seq + 1 && entry.prev !== head.id);
}

/** Entries that follow each other are of one branch, wherever they stand. */
function addRival(rivals: Staged[][], staged: Staged): boolean {
  const run = rivals.find((each) => each.at(-1)?.entry.id === staged.entry.prev);
  run?.push(staged);
  return run !== undefined;
}

export function receive(target: Target, inbound: Inbound, context: Context): Received {
  const { log, staging } = target;
  const received: Received = { entries: [], rivals: [], quarantined: [], refused: false };
  const refuse = (why: string): void => {
    context.count(why);
    context.count('entries.refused');
    inbound.verdict?.('refused');
    received.refused = true;
  };
  for (const item of inbound.entries) {
    const decoded = decodeEntry(item.header, target.hash);
    if (!decoded.ok || groveOf(decoded.value) !== target.id) {
      context.count('entries.malformed');
      context.blame(inbound.link, 'bad-entry');
      inbound.verdict?.('refused');
      continue;
    }
    const entry = decoded.value;
    received.entries.push(entry);
    if (log.has(entry.id)) {
      context.count('entries.duplicate');
      inbound.verdict?.('duplicate');
      target.duplicate(entry.id);
      continue;
    }
    const staged = toStaged(entry, item, inbound, target.urgent);
    // What would have covered it may be void: the act that cuts the log off here names its author's signature.
    if (staged.signature === null) {
      staged.signature = log.quarantine.proofOf(entry.author, entry.id);
      staged.borrowed = staged.signature !== null;
    }
    const form = formOf(entry, item, target.hash);
    if (form === 'wrong') context.blame(inbound.link, 'bad-entry');
    if (staged.signature === null && entry.seq % CONFIG.sync.signatureEvery === 0) refuse('entries.unsigned');
    else if (addRival(received.rivals, staged)) continue;
    else if (isRival(entry, log)) received.rivals.push([staged]);
    else if (form !== 'whole') refuse('entries.badBody');
    else if (log.quarantine.covers(entry)) received.quarantined.push(staged);
    else if (!staging.add(staged)) {
      context.count('entries.overflow');
      inbound.verdict?.('dropped');
    }
  }
  return received;
}

function toStaged(
  entry: Entry,
  { signature, body, table }: WireEntry,
  { link, peer, verdict }: Inbound,
  urgent: boolean,
): Staged {
  return {
    ...{ entry, signature, body, table, link, peer, urgent, state: 'open', gone: false },
    ...(verdict === undefined ? {} : { verdict }),
  };
}
