// A check of the store as a person asked for it: how far it is, and what it found.
import type { Events, VerifyResult } from '../../worker/rpc/api.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

export class CheckState {
  running = $state(false);
  progress: Events['verify'] | null = $state.raw(null);
  result: VerifyResult | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #stop: () => void;
  #closed = false;

  constructor(thicket: Thicket) {
    this.#thicket = thicket;
    this.#stop = thicket.on('verify', (progress) => {
      if (this.running) this.progress = progress;
    });
  }

  async start(repair: boolean): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.progress = null;
    this.result = null;
    this.problem = null;
    try {
      this.result = await this.#thicket.verify({ repair });
    } catch (error) {
      const problem = toProblem(error);
      // To end it is no failure.
      if (problem.code !== 'aborted') this.problem = problem;
    }
    this.running = false;
  }

  cancel(): void {
    void this.#thicket.cancelVerify();
  }

  /** Nobody would see its end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    if (this.running) this.cancel();
  }
}
