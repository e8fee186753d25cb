// Entries that came in but are not applied yet: their signature, their parents or their turn is awaited.
// One chain per (link, author), so that what a liar stages harms only what the liar sent.
import { compareEntries, type Entry } from '../model/entry.ts';
import type { EntryId, LinkId, PeerId } from '../model/ids.ts';
import type { Log, Run } from './log.ts';

export interface Staged {
  entry: Entry;
  signature: Uint8Array | null;
  body: Uint8Array | null;
  table: Uint8Array | null;
  link: LinkId;
  peer: PeerId;
  /** `open`: no verified signature covers it yet. */
  state: 'open' | 'verifying' | 'covered';
}

interface Chain {
  link: LinkId;
  author: PeerId;
  bySeq: Map<number, Staged>;
}

/** What one link may have staged: of the whole at most a quarter, less where many links are at it (SPEC S3). */
const SHARES = 4;

export interface Bounds {
  entries: number;
  bytes: number;
}

export const bytesOf = ({ entry, body, table }: Pick<Staged, 'entry' | 'body' | 'table'>): number =>
  entry.header.length + (body?.length ?? 0) + (table?.length ?? 0);

export class Staging {
  readonly #chains = new Map<string, Chain>();
  readonly #usage = new Map<LinkId, Bounds>();
  readonly #limit: Bounds;

  constructor(limit: Bounds) {
    this.#limit = limit;
  }

  get size(): number {
    return [...this.#usage.values()].reduce((sum, { entries }) => sum + entries, 0);
  }

  /** False where the bound is reached: what overflows counts as not held (SPEC S3). */
  add(staged: Staged): boolean {
    const key = `${staged.link}/${staged.entry.author}`;
    let chain = this.#chains.get(key);
    const replaces = chain?.bySeq.get(staged.entry.seq);
    if (replaces?.entry.id === staged.entry.id) {
      if (replaces.signature === null) replaces.signature = staged.signature;
      return true;
    }
    if (!this.#hasRoom(staged)) return false;
    if (replaces !== undefined) this.#use(replaces, -1);
    if (chain === undefined) {
      chain = { link: staged.link, author: staged.entry.author, bySeq: new Map() };
      this.#chains.set(key, chain);
    }
    this.#use(staged, 1);
    chain.bySeq.set(staged.entry.seq, staged);
    return true;
  }

  #hasRoom(staged: Staged): boolean {
    const used = this.#usage.get(staged.link) ?? { entries: 0, bytes: 0 };
    const shares = Math.max(SHARES, this.#usage.size + (this.#usage.has(staged.link) ? 0 : 1));
    const { entries, bytes } = this.#limit;
    return used.entries + 1 <= entries / shares && used.bytes + bytesOf(staged) <= bytes / shares;
  }

  #use(staged: Staged, sign: 1 | -1): void {
    const used = this.#usage.get(staged.link) ?? { entries: 0, bytes: 0 };
    const entries = used.entries + sign;
    if (entries === 0) this.#usage.delete(staged.link);
    else this.#usage.set(staged.link, { entries, bytes: used.bytes + sign * bytesOf(staged) });
  }

  #remove(chain: Chain, seq: number): void {
    const staged = chain.bySeq.get(seq);
    if (staged === undefined) return;
    chain.bySeq.delete(seq);
    this.#use(staged, -1);
    if (chain.bySeq.size === 0) this.#chains.delete(`${chain.link}/${chain.author}`);
  }

  /**
   * Those whose signature is to be verified now: in each contiguous run on top of the log the newest that is signed,
   * and each signed one at a multiple of `every`.
   */
  takeUnverified(log: Log, every: number): Staged[] {
    const taken: Staged[] = [];
    for (const chain of this.#chains.values()) {
      const run = this.#run(chain, log);
      const newest = run.findLast((staged) => staged.signature !== null && staged.state === 'open');
      for (const staged of run) {
        if (staged.state !== 'open' || staged.signature === null) continue;
        if (staged === newest || staged.entry.seq % every === 0) taken.push(staged);
      }
    }
    for (const staged of taken) staged.state = 'verifying';
    return taken;
  }

  /** A signature held: it and what stands before it in its run is covered. Other signatures inside are not kept. */
  cover(staged: Staged, log: Log): void {
    const chain = this.#chains.get(`${staged.link}/${staged.entry.author}`);
    if (chain === undefined) return;
    const run = this.#run(chain, log);
    // Its signature says nothing of what came to stand in its place meanwhile.
    if (!run.includes(staged)) return;
    for (const each of run) {
      if (each.entry.seq > staged.entry.seq) break;
      if (each !== staged && each.state === 'open') each.signature = null;
      if (each === staged || each.state === 'open') each.state = 'covered';
    }
  }

