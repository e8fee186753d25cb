// By which other ways the last entry might have come that the tree is turned for: where its own is lost, the best of them
// takes its place before anything is missed (SPEC B5). Knows no neighbour's state.
import type { EntryId, LinkId } from '../model/ids.ts';
import type { Teller } from './told.ts';
import { costOf } from './ways.ts';

export function createSpare() {
  let entry: EntryId | null = null;
  let by: LinkId | null = null;
  const others = new Map<LinkId, Teller>();

  return {
    came(id: EntryId, link: LinkId, tellers: readonly Teller[]): void {
      entry = id;
      by = link;
      others.clear();
      for (const teller of tellers) others.set(teller.link, teller);
    },

    told(id: EntryId, teller: Teller): void {
      if (id === entry) others.set(teller.link, teller);
    },

    /** From now on its like is to come by another way. */
    moved(id: EntryId, from: Teller, to: LinkId): void {
      if (id !== entry) return;
      by = to;
      others.set(from.link, from);
    },

    /** Nothing comes by this link any more. Gives back, where its like came by it, which of the fit ones is the best. */
    lost(link: LinkId, isFit: (link: LinkId) => boolean): LinkId | null {
      others.delete(link);
      if (by !== link) return null;
      const [best] = [...others.values()]
        .filter((teller) => isFit(teller.link))
        .toSorted((a, b) => costOf(a) - costOf(b));
      by = best?.link ?? null;
      return by;
    },
  };
}
