// What changed and is looked at later: when somebody asks, or in steps as more comes, so that after a whole log there is
// little left to do at once.

/** Of each step: some 10 ms of hashing. */
const STEP = 512;

export interface Touched<T> {
  /** It may be another once the change under way is over. */
  touch(item: T): void;
  /** Looks at all that is left. */
  settle(): void;
}

/** `look` sees an item as it is after whatever touched it: at once nothing is looked at that was touched among the last 512. */
export function createTouched<T>(look: (item: T) => void): Touched<T> {
  let recent = new Set<T>();
  let older = new Set<T>();

  function settle(items: ReadonlySet<T>): void {
    for (const item of items) look(item);
  }

  return {
    touch(item) {
      older.delete(item);
      recent.add(item);
      if (recent.size < STEP) return;
      const due = older;
      older = recent;
      recent = new Set();
      settle(due);
    },
    settle() {
      const due = [older, recent];
      older = new Set();
      recent = new Set();
      due.forEach(settle);
    },
  };
}
