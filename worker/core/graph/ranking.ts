// Contributions ordered by one value each. Changes are noted at once and sorted in when somebody looks, or when many wait:
// who is the first to look at a large grove doesn't wait for all of it to be sorted.
import { compareIds } from '../model/ids.ts';
import type { Cid } from '../model/ids.ts';
import type { Direction } from './types.ts';

/** Beyond so many changes sorting anew is cheaper than moving the tail of the list for each. */
const FEW = 50;
/** So many changes take a millisecond or two to be sorted in. */
const MANY = 1_024;

export interface Ranking<T> {
  /** The value of this item is another now, perhaps. */
  touch(item: T): void;
  /** Null for what is not ranked. */
  of(item: T): Place<T> | null;
  /** Those with a value, best first, ties by CID ascending. Valid until the next touch. */
  best(direction: Direction): Generator<Place<T>, void, void>;
}
export interface Place<T> {
  item: T;
  value: number;
}

/** `valueOf` gives a finite number, or null for what is not ranked. */
export function createRanking<T extends { cid: Cid }>(valueOf: (item: T) => number | null): Ranking<T> {
  const held = new Map<T, Place<T>>();
  const touched = new Set<T>();
  /** Ascending by value, then by CID. */
  let places: Place<T>[] = [];

  const compare = (a: Place<T>, b: Place<T>): number =>
    a.value - b.value || compareIds(a.item.cid, b.item.cid);

  /** How many places are before the one that is sought. */
  function countBefore(isBefore: (place: Place<T>) => boolean, end: number): number {
    let [low, high] = [0, end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = places[middle];
      if (place !== undefined && isBefore(place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  const rankOf = (sought: Place<T>): number =>
    countBefore((place) => compare(place, sought) < 0, places.length);

  function settle(): void {
    const [gone, come]: [Set<Place<T>>, Place<T>[]] = [new Set(), []];
    for (const item of touched) {
      const [before, value] = [held.get(item), valueOf(item)];
      if (before?.value === (value ?? undefined)) continue;
      if (before !== undefined) gone.add(before);
      if (value === null) held.delete(item);
      else {
        const place = { item, value };
        held.set(item, place);
        come.push(place);
      }
    }
    touched.clear();
    if (gone.size + come.length > FEW) {
      const left = gone.size === 0 ? places : places.filter((place) => !gone.has(place));
      places = mergeSorted(left, come.sort(compare), compare);
      return;
    }
    for (const place of gone) places.splice(rankOf(place), 1);
    for (const place of come) places.splice(rankOf(place), 0, place);
  }

  return {
    touch: (item) => {
      touched.add(item);
      if (touched.size >= MANY) settle();
    },
    of: (item) => {
      settle();
      return held.get(item) ?? null;
    },
    best: function* (direction) {
      settle();
      if (direction === 'minimize') {
        yield* places;
        return;
      }
      // From the greatest value down, but each run of equal values forward: ties go by CID ascending all the same.
      for (let end = places.length; end > 0;) {
        const value = places[end - 1]?.value ?? 0;
        const start = countBefore((place) => place.value < value, end);
        for (let index = start; index < end; index += 1) {
          const place = places[index];
          if (place !== undefined) yield place;
        }
        end = start;
      }
    },
  };
}

/** The few that come are put where they belong, and what lies between is moved as it is. */
function mergeSorted<T>(most: readonly T[], few: readonly T[], compare: (a: T, b: T) => number): T[] {
  const merged: T[] = [];
  let at = 0;
  for (const item of few) {
    for (let next = most[at]; next !== undefined && compare(next, item) < 0; next = most[at]) {
      merged.push(next);
      at += 1;
    }
    merged.push(item);
  }
  for (; at < most.length; at += 1) {
    const rest = most[at];
    if (rest !== undefined) merged.push(rest);
  }
  return merged;
}
