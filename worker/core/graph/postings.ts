// Contributions by what they are found by, each list in log order: a filter looks through the shortest one instead of all.
// What the keys mean, and whether a contribution really fits, is not known here.
import type { Placed } from './contributions.ts';
import type { Key } from './keys.ts';
import { comparePlaces } from './order.ts';
import type { Place } from './order.ts';

/** Beyond so many that came out of order sorting anew is cheaper than moving the tail of the list for each. */
const FEW = 50;

/** Some contributions that stand. */
export interface Candidates {
  /** At least as many as there are. */
  readonly size: number;
  /** From the newest that is older than `before` (null: from the newest of all) to the oldest. Valid until the next change. */
  newestFirst(before: Place | null): Generator<Placed, void, void>;
}

export interface Postings {
  /** It has this place now. That it lost it need not be told. */
  add(placed: Placed, keys: Iterable<Key>): void;
  /** All that have one key at least of each of these, and others; null where nothing is asked for. */
  rarest(keys: readonly (readonly Key[])[]): Candidates | null;
}

/** A place is given up for another, never changed: so it is seen from itself whether it still is one. */
const isCurrent = (placed: Placed): boolean => placed.contribution.place === placed;

class Posting implements Candidates {
  /** In log order, some of them given up. */
  #placed: Placed[] = [];
  /** Came out of order, and not yet put in. */
  #late: Placed[] = [];
  /** How many there were when those that are given up were last taken out. */
  #swept = 0;

  get size(): number {
    return this.#placed.length + this.#late.length;
  }

  add(placed: Placed): void {
    const last = this.#placed.at(-1);
    if (this.#late.length === 0 && (last === undefined || comparePlaces(last, placed) < 0))
      this.#placed.push(placed);
    else this.#late.push(placed);
    if (this.size > 2 * this.#swept + FEW) this.#sort();
  }

  *newestFirst(before: Place | null): Generator<Placed, void, void> {
    this.#settle();
    let newer: Placed | null = null;
    for (let at = (before === null ? this.#placed.length : this.#rank(before)) - 1; at >= 0; at -= 1) {
      const placed = this.#placed[at];
      // Who publishes something twice is in the list of its author twice.
      if (placed === undefined || placed === newer || !isCurrent(placed)) continue;
      newer = placed;
      yield placed;
    }
  }

  #settle(): void {
    if (this.#late.length > FEW) return this.#sort();
    for (const placed of this.#late) this.#placed.splice(this.#rank(placed), 0, placed);
    this.#late = [];
  }

  #sort(): void {
    this.#placed = this.#placed.concat(this.#late).filter(isCurrent).sort(comparePlaces);
    this.#late = [];
    this.#swept = this.#placed.length;
  }

  /** How many are before this place. */
  #rank(place: Place): number {
    let [low, high] = [0, this.#placed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const each = this.#placed[middle];
      if (each !== undefined && comparePlaces(each, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function createPostings(): Postings {
  /** Most keys of a hostile grove have one contribution: that needs no list. */
  const byKey = new Map<Key, Placed | Posting>();

  const listOf = (key: Key): Candidates => {
    const found = byKey.get(key);
    if (found instanceof Posting) return found;
    const few = found === undefined ? [] : [found];
    return {
      size: few.length,
      *newestFirst(before) {
        for (const placed of few)
          if (isCurrent(placed) && (before === null || comparePlaces(placed, before) < 0)) yield placed;
      },
    };
  };

  return {
    add(placed, keys) {
      for (const key of keys) {
        const found = byKey.get(key);
        if (found instanceof Posting) found.add(placed);
        else if (found === undefined || !isCurrent(found)) byKey.set(key, placed);
        else if (found !== placed) {
          const posting = new Posting();
          posting.add(found);
          posting.add(placed);
          byKey.set(key, posting);
        }
      }
    },
    rarest(keys) {
      let rarest: Candidates | null = null;
      for (const each of keys) {
        const lists = union(each.map(listOf).filter(({ size }) => size > 0));
        if (rarest === null || lists.size < rarest.size) rarest = lists;
      }
      return rarest;
    },
  };
}

function union(lists: readonly Candidates[]): Candidates {
  const [only, ...others] = lists;
  if (only !== undefined && others.length === 0) return only;
  return {
    size: lists.reduce((sum, { size }) => sum + size, 0),
    newestFirst: (before) => merged(lists.map((list) => list.newestFirst(before))),
  };
}

function* merged(lists: Generator<Placed, void, void>[]): Generator<Placed, void, void> {
  const heads = lists.map((list) => ({ list, next: list.next() }));
  let newer: Placed | null = null;
  for (;;) {
    let newest: { head: (typeof heads)[number]; placed: Placed } | null = null;
    for (const head of heads) {
      const placed = head.next.done === true ? null : head.next.value;
      if (placed !== null && (newest === null || comparePlaces(placed, newest.placed) > 0))
        newest = { head, placed };
    }
    if (newest === null) return;
    newest.head.next = newest.head.list.next();
    if (newest.placed === newer) continue;
    newer = newest.placed;
    yield newer;
  }
}
