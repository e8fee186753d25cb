// Who asks to be let in, what is reported, and who follows the owner, with the calls that answer it.
import type { JoinRequest, Moderated, Report, Succession } from '../../worker/rpc/api.ts';
import { GroveActs, why } from './grove-acts.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface Governing {
  requests: JoinRequest[];
  reports: Report[];
  log: Moderated[];
  succession: Succession;
}

export class GoverningState extends GroveActs<Governing> {
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
  }

  approve(peer: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.approveJoin(grove, peer));
  }
  decline(peer: string, reason: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.declineJoin(grove, peer, why(reason)));
  }
  hide(subject: string, reason: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.hide(grove, subject, why(reason)));
  }
  dismiss(subject: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.dismissReports(grove, subject));
  }
  setSuccessor(peer: string | null): Promise<boolean> {
    return this.act((thicket, grove) => thicket.setSuccessor(grove, peer));
  }
  elect(peer: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.elect(grove, peer));
  }
  succeed(): Promise<boolean> {
    return this.act((thicket, grove) => thicket.succeed(grove));
  }
}
