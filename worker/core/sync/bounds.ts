// What is kept of others' bytes before it is applied: bounded in all, and within that for each link, so that none
// starves the others (SPEC S3).
import type { LinkId } from '../model/ids.ts';

export interface Bounds {
  entries: number;
  bytes: number;
}

interface Sized {
  entry: { header: Uint8Array };
  body: Uint8Array | null;
  table: Uint8Array | null;
}

export const bytesOf = ({ entry, body, table }: Sized): number =>
  entry.header.length + (body?.length ?? 0) + (table?.length ?? 0);

/**
 * What one link may have staged whatever others have: a quarter of the whole, less where many links are at it. Beyond that
 * as much as it leaves free: a hundred authors who name each other come to more than a quarter before the first is whole.
 */
const SHARES = 4;

export class Usage {
  readonly #limit: Bounds;
  readonly #used = new Map<LinkId, Bounds>();
  #entries = 0;
  #bytes = 0;

  constructor(limit: Bounds) {
    this.#limit = limit;
  }

  get entries(): number {
    return this.#entries;
  }

  hasRoom(link: LinkId, one: Sized): boolean {
    const used = this.#used.get(link) ?? { entries: 0, bytes: 0 };
    const shares = Math.max(SHARES, this.#used.size + (this.#used.has(link) ? 0 : 1));
    const { entries, bytes } = this.#limit;
    const after = { entries: used.entries + 1, bytes: used.bytes + bytesOf(one) };
    const within = (most: Bounds): boolean => after.entries <= most.entries && after.bytes <= most.bytes;
    return (
      within({ entries: entries / shares, bytes: bytes / shares }) ||
      within({ entries: entries - this.#entries, bytes: bytes - this.#bytes })
    );
  }

  change(link: LinkId, one: Sized, sign: 1 | -1): void {
    const used = this.#used.get(link) ?? { entries: 0, bytes: 0 };
    const entries = used.entries + sign;
    this.#entries += sign;
    this.#bytes += sign * bytesOf(one);
    if (entries === 0) this.#used.delete(link);
    else this.#used.set(link, { entries, bytes: used.bytes + sign * bytesOf(one) });
  }
}
