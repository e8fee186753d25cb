// How entries came here lately, whether or not they are applied by now (SPEC B2, B4). Knows no neighbour's state.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, LinkId, PeerId } from '../model/ids.ts';

/** How entries come: `other` is by catching up, which is not passed on by pushing. */
export type Why = 'push' | 'graft' | 'other';

/** `hops` links, the last of which is `link`. */
export interface Way {
  link: LinkId;
  hops: number;
  why: Why;
  at: number;
  /** The tree is turned for its author (SPEC B4). */
  turns: boolean;
}

const MAX_HOPS = 255;

/** Of two ways the one that costs less is better: ms of when it ends, and what its hops count besides (SPEC B4). */
export function costOf({ at, hops }: { at: number; hops: number }): number {
  const { perHop, deep, perDeep } = CONFIG.broadcast.shorter;
  return at + perHop * hops + perDeep * Math.max(0, hops - deep);
}

export function createWays(context: Pick<Context, 'elapsed'>, holds: (id: EntryId) => boolean) {
  const { seen, forgetAfter, rootFor } = CONFIG.broadcast;
  const ways = new Map<EntryId, Way>();
  let root: { author: PeerId; at: number } | null = null;

  /**
   * A shared tree is as good for one author as it is bad for another; to turn it for each would never end. So it is
   * turned for one author only: the lowest key of those that wrote lately, who is the same for all.
   */
  function isRoot(author: PeerId): boolean {
    const now = context.elapsed();
    if (root === null || author < root.author || now - root.at > rootFor) root = { author, at: now };
    else if (author === root.author) root.at = now;
    return author === root.author;
  }

  return {
    get: (id: EntryId): Way | undefined => ways.get(id),

    /** Received or applied, so that it is not asked for. What was received and not applied for long may come again. */
    isSeen(id: EntryId): boolean {
      if (holds(id)) return true;
      const way = ways.get(id);
      return way !== undefined && context.elapsed() - way.at < forgetAfter;
    },

    /** Came by the broadcast, and so goes on by it. */
    isSpread(id: EntryId): boolean {
      const why = ways.get(id)?.why;
      return why === 'push' || why === 'graft';
    },

    note(id: EntryId, author: PeerId, way: Pick<Way, 'link' | 'hops' | 'why'>): Way {
      // What a peer counted, and the wire's bound (`hops` of entries and tells).
      const hops = Math.min(way.hops, MAX_HOPS);
      const noted = { ...way, hops, at: context.elapsed(), turns: isRoot(author) };
      ways.delete(id);
      ways.set(id, noted);
      for (const oldest of ways.keys()) {
        if (ways.size <= seen) break;
        ways.delete(oldest);
      }
      return noted;
    },

    forget(id: EntryId): void {
      if (!holds(id)) ways.delete(id);
    },
  };
}
