// Who asks to be let in, what is reported, and who follows the owner, with the calls that answer it.
import type { JoinRequest, Moderated, Report, Succession } from '../../worker/rpc/api.ts';
import { Acting } from './acting.svelte.ts';
import { GroveQuery } from './grove-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Governing {
  requests: JoinRequest[];
  reports: Report[];
  log: Moderated[];
  succession: Succession;
}

const why = (typed: string): { reason?: string } => {
  const reason = typed.trim();
  return reason === '' ? {} : { reason };
};

export class GoverningState extends GroveQuery<Governing> {
  readonly #acting = new Acting(() => this.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, async () => {
      const [requests, reports, log, succession] = await Promise.all([
        thicket.joinRequests(grove),
        thicket.reports(grove),
        thicket.moderation(grove),
        thicket.succession(grove),
      ]);
      return { requests, reports, log, succession };
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

  approve(peer: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.approveJoin(this.#grove, peer));
  }
  decline(peer: string, reason: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.declineJoin(this.#grove, peer, why(reason)));
  }
  hide(subject: string, reason: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.hide(this.#grove, subject, why(reason)));
  }
  dismiss(subject: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.dismissReports(this.#grove, subject));
  }
  setSuccessor(peer: string | null): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.setSuccessor(this.#grove, peer));
  }
  elect(peer: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.elect(this.#grove, peer));
  }
  succeed(): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.succeed(this.#grove));
  }
}
