// What of each holder's rows is over for good, so that nobody keeps an old one alive by passing it on as if it were
// new (SPEC H1): what was first heard of longer ago than a row lives, and all that its holder signed before.
import { CONFIG } from '../config.ts';
import type { PeerId } from '../model/ids.ts';

interface Heard {
  /** Nothing up to here counts any more. */
  floor: number;
  /** The newest when it was noted, and when that was. */
  seq: number;
  at: number;
}

export class Floors {
  readonly #heard = new Map<PeerId, Heard>();

  /** A row with this seq came, and it is its holder's. */
  note(holder: PeerId, seq: number, now: number): void {
    const known = this.#heard.get(holder);
    if (known === undefined) {
      this.#heard.set(holder, { floor: -1, seq, at: now });
      const [oldest] = this.#heard.keys();
      if (this.#heard.size > CONFIG.digest.floors && oldest !== undefined) this.#heard.delete(oldest);
      return;
    }
    if (now - known.at < CONFIG.digest.life) return;
    this.#heard.set(holder, {
      floor: Math.max(known.floor, known.seq),
      seq: Math.max(known.seq, seq),
      at: now,
    });
  }

  isOver(holder: PeerId, seq: number, now: number): boolean {
    const known = this.#heard.get(holder);
    if (known === undefined) return false;
    return seq <= known.floor || (seq <= known.seq && now - known.at >= CONFIG.digest.life);
  }
}