  /** Drops an entry and what its sender chained onto it. Returns how many. */
  drop(staged: Staged): number {
    const key = `${staged.link}/${staged.entry.author}`;
    const chain = this.#chains.get(key);
    if (chain === undefined) return 0;
    let dropped = 0;
    for (const seq of [...chain.bySeq.keys()]) {
      if (seq < staged.entry.seq) continue;
      this.#remove(chain, seq);
      dropped += 1;
    }
    return dropped;
  }

  /**
   * What can be applied on top of the log now, in (lamport, id) order, each after what it depends on; and what never
   * can, because its lamport is not 1 + the largest of those it names (SPEC M8).
   */
  ready(log: Log, limit: number): { ready: Staged[]; wrong: Staged[] } {
    const candidates = new Map<EntryId, Staged>();
    for (const chain of this.#chains.values()) {
      for (const staged of this.#run(chain, log)) {
        if (staged.state !== 'covered') break;
        if (!candidates.has(staged.entry.id)) candidates.set(staged.entry.id, staged);
      }
    }
    const heads = new Map<PeerId, EntryId>();
    const lamports = new Map<EntryId, number>();
    const lamportOf = (id: EntryId): number | null => lamports.get(id) ?? log.get(id)?.lamport ?? null;
    const ready: Staged[] = [];
    const wrong: Staged[] = [];
    // A child's lamport is above those of all it names, so one pass in order meets parents first.
    for (const staged of [...candidates.values()].sort((a, b) => compareEntries(a.entry, b.entry))) {
      if (ready.length === limit) break;
      const { entry } = staged;
      const head = heads.get(entry.author) ?? log.head(entry.author)?.id ?? null;
      if (entry.prev !== head) continue;
      let highest = 0;
      let whole = true;
      for (const named of entry.prev === null ? entry.parents : [entry.prev, ...entry.parents]) {
        const lamport = lamportOf(named);
        if (lamport === null) whole = false;
        else highest = Math.max(highest, lamport);
      }
      if (!whole) continue;
      if (entry.lamport !== highest + 1) {
        wrong.push(staged);
        continue;
      }
      heads.set(entry.author, entry.id);
      lamports.set(entry.id, entry.lamport);
      ready.push(staged);
    }
    return { ready, wrong };
  }

  /**
   * Forgets what the log holds by now, and what can't follow it any more, which is given back: it claims the place of
   * an applied entry, or to follow another than the applied one.
   */
  prune(log: Log): Staged[] {
    const rivals: Staged[] = [];
    for (const chain of [...this.#chains.values()]) {
      const head = log.head(chain.author);
      for (const [seq, staged] of [...chain.bySeq]) {
        const past = seq <= (head?.seq ?? 0);
        const aside = head !== null && seq === head.seq + 1 && staged.entry.prev !== head.id;
        if (!past && !aside) continue;
        this.#remove(chain, seq);
        if (!log.has(staged.entry.id)) rivals.push(staged);
      }
    }
    return rivals;
  }

  /** Forgets what a link brought. What of it is being verified or written is finished from the caller's hands. */
  forget(link: LinkId): void {
    for (const [key, chain] of this.#chains) if (chain.link === link) this.#chains.delete(key);
    this.#usage.delete(link);
  }

  /** What is missing between the runs on top of the log and what waits beyond them, by the link that brought that. */
  gaps(log: Log): Map<LinkId, Run[]> {
    const gaps = new Map<LinkId, Run[]>();
    for (const chain of this.#chains.values()) {
      const next = (log.head(chain.author)?.seq ?? 0) + this.#run(chain, log).length + 1;
      let lowest = Infinity;
      for (const seq of chain.bySeq.keys()) if (seq >= next && seq < lowest) lowest = seq;
      if (lowest === next || lowest === Infinity) continue;
      const known = gaps.get(chain.link) ?? [];
      gaps.set(chain.link, [...known, { author: chain.author, from: next, to: lowest - 1 }]);
    }
    return gaps;
  }

  /** The contiguous part of a chain that stands on top of the log. */
  #run(chain: Chain, log: Log): Staged[] {
    const head = log.head(chain.author);
    const run: Staged[] = [];
    let prev = head?.id ?? null;
    for (let seq = (head?.seq ?? 0) + 1; ; seq += 1) {
      const staged = chain.bySeq.get(seq);
      if (staged === undefined || staged.entry.prev !== prev) return run;
      run.push(staged);
      prev = staged.entry.id;
    }
  }
}
