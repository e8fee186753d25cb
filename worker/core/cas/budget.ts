// Which artifacts go where there are too many bytes, and which would have to (SPEC C14). Decides from what it is given; knows
// no store, no grove and no peer.
import type { Hash } from '../model/ids.ts';

/** Why an artifact stays, or `evictable`. */
export type Standing = 'evictable' | 'pinned' | 'in-use' | 'only-here' | 'body';

export interface Kept {
  hash: Hash;
  /** Bytes of the whole: what goes with it may be less, where others share its blocks. */
  size: number;
  /** When it was last used, ms since the epoch. */
  at: number;
  standing: Standing;
}

/** The least recently used first; of equals the larger, so that fewer go. */
export const byUse = (a: Kept, b: Kept): number => a.at - b.at || b.size - a.size;

/** The most that can come free by what may go. */
export const evictable = (all: readonly Kept[]): number =>
  all.reduce((sum, { size, standing }) => sum + (standing === 'evictable' ? size : 0), 0);

/**
 * What would have to go for so many bytes and may not without asking: what only this device holds first, then what is pinned.
 * At most `most` of them.
 */
export function wouldHaveToGo(all: readonly Kept[], over: number, most: number): Kept[] {
  const order: Standing[] = ['only-here', 'pinned'];
  const rest = order.flatMap((standing) => all.filter((each) => each.standing === standing).sort(byUse));
  const chosen: Kept[] = [];
  let left = over;
  for (const each of rest) {
    if (left <= 0 || chosen.length >= most) break;
    chosen.push(each);
    left -= each.size;
  }
  return chosen;
}

/** Whether so many more bytes fit below a budget; null: there is none. */
export const fitsIn = (budget: number | null, committed: number, bytes: number): boolean =>
  budget === null || committed + bytes <= budget;
