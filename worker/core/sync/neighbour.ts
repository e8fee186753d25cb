// What is known of one link on which a grove is open: how far it is open, and what the other end holds of the log.
// Knows no frame.
import type { LinkId, PeerId } from '../model/ids.ts';
import type { Log, LogEntry } from './log.ts';
import type { Opening } from './types.ts';

/** Authors told of that are not known here: only so many are kept in mind. */
const MAX_STRANGERS = 3_000;

/** What the other end said, or showed by sending it, that it holds. To have sent it something says nothing. */
export class Knowledge {
  readonly #log: Log;
  /** Of our order of application so many: vectors were equal then. */
  #equalUpTo = 0;
  #told = new Map<PeerId, number>();
  #known = false;
  /** Of authors of whom it gave more than there is room for: so far it is believed (SPEC S19). */
  readonly #caps = new Map<PeerId, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether it ever said what it holds. */
  get known(): boolean {
    return this.#known;
  }

  /** Vectors are equal: it holds what is here. */
  equal(): void {
    this.#known = true;
    this.#equalUpTo = this.#log.end;
    this.#told.clear();
  }

  /** A whole vector follows, or part of one. */
  compared(): void {
    this.#known = true;
  }

  /** What it says of this author beyond counts for nothing, unless others have another of that seq. */
  cap(author: PeerId, seq: number): void {
    this.#caps.set(author, Math.min(seq, this.#caps.get(author) ?? Infinity));
    if (this.told(author) > seq) this.#told.set(author, seq);
  }

  hear(author: PeerId, told: number): void {
    const cap = this.#caps.get(author) ?? Infinity;
    if (cap < (this.#log.head(author)?.seq ?? 0)) this.#caps.delete(author);
    const seq = this.#caps.has(author) ? Math.min(told, cap) : told;
    const before = this.#told.get(author);
    if (before === undefined && this.#log.head(author) === null && this.#told.size >= MAX_STRANGERS) return;
    if (seq > (before ?? 0)) this.#told.set(author, seq);
  }

  holds(entry: Pick<LogEntry, 'author' | 'seq' | 'index'>): boolean {
    return entry.index < this.#equalUpTo || (this.#told.get(entry.author) ?? 0) >= entry.seq;
  }

  /** Authors of whom it said to hold more than is here, and how much. */
  *ahead(): Iterable<[PeerId, number]> {
    for (const [author, seq] of this.#told) if (seq > (this.#log.head(author)?.seq ?? 0)) yield [author, seq];
  }

  told(author: PeerId): number {
    return this.#told.get(author) ?? 0;
  }

  /** It didn't give what it said to hold: it is believed no more of what is not here. */
  doubt(): void {
    for (const [author] of [...this.ahead()]) this.#told.delete(author);
  }

  /** Entries of ours that it isn't known to hold, by author, those with most to go first. */
  lags(): { author: PeerId; entries: number }[] {
    const lacking = new Map<PeerId, number>();
    for (const entry of this.#log.since(this.#equalUpTo, Infinity)) {
      if (!entry.quarantined && !this.holds(entry))
        lacking.set(entry.author, (lacking.get(entry.author) ?? 0) + 1);
    }
    return [...lacking]
      .map(([author, entries]) => ({ author, entries }))
      .sort((a, b) => b.entries - a.entries);
  }
}

export interface Neighbour {
  readonly link: LinkId;
  readonly peer: PeerId;
  opening: Opening;
  /** For our vector, before it was open fully. */
  asked: boolean;
  readonly knowledge: Knowledge;
  /** When a gap below what it brought was last asked for. */
  askedAt: number;
  /** When vectors were last found equal, or made so: elapsed and wall-clock time. */
  syncedAt: { elapsed: number; now: number } | null;
}
