// Bytes per second over the last few seconds of elapsed time. Knows neither links nor blobs.
import { CONFIG } from '../config.ts';

export class Meter {
  /** Oldest first: bytes that came within each step of time. */
  #steps: { at: number; bytes: number }[] = [];
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** What was measured before is forgotten: nothing was expected meanwhile. */
  restart(now: number): void {
    this.#steps = [];
    this.#since = now;
  }

  add(now: number, bytes: number): void {
    const { step } = CONFIG.cas.rate;
    const last = this.#steps.at(-1);
    if (last !== undefined && now < last.at + step) last.bytes += bytes;
    else this.#steps.push({ at: now, bytes });
    this.#forget(now);
  }

  rate(now: number): number {
    this.#forget(now);
    const { over, step } = CONFIG.cas.rate;
    // Right after the start a single block would look like a flood.
    const time = Math.min(over, Math.max(now - this.#since, step));
    const bytes = this.#steps.reduce((sum, each) => sum + each.bytes, 0);
    return Math.round((bytes * 1_000) / time);
  }

  #forget(now: number): void {
    const from = now - CONFIG.cas.rate.over;
    while ((this.#steps[0]?.at ?? now) < from) this.#steps.shift();
  }
}
