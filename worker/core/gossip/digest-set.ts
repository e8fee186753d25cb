// The rows that a peer keeps of one grove's digests: the newest of each holder and CID, and of those only what stands
// among the best (SPEC H2). Rows in here are signed by members; who they came from, and whom to tell, is not known here.
import { CONFIG } from '../config.ts';
import { compareIds, type Cid, type LinkId, type PeerId } from '../model/ids.ts';
import { METRIC, type DigestPlace, type DigestRow, type Direction } from './digest-row.ts';

/** A row with what goes on with it. */
export interface Kept {
  row: DigestRow;
  bytes: Uint8Array;
  signature: Uint8Array;
  /** The signature in hex: equal rows are told apart from new ones by it. */
  name: string;
  /** When it was signed and when it ends, in elapsed time. */
  bornAt: number;
  endsAt: number;
  /** Grows with each change here. */
  serial: number;
  /** Links whose other end is known to have it. */
  at: Set<LinkId>;
}

export interface RankedCid {
  cid: Cid;
  value: number;
}

export interface RowSetOptions {
  /** What is known here of a metric. */
  metric: (name: string) => { direction: Direction; inContract: boolean } | null;
  elapsed: () => number;
  /** By the wall clock: what claims to be more recent stands last. */
  now: () => number;
}

const better = (direction: Direction, a: number, b: number): boolean =>
  direction === 'minimize' ? a < b : a > b;
const keyOf = (holder: PeerId, cid: Cid): string => `${holder}/${cid}`;

interface RankingName {
  key: string;
  direction: Direction;
  /** One of the four, or of the contract's: others never push it out. */
  isPrime: boolean;
  isStrange: boolean;
}
interface Ranking extends RankingName {
  values: Map<Cid, number>;
}
interface Standing {
  rankings: Ranking[];
  best: Map<string, readonly RankedCid[]>;
}

/** Rows beyond what is kept, before they are looked through: ranking all for each that comes costs more than the rest. */
const SLACK = 32;

export class RowSet {
  readonly #options: RowSetOptions;
  readonly #rows = new Map<string, Kept>();
  readonly #byName = new Map<string, Kept>();
  readonly #byCid = new Map<Cid, Map<PeerId, Kept>>();
  #ranked: Standing | null = null;
  /** Rows came since it was ranked: what was among the best may no longer be, but nothing else is. */
  #isOutdated = false;
  #isUntrimmed = false;

