// Who may do what in a grove, and who is kept out. Types only.
export interface Ban {
  /** Entry id. */
  id: string;
  peerId: string;
  name: string;
  fingerprint: string;
  by: string;
  byName: string;
  reason: string;
  /** ms since the epoch, by the clock of who banned; display only. */
  at: number;
  /** The last entry of the banned one that counts; 0: none does. */
  seq: number;
}
export interface Invite {
  /** Entry id. */
  id: string;
  by: string;
  byName: string;
  role: 'member' | 'reader';
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
  uses: number;
  used: number;
  /** `rotated`: the grove's secret changed since, and it lets nobody in any more. */
  state: 'open' | 'expired' | 'used-up' | 'revoked' | 'rotated';
  at: number;
}
export interface PowerMethods {
  setRole: {
    params: [grove: string, peer: string, role: 'moderator' | 'member' | 'reader'];
    result: null;
  };
  ban: { params: [grove: string, peer: string, options?: { reason?: string }]; result: null };
  unban: { params: [grove: string, peer: string, options?: { reason?: string }]; result: null };
  bans: { params: [grove: string]; result: Ban[] };
  handover: { params: [grove: string, peer: string]; result: null };
  rotate: { params: [grove: string]; result: { epoch: number } };
  invites: { params: [grove: string]; result: Invite[] };
  revokeInvite: { params: [grove: string, id: string]; result: null };
}
