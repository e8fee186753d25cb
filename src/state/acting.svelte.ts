// What a screen's buttons do, one act at a time: whether it is under way, and why it failed.
import { toProblem, type Problem } from './problem.ts';

export class Acting {
  busy = $state(false);
  failure: Problem | null = $state.raw(null);
  readonly #after: () => void;

  /** `after` runs once an act has ended. Also where it failed something may have changed: a ban stands though its rotation failed. */
  constructor(after: () => void = () => {}) {
    this.#after = after;
  }

  /** Whether it was done. */
  async run(act: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    this.busy = true;
    try {
      await act();
      return true;
    } catch (error) {
      this.failure = toProblem(error);
      return false;
    } finally {
      this.busy = false;
      this.#after();
    }
  }
}
