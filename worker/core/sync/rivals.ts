// Entries that claim the place of an applied one. Only what their author signed says that it forked its log, and a fork
// is where both branches follow the same entry: from a rival up the way leads back to there (SPEC S8). Knows no
// links but by name, and no proofs.
import type { Context } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { EntryId, LinkId, PeerId } from '../model/ids.ts';
import type { Log, Run } from './log.ts';

export interface Rival {
  entry: Entry;
  signature: Uint8Array | null;
  /** Who brought it. */
  link: LinkId;
}

/** Of one author, lowest first, each following the one before; the last carries the first signature among them. */
export type Branch = readonly [Rival, ...Rival[]];

/** Branches whose signature waits to be verified; more tell nothing new. */
const MAX_WAITING = 64;
/** Branches followed back at once; beyond, the oldest is given up. */
const MAX_WALKS = 64;
/** Asked for below a branch at once. */
const STEP = 32;

export class Rivals {
  readonly #log: Log;
  #waiting: Branch[] = [];
  #found: Branch[] = [];
  #parked: Branch[] = [];
  /** Verified branches whose beginning is not reached yet, by what their lowest entry follows. */
  readonly #walks = new Map<EntryId, Branch>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Entries of one author, lowest first, each following the one before. */
  add(entries: readonly Rival[], context: Context): void {
    // Bodies are not kept: they come again where they are wanted.
    const [lowest, ...rest] = entries.map(({ entry, signature, link }): Rival => ({
      entry,
      signature,
      link,
    }));
    if (lowest === undefined) return;
    const run: Branch = [lowest, ...rest];
    const signed = run.findIndex(({ signature }) => signature !== null);
    const joint = run.findIndex(({ entry }) => this.#walks.has(entry.id));
    const above = this.#walks.get(run[joint]?.entry.id ?? lowest.entry.id);
    if (signed >= 0 && (joint < 0 || signed <= joint)) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push([lowest, ...rest.slice(0, signed)]);
      else context.count('entries.refused');
    } else if (above !== undefined) {
      // What stands above and is signed names it: no signature of its own is needed.
      this.#follow([lowest, ...rest.slice(0, joint), ...above]);
    } else context.count('entries.refused');
  }

  take(): Branch[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Its signature holds: the author wrote it. */
  proven(branch: Branch): void {
    this.#follow(branch);
  }

  #follow(branch: Branch): void {
    const { author, seq, prev } = branch[0].entry;
    for (const { entry } of branch) this.#walks.delete(entry.id);
    const before = seq === 1 ? null : (this.#log.at(author, seq - 1)?.id ?? null);
    if (prev === before) {
      const applied = this.#log.at(author, seq);
      const differs = applied !== null && applied.id !== branch[0].entry.id;
      if (differs && this.#found.length < MAX_WAITING) this.#found.push(branch);
    } else if (prev !== null && !this.#walks.has(prev)) {
      const [oldest] = this.#walks.keys();
      if (this.#walks.size >= MAX_WALKS && oldest !== undefined) this.#walks.delete(oldest);
      this.#walks.set(prev, branch);
    }
  }

  /** A branch that was followed to where it leaves the log. */
  nextFound(): Branch | undefined {
    return this.#found.shift();
  }

  /** It can't be proved yet: the signature that covers the applied branch is not here. */
  park(branch: Branch): void {
    if (this.#parked.length < MAX_WAITING) this.#parked.push(branch);
  }

  /** An author's log has grown. */
  advanced(author: PeerId): void {
    if (this.#parked.length === 0) return;
    const again = this.#parked.filter(([{ entry }]) => entry.author === author);
    this.#parked = this.#parked.filter((each) => !again.includes(each));
    this.#found.push(...again);
  }

  isWanted(id: EntryId): boolean {
    return this.#walks.has(id);
  }

  giveUp(id: EntryId): void {
    this.#walks.delete(id);
  }

  /** What is asked for next: each by its id, and some below it, of the link that brought what stands above. */
  wanted(): { id: EntryId; link: LinkId; run: Run }[] {
    return [...this.#walks].map(([id, [{ entry, link }]]) => {
      const to = entry.seq - 1;
      return { id, link, run: { author: entry.author, from: Math.max(1, to - STEP + 1), to } };
    });
  }
}
