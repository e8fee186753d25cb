// Entries that came in but are not applied yet: their signature, their parents or their turn is awaited.
// One chain per (link, author): what a liar stages harms only what the liar sent. A step looks only at what changed.
import type { Outcome } from '../context.ts';
import type { Entry } from '../model/entry.ts';
import type { EntryId, LinkId, PeerId } from '../model/ids.ts';
import type { Cut } from '../model/powers.ts';
import { Usage, type Bounds } from './bounds.ts';
import type { Log, Run } from './log.ts';
import { Pending } from './pending.ts';

export interface Staged {
  entry: Entry;
  signature: Uint8Array | null;
  body: Uint8Array | null;
  table: Uint8Array | null;
  link: LinkId;
  peer: PeerId;
  /** Not part of a catch-up, whose rest is on its way: what it lacks is fetched at once. */
  urgent: boolean;
  /** `open`: no verified signature covers it yet. */
  state: 'open' | 'verifying' | 'covered';
  /** Not staged any more. */
  gone: boolean;
  /** Its signature is that of the act that cuts the author's log off here: its sender sent none. */
  borrowed?: boolean;
  /** Says what became of what brought it. */
  verdict?: (outcome: Outcome) => void;
}

interface Chain {
  link: LinkId;
  author: PeerId;
  bySeq: Map<number, Staged>;
  /** Seqs: of the log's head; up to which a signature covers; up to which signatures were looked at; of the run's end. */
  base: number;
  covered: number;
  checked: number;
  top: number;
  /** When the gap above the run was last asked for, and how often without anything coming of it. */
  askedAt: number;
  asked: number;
}

/** Pauses between asks for one gap grow up to 32 times the first: who has it may come later, but nobody is kept busy. */
const MAX_ASKED = 6;

export class Staging {
  readonly pending: Pending;
  readonly #log: Log;
  readonly #chains = new Map<string, Chain>();
  readonly #byAuthor = new Map<PeerId, Set<Chain>>();
  readonly #byId = new Map<EntryId, Set<Staged>>();
  readonly #usage: Usage;
  /** Chains whose run has grown since signatures were last taken, and those with something above a gap. */
  readonly #grown = new Set<Chain>();
  readonly #gapped = new Set<Chain>();
  #dropped: EntryId[] = [];

  constructor(log: Log, limit: Bounds, lacks: (staged: Staged, id: EntryId) => void = () => undefined) {
    this.#log = log;
    this.#usage = new Usage(limit);
    this.pending = new Pending(log, lacks);
  }

  get size(): number {
    return this.#usage.entries;
  }

  /** Whether it is here, a signature covers it, and it only waits for its turn. */
  isCovered(id: EntryId): boolean {
    return [...(this.#byId.get(id) ?? [])].some(({ state }) => state === 'covered');
  }

  isStaged(id: EntryId): boolean {
    return this.#byId.has(id);
  }

  /** False where the bound is reached: what overflows counts as not held (SPEC S3). */
  add(staged: Staged): boolean {
    const { entry, link } = staged;
    const chain = this.#chains.get(`${link}/${entry.author}`) ?? this.#newChain(link, entry.author);
    const before = chain.bySeq.get(entry.seq);
    if (before?.entry.id === entry.id) {
      if (before.signature === null && before.state === 'open' && staged.signature !== null) {
        before.signature = staged.signature;
        chain.checked = Math.min(chain.checked, Math.max(chain.covered, entry.seq - 1));
        this.#grown.add(chain);
      }
      return true;
    }
    // What the author signed doesn't make place for what nobody vouched for.
    if ((before !== undefined && entry.seq <= chain.covered) || !this.#usage.hasRoom(link, staged)) {
      if (!this.isStaged(entry.id)) this.#dropped.push(entry.id);
      return false;
    }
    if (before !== undefined) this.#remove(chain, entry.seq, true);
    this.#chains.set(`${link}/${entry.author}`, chain);
    const chains = this.#byAuthor.get(entry.author);
    if (chains === undefined) this.#byAuthor.set(entry.author, new Set([chain]));
    else chains.add(chain);
    chain.bySeq.set(entry.seq, staged);
    const same = this.#byId.get(entry.id);
    if (same === undefined) this.#byId.set(entry.id, new Set([staged]));
    else same.add(staged);
    this.#usage.change(link, staged, 1);
    this.#extend(chain);
    return true;
  }

  #newChain(link: LinkId, author: PeerId): Chain {
    const seq = this.#log.head(author)?.seq ?? 0;
    const ends = { base: seq, covered: seq, checked: seq, top: seq };
    return { link, author, bySeq: new Map(), ...ends, askedAt: -Infinity, asked: 0 };
  }

  /** Takes in what stands on the end of the run by now. */
  #extend(chain: Chain): void {
    let prev =
      chain.top === chain.base
        ? (this.#log.head(chain.author)?.id ?? null)
        : (chain.bySeq.get(chain.top)?.entry.id ?? null);
    for (;;) {
      const next = chain.bySeq.get(chain.top + 1);
      if (next === undefined || next.entry.prev !== prev) break;
      chain.top += 1;
      chain.asked = 0;
      prev = next.entry.id;
      this.#grown.add(chain);
      // Its signature held while something below it was missing.
      if (next.state === 'covered') this.#coverTo(chain, chain.top);
    }
    if (chain.bySeq.size > chain.top - chain.base) this.#gapped.add(chain);
    else this.#gapped.delete(chain);
  }

  #coverTo(chain: Chain, seq: number): void {
    while (chain.covered < seq) {
      chain.covered += 1;
      const staged = chain.bySeq.get(chain.covered);
      if (staged === undefined) continue;
      // Other signatures inside are not kept, since they were not checked.
      if (staged.state === 'open') staged.signature = null;
      if (staged.state === 'open') staged.state = 'covered';
      this.pending.add(staged);
    }
  }

