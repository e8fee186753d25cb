// How many blobs name each block, and how many bytes that comes to. Knows neither where blocks lie nor whose they are.
import type { Hash } from '../model/ids.ts';

/** What hangs below the root of one blob: its blocks with their sizes, each once, and its lists. */
export interface Contents {
  blocks: ReadonlyMap<Hash, number>;
  lists: ReadonlySet<Hash>;
}

/** 52 bits of a hash: a million blocks in tens of MB. Of two that share them neither is ever taken for unnamed. */
const short = (hash: Hash): number => Number.parseInt(hash.slice(0, 13), 16);

export class Tally {
  readonly #counts = new Map<number, number>();
  /** Of the blocks, each once. */
  bytes = 0;

  add({ blocks, lists }: Contents): void {
    for (const [hash, size] of blocks) if (this.#more(hash)) this.bytes += size;
    for (const hash of lists) this.#more(hash);
  }

  /** Only what was added. */
  remove({ blocks, lists }: Contents): void {
    for (const [hash, size] of blocks) if (this.#fewer(hash)) this.bytes = Math.max(0, this.bytes - size);
    for (const hash of lists) this.#fewer(hash);
  }

  clear(): void {
    this.#counts.clear();
    this.bytes = 0;
  }

  has(hash: Hash): boolean {
    return this.#counts.has(short(hash));
  }

  #more(hash: Hash): boolean {
    const count = this.#counts.get(short(hash)) ?? 0;
    this.#counts.set(short(hash), count + 1);
    return count === 0;
  }

  #fewer(hash: Hash): boolean {
    const count = this.#counts.get(short(hash)) ?? 0;
    if (count > 1) this.#counts.set(short(hash), count - 1);
    else this.#counts.delete(short(hash));
    return count === 1;
  }
}
