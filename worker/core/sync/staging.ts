// Entries that came in but are not applied yet: their signature, their parents or their turn is awaited.
// One chain per (link, author), so that what a liar stages harms only what the liar sent.
import { compareEntries, type Entry } from '../model/entry.ts';
import type { EntryId, LinkId, PeerId } from '../model/ids.ts';
import type { Log } from './log.ts';

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

export class Staging {
  readonly #chains = new Map<string, Chain>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
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
    if (replaces === undefined && this.#size >= this.#limit) return false;
    if (chain === undefined) {
      chain = { link: staged.link, author: staged.entry.author, bySeq: new Map() };
      this.#chains.set(key, chain);
    }
    if (replaces === undefined) this.#size += 1;
    chain.bySeq.set(staged.entry.seq, staged);
    return true;
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
    for (const each of this.#run(chain, log)) {
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
      chain.bySeq.delete(seq);
      dropped += 1;
    }
    this.#size -= dropped;
    if (chain.bySeq.size === 0) this.#chains.delete(key);
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

  /** Forgets what the log holds by now, and chains of links that are gone once nothing of them can be applied. */
  prune(log: Log): void {
    for (const [key, chain] of this.#chains) {
      for (const [seq, staged] of chain.bySeq) {
        if (log.has(staged.entry.id) || seq <= (log.head(chain.author)?.seq ?? 0)) {
          chain.bySeq.delete(seq);
          this.#size -= 1;
        }
      }
      if (chain.bySeq.size === 0) this.#chains.delete(key);
    }
  }

  /** Forgets what a link brought. What of it is being verified or written is finished from the caller's hands. */
  forget(link: LinkId): void {
    for (const [key, chain] of this.#chains) {
      if (chain.link !== link) continue;
      this.#size -= chain.bySeq.size;
      this.#chains.delete(key);
    }
  }

  /** Whether something waits that no verification or write under way will free: a gap to be asked for. */
  gaps(log: Log): { link: LinkId; author: PeerId; from: number; to: number }[] {
    const gaps: { link: LinkId; author: PeerId; from: number; to: number }[] = [];
    for (const chain of this.#chains.values()) {
      const next = (log.head(chain.author)?.seq ?? 0) + this.#run(chain, log).length + 1;
      const lowest = Math.min(...[...chain.bySeq.keys()].filter((seq) => seq >= next));
      if (lowest > next && Number.isFinite(lowest)) {
        gaps.push({ link: chain.link, author: chain.author, from: next, to: lowest - 1 });
      }
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
