// What members did about contributions and settled for their grove, folded from entries: each kind by a fold of its own.
// Who may act is not known here: only what counts is told.
import type { ActBody } from '../model/acts.ts';
import type { EntryId, PeerId } from '../model/ids.ts';
import { createClaims } from './claims.ts';
import type { Claims } from './claims.ts';
import type { Place } from './order.ts';
import { createOutcomes } from './outcomes.ts';
import type { Outcomes } from './outcomes.ts';
import { createProfiles } from './profiles.ts';
import type { Profiles } from './profiles.ts';
import { createSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { createVotes } from './votes.ts';
import type { Votes } from './votes.ts';

/** An applied entry. Told in any order and any number of times: a fold depends only on which there were (SPEC G1). */
export interface Act extends Place {
  entry: EntryId;
  author: PeerId;
  /** Of its author's log: what that was then, as far as it matters. */
  seq?: number;
  lamport: number;
  /** ms since the epoch by the author's clock. */
  at: number;
}

export type Role = 'owner' | 'moderator' | 'member' | 'reader';

export interface FoldOptions {
  /** BLAKE3-256. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** Whom a device belongs to: wherever votes and quorums are counted, the person is. */
  personOf: (peer: PeerId) => PeerId;
  /** Null for who is no member. As it wrote the entry of a seq where one is given. */
  roleOf: (peer: PeerId, seq?: number) => Role | null;
}

export interface Acts {
  apply(act: Act, body: ActBody): void;
  readonly votes: Votes;
  readonly claims: Claims;
  readonly outcomes: Outcomes;
  readonly profiles: Profiles;
  readonly settings: Settings;
  /** Of all that is derived from acts: equal exactly where it is. */
  digest(): string;
}

export function createActs(options: FoldOptions): Acts {
  const votes = createVotes(options);
  const claims = createClaims(options);
  const outcomes = createOutcomes(options);
  const profiles = createProfiles(options);
  const settings = createSettings(options);
  const folds = [votes, claims, outcomes, profiles, settings];

  return {
    votes,
    claims,
    outcomes,
    profiles,
    settings,
    apply(act, body) {
      switch (body.kind) {
        case 'vote':
          votes.apply(act, body);
          break;
        case 'claim':
          claims.apply(act, body);
          break;
        case 'outcome':
          outcomes.apply(act, body);
          break;
        case 'profile':
          profiles.apply(act, body);
          break;
        case 'setting':
          settings.apply(act, body);
          break;
      }
    },
    digest: () => JSON.stringify(folds.map((fold) => fold.digest())),
  };
}
