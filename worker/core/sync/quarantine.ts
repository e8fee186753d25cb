// What is held of authors who forked their logs, from the forked seq on (SPEC S8): no part of any log, but entries of
// others may name it. Knows nothing of how a fork is proved.
import type { Entry } from '../model/entry.ts';
import type { EntryId, PeerId } from '../model/ids.ts';

interface Held {
  prev: EntryId | null;
  parents: readonly EntryId[];
  signed: boolean;
  stands: boolean;
}

/** Of one branch: what covers an entry, and what is given below it at once. */
const MOST_ABOVE = 64;
const MOST_BELOW = 31;

export class Quarantine {
  readonly #seqs = new Map<PeerId, number>();
  readonly #held = new Map<EntryId, Held>();
  /** What follows an entry, one or more, in its author's branches. */
  readonly #next = new Map<EntryId, EntryId[]>();

  /** The author's log ends before this seq. Known before any entry is held. */
  begin(author: PeerId, seq: number): void {
    this.#seqs.set(author, seq);
  }

  /** The seq from which nothing of the author counts, or null. */
  seqOf(author: PeerId): number | null {
    return this.#seqs.get(author) ?? null;
  }

  authors(): [author: PeerId, seq: number][] {
    return [...this.#seqs];
  }

  covers({ author, seq }: { author: PeerId; seq: number }): boolean {
    return seq >= (this.#seqs.get(author) ?? Infinity);
  }

  holds(id: EntryId): boolean {
    return this.#held.has(id);
  }

  add({ id, prev, parents }: Entry, signed: boolean): void {
    this.#held.set(id, { prev, parents, signed, stands: false });
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
      stood.push(id);
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
