// Members and peers in sight as one list: this device first, then those linked. Pure.
import type { Member, PeerInfo } from '../../worker/rpc/api.ts';

export interface PeerRow {
  member: Member | null;
  peer: PeerInfo | null;
}

const ORDER = { self: 0, linked: 1, connecting: 2, error: 3, away: 4 } as const;
const weight = (row: PeerRow): number => ORDER[row.peer?.state ?? 'away'];

export function peerRows(members: readonly Member[], peers: readonly PeerInfo[]): PeerRow[] {
  const inSight = new Map(peers.map((peer) => [peer.peerId, peer]));
  const known = new Set(members.map((member) => member.peerId));
  return [
    ...members.map((member) => ({ member, peer: inSight.get(member.peerId) ?? null })),
    ...peers.filter((peer) => !known.has(peer.peerId)).map((peer) => ({ member: null, peer })),
  ].sort((a, b) => weight(a) - weight(b));
}
