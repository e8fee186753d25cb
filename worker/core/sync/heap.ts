// A binary heap: the least comes out first. Knows nothing of what is in it.

export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  push(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#order(at, parent) >= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const [least] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return least;
    this.#items[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const child = left + 1 < this.#items.length && this.#order(left + 1, left) < 0 ? left + 1 : left;
      if (child >= this.#items.length || this.#order(child, at) >= 0) return least;
      this.#swap(at, child);
      at = child;
    }
  }

  #order(a: number, b: number): number {
    const [left, right] = [this.#items[a], this.#items[b]];
    return left === undefined || right === undefined ? 0 : this.#compare(left, right);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#items[a], this.#items[b]];
    if (left === undefined || right === undefined) return;
    this.#items[a] = right;
    this.#items[b] = left;
  }
}
