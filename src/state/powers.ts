// Whom one may act on, as the peer judges it, so that a page offers no more. The peer has the last word.
import type { Ban, Invite, Member, Role } from '../../worker/rpc/api.ts';

export type SettableRole = Exclude<Role, 'owner'>;
/** One who is kept out, and every ban that does it. */
export interface Banned {
  peerId: string;
  name: string;
  bans: Ban[];
}
export interface Powers {
  /** Roles that one may give it; empty: none. */
  roles: readonly SettableRole[];
  mayBan: boolean;
  mayHandOver: boolean;
}

const NONE: Powers = { roles: [], mayBan: false, mayHandOver: false };

export const roleOf = (members: readonly Member[], peer: string): Role | null =>
  members.find(({ peerId }) => peerId === peer)?.role ?? null;

/** Whether what one writes counts: not that of readers, nor of who is no member (any more, or yet). */
export const mayWrite = (own: Role | null): boolean => own !== null && own !== 'reader';

export const mayModerate = (own: Role | null): boolean => own === 'owner' || own === 'moderator';

/** Nobody acts on the owner or oneself, by whichever device, only the owner on moderators. `self`: one's person. */
export function powersOver(own: Role | null, self: string, member: Pick<Member, 'person' | 'role'>): Powers {
  if (member.person === self || member.role === 'owner') return NONE;
  if (own === 'owner') return { roles: ['moderator', 'member', 'reader'], mayBan: true, mayHandOver: true };
  if (own !== 'moderator' || member.role === 'moderator') return NONE;
  return { roles: ['member', 'reader'], mayBan: true, mayHandOver: false };
}

/** Only the owner lifts what the owner banned. */
export const mayLift = (own: Role | null, members: readonly Member[], { bans }: Banned): boolean =>
  own === 'owner' || (own === 'moderator' && bans.every(({ by }) => roleOf(members, by) !== 'owner'));

/** Whoever issued an open invite may withdraw it, and who moderates. */
export const mayWithdraw = (own: Role | null, self: string, { state, by }: Invite): boolean =>
  state === 'open' && (mayModerate(own) || (own === 'member' && by === self));

/** Several may have banned one. */
export function bannedOf(bans: readonly Ban[]): Banned[] {
  const byPeer = new Map<string, Banned>();
  for (const ban of bans) {
    const known = byPeer.get(ban.peerId);
    if (known === undefined) byPeer.set(ban.peerId, { peerId: ban.peerId, name: ban.name, bans: [ban] });
    else known.bans.push(ban);
  }
  return [...byPeer.values()];
}
