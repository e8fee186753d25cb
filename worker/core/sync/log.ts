// The applied part of one grove's log, in memory: who wrote what, in which order, and what is the newest.
// Knows nothing of links, storage, signatures or what entries mean.
import { compareEntries, MAX_PARENTS, ZERO_HASH, type Entry } from '../model/entry.ts';
import type { EntryId, Hash, PeerId } from '../model/ids.ts';
import { Weights } from './limits.ts';
import { Quarantine } from './quarantine.ts';
import type { Slot } from './segment.ts';

/** What is kept of an applied entry. Header bytes and bodies stay in the store. */
export interface LogEntry {
  id: EntryId;
  author: PeerId;
  seq: number;
  lamport: number;
  at: number;
  kind: string;
  body: Hash;
  /** Bytes of the body, wherever it is. */
  size: number;
  /** Place in this device's order of application, from 0; stable over restarts, also where a lost row left a gap. */
  index: number;
  /** ms since the epoch, by this device's clock. */
  receivedAt: number;
  /** Who sent it here; null for our own. */
  receivedFrom: PeerId | null;
  /** About what it takes in a frame. */
  bytes: number;
  /** Its own signature lies here; otherwise a later one of its author covers it (SPEC S4). */
  signed: boolean;
  /** Of an author who forked its log, from there on: held, but no part of the log (SPEC S8). */
  quarantined: boolean;
  /** Quarantined for lying beyond a cut-off: nothing of it ever counts (SPEC S16). */
  void: boolean;
  /** It came for being named, and lies beside the log. */
  aside: boolean;
  /** Where it lies with others; null where it has a row of its own (SPEC S15). */
  slot: Slot | null;
  /** What was quarantined and stands, as far as membership goes, since this entry names it. */
  stands: readonly EntryId[];
}

/** What is noted of an entry when it is applied. */
export interface Noted {
  receivedAt: number;
  receivedFrom: PeerId | null;
  /** Marks membership and settings, which later entries name first. */
  control: boolean;
  bytes: number;
  signed: boolean;
  aside: boolean;
  /** As in LogEntry; null where nothing is said. */
  slot?: Slot | null;
  /** Its table of artifacts; null where nothing is said. */
  table?: Uint8Array | null;
  /** Its place on disk; the next free one where it isn't there yet. */
  index?: number;
}

export interface VectorRow {
  author: PeerId;
  seq: number;
  id: EntryId;
}

export interface Run {
  author: PeerId;
  /** First and last seq, inclusive. */
  from: number;
  to: number;
}

const NONE: readonly EntryId[] = [];

/** In a vector, in place of the newest id of an author who forked its log: its row is equal at all who know (SPEC S8). */
export const FORKED = ZERO_HASH as EntryId;

export class Log {
  readonly #chains = new Map<PeerId, LogEntry[]>();
  readonly #byId = new Map<EntryId, LogEntry>();
  readonly #order: LogEntry[] = [];
  readonly #tips = new Map<EntryId, LogEntry>();
  readonly quarantine = new Quarantine();
  readonly weights = new Weights();
  #newestControl: LogEntry | null = null;

  get size(): number {
    return this.#order.length;
  }

  /** The place of the next entry: as many as there are, or more. */
  get end(): number {
    const last = this.#order.at(-1);
    return last === undefined ? 0 : last.index + 1;
  }

  /** Another whenever the vector is. */
  get version(): number {
    return this.#order.length;
  }

  has(id: EntryId): boolean {
    return this.#byId.has(id);
  }

  get(id: EntryId): LogEntry | null {
    return this.#byId.get(id) ?? null;
  }

  at(author: PeerId, seq: number): LogEntry | null {
    return this.#chains.get(author)?.[seq - 1] ?? null;
  }

  head(author: PeerId): LogEntry | null {
    return this.#chains.get(author)?.at(-1) ?? null;
  }

