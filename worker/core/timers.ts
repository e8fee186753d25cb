// Timers as data: what is to run, by key and by when. Run by whoever knows the time.
interface Timer {
  readonly key: string;
  readonly at: number;
  /** In the order of asking. */
  readonly place: number;
  readonly run: () => void;
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.place < b.place);

/** Stale timers that may lie in the heap beside as many live ones. */
const SLACK = 64;

export class Timers {
  readonly #byKey = new Map<string, Timer>();
  /** A binary heap, soonest first. What was replaced or cancelled stays until it comes up. */
  #heap: Timer[] = [];
  #places = 0;

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** The same key again replaces it, null cancels it. */
  set(key: string, at: number | null, run: () => void): void {
    if (at === null) {
      this.#byKey.delete(key);
      return;
    }
    const timer = { key, at, place: this.#places, run };
    this.#places += 1;
    this.#byKey.set(key, timer);
    this.#push(timer);
    if (this.#heap.length > 2 * this.#byKey.size + SLACK) this.#rebuild();
  }

  /** Runs what is due, soonest first, each once. What that asks for anew waits for the next time. */
  run(now: number): void {
    const due: Timer[] = [];
    for (let next = this.#soonest(); next !== null && next.at <= now; next = this.#soonest()) {
      due.push(next);
      this.#pop();
    }
    for (const timer of due) {
      // One that ran before it may have replaced or cancelled it.
      if (this.#byKey.get(timer.key) !== timer) continue;
      this.#byKey.delete(timer.key);
      timer.run();
    }
  }

  next(): number | null {
    return this.#soonest()?.at ?? null;
  }

  #soonest(): Timer | null {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#byKey.get(first.key) === first) return first;
      this.#pop();
    }
    return null;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const timer of this.#byKey.values()) this.#push(timer);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child !== undefined && right !== undefined && before(right, child)) {
        below += 1;
        child = right;
      }
      if (child === undefined || !before(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}
