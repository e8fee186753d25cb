// Votes on contributions (SPEC G12): one for each person and target, the last by (lamport, id). Public, as all acts are.
import { cidOf, compareIds } from '../model/ids.ts';
import type { Cid, PeerId } from '../model/ids.ts';
import type { VoteBody } from '../model/acts.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { comparePlaces } from './order.ts';

export interface Vote {
  /** The person's device that wrote it. */
  author: PeerId;
  vote: 'up' | 'down';
  /** ms since the epoch by the author's clock; display only. */
  at: number;
}
export interface Tallied {
  up: number;
  down: number;
  /** Who, ascending by id. */
  votes: Vote[];
}
export interface Votes {
  apply(act: Act, body: VoteBody): void;
  /** One's own vote too: only what was taken back is not there. */
  of(target: Cid): Tallied;
  /** A person's, by any device of theirs. */
  by(target: Cid, peer: PeerId): Vote['vote'] | null;
  digest(): string;
}

interface Cast extends Act {
  vote: VoteBody['vote'];
}
interface Target {
  /** By author: the last. */
  casts: Map<PeerId, Cast>;
  /** What they add up to, by person; null until asked for. */
  told: { tallied: Tallied; byPerson: ReadonlyMap<PeerId, Vote['vote']> } | null;
}
const NONE: Tallied = { up: 0, down: 0, votes: [] };

export function createVotes({ hash, personOf }: FoldOptions): Votes {
  const targets = new Map<Cid, Target>();
  const digest = createDigest<Cid>({
    label: 'thicket/votes/1',
    line: (cid) => JSON.stringify([cid, tell(cid)?.tallied.votes.map(({ author, vote }) => [author, vote])]),
    hash,
  });

  function tell(cid: Cid): Target['told'] {
    const target = targets.get(cid);
    if (target === undefined) return null;
    if (target.told !== null) return target.told;
    const last = new Map<PeerId, Cast>();
    for (const cast of target.casts.values()) {
      const person = personOf(cast.author);
      const known = last.get(person);
      if (known === undefined || comparePlaces(known, cast) < 0) last.set(person, cast);
    }
    const byPerson = new Map<PeerId, Vote['vote']>();
    const votes: Vote[] = [];
    for (const [person, { author, vote, at }] of last) {
      if (vote === 'none') continue;
      byPerson.set(person, vote);
      votes.push({ author, vote, at });
    }
    votes.sort((a, b) => compareIds(a.author, b.author));
    const up = votes.filter(({ vote }) => vote === 'up').length;
    target.told = { tallied: { up, down: votes.length - up, votes }, byPerson };
    return target.told;
  }

  return {
    apply(act, { target: hashOfTarget, vote }) {
      const cid = cidOf(hashOfTarget);
      const target = targets.get(cid) ?? { casts: new Map<PeerId, Cast>(), told: null };
      targets.set(cid, target);
      const known = target.casts.get(act.author);
      if (known !== undefined && comparePlaces(known, act) >= 0) return;
      target.casts.set(act.author, { ...act, vote });
      target.told = null;
      digest.touch(cid);
    },
    of: (cid) => tell(cid)?.tallied ?? NONE,
    by: (cid, peer) => tell(cid)?.byPerson.get(personOf(peer)) ?? null,
    digest: digest.value,
  };
}
