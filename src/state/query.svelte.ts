// One answer that is kept fresh: asks again when told to, coalesces bursts, drops answers that were overtaken.
import { toProblem, type Problem } from './problem.ts';

export class Query<T> {
  value: T | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** True until the first answer, or failure, is there. */
  loading = $state(true);
  readonly #load: () => Promise<T>;
  #ticket = 0;
  #busy = false;
  #again = false;
  #closed = false;

  constructor(load: () => Promise<T>) {
    this.#load = load;
    this.refresh();
  }

  /** Asks again; while a question is out, once more after its answer. */
  refresh(): void {
    if (this.#busy) this.#again = true;
    else void this.#ask();
  }

  /** What is asked has changed: an answer on its way is not heeded. */
  restart(): void {
    this.#again = false;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
  }

  async #ask(): Promise<void> {
    if (this.#closed) return;
    this.#ticket += 1;
    const ticket = this.#ticket;
    const current = (): boolean => ticket === this.#ticket && !this.#closed;
    this.#busy = true;
    try {
      const value = await this.#load();
      if (!current()) return;
      this.value = value;
      this.problem = null;
    } catch (error) {
      if (!current()) return;
      this.problem = toProblem(error);
    }
    this.loading = false;
    this.#busy = false;
    if (this.#again) {
      this.#again = false;
      this.refresh();
    }
  }
}
