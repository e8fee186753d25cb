// What this device fetches of a grove by itself, and what each choice would bring in bytes. Asked anew after every change,
// and as the grove grows or more of it comes to be here: after a start it is not known at once what is.
import type { GrovePolicy, PolicyCosts } from '../../worker/rpc/api.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import { onStored } from './storage.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Choice {
  policy: GrovePolicy;
  costs: PolicyCosts;
}

export class PolicyState extends GroveQuery<Choice> {
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, async () => {
      const [policy, costs] = await Promise.all([thicket.policy(grove), thicket.policyCosts(grove)]);
      return { policy, costs };
    });
    this.#thicket = thicket;
    this.#grove = grove;
    this.#stop = onStored(thicket, () => this.refresh());
  }

  /** Rejects where the change was refused; what stands is shown again either way. */
  async set(change: Partial<GrovePolicy>): Promise<void> {
    try {
      await this.#thicket.policy(this.#grove, change);
    } finally {
      this.refresh();
    }
  }
  override close(): void {
    this.#stop();
    super.close();
  }
}
