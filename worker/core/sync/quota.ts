// So many of something in so long, for each of those who ask. Knows nothing of what it bounds.
import type { Context } from '../context.ts';

export function createQuota<Key>(context: Context, { most, within }: { most: number; within: number }) {
  const windows = new Map<Key, { since: number; used: number }>();
  return {
    /** False where it was used up. */
    use(key: Key): boolean {
      const now = context.elapsed();
      const known = windows.get(key);
      const window = known === undefined || now - known.since >= within ? { since: now, used: 0 } : known;
      windows.set(key, window);
      window.used += 1;
      return window.used <= most;
    },
    forget: (key: Key): void => void windows.delete(key),
  };
}
