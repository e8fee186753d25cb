// Who is in a grove, in what role, who is kept out, and the calls that change it.
import type { Member } from '../../worker/rpc/api.ts';
import { Acting } from './acting.svelte.ts';
import { followGrove } from './follow.ts';
import { bannedOf, type Banned, type SettableRole } from './powers.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Members {
  members: Member[];
  banned: Banned[];
}

export class MembersState {
  readonly #acting = new Acting(() => this.#query.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<Members>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(async () => {
      const [members, bans] = await Promise.all([thicket.members(grove), thicket.bans(grove)]);
      return { members, banned: bannedOf(bans) };
    });
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get value(): Members | null {
    return this.#query.value;
  }
  get busy(): boolean {
    return this.#acting.busy;
  }
  get failure() {
    return this.#acting.failure;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
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
  rotate(): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.rotate(this.#grove));
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
