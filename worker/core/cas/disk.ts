// Whether the disk takes more: after it was full, nothing is fetched for a while (SPEC C12). Knows no transfer.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';

export interface Disk {
  isFull(): boolean;
  /** It was full. Whether that is news. */
  failed(): boolean;
  /** Something was stored. */
  worked(): void;
  /** There is room again, as far as is known. */
  roomAgain(): void;
  /** When it is tried again. */
  nextWake(): number | null;
}

export function createDisk(context: Context): Disk {
  const { first, most } = CONFIG.cas.full;
  let until: number | null = null;
  let wait: number | null = null;
  const isFull = (): boolean => until !== null && until > context.elapsed();
  return {
    isFull,
    failed() {
      // Others that were under way fail with it.
      if (isFull()) return false;
      const isNews = wait === null;
      wait = wait === null ? first : Math.min(2 * wait, most);
      until = context.elapsed() + wait;
      return isNews;
    },
    worked() {
      if (!isFull()) wait = until = null;
    },
    roomAgain() {
      until = wait = null;
    },
    nextWake: () => (isFull() ? until : null),
  };
}
