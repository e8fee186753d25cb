// The keys of this person: of this device and of all others that are its too. What it says of "you" goes by them.
import type { Device } from '../../worker/rpc/api.ts';
import { PersonQuery } from './person-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class OwnState extends PersonQuery<Device[]> {
  readonly #keys = $derived.by((): readonly string[] => this.value?.map(({ peerId }) => peerId) ?? []);

  constructor(thicket: Thicket) {
    // What changes who is one person.
    super(thicket, ['vouch', 'revoke'], () => thicket.devices());
  }

  has(peer: string): boolean {
    return this.#keys.includes(peer);
  }
}
