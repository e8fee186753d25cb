// A map that forgets what was not used for longest.

export interface Lru<K, V> {
  /** Counts as a use. */
  get(key: K): V | undefined;
  /** Gives the value back. */
  set(key: K, value: V): V;
}

export function createLru<K, V>(capacity: number): Lru<K, V> {
  const entries = new Map<K, V>();
  const use = (key: K, value: V): V => {
    entries.delete(key);
    entries.set(key, value);
    return value;
  };
  return {
    get(key) {
      const value = entries.get(key);
      return value === undefined ? undefined : use(key, value);
    },
    set(key, value) {
      use(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(oldest);
      }
      return value;
    },
  };
}