  /** Entries in the order in which this device applied them, from `index`. */
  since(index: number, limit: number): readonly LogEntry[] {
    let [from, to] = [0, Math.min(index, this.#order.length)];
    // Places grow along the order, and none is below its number: where the first from `index` on is.
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.#order[middle]?.index ?? Infinity) < index) from = middle + 1;
      else to = middle;
    }
    return this.#order.slice(from, from + limit);
  }

  /** Whether everything it names is held, so that it may be too (SPEC S3). */
  isReady(entry: Entry): boolean {
    if (!this.quarantine.covers(entry) && (this.head(entry.author)?.id ?? null) !== entry.prev) return false;
    if (entry.prev !== null && !this.#byId.has(entry.prev)) return false;
    return entry.parents.every((parent) => this.#byId.has(parent));
  }

  /** The lamport that an entry with this prev and these parents must carry (SPEC M8); both must be applied. */
  lamportAfter(prev: EntryId | null, parents: readonly EntryId[]): number {
    let highest = 0;
    if (prev !== null) highest = this.#byId.get(prev)?.lamport ?? 0;
    for (const parent of parents) highest = Math.max(highest, this.#byId.get(parent)?.lamport ?? 0);
    return highest + 1;
  }

  /** Adds an entry that isReady. */
  append(entry: Entry, noted: Noted): LogEntry {
    const { receivedAt, receivedFrom, bytes, signed, aside, slot = null } = noted;
    const quarantined = this.quarantine.covers(entry);
    const stands = quarantined ? NONE : this.quarantine.stand(entry.parents);
    const kept: LogEntry = {
      id: entry.id,
      author: entry.author,
      seq: entry.seq,
      lamport: entry.lamport,
      at: entry.at,
      kind: entry.kind,
      body: entry.body,
      size: entry.size,
      index: Math.max(this.end, noted.index ?? 0),
      ...{ receivedAt, receivedFrom, bytes, signed, aside, slot, quarantined, stands },
      void: this.quarantine.isVoid(entry),
    };
    this.#byId.set(kept.id, kept);
    this.#order.push(kept);
    if (quarantined) this.quarantine.add(entry, signed);
    else {
      this.#chain(entry, kept, noted.control);
      this.weights.add(entry, noted.table ?? null);
    }
    return kept;
  }

  #chain(entry: Entry, kept: LogEntry, control: boolean): void {
    const chain = this.#chains.get(entry.author);
    if (chain === undefined) this.#chains.set(entry.author, [kept]);
    else chain.push(kept);
    if (entry.prev !== null) this.#tips.delete(entry.prev);
    for (const parent of entry.parents) this.#tips.delete(parent);
    this.#tips.set(kept.id, kept);
    if (control && (this.#newestControl === null || compareEntries(kept, this.#newestControl) > 0)) {
      this.#newestControl = kept;
    }
  }

  /** prev, parents, seq and lamport of this author's next entry (DESIGN 4: newest control entry, then the highest tips). */
  next(author: PeerId): { seq: number; prev: EntryId | null; parents: EntryId[]; lamport: number } {
    const head = this.head(author);
    const prev = head?.id ?? null;
    const parents: EntryId[] = [];
    if (this.#newestControl !== null && this.#newestControl.id !== prev) parents.push(this.#newestControl.id);
    const tips = [...this.#tips.values()].sort((a, b) => compareEntries(b, a));
    for (const tip of tips) {
      if (parents.length === MAX_PARENTS) break;
      if (tip.id !== prev && !parents.includes(tip.id)) parents.push(tip.id);
    }
    return { seq: (head?.seq ?? 0) + 1, prev, parents, lamport: this.lamportAfter(prev, parents) };
  }

  vector(): VectorRow[] {
    const rows = [...this.#chains.values()].flatMap((chain): VectorRow[] => {
      const head = chain.at(-1);
      if (head === undefined || this.#endsForked(head.author)) return [];
      return [{ author: head.author, seq: head.seq, id: head.id }];
    });
    for (const [author, seq] of this.quarantine.authors())
      if (this.#endsForked(author)) rows.push({ author, seq, id: FORKED });
    return rows;
  }

  /** All that counts of the author's log is here: it has forked it. */
  #endsForked(author: PeerId): boolean {
    const forked = this.quarantine.seqOf(author);
    // A fork at a cut-off or above is of no interest.
    if (forked === null || this.quarantine.isVoid({ author, seq: forked })) return false;
    return (this.head(author)?.seq ?? 0) === forked - 1;
  }

  /** What someone with this vector lacks of ours, in (lamport, id) order, so that it can be applied as it comes. */
  missingIn(rows: readonly VectorRow[]): LogEntry[] {
    // Who knows that an author forked its log has what counts of it.
    const theirs = new Map(rows.map((row) => [row.author, row.id === FORKED ? Infinity : row.seq]));
    const missing = [...this.#chains].flatMap(([author, chain]) => chain.slice(theirs.get(author) ?? 0));
    return missing.sort(compareEntries);
  }

  /** The runs that this vector has and we don't. */
  missingHere(rows: readonly VectorRow[]): Run[] {
    return rows.flatMap(({ author, seq, id }) => {
      const from = (this.head(author)?.seq ?? 0) + 1;
      const last = id === FORKED ? seq - 1 : seq;
      const to = Math.min(last, this.quarantine.limitOf(author) - 1);
      return to >= from ? [{ author, from, to }] : [];
    });
  }

  /** Our entries of the asked runs, each once however often it is asked for, in (lamport, id) order. */
  ofRuns(runs: readonly Run[]): LogEntry[] {
    const done = new Map<PeerId, number>();
    const entries: LogEntry[] = [];
    for (const { author, from, to } of [...runs].sort((a, b) => a.from - b.from)) {
      const start = Math.max(from - 1, done.get(author) ?? 0, 0);
      if (to <= start) continue;
      done.set(author, to);
      for (const entry of (this.#chains.get(author) ?? []).slice(start, to)) entries.push(entry);
    }
    return entries.sort(compareEntries);
  }

  /** An entry, and what its author wrote after it up to the next signature, which covers it. Empty where it isn't here. What is quarantined comes with some that stands below it in its branch. */
  signedFrom(id: EntryId): LogEntry[] {
    const entry = this.#byId.get(id);
    if (entry === undefined) return [];
    if (entry.quarantined) return this.quarantine.stretch(id).flatMap((each) => this.#byId.get(each) ?? []);
    const chain = this.#chains.get(entry.author) ?? [];
    let end = entry.seq;
    while (chain[end - 1]?.signed === false && end < chain.length) end += 1;
    const last = chain[end - 1] ?? entry;
    const above = this.quarantine.above(last.id, last.signed).flatMap((each) => this.#byId.get(each) ?? []);
    return [...chain.slice(entry.seq - 1, end), ...above];
  }
}
