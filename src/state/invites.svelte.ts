// The invites that were made for a grove, how they stand, and the call that withdraws one.
import type { Invite } from '../../worker/rpc/api.ts';
import { GroveActs } from './grove-acts.svelte.ts';
import type { Thicket } from './thicket.ts';

export class InvitesState extends GroveActs<Invite[]> {
  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, () => thicket.invites(grove));
  }

  get open(): Invite[] {
    return this.value?.filter(({ state }) => state === 'open') ?? [];
  }
  get closed(): Invite[] {
    return this.value?.filter(({ state }) => state !== 'open') ?? [];
  }

  /** Whether it was done. */
  withdraw(id: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.revokeInvite(grove, id));
  }
}
