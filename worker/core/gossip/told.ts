// Entries that neighbours told of and that did not come yet, and whom to ask for them when (SPEC B3). Knows no tree.
import { CONFIG } from '../config.ts';
import type { EntryId, LinkId } from '../model/ids.ts';

export interface Teller {
  link: LinkId;
  /** Links by which it would have come here, had it been pushed, and when: ms of `elapsed()`. */
  hops: number;
  at: number;
}

interface Missing {
  /** Who told of it and was not asked yet. */
  tellers: Teller[];
  asked: LinkId | null;
  /** When the next teller is asked. */
  at: number;
}

export class Told {
  readonly #missing = new Map<EntryId, Missing>();

  /** False beyond the bound: it is left to catching up. */
  add(id: EntryId, teller: Teller, at: number): boolean {
    const known = this.#missing.get(id);
    if (known === undefined) {
      if (this.#missing.size >= CONFIG.broadcast.missing) return false;
      this.#missing.set(id, { tellers: [teller], asked: null, at });
    } else if (known.asked !== teller.link && !known.tellers.some(({ link }) => link === teller.link)) {
      known.tellers.push(teller);
    }
    return true;
  }

  /** It came. Gives back who told of it and was not asked. */
  take(id: EntryId): readonly Teller[] {
    const tellers = this.#missing.get(id)?.tellers ?? [];
    this.#missing.delete(id);
    return tellers;
  }

  /** What is to be asked for by now, of whom. `wait` gives how long until the next one would be asked. */
  due(now: number, wait: (link: LinkId) => number): Map<LinkId, EntryId[]> {
    const wanted = new Map<LinkId, EntryId[]>();
    for (const [id, each] of this.#missing) {
      if (each.at > now) continue;
      const teller = each.tellers.shift();
      if (teller === undefined) {
        this.#missing.delete(id);
        continue;
      }
      each.asked = teller.link;
      each.at = now + wait(teller.link);
      const ids = wanted.get(teller.link);
      if (ids === undefined) wanted.set(teller.link, [id]);
      else ids.push(id);
    }
    return wanted;
  }

  /** A neighbour is gone, and its tells with it; what it was asked for is asked of the next (SPEC B5). */
  forget(link: LinkId, now: number): void {
    for (const [id, each] of this.#missing) {
      each.tellers = each.tellers.filter((teller) => teller.link !== link);
      if (each.asked === link) {
        each.asked = null;
        each.at = now;
      }
      if (each.asked === null && each.tellers.length === 0) this.#missing.delete(id);
    }
  }

  /** When something is due. */
  next(): number | null {
    let soonest: number | null = null;
    for (const { at } of this.#missing.values()) if (soonest === null || at < soonest) soonest = at;
    return soonest;
  }
}
