// What waits to be read by slow clients: one that is too far behind is dropped, and where all together are, the one
// furthest behind (SPEC E7). Knows sizes only.

export interface Backlog<Key> {
  /** So much waits for it now. Returns who is to be dropped, which are forgotten. */
  note(key: Key, bytes: number): Key[];
  forget(key: Key): void;
  total(): number;
}

export function createBacklog<Key>(limits: { each: number; all: number }): Backlog<Key> {
  const waiting = new Map<Key, number>();
  let total = 0;
  return { note, forget, total: () => total };

  function note(key: Key, bytes: number): Key[] {
    forget(key);
    if (bytes > limits.each) return [key];
    if (bytes > 0) {
      waiting.set(key, bytes);
      total += bytes;
    }
    const dropped: Key[] = [];
    while (total > limits.all) {
      const most = furthest();
      if (most === null) break;
      forget(most);
      dropped.push(most);
    }
    return dropped;
  }

  function furthest(): Key | null {
    let found: { key: Key; bytes: number } | null = null;
    for (const [key, bytes] of waiting) if (!found || bytes > found.bytes) found = { key, bytes };
    return found?.key ?? null;
  }

  function forget(key: Key): void {
    total -= waiting.get(key) ?? 0;
    waiting.delete(key);
  }
}
