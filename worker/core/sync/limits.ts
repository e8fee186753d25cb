// How many bytes of log one author may have in a grove (SPEC S19): judged by its own chain alone, so that all judge alike, in
// whatever order and by whichever link things come. Knows nothing of where bytes lie.
import { CONFIG } from '../config.ts';
import { MAX_INLINE_BODY, type Entry } from '../model/entry.ts';
import type { PeerId } from '../model/ids.ts';

type Weighed = Pick<Entry, 'author' | 'kind' | 'header' | 'size'>;

/** Of an entry: header, table, and its body where that travels with it, held or not. */
export const weightOf = ({ header, size }: Weighed, table: Uint8Array | null): number =>
  header.length + (table?.length ?? 0) + (size <= MAX_INLINE_BODY ? size : 0);

/** Whoever has used it up may still withdraw, leave, and keep order. By the one kind that every version knows as content. */
export const limitOf = (kind: string): number => {
  const { author, acts } = CONFIG.sync.limits;
  return kind === 'contribution' ? author : author + acts;
};

/** Bytes of the authors' logs as far as they are applied. */
export class Weights {
  readonly #byAuthor = new Map<PeerId, number>();
  /** Of all together. */
  total = 0;

  add(entry: Weighed, table: Uint8Array | null): void {
    const weight = weightOf(entry, table);
    this.#byAuthor.set(entry.author, this.of(entry.author) + weight);
    this.total += weight;
  }

  of(author: PeerId): number {
    return this.#byAuthor.get(author) ?? 0;
  }

  /** `pending`: of the same author, and before it. */
  fits(entry: Weighed, table: Uint8Array | null, pending = 0): boolean {
    return this.of(entry.author) + pending + weightOf(entry, table) <= limitOf(entry.kind);
  }
}

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

/** Why this device writes no more of this kind, in words; null where it may. */
export function refusalOf(weights: Weights, entry: Weighed, table: Uint8Array | null): string | null {
  const { grove } = CONFIG.sync.limits;
  if (!weights.fits(entry, table))
    return `grove: what this device wrote in it comes to ${mib(weights.of(entry.author))} beside files, and no author may have more than ${mib(limitOf(entry.kind))} there`;
  if (entry.kind === 'contribution' && weights.total + weightOf(entry, table) > grove)
    return `grove: its entries come to ${mib(weights.total)} beside files, and from ${mib(grove)} on nothing is contributed to it any more; begin another`;
  return null;
}