  constructor(options: RowSetOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Those whose time is not over, in the order in which they came. */
  all(): Kept[] {
    this.#expire();
    if (this.#isUntrimmed) this.#trim();
    return [...this.#rows.values()];
  }

  named(name: string): Kept | undefined {
    const kept = this.#byName.get(name);
    return kept !== undefined && kept.endsAt > this.#options.elapsed() ? kept : undefined;
  }

  get(holder: PeerId, cid: Cid): Kept | undefined {
    return this.#rows.get(keyOf(holder, cid));
  }

  /** Live rows of a CID, one for each holder. */
  of(cid: Cid): Kept[] {
    const now = this.#options.elapsed();
    return [...(this.#byCid.get(cid)?.values() ?? [])].filter(({ endsAt }) => endsAt > now);
  }

  /** Whether it would be kept, were it signed: it is newer than what is here of its holder, and among the best. */
  wants(row: DigestRow): boolean {
    const known = this.get(row.holder, row.cid);
    if (known !== undefined && known.row.seq >= row.seq) return false;
    const holders = this.#byCid.get(row.cid);
    if (known === undefined && (holders?.size ?? 0) >= CONFIG.digest.holders) {
      this.#expire();
      if ((this.#byCid.get(row.cid)?.size ?? 0) >= CONFIG.digest.holders) return false;
    }
    return known !== undefined || row.places.some((place) => this.#isAmongBest(row.cid, place));
  }

  #isAmongBest(cid: Cid, place: DigestPlace): boolean {
    const { key, direction } = this.#rankingOf(place);
    // An older standing asks for less: what it lets in too much goes with the next trim.
    const best = (this.#ranked ?? this.#rank()).best.get(key) ?? [];
    const last = best.at(-1);
    if (best.length < CONFIG.digest.keep || last === undefined) return true;
    if (best.some((each) => each.cid === cid)) return true;
    return this.#compare(direction, { cid, value: place.value }, last, key) < 0;
  }

  add(kept: Kept): void {
    const { holder, cid } = kept.row;
    this.#remove(holder, cid);
    this.#rows.set(keyOf(holder, cid), kept);
    this.#byName.set(kept.name, kept);
    const holders = this.#byCid.get(cid) ?? new Map<PeerId, Kept>();
    this.#byCid.set(cid, holders.set(holder, kept));
    this.#isOutdated = true;
    this.#isUntrimmed = true;
  }

  #remove(holder: PeerId, cid: Cid): void {
    const key = keyOf(holder, cid);
    const kept = this.#rows.get(key);
    if (kept === undefined) return;
    this.#rows.delete(key);
    this.#byName.delete(kept.name);
    const holders = this.#byCid.get(cid);
    holders?.delete(holder);
    if (holders?.size === 0) this.#byCid.delete(cid);
    this.#ranked = null;
  }

  #expire(): void {
    const now = this.#options.elapsed();
    for (const { row, endsAt } of [...this.#rows.values()])
      if (endsAt <= now) this.#remove(row.holder, row.cid);
  }

  // ---- rankings ---------------------------------------------------------------------------------------

  #rankingOf({ ranking, direction }: DigestPlace): RankingName {
    if (!ranking.startsWith(METRIC))
      return { key: ranking, direction: 'maximize', isPrime: true, isStrange: false };
    const ours = this.#options.metric(ranking.slice(METRIC.length));
    // Where nobody here knows which way is better, either way is a ranking of its own.
    if (ours === null) return { key: `${direction}/${ranking}`, direction, isPrime: false, isStrange: true };
    return { key: ranking, direction: ours.direction, isPrime: ours.inContract, isStrange: false };
  }

  #compare(direction: Direction, a: RankedCid, b: RankedCid, key: string): number {
    if (key === 'recency') {
      const now = this.#options.now();
      const late = Number(a.value > now) - Number(b.value > now);
      if (late !== 0) return late;
    }
    const difference = direction === 'minimize' ? a.value - b.value : b.value - a.value;
    return difference || compareIds(a.cid, b.cid);
  }

  #rank(): Standing {
    if (this.#ranked !== null && !this.#isOutdated) return this.#ranked;
    this.#expire();
    const found = new Map<string, Ranking>();
    const names = new Map<string, RankingName>();
    let strange = 0;
    for (const { row } of this.#rows.values()) {
      for (const place of row.places) {
        const said = `${place.direction}/${place.ranking}`;
        const name = names.get(said) ?? this.#rankingOf(place);
        names.set(said, name);
        const ranking = found.get(name.key) ?? { ...name, values: new Map<Cid, number>() };
        if (!found.has(name.key) && name.isStrange && (strange += 1) > CONFIG.digest.strangeMetrics) continue;
        found.set(name.key, ranking);
        const before = ranking.values.get(row.cid);
        if (before === undefined || better(name.direction, place.value, before))
          ranking.values.set(row.cid, place.value);
      }
    }
    const all = [...found.values()];
    const rankings = [...all.filter(({ isPrime }) => isPrime), ...all.filter(({ isPrime }) => !isPrime)];
    const best = new Map<string, readonly RankedCid[]>(
      rankings.map(({ key, direction, values }) => [key, this.#top(key, direction, values)]),
    );
    this.#ranked = { rankings, best };
    this.#isOutdated = false;
    return this.#ranked;
  }

  /** The best few, best first: found by place, since of a hundred values five are wanted. */
  #top(key: string, direction: Direction, values: ReadonlyMap<Cid, number>): RankedCid[] {
    const top: RankedCid[] = [];
    for (const [cid, value] of values) {
      const each = { cid, value };
      let place = top.length;
      for (let above = top[place - 1]; above !== undefined; above = top[place - 1]) {
        if (this.#compare(direction, each, above, key) >= 0) break;
        place -= 1;
      }
      if (place >= CONFIG.digest.keep) continue;
      top.splice(place, 0, each);
      if (top.length > CONFIG.digest.keep) top.pop();
    }
    return top;
  }

  /** The best of a ranking by what holders say, best first. */
  best(key: string): readonly RankedCid[] {
    return this.#rank().best.get(key) ?? [];
  }

  /** To be called when rows were added: they may wait for a moment, but are never many. */
  trimSoon(): void {
    if (this.#rows.size > CONFIG.digest.rows + SLACK) this.#trim();
  }

  /**
   * Leaves what is among the best of a ranking, at most so many rows: place by place through all rankings, of each CID
   * a few holders first. So no ranking, and no CID with many holders, pushes the others out.
   */
  #trim(): void {
    this.#isUntrimmed = false;
    const { rankings, best } = this.#rank();
    const order: Cid[] = [];
    for (const prime of [true, false]) {
      for (let place = 0; place < CONFIG.digest.keep; place += 1) {
        for (const { key, isPrime } of rankings) {
          const cid = isPrime === prime ? best.get(key)?.[place]?.cid : undefined;
          if (cid !== undefined) order.push(cid);
        }
      }
    }
    const cids = [...new Set(order)];
    const kept = new Set<Kept>();
    for (const [from, to] of [
      [0, CONFIG.digest.enough + 1],
      [CONFIG.digest.enough + 1, CONFIG.digest.holders],
    ] as const) {
      for (const cid of cids) {
        for (const row of [...(this.#byCid.get(cid)?.values() ?? [])].slice(from, to))
          if (kept.size < CONFIG.digest.rows) kept.add(row);
      }
    }
    if (kept.size === this.#rows.size) return;
    const standing = this.#ranked;
    const ranked = new Set(cids);
    let isSame = true;
    for (const each of [...this.#rows.values()]) {
      if (kept.has(each)) continue;
      this.#remove(each.row.holder, each.row.cid);
      if (ranked.has(each.row.cid)) isSame = false;
    }
    // What went stood nowhere: the best are those they were.
    if (isSame) this.#ranked = standing;
  }
}
