// Whether this device may write on its log now (SPEC S11): not while there is more of it elsewhere than here, after
// its store was lost, damaged or restored from an older copy. Knows nothing of how the rest is fetched.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { PeerId } from '../model/ids.ts';
import { FORKED, type Log, type VectorRow } from './log.ts';

interface Claim {
  seq: number;
  since: number;
}

/** Peers whose word is remembered, so that one that claims too much is believed once. */
const MAX_CLAIMS = 1_024;

export function createResume(log: Log, self: PeerId, context: Context) {
  const claims = new Map<PeerId, Claim>();
  /** Known for sure: we signed an entry of this seq. */
  let certain = 0;
  /** A row for this seq of ours lies on the disk, whole or not. */
  let stored = 0;
  const own = (): number => log.head(self)?.seq ?? 0;

  return {
    /** An entry with this seq exists; of interest where it is ours. */
    exists(author: string, seq: number): void {
      if (author === self) certain = Math.max(certain, seq);
    },

    /** A row of this author and seq lies on the disk, whole or not. */
    onDisk(author: string, seq: number): void {
      if (author !== self) return;
      stored = Math.max(stored, seq);
      certain = Math.max(certain, seq);
    },

    /** Entries of ours whose rows are on the disk and are no part of the log: one can't be read, the others stand on it (SPEC S17). */
    unreadable: (): { from: number; to: number } | null =>
      stored > own() && log.quarantine.seqOf(self) === null ? { from: own() + 1, to: stored } : null,

    /** A vector: who shows more of our log than is here is believed until it had time to send it. */
    heard(peer: PeerId, rows: readonly VectorRow[]): void {
      const row = rows.find(({ author }) => author === self);
      if (row === undefined || row.id === FORKED || row.seq <= own()) return;
      const known = claims.get(peer);
      if (known === undefined && claims.size < MAX_CLAIMS)
        claims.set(peer, { seq: row.seq, since: context.elapsed() });
    },

    /** Null where it may write. */
    behind(resumeFrom: number): 'earlier' | 'forked' | null {
      if (log.quarantine.seqOf(self) !== null) return 'forked';
      const head = own();
      if (head < Math.max(certain, resumeFrom)) return 'earlier';
      const now = context.elapsed();
      const open = [...claims.values()].some(
        ({ seq, since }) => seq > head && now - since < CONFIG.sync.claimFor,
      );
      return open ? 'earlier' : null;
    },
  };
}
