// How high rows are and which of them lie in a view: those that were never drawn are taken for as high as the others are
// on average. Pure.

/** Pixels, until one was measured. */
const GUESS = 64;

export class RowHeights {
  readonly #known = new Map<string, number>();
  #sum = 0;

  /** Whether that is news. */
  note(key: string, height: number): boolean {
    const before = this.#known.get(key);
    if (before !== undefined && Math.abs(before - height) < 0.5) return false;
    this.#sum += height - (before ?? 0);
    this.#known.set(key, height);
    return true;
  }
  clear(): void {
    this.#known.clear();
    this.#sum = 0;
  }
  /** Where each row begins, and at last where all end. */
  offsets(keys: readonly string[]): Float64Array {
    const mean = this.#known.size === 0 ? GUESS : this.#sum / this.#known.size;
    const offsets = new Float64Array(keys.length + 1);
    keys.forEach((key, at) => (offsets[at + 1] = (offsets[at] ?? 0) + (this.#known.get(key) ?? mean)));
    return offsets;
  }
}

/** The row at this height: the first for what is above all, the last for what is below. */
export function rowAt(offsets: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((offsets[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
