// Entries of authors who forked their logs, from there on (SPEC S8): taken only where something that waits names them,
// staged by id since branches share their seqs. Knows no log but what of it is held.
import type { EntryId, LinkId } from '../model/ids.ts';
import type { Pending } from './pending.ts';
import { bytesOf, type Bounds } from './bounds.ts';
import type { Staged } from './staging.ts';

export class Aside {
  readonly #pending: Pending;
  readonly #limit: Bounds;
  readonly #staged = new Map<EntryId, Staged>();
  #unverified: Staged[] = [];
  #bytes = 0;

  constructor(pending: Pending, limit: Bounds) {
    this.#pending = pending;
    this.#limit = limit;
  }

  get size(): number {
    return this.#staged.size;
  }

  isStaged(id: EntryId): boolean {
    return this.#staged.has(id);
  }

  isCovered(id: EntryId): boolean {
    return this.#staged.get(id)?.state === 'covered';
  }

  /**
   * What came together, in the order in which it was written. Of it those are taken that are wanted, with those up to
   * the signature that covers them and those below in the same branch. Gives how many were not.
   */
  offer(entries: readonly Staged[]): number {
    const taken = new Set<EntryId>();
    for (const { entry } of entries) {
      if (this.#pending.isWanted(entry.id) || (entry.prev !== null && taken.has(entry.prev)))
        taken.add(entry.id);
    }
    const below = new Set<EntryId | null>();
    for (const { entry } of [...entries].reverse()) {
      if (!taken.has(entry.id) && !below.has(entry.id)) continue;
      taken.add(entry.id);
      below.add(entry.prev);
    }
    const some = entries.filter(({ entry }) => taken.has(entry.id));
    for (const staged of some) this.#add(staged);
    return entries.length - some.length;
  }

  #add(staged: Staged): void {
    const { id, author } = staged.entry;
    const before = this.#staged.get(id);
    if (before !== undefined) {
      if (before.state !== 'open' || before.signature !== null || staged.signature === null) return;
      before.signature = staged.signature;
      this.#unverified.push(before);
      return;
    }
    // Who overflows it makes place for what is wanted now.
    for (const [, oldest] of this.#staged) {
      const { entries, bytes } = this.#limit;
      if (this.#staged.size < entries && this.#bytes + bytesOf(staged) <= bytes) break;
      this.drop(oldest);
    }
    this.#staged.set(id, staged);
    this.#bytes += bytesOf(staged);
    const isNamed = this.#pending
      .waitingFor(id)
      .some(({ entry }) => entry.author === author && entry.prev === id);
    if (isNamed) this.#coverDown(staged);
    else if (staged.signature !== null) this.#unverified.push(staged);
  }

  /** Those whose signature is to be verified now. */
  take(): Staged[] {
    const taken = this.#unverified.filter(({ gone, state }) => !gone && state === 'open');
    this.#unverified = [];
    for (const staged of taken) staged.state = 'verifying';
    return taken;
  }

  /** Its signature holds. */
  cover(staged: Staged): void {
    if (staged.gone || staged.state === 'covered') return;
    staged.state = 'covered';
    this.#pending.add(staged);
    const below = staged.entry.prev === null ? undefined : this.#staged.get(staged.entry.prev);
    if (below !== undefined) this.#coverDown(below);
  }

  /** What is signed above names it. Signatures that were not verified are not kept. */
  #coverDown(staged: Staged): void {
    for (let each: Staged | undefined = staged; each !== undefined && each.state !== 'covered';) {
      each.state = 'covered';
      each.signature = null;
      this.#pending.add(each);
      each = each.entry.prev === null ? undefined : this.#staged.get(each.entry.prev);
    }
  }

  /** Returns how many. */
  drop(staged: Staged): number {
    if (this.#staged.get(staged.entry.id) !== staged) return 0;
    this.#staged.delete(staged.entry.id);
    this.#bytes -= bytesOf(staged);
    staged.gone = true;
    this.#pending.remove(staged);
    return 1;
  }

  /** It is applied. */
  remove(id: EntryId): void {
    const staged = this.#staged.get(id);
    if (staged !== undefined) this.drop(staged);
  }

  forget(link: LinkId): void {
    for (const staged of [...this.#staged.values()]) if (staged.link === link) this.drop(staged);
  }
}
