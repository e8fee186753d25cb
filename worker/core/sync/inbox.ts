// Received frames that wait while one is verified and written, bounded for each link. Knows nothing of what is in them.
import type { LinkId } from '../model/ids.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Inbound } from './types.ts';

const bytesOf = ({ header, body, table }: WireEntry): number =>
  header.length + (body?.length ?? 0) + (table?.length ?? 0);

export class Inbox {
  readonly #limit: { frames: number; bytes: number };
  #waiting: Inbound[] = [];
  readonly #used = new Map<LinkId, { frames: number; bytes: number }>();

  constructor(limit: { frames: number; bytes: number }) {
    this.#limit = limit;
  }

  /** False beyond what a link may have waiting: it counts as not held (SPEC S3). */
  add(inbound: Inbound): boolean {
    const used = this.#used.get(inbound.link) ?? { frames: 0, bytes: 0 };
    const bytes = used.bytes + inbound.entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    if (used.frames + 1 > this.#limit.frames || bytes > this.#limit.bytes) return false;
    this.#used.set(inbound.link, { frames: used.frames + 1, bytes });
    this.#waiting.push(inbound);
    return true;
  }

  /** All that waits, in the order in which it came. */
  take(): Inbound[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#used.clear();
    return taken;
  }

  forget(link: LinkId): void {
    this.#waiting = this.#waiting.filter((inbound) => inbound.link !== link);
    this.#used.delete(link);
  }
}
