// Who said to hold which blocks of a blob, and which of those wanted to ask whom for next: the rarest first (SPEC C9).
// Knows neither frames nor windows.
import type { Random } from '../ports.ts';
import type { Hash, LinkId } from '../model/ids.ts';
import { createSeededRandom } from '../model/random.ts';
import { MAX_HAVE } from '../wire/frame.ts';
import { countBits, hasBit, setBit } from './bits.ts';
import type { BlockRef } from './blobs.ts';

/** What one link said; what it lacked all the same is taken out. */
interface Known {
  all: boolean;
  bits: Uint8Array;
  lacks: Set<number>;
  /** Looked through in vain when the wanted ones were as they are in this version. */
  dry: number;
  line: Hash[];
}

/** Chosen at once for one link, so that the wanted ones aren't gone through for each. */
const LINE = 256;

export class Holders {
  readonly #random: ReturnType<typeof createSeededRandom>;
  readonly #links = new Map<LinkId, Known>();
  /** By place: how many of those who lack some hold it. */
  #counts = new Uint8Array(0);
  #order: readonly Hash[] = [];
  #places = new Map<Hash, number>();
  #wanted = new Set<Hash>();
  /** Nothing before this place is wanted. */
  #first = 0;
  #version = 0;

  constructor(random: Random) {
    this.#random = createSeededRandom(random.bytes(32));
  }

  // ---- what is wanted ---------------------------------------------------------------------------------

