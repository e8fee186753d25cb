// A map and a set for what mostly holds one or none: a real one costs a hundred bytes before anything is in it.

const NONE: readonly never[] = [];

/** Keys and values, in the order in which they came. Without removal. */
export class FewByKey<K, V> {
  #only: readonly [K, V] | null = null;
  #all: Map<K, V> | null = null;

  get size(): number {
    return this.#all?.size ?? (this.#only === null ? 0 : 1);
  }
  has(key: K): boolean {
    return this.#all?.has(key) ?? this.#only?.[0] === key;
  }
  set(key: K, value: V): void {
    if (this.#all === null && (this.#only === null || this.#only[0] === key)) this.#only = [key, value];
    else {
      this.#all ??= new Map(this.#only === null ? [] : [this.#only]);
      this.#all.set(key, value);
      this.#only = null;
    }
  }
  values(): Iterable<V> {
    return this.#all?.values() ?? (this.#only === null ? NONE : [this.#only[1]]);
  }
}

/** From so many on a real set is the smaller and the faster one. */
const MANY = 8;

export class FewOf<T> {
  #few: T[] = [];
  #all: Set<T> | null = null;

  get size(): number {
    return this.#all?.size ?? this.#few.length;
  }
  add(item: T): void {
    if (this.#all !== null) this.#all.add(item);
    else if (!this.#few.includes(item)) {
      this.#few.push(item);
      if (this.#few.length < MANY) return;
      this.#all = new Set(this.#few);
      this.#few = [];
    }
  }
  /** Whether it was there. */
  delete(item: T): boolean {
    if (this.#all !== null) return this.#all.delete(item);
    const at = this.#few.indexOf(item);
    if (at >= 0) this.#few.splice(at, 1);
    return at >= 0;
  }
  [Symbol.iterator](): Iterator<T> {
    return (this.#all ?? this.#few)[Symbol.iterator]();
  }
}
