// Which row of the page shows which item: an item that stays keeps its row, one that comes takes over the row of one that
// went, since making a row costs several times as much as changing what it says. Pure.

export interface Placed<T> {
  /** The row, for as long as it is on the page. */
  readonly slot: number;
  readonly item: T;
  /** Its place in the list, from 0. */
  readonly at: number;
}

export class RowSlots<T> {
  readonly #keyOf: (item: T) => string;
  #placed = new Map<string, Placed<T>>();
  #last = 0;

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  /** These items, of which the first has that place, in rows. `held`: the row of this key is not taken over, as where the keyboard is in it. */
  place(items: readonly T[], first: number, held: string | null): Placed<T>[] {
    const before = this.#placed;
    const keys = new Set(items.map(this.#keyOf));
    const free = [...before].flatMap(([key, { slot }]) => (keys.has(key) || key === held ? [] : [slot]));
    const after = new Map<string, Placed<T>>();
    const rows = items.map((item, i): Placed<T> => {
      const [key, at] = [this.#keyOf(item), first + i];
      const known = after.has(key) ? undefined : before.get(key);
      const row =
        known?.item === item && known.at === at
          ? known
          : { slot: known?.slot ?? free.shift() ?? (this.#last += 1), item, at };
      after.set(key, row);
      return row;
    });
    this.#placed = after;
    return rows;
  }
}
