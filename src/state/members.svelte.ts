// Who is in a grove, in what role, who is kept out, and the calls that change it.
import type { Member } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { bannedOf, type Banned, type SettableRole } from './powers.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Members {
  members: Member[];
  banned: Banned[];
}

export class MembersState {
  busy = $state(false);
  failure: Problem | null = $state.raw(null);
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
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }

  setRole(peer: string, role: SettableRole): Promise<boolean> {
    return this.#act(() => this.#thicket.setRole(this.#grove, peer, role));
  }
  ban(peer: string, typed: string): Promise<boolean> {
    const reason = typed.trim();
    return this.#act(() => this.#thicket.ban(this.#grove, peer, reason === '' ? {} : { reason }));
  }
  unban(peer: string): Promise<boolean> {
    return this.#act(() => this.#thicket.unban(this.#grove, peer));
  }
  handover(peer: string): Promise<boolean> {
    return this.#act(() => this.#thicket.handover(this.#grove, peer));
  }
  rotate(): Promise<boolean> {
    return this.#act(() => this.#thicket.rotate(this.#grove));
  }
  /** Whether it was done. Also where it failed something may have changed: a ban stands though its rotation failed. */
  async #act(run: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    this.busy = true;
    try {
      await run();
      return true;
    } catch (error) {
      this.failure = toProblem(error);
      return false;
    } finally {
      this.busy = false;
      this.#query.refresh();
    }
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
