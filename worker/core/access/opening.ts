// How far a grove is open on a link (SPEC A2, A3, A14). One pure decision.
import type { PeerId } from '../model/ids.ts';
import type { Members } from './membership.ts';

export function openingFor(
  proved: boolean,
  members: Members,
  self: PeerId,
  peer: PeerId,
): 'full' | 'inward' | 'closed' {
  if (!proved || members.isBanned(peer) || members.persons.revoked(peer) !== null) return 'closed';
  if (members.isMember(peer)) return 'full';
  return members.isMember(self) ? 'inward' : 'full';
}
