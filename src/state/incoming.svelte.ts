// What came in from outside the app and has no grove yet: shared by another app, or opened with this one.
import type { Shared } from '../../worker/rpc/shared.ts';
import { toProblem, type Problem } from './problem.ts';

export class Incoming {
  value: Shared | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);

  offer(shared: Shared): void {
    this.value = shared;
    this.problem = null;
  }
  readonly fail = (error: unknown): void => {
    this.problem = toProblem(error);
  };
  /** For the draft it goes into: it is taken once. */
  take(): Shared | null {
    const { value } = this;
    this.value = null;
    return value;
  }
}
