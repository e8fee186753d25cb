// Who is in a grove, in what role, who is kept out, and the calls that change it.
import type { Member } from '../../worker/rpc/api.ts';
import { Acting } from './acting.svelte.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import { bannedOf, type Banned, type SettableRole } from './powers.ts';
import type { Thicket } from './thicket.ts';

export interface Members {
  members: Member[];
  banned: Banned[];
}

export class MembersState extends GroveQuery<Members> {
  readonly #acting = new Acting(() => this.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, async () => {
      const [members, bans] = await Promise.all([thicket.members(grove), thicket.bans(grove)]);
      return { members, banned: bannedOf(bans) };
    });
    this.#thicket = thicket;
    this.#grove = grove;
  }

  get busy(): boolean {
    return this.#acting.busy;
  }
  get failure() {
    return this.#acting.failure;
  }

  setRole(peer: string, role: SettableRole): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.setRole(this.#grove, peer, role));
  }
  ban(peer: string, typed: string): Promise<boolean> {
    const reason = typed.trim();
    return this.#acting.run(() => this.#thicket.ban(this.#grove, peer, reason === '' ? {} : { reason }));
  }
  unban(peer: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.unban(this.#grove, peer));
  }
  handover(peer: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.handover(this.#grove, peer));
  }
  report(peer: string, reason: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.report(this.#grove, peer, reason));
  }
  hide(peer: string, reason: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.hide(this.#grove, peer, reason === '' ? {} : { reason }));
  }
  unhide(peer: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.unhide(this.#grove, peer));
  }
  rotate(): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.rotate(this.#grove));
  }
}
