// Contributions in log order, (lamport, id) of their first publication, and cursors that name a place in it.
import { ThicketError } from '../model/errors.ts';
import { compareIds, isHex32 } from '../model/ids.ts';

/** A place in the order. Entry ids are unique, so places are. */
export interface Place {
  lamport: number;
  entry: string;
}

export const comparePlaces = (a: Place, b: Place): number =>
  a.lamport - b.lamport || compareIds(a.entry, b.entry);

/** A sorted list with removal. Entries come nearly in order, so most insertions are appends. */
export interface Ordered<T extends Place> {
  readonly size: number;
  add(item: T): void;
  remove(item: Place): void;
  /** From the newest that is older than `before` (null: from the newest of all) to the oldest. */
  newestFirst(before: Place | null): Generator<T, void, void>;
}

export function createOrdered<T extends Place>(): Ordered<T> {
  const items: T[] = [];

  /** How many items are before this place. */
  function rank(place: Place): number {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = items[middle];
      if (item !== undefined && comparePlaces(item, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  return {
    get size() {
      return items.length;
    },
    add: (item) => {
      const last = items.at(-1);
      if (last === undefined || comparePlaces(last, item) < 0) items.push(item);
      else items.splice(rank(item), 0, item);
    },
    remove: (item) => {
      const index = rank(item);
      const found = items[index];
      if (found !== undefined && comparePlaces(found, item) === 0) items.splice(index, 1);
    },
    newestFirst: function* (before) {
      for (let index = (before === null ? items.length : rank(before)) - 1; index >= 0; index -= 1) {
        const item = items[index];
        if (item !== undefined) yield item;
      }
    },
  };
}

export const formatCursor = (place: Place): string => `${place.lamport}.${place.entry}`;

/** Throws `invalid` for what formatCursor never made. */
export function parseCursor(cursor: string): Place {
  const match = /^([1-9]\d{0,15})\.([0-9a-f]{64})$/.exec(cursor);
  const [lamport, entry] = [Number(match?.[1]), match?.[2]];
  if (!Number.isSafeInteger(lamport) || !isHex32(entry)) {
    throw new ThicketError(
      'invalid',
      `cursor: expected one from an earlier page, got ${JSON.stringify(cursor.slice(0, 80))}`,
    );
  }
  return { lamport, entry };
}

/** The given limit, or the default. Throws `invalid` unless it is a whole number from 1 to the most. */
export function checkLimit(given: number | undefined, standard: number, most: number): number {
  if (given === undefined) return standard;
  if (Number.isInteger(given) && given >= 1 && given <= most) return given;
  throw new ThicketError('invalid', `limit: expected a whole number from 1 to ${most}, got ${given}`);
}
