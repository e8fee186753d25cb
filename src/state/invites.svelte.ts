// The invites that were made for a grove, how they stand, and the call that withdraws one.
import type { Invite } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class InvitesState {
  failure: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<Invite[]>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(() => thicket.invites(grove));
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get value(): Invite[] | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }
  get open(): Invite[] {
    return this.#query.value?.filter(({ state }) => state === 'open') ?? [];
  }
  get closed(): Invite[] {
    return this.#query.value?.filter(({ state }) => state !== 'open') ?? [];
  }

  /** Whether it was done. */
  async withdraw(id: string): Promise<boolean> {
    this.failure = null;
    try {
      await this.#thicket.revokeInvite(this.#grove, id);
      return true;
    } catch (error) {
      this.failure = toProblem(error);
      return false;
    } finally {
      this.#query.refresh();
    }
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
