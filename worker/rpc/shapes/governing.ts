// Who asks to be let in, what is reported and hidden, and who follows the owner. Types only.
import type { Mention } from './reading.ts';

/** One who holds an invite and waits, since the contract wants a yes as well. */
export interface JoinRequest {
  /** Entry id. */
  id: string;
  peerId: string;
  /** As it calls itself. */
  name: string;
  fingerprint: string;
  /** What its invite grants. */
  role: 'member' | 'reader';
  inviter: string;
  inviterName: string;
  /** Whom it asked: that member saw that it holds the invite. */
  by: string;
  byName: string;
  /** ms since the epoch, by that member's clock. */
  at: number;
  state: 'waiting' | 'approved' | 'declined';
  answeredBy: string | null;
  answeredByName: string | null;
  reason: string;
}
/** What moderators did: who, why and when. */
export interface Hidden {
  by: string;
  byName: string;
  reason: string;
  /** ms since the epoch, by the clock of who did it; display only. */
  at: number;
}
/** What is reported or hidden: a contribution by its CID, or what a member says of itself by its key ('' where it says other things by now). */
export interface Subject {
  about: 'contribution' | 'entry';
  subject: string;
  target?: Mention;
  member?: { peerId: string; name: string };
}
export interface Report extends Subject {
  /** At most 20, the oldest first. */
  reports: (Hidden & { id: string })[];
  total: number;
}
export interface Moderated extends Subject, Hidden {
  /** Entry id. */
  id: string;
  word: 'hide' | 'show' | 'dismiss';
  /** It is by this that it is hidden now. */
  stands: boolean;
}
export interface Succession {
  owner: string | null;
  /** When the owner wrote its newest entry here, by its clock; null where it wrote none. */
  ownerWroteAt: number | null;
  /** Whom the owner named. */
  successor: string | null;
  /** Persons who moderate. */
  moderators: number;
  /** So many of them elect. */
  needed: number;
  /** `current`: it speaks of the owner's newest entry here. Others don't count: the owner wrote since. */
  ballots: { by: string; byName: string; at: number; to: string; toName: string; current: boolean }[];
  /** This device may take over. */
  mayClaim: boolean;
}

type Why = { reason?: string };
export interface GoverningMethods {
  joinRequests: { params: [grove: string]; result: JoinRequest[] };
  approveJoin: { params: [grove: string, peer: string, options?: Why]; result: null };
  declineJoin: { params: [grove: string, peer: string, options?: Why]; result: null };
  /** `subject`: a CID, or a member's key for what it says of itself. */
  report: { params: [grove: string, subject: string, reason: string]; result: null };
  reports: { params: [grove: string]; result: Report[] };
  hide: { params: [grove: string, subject: string, options?: Why]; result: null };
  unhide: { params: [grove: string, subject: string, options?: Why]; result: null };
  dismissReports: { params: [grove: string, subject: string, options?: Why]; result: null };
  moderation: { params: [grove: string]; result: Moderated[] };
  succession: { params: [grove: string]; result: Succession };
  setSuccessor: { params: [grove: string, peer: string | null]; result: null };
  elect: { params: [grove: string, peer: string]; result: null };
  succeed: { params: [grove: string]; result: null };
}
