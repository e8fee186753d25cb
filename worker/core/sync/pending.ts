// Which staged entries wait for which others (SPEC S3). Indexed by what is lacked, so that applying an entry wakes
// those that wait for it and looks at no other. Knows no links and no signatures.
import { compareEntries, type Entry } from '../model/entry.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import { Heap } from './heap.ts';
import type { Log } from './log.ts';
import type { Staged } from './staging.ts';

const namedBy = ({ prev, parents }: Entry): readonly EntryId[] =>
  prev === null ? parents : [prev, ...parents];

export class Pending {
  readonly #log: Log;
  readonly #lacks: (staged: Staged, id: EntryId) => void;
  readonly #lacking = new Map<Staged, Set<EntryId>>();
  readonly #waiting = new Map<EntryId, Set<Staged>>();
  /** Nothing was lacking when it was put here; looked at again when it comes out. */
  readonly #ready = new Heap<Staged>((a, b) => compareEntries(a.entry, b.entry));
  /** What is about to be written, as if it were applied already. */
  readonly #taken = new Map<EntryId, Entry>();
  readonly #heads = new Map<PeerId, EntryId>();

  /** `lacks` is told of each entry that one waits for. */
  constructor(log: Log, lacks: (staged: Staged, id: EntryId) => void) {
    this.#log = log;
    this.#lacks = lacks;
  }

  /** A signature covers it: it waits for what it lacks, or may be taken. */
  add(staged: Staged): void {
    if (!this.#wait(staged)) this.#ready.push(staged);
  }

  #wait(staged: Staged): boolean {
    const lacking = namedBy(staged.entry).filter((id) => !this.#log.has(id) && !this.#taken.has(id));
    if (lacking.length === 0) return false;
    this.#lacking.set(staged, new Set(lacking));
    for (const id of lacking) {
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) this.#waiting.set(id, new Set([staged]));
      else waiting.add(staged);
      this.#lacks(staged, id);
    }
    return true;
  }

  remove(staged: Staged): void {
    for (const id of this.#lacking.get(staged) ?? []) {
      const waiting = this.#waiting.get(id);
      waiting?.delete(staged);
      if (waiting?.size === 0) this.#waiting.delete(id);
    }
    this.#lacking.delete(staged);
  }

  /** Those that wait for this entry. */
  waitingFor(id: EntryId): Staged[] {
    return [...(this.#waiting.get(id) ?? [])];
  }

  isWanted(id: EntryId): boolean {
    return this.#waiting.has(id);
  }

  /** An entry is held now: wakes those that lacked nothing else. */
  resolve(id: EntryId): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    for (const staged of waiting) {
      const lacking = this.#lacking.get(staged);
      lacking?.delete(id);
      if (lacking?.size !== 0) continue;
      this.#lacking.delete(staged);
      this.#ready.push(staged);
    }
  }

  /**
   * The least by (lamport, id) that can be applied on top of the log and of what was taken since `settle`; `right` is
   * false where it never can, because its lamport is not 1 + the largest of those it names (SPEC M8).
   */
  next(): { staged: Staged; right: boolean } | null {
    for (;;) {
      const staged = this.#ready.pop();
      if (staged === undefined) return null;
      const { entry } = staged;
      if (staged.gone || this.#log.has(entry.id) || this.#taken.has(entry.id)) continue;
      // What woke it may have failed to be written since.
      if (this.#wait(staged)) continue;
      const right = (): boolean => entry.lamport === this.#lamportAfter(entry);
      if (this.#log.quarantine.covers(entry)) return { staged, right: right() };
      const head = this.#heads.get(entry.author) ?? this.#log.head(entry.author)?.id ?? null;
      if (entry.prev === head) return { staged, right: right() };
    }
  }

  #lamportAfter(entry: Entry): number {
    const named = namedBy(entry).map((id) => (this.#taken.get(id) ?? this.#log.get(id))?.lamport ?? Infinity);
    return 1 + Math.max(0, ...named);
  }

  /** It is going to be written with the others taken: what stands on it may follow in the same batch. */
  take({ entry }: Staged): void {
    this.#taken.set(entry.id, entry);
    if (!this.#log.quarantine.covers(entry)) this.#heads.set(entry.author, entry.id);
    this.resolve(entry.id);
  }

  /** What was taken is applied, or failed to be. */
  settle(): void {
    this.#taken.clear();
    this.#heads.clear();
  }
}
