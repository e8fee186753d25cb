// The applied part of one grove's log, in memory: who wrote what, in which order, and what is the newest.
// Knows nothing of links, storage, signatures or what entries mean.
import { compareEntries, MAX_PARENTS, type Entry } from '../model/entry.ts';
import type { EntryId, Hash, PeerId } from '../model/ids.ts';

/** What is kept of an applied entry. Header bytes and bodies stay in the store. */
export interface LogEntry {
  id: EntryId;
  author: PeerId;
  seq: number;
  lamport: number;
  at: number;
  kind: string;
  body: Hash;
  /** Place in this device's order of application, from 0; stable over restarts. */
  index: number;
  /** ms since the epoch, by this device's clock. */
  receivedAt: number;
  /** Who sent it here; null for our own. */
  receivedFrom: PeerId | null;
  /** About what it takes in a frame. */
  bytes: number;
  /** Its own signature lies here; otherwise a later one of its author covers it (SPEC S4). */
  signed: boolean;
}

/** What is noted of an entry when it is applied. */
export interface Noted {
  receivedAt: number;
  receivedFrom: PeerId | null;
  /** Marks membership and settings, which later entries name first. */
  control: boolean;
  bytes: number;
  signed: boolean;
}

/** Two entries of one author and seq: the one that is applied, and another (SPEC S8). */
export interface Fork {
  author: PeerId;
  seq: number;
  applied: EntryId;
  other: EntryId;
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

/** Forks kept in mind; one per author and seq. */
const MAX_FORKS = 1_024;

export class Log {
  readonly #chains = new Map<PeerId, LogEntry[]>();
  readonly #byId = new Map<EntryId, LogEntry>();
  readonly #order: LogEntry[] = [];
  readonly #tips = new Map<EntryId, LogEntry>();
  readonly #forks = new Map<string, Fork>();
  #newestControl: LogEntry | null = null;

  get size(): number {
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
    return this.#order.slice(index, index + limit);
  }

  /** Whether everything it names is applied, so that it may be too (SPEC S3). */
  isReady(entry: Entry): boolean {
    if ((this.head(entry.author)?.id ?? null) !== entry.prev) return false;
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
    const kept: LogEntry = {
      id: entry.id,
      author: entry.author,
      seq: entry.seq,
      lamport: entry.lamport,
      at: entry.at,
      kind: entry.kind,
      body: entry.body,
      index: this.#order.length,
      receivedAt: noted.receivedAt,
      receivedFrom: noted.receivedFrom,
      bytes: noted.bytes,
      signed: noted.signed,
    };
    const chain = this.#chains.get(entry.author);
    if (chain === undefined) this.#chains.set(entry.author, [kept]);
    else chain.push(kept);
    this.#byId.set(kept.id, kept);
    this.#order.push(kept);
    if (entry.prev !== null) this.#tips.delete(entry.prev);
    for (const parent of entry.parents) this.#tips.delete(parent);
    this.#tips.set(kept.id, kept);
    if (noted.control && (this.#newestControl === null || compareEntries(kept, this.#newestControl) > 0)) {
      this.#newestControl = kept;
    }
    return kept;
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
    return [...this.#chains.values()].flatMap((chain) => {
      const head = chain.at(-1);
      return head === undefined ? [] : [{ author: head.author, seq: head.seq, id: head.id }];
    });
  }

  /** What someone with this vector lacks of ours, in (lamport, id) order, so that it can be applied as it comes. */
  missingIn(rows: readonly VectorRow[]): LogEntry[] {
    const theirs = new Map(rows.map((row) => [row.author, row.seq]));
    const missing = [...this.#chains].flatMap(([author, chain]) => chain.slice(theirs.get(author) ?? 0));
    return missing.sort(compareEntries);
  }

  /** The runs that this vector has and we don't. */
  missingHere(rows: readonly VectorRow[]): Run[] {
    return rows.flatMap(({ author, seq }) => {
      const from = (this.head(author)?.seq ?? 0) + 1;
      return seq >= from ? [{ author, from, to: seq }] : [];
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

  /** An entry, and what its author wrote after it up to the next signature, which covers it. Empty where it isn't here. */
  signedFrom(id: EntryId): LogEntry[] {
    const entry = this.#byId.get(id);
    if (entry === undefined) return [];
    const chain = this.#chains.get(entry.author) ?? [];
    let end = entry.seq;
    while (chain[end - 1]?.signed === false && end < chain.length) end += 1;
    return chain.slice(entry.seq - 1, end);
  }

  /** Notes that an author signed two entries of one seq. False where that is known, or there is nothing applied there. */
  fork(author: PeerId, seq: number, other: EntryId): boolean {
    const applied = this.at(author, seq)?.id;
    const key = `${author}/${seq}`;
    if (applied === undefined || applied === other || this.#forks.has(key)) return false;
    if (this.#forks.size < MAX_FORKS) this.#forks.set(key, { author, seq, applied, other });
    return true;
  }

  forks(): readonly Fork[] {
    return [...this.#forks.values()];
  }
}
