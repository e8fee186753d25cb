// Groves, who is in them, and what this device does with them. Types only.
import type { Metric } from './contributions.ts';

export type Role = 'owner' | 'moderator' | 'member' | 'reader';
export interface Identity {
  /** Ed25519 public key, 64 hex digits. */
  peerId: string;
  name: string;
  /** Short form of the key for people to compare: eight groups of four. */
  fingerprint: string;
}
export interface GroveInfo {
  id: string;
  name: string;
  description: string;
  metrics: Metric[];
  /** `joining`: an invite is kept until a member lets this device in. `refused`: one said no, with the reason. */
  state: 'active' | 'joining' | 'refused';
  reason: string | null;
  role: Role | null;
  owner: string | null;
  members: number;
  contributions: number;
  /** Entries applied here. */
  entries: number;
  /** Linked members right now. */
  links: number;
  /** Of the local entries: how many no other member has acknowledged yet. */
  unsent: number;
  /** Joining, and told to wait until a member says yes. */
  waiting?: boolean;
  /** So many wait to be let in, and this device may answer. Absent for none. */
  asking?: number;
  /** Open reports, for owner and moderators. Absent for none. */
  reports?: number;
  /** There where the log here holds a standing ban of this device, which normally only who bans it hands over: this is its copy, and it may write nothing. */
  banned?: { id: string; by: string; byName: string; reason: string; at: number };
  /** There where another device of this person took this one out: this is its copy, and it may write nothing. */
  ended?: { by: string; at: number };
  /** There while a large grove is read back: all else is as it was when that was last noted, and so many of its entries are read by now. */
  reading?: { done: number; total: number };
}
/** What an invite link says, before anyone is asked. `name` and `role` are the inviter's claim until joined. */
export interface InvitePreview {
  grove: string;
  name: string;
  role: Role;
  inviter: string;
  inviterFingerprint: string;
  /** ms since the epoch, or null: does not expire. */
  expiresAt: number | null;
  endpoints: string[];
  /** Already a member here. */
  member: boolean;
}
export interface InviteOptions {
  role?: 'member' | 'reader';
  /** ms from now. Default seven days; null: never. */
  expiresIn?: number | null;
  /** How many devices may join by it. Default 10. */
  uses?: number;
}
/** What this device does with a grove. It survives restarts. */
export interface GrovePolicy {
  /** Contributions that are fetched by themselves: all, those among the first five of a ranking, or none. Their headers always come. */
  bodies: 'all' | 'frontier' | 'on-demand';
  /** Artifacts that are fetched by themselves. What is pinned always is. */
  artifacts: 'all' | 'frontier' | 'pinned' | 'on-demand';
  /** `off`: nothing of this grove goes out, and nothing that arrives changes it. What is written here meanwhile goes out once it is `on`. */
  gossip: 'on' | 'off';
  /** Most bytes of artifacts that are kept of this grove; null: no limit. */
  budget: number | null;
  /** By metric: nothing worse than this is fetched for being among the best. */
  thresholds: { [metric: string]: number };
  /** Whether others' shared prompts and settings are in effect on this device; where not, only its own are. */
  adopt: boolean;
}
export interface Member {
  peerId: string;
  /** The senior device of the person whose device this is: itself for who has but one. Names are the person's. */
  person: string;
  /** What the device calls itself, where another device of the person vouched for it. */
  device: string | null;
  name: string;
  fingerprint: string;
  role: Role;
  invitedBy: string | null;
  since: number;
  /** From its `profile`: empty where it says nothing. */
  avatar: string | null;
  description: string;
  capabilities: string[];
  /** Moderators hid what it says of itself, its name with it. */
  hidden: boolean;
  /**
   * It signed two logs that part: from this `seq` on its contributions don't count. `ids`: the first entry of each, lower
   * first, as in the proof that members hand each other. Null where no fork is known here.
   */
  quarantined: { seq: number; ids: [string, string] } | null;
}
