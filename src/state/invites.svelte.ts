// The invites that were made for a grove, how they stand, and the call that withdraws one.
import type { Invite } from '../../worker/rpc/api.ts';
import { Acting } from './acting.svelte.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class InvitesState extends GroveQuery<Invite[]> {
  readonly #acting = new Acting(() => this.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, () => thicket.invites(grove));
    this.#thicket = thicket;
    this.#grove = grove;
  }

  get open(): Invite[] {
    return this.value?.filter(({ state }) => state === 'open') ?? [];
  }
  get closed(): Invite[] {
    return this.value?.filter(({ state }) => state !== 'open') ?? [];
  }

  get failure() {
    return this.#acting.failure;
  }

  /** Whether it was done. */
  withdraw(id: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.revokeInvite(this.#grove, id));
  }
}