  #remove(chain: Chain, seq: number, forgotten: boolean): Staged | null {
    const staged = chain.bySeq.get(seq);
    if (staged === undefined) return null;
    chain.bySeq.delete(seq);
    staged.gone = true;
    this.#usage.change(staged.link, staged, -1);
    const same = this.#byId.get(staged.entry.id);
    same?.delete(staged);
    if (same?.size === 0) {
      this.#byId.delete(staged.entry.id);
      if (forgotten) this.#dropped.push(staged.entry.id);
    }
    this.pending.remove(staged);
    if (seq <= chain.top) {
      chain.top = Math.max(chain.base, seq - 1);
      chain.covered = Math.min(chain.covered, chain.top);
      // Signatures below that were passed over for a newer one are looked at after all.
      chain.checked = chain.covered;
      this.#grown.add(chain);
    }
    if (chain.bySeq.size === 0) this.#forgetChain(chain);
    return staged;
  }

  #forgetChain(chain: Chain): void {
    this.#chains.delete(`${chain.link}/${chain.author}`);
    this.#gapped.delete(chain);
    this.#grown.delete(chain);
    const chains = this.#byAuthor.get(chain.author);
    chains?.delete(chain);
    if (chains?.size === 0) this.#byAuthor.delete(chain.author);
  }

  /**
   * Those whose signature is to be verified now: in each contiguous run on top of the log the newest that is signed,
   * and each signed one at a multiple of `every`.
   */
  takeUnverified(every: number): Staged[] {
    const taken: Staged[] = [];
    for (const chain of this.#grown) {
      let newest: Staged | null = null;
      for (let seq = chain.checked + 1; seq <= chain.top; seq += 1) {
        const staged = chain.bySeq.get(seq);
        if (staged?.state !== 'open' || staged.signature === null) continue;
        if (seq % every === 0) taken.push(staged);
        newest = staged;
      }
      if (newest !== null && newest.entry.seq % every !== 0) taken.push(newest);
      chain.checked = Math.max(chain.checked, chain.top);
    }
    this.#grown.clear();
    for (const staged of taken) staged.state = 'verifying';
    return taken;
  }

  /** Its signature holds: it and what stands before it in its run is covered. */
  cover(staged: Staged): void {
    staged.state = 'covered';
    const { link, entry, gone } = staged;
    const chain = this.#chains.get(`${link}/${entry.author}`);
    if (!gone && chain !== undefined && entry.seq <= chain.top) this.#coverTo(chain, entry.seq);
  }

  /** Drops an entry and what its sender chained onto it. Returns how many. */
  drop(staged: Staged): number {
    const chain = this.#chains.get(`${staged.link}/${staged.entry.author}`);
    if (staged.gone || chain === undefined) return 0;
    return this.#cut(chain, staged.entry.seq).length;
  }

  /** Drops it whoever sent it: it could not be written. */
  dropAll(id: EntryId): void {
    for (const staged of this.#byId.get(id) ?? []) this.drop(staged);
  }

  /** The author's log ends before `seq`: what stands beyond is forgotten, and the act's signature covers what stands there. */
  cutOff(author: PeerId, { seq, last, proof }: Cut): void {
    for (const chain of [...(this.#byAuthor.get(author) ?? [])]) {
      this.#cut(chain, seq);
      const end = chain.bySeq.get(seq - 1);
      if (end?.entry.id !== last || end.state !== 'open' || end.signature !== null) continue;
      end.signature = proof;
      end.borrowed = proof !== null;
      chain.checked = Math.min(chain.checked, Math.max(chain.covered, seq - 2));
      this.#grown.add(chain);
    }
  }

  #cut(chain: Chain, from: number): Staged[] {
    const seqs = [...chain.bySeq.keys()].filter((seq) => seq >= from).sort((a, b) => b - a);
    const cut = seqs.flatMap((seq) => this.#remove(chain, seq, true) ?? []).reverse();
    if (chain.bySeq.size > chain.top - chain.base) this.#gapped.add(chain);
    else this.#gapped.delete(chain);
    return cut;
  }

  /**
   * An author's log has grown: forgets what it holds by now, and what can't follow it any more, with all that its
   * sender chained onto that. Gives back each of these chains that claims the place of an applied entry, or to follow
   * another than the applied one.
   */
  advance(author: PeerId): Staged[][] {
    const head = this.#log.head(author);
    const rivals: Staged[][] = [];
    for (const chain of [...(this.#byAuthor.get(author) ?? [])]) {
      for (let seq = chain.base + 1; head !== null && seq <= head.seq; seq += 1) {
        const staged = chain.bySeq.get(seq);
        if (staged === undefined) continue;
        if (!this.#log.has(staged.entry.id)) {
          rivals.push(this.#cut(chain, seq));
          break;
        }
        const { top, covered, checked } = chain;
        this.#remove(chain, seq, false);
        Object.assign(chain, { top, covered, checked });
      }
      const seq = head?.seq ?? 0;
      chain.base = seq;
      chain.covered = Math.max(chain.covered, seq);
      chain.checked = Math.max(chain.checked, seq);
      chain.top = Math.max(chain.top, seq);
      const next = chain.bySeq.get(seq + 1);
      if (next !== undefined && next.entry.prev !== (head?.id ?? null))
        rivals.push(this.#cut(chain, seq + 1));
      if (chain.bySeq.size > 0) this.#extend(chain);
    }
    return rivals;
  }

  /** What stands on an author's log up to the next verified signature, which covers the log's end; empty where none is here. */
  above(author: PeerId): Staged[] {
    for (const chain of this.#byAuthor.get(author) ?? []) {
      const run: Staged[] = [];
      for (let seq = chain.base + 1; seq <= chain.covered; seq += 1) {
        const staged = chain.bySeq.get(seq);
        if (staged?.state !== 'covered') break;
        run.push(staged);
        if (staged.signature !== null) return run;
      }
    }
    return [];
  }

  /** Forgets what a link brought. What of it is being verified or written is finished from the caller's hands. */
  forget(link: LinkId): void {
    for (const chain of [...this.#chains.values()]) if (chain.link === link) this.#cut(chain, 0);
  }

  /** What is missing below what waits, by the link that brought that; each gap at intervals. */
  gaps(now: number, interval: number): Map<LinkId, Run[]> {
    const gaps = new Map<LinkId, Run[]>();
    for (const chain of this.#gapped) {
      if (now - chain.askedAt < interval * 2 ** Math.max(0, chain.asked - 1)) continue;
      chain.askedAt = now;
      chain.asked = Math.min(MAX_ASKED, chain.asked + 1);
      let lowest = Infinity;
      for (const seq of chain.bySeq.keys()) if (seq > chain.top && seq < lowest) lowest = seq;
      if (lowest === chain.top + 1) continue;
      const known = gaps.get(chain.link) ?? [];
      gaps.set(chain.link, [...known, { author: chain.author, from: chain.top + 1, to: lowest - 1 }]);
    }
    return gaps;
  }

  get hasGaps(): boolean {
    return this.#gapped.size > 0;
  }

  /** What was dropped without being applied since the last call, and is not here by another link either. */
  takeDropped(): EntryId[] {
    const dropped = this.#dropped;
    this.#dropped = [];
    return dropped;
  }
}
