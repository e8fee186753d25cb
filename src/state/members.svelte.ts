// Who is in a grove, in what role, who is kept out, and the calls that change it.
import type { Member } from '../../worker/rpc/api.ts';
import { GroveActs, why } from './grove-acts.svelte.ts';
import { bannedOf, type Banned, type SettableRole } from './powers.ts';
import type { Thicket } from './thicket.ts';

export interface Members {
  members: Member[];
  banned: Banned[];
}

export class MembersState extends GroveActs<Members> {
  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, async () => {
      const [members, bans] = await Promise.all([thicket.members(grove), thicket.bans(grove)]);
      return { members, banned: bannedOf(bans) };
    });
  }

  setRole(peer: string, role: SettableRole): Promise<boolean> {
    return this.act((thicket, grove) => thicket.setRole(grove, peer, role));
  }
  ban(peer: string, reason: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.ban(grove, peer, why(reason)));
  }
  unban(peer: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.unban(grove, peer));
  }
  handover(peer: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.handover(grove, peer));
  }
  report(peer: string, reason: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.report(grove, peer, reason));
  }
  hide(peer: string, reason: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.hide(grove, peer, why(reason)));
  }
  unhide(peer: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.unhide(grove, peer));
  }
  rotate(): Promise<boolean> {
    return this.act((thicket, grove) => thicket.rotate(grove));
  }
}