  /** The blob's blocks in order. */
  take(blocks: readonly BlockRef[]): void {
    this.#order = blocks.map(({ hash }) => hash);
    this.#places = new Map([...this.#order.entries()].reverse().map(([place, hash]) => [hash, place]));
    this.#wanted.clear();
    this.#first = 0;
    this.#counts = new Uint8Array(blocks.length);
    for (const known of this.#links.values()) this.#tally(known, 1);
  }

  get size(): number {
    return this.#wanted.size;
  }

  has(hash: Hash): boolean {
    return this.#wanted.has(hash);
  }

  wanted(): Iterable<Hash> {
    return this.#wanted;
  }

  add(hash: Hash): void {
    const place = this.#places.get(hash);
    if (place === undefined) return;
    this.#wanted.add(hash);
    this.#first = Math.min(this.#first, place);
    this.#version += 1;
  }

  delete(hash: Hash): boolean {
    return this.#wanted.delete(hash);
  }

  /** First places of these, for those that are in the blob. */
  placesOf(hashes: Iterable<Hash>): number[] {
    return [...hashes].flatMap((hash) => this.#places.get(hash) ?? []);
  }

  // ---- who holds what ---------------------------------------------------------------------------------

  /** A link said what it holds besides what it said before. Whether that is news. */
  learn(link: LinkId, told: { all: boolean; bits: Uint8Array; places: readonly number[] }): boolean {
    const fresh: Known = { all: false, bits: new Uint8Array(0), lacks: new Set(), dry: -1, line: [] };
    const known = this.#links.get(link) ?? fresh;
    const isFirst = known === fresh;
    this.#links.set(link, known);
    if (!isFirst) this.#tally(known, -1);
    const before = known.all ? Infinity : countBits(known.bits);
    known.all ||= told.all;
    const top = Math.max(-1, ...told.places) + 1;
    const length = Math.min(MAX_HAVE, Math.max(known.bits.length, told.bits.length, Math.ceil(top / 8)));
    const bits = new Uint8Array(length);
    bits.set(known.bits);
    told.bits.forEach((byte, index) => (bits[index] = (bits[index] ?? 0) | byte));
    for (const place of told.places) setBit(bits, place);
    known.bits = known.all ? new Uint8Array(0) : bits;
    this.#tally(known, 1);
    const isNews = (known.all ? Infinity : countBits(known.bits)) !== before;
    if (!isNews) return isFirst;
    known.dry = -1;
    known.line = [];
    known.lacks.clear();
    return true;
  }

  /** It doesn't hold these, whatever it said. */
  lacks(link: LinkId, hashes: readonly Hash[]): void {
    const known = this.#links.get(link);
    for (const place of this.placesOf(hashes)) known?.lacks.add(place);
  }

  /** Nothing is known of it any more: it is gone, or says that it holds more. */
  forget(link: LinkId): void {
    const known = this.#links.get(link);
    if (known !== undefined) this.#tally(known, -1);
    this.#links.delete(link);
  }

  isKnown(link: LinkId): boolean {
    return this.#links.has(link);
  }

  /** Whether it may hold this: it said so, or nothing of what it holds. */
  holds(link: LinkId, hash: Hash): boolean {
    const known = this.#links.get(link);
    if (known === undefined) return true;
    const place = this.#places.get(hash) ?? -1;
    return (known.all || hasBit(known.bits, place)) && !known.lacks.has(place);
  }

  /** Whether it may hold something that is wanted; what may be asked for besides `skip` says. */
  mayHold(link: LinkId, skip: (hash: Hash) => boolean): boolean {
    const known = this.#links.get(link);
    for (const hash of known === undefined || known.all ? this.#wanted : this.#lineFor(known))
      if (this.#wanted.has(hash) && !skip(hash) && this.holds(link, hash)) return true;
    return false;
  }

  // ---- what is next -----------------------------------------------------------------------------------

  /** The next to ask this link for, as long as it fits. They are wanted no more. */
  pick(link: LinkId, skip: (hash: Hash) => boolean, fits: (hash: Hash) => boolean): Hash[] {
    const picked: Hash[] = [];
    const known = this.#links.get(link);
    if (known === undefined || !this.#someLackSome()) {
      this.#inOrder((hash) => {
        if (skip(hash) || !this.holds(link, hash)) return true;
        return fits(hash) && picked.push(hash) > 0;
      });
    } else {
      const left: Hash[] = [];
      let isFull = false;
      for (const hash of this.#lineFor(known)) {
        if (!this.#wanted.has(hash)) continue;
        const isNext: boolean = !isFull && !skip(hash);
        isFull ||= isNext && !fits(hash);
        if (isNext && !isFull) picked.push(hash);
        else left.push(hash);
      }
      known.line = left;
    }
    for (const hash of picked) this.#wanted.delete(hash);
    return picked;
  }

  /** Goes through the wanted ones in the blob's order while `look` says so. */
  #inOrder(look: (hash: Hash) => boolean): void {
    for (let place = this.#first; place < this.#order.length; place += 1) {
      const hash = this.#order[place];
      const isWanted = hash !== undefined && this.#wanted.has(hash) && this.#places.get(hash) === place;
      if (!isWanted) {
        if (place === this.#first) this.#first += 1;
      } else if (!look(hash)) return;
    }
  }

  #someLackSome(): boolean {
    return [...this.#links.values()].some(({ all }) => !all);
  }

  /** Chosen for this link before and still wanted; if none is left, chosen anew. */
  #lineFor(known: Known): Hash[] {
    if (known.line.some((hash) => this.#wanted.has(hash))) return known.line;
    known.line = [];
    if (known.dry === this.#version) return known.line;
    const byCount = new Map<number, number[]>();
    for (const hash of this.#wanted) {
      const place = this.#places.get(hash) ?? -1;
      if ((!known.all && !hasBit(known.bits, place)) || known.lacks.has(place)) continue;
      const count = this.#counts[place] ?? 0;
      const alike = byCount.get(count);
      if (alike === undefined) byCount.set(count, [place]);
      else alike.push(place);
    }
    for (const [, places] of [...byCount].sort(([a], [b]) => a - b)) this.#draw(places, known.line);
    if (known.line.length === 0) known.dry = this.#version;
    return known.line;
  }

  /** By chance, so that those who fetch the same at the same time fetch different blocks. */
  #draw(places: number[], line: Hash[]): void {
    for (let left = places.length; left > 0 && line.length < LINE; left -= 1) {
      const at = this.#random.int(left);
      const hash = this.#order[places[at] ?? -1];
      places[at] = places[left - 1] ?? 0;
      if (hash !== undefined) line.push(hash);
    }
  }

  #tally({ all, bits }: Known, by: 1 | -1): void {
    if (all) return;
    for (let place = 0; place < this.#counts.length; place += 1)
      if (hasBit(bits, place)) this.#counts[place] = (this.#counts[place] ?? 0) + by;
  }
}
