// What this device fetches of a grove by itself, and what each choice would bring in bytes. Asked anew after every change,
// and as the grove grows or more of it comes to be here: after a start it is not known at once what is.
import type { GrovePolicy, PolicyCosts } from '../../worker/rpc/api.ts';
import type { Problem } from './problem.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import { onStored } from './storage.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Choice {
  policy: GrovePolicy;
  costs: PolicyCosts;
}

export class PolicyState {
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: GroveQuery<Choice>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new GroveQuery(thicket, grove, async () => {
      const [policy, costs] = await Promise.all([thicket.policy(grove), thicket.policyCosts(grove)]);
      return { policy, costs };
    });
    this.#stop = onStored(thicket, () => this.refresh());
  }

  /** Null until the first answer. */
  get value(): Choice | null {
    return this.#query.value;
  }
  get problem(): Problem | null {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }
  /** Rejects where the change was refused; what stands is shown again either way. */
  async set(change: Partial<GrovePolicy>): Promise<void> {
    try {
      await this.#thicket.policy(this.#grove, change);
    } finally {
      this.refresh();
    }
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
