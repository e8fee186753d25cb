// What would be lost or broken off if this page went now. Whoever has such a thing says so; the shell asks before it goes.
export class PendingWork {
  readonly #tests = new Set<() => boolean>();

  /** Returns how to take it back. */
  add(test: () => boolean): () => void {
    this.#tests.add(test);
    return () => void this.#tests.delete(test);
  }
  /** The page goes whatever is under way. */
  clear(): void {
    this.#tests.clear();
  }
  get any(): boolean {
    return [...this.#tests].some((test) => test());
  }
}
