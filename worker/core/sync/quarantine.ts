// What is held of authors who forked their logs, from the forked seq on (SPEC S8), and from where they are cut off (S16):
// no part of any log, but entries of others may name it. Knows nothing of how a fork is proved, nor of who cuts.
import type { Entry } from '../model/entry.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';

/** Where an author forked its log: the seq from which on nothing counts, and what the two branches begin with, lower id first. */
export interface Forked {
  seq: number;
  ids: readonly [EntryId, EntryId];
}

interface Held {
  prev: EntryId | null;
  parents: readonly EntryId[];
  signed: boolean;
  stands: boolean;
  /** Beyond a cut-off: it never stands. */
  void: boolean;
}

/** Of one branch: what covers an entry, and what is given below it at once. */
const MOST_ABOVE = 64;
const MOST_BELOW = 31;

export class Quarantine {
  readonly #forks = new Map<PeerId, Forked>();
  #cuts: ReadonlyMap<PeerId, Cut> = new Map();
  readonly #held = new Map<EntryId, Held>();
  /** What follows an entry, one or more, in its author's branches. */
  readonly #next = new Map<EntryId, EntryId[]>();

  /** The author's log ends before this seq. Known before any entry is held. */
  begin(author: PeerId, forked: Forked): void {
    this.#forks.set(author, forked);
  }

  forkOf(author: PeerId): Forked | null {
    return this.#forks.get(author) ?? null;
  }

  /** The forked seq, or null. */
  seqOf(author: PeerId): number | null {
    return this.#forks.get(author)?.seq ?? null;
  }

  authors(): [author: PeerId, seq: number][] {
    return [...this.#forks].map(([author, { seq }]) => [author, seq]);
  }

  get cuts(): ReadonlyMap<PeerId, Cut> {
    return this.#cuts;
  }

  /** What is held is not looked at again: no log may hold an entry beyond. */
  setCuts(cuts: ReadonlyMap<PeerId, Cut>): void {
    this.#cuts = cuts;
  }

  /** Its author's signature of the entry where its log is cut off, where the act says it. */
  proofOf(author: PeerId, id: EntryId): Uint8Array | null {
    const cut = this.#cuts.get(author);
    return cut?.last === id ? cut.proof : null;
  }

  isVoid({ author, seq }: { author: PeerId; seq: number }): boolean {
    return seq >= (this.#cuts.get(author)?.seq ?? Infinity);
  }

  /** The seq from which nothing is part of the author's log; Infinity where all is. */
  limitOf(author: PeerId): number {
    return Math.min(this.seqOf(author) ?? Infinity, this.#cuts.get(author)?.seq ?? Infinity);
  }

  covers({ author, seq }: { author: PeerId; seq: number }): boolean {
    return seq >= this.limitOf(author);
  }

  holds(id: EntryId): boolean {
    return this.#held.has(id);
  }

  add(entry: Entry, signed: boolean): void {
    const { id, prev, parents } = entry;
    this.#held.set(id, { prev, parents, signed, stands: false, void: this.isVoid(entry) });
    if (prev !== null) this.#next.set(prev, [...(this.#next.get(prev) ?? []), id]);
  }

  /** An entry outside of it names these: they stand, with all of it that they name themselves. Gives those that didn't yet. */
  stand(named: readonly EntryId[]): EntryId[] {
    const stood: EntryId[] = [];
    const open = [...named];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const held = this.#held.get(id);
      if (held === undefined || held.stands) continue;
      held.stands = true;
      if (!held.void) stood.push(id);
      if (held.prev !== null) open.push(held.prev);
      open.push(...held.parents);
    }
    return stood;
  }

  /** The entry, a stretch of its branch below it, and what follows up to the next signature. Lowest first. */
  stretch(id: EntryId): EntryId[] {
    const below: EntryId[] = [];
    let prev = this.#held.get(id)?.prev ?? null;
    while (prev !== null && this.#held.has(prev) && below.length < MOST_BELOW) {
      below.push(prev);
      prev = this.#held.get(prev)?.prev ?? null;
    }
    return [...below.reverse(), id, ...this.above(id, this.#held.get(id)?.signed === true)];
  }

  /** What follows an entry up to the next signature, none where it has its own. Branches may part again: the first that comes to one. */
  above(id: EntryId, signed: boolean): EntryId[] {
    const ways: EntryId[][] = [[]];
    for (let way = ways.shift(), looked = 0; way !== undefined && looked < MOST_ABOVE; looked += 1) {
      const last = way.at(-1);
      if (last === undefined ? signed : this.#held.get(last)?.signed === true) return way;
      for (const next of this.#next.get(last ?? id) ?? []) ways.push([...way, next]);
      way = ways.shift();
    }
    return [];
  }
}
