// Votes on contributions (SPEC G12): one for each person and target, the last by (lamport, id). Public, as all acts are.
import { cidOf, compareIds } from '../model/ids.ts';
import type { Cid, PeerId } from '../model/ids.ts';
import type { VoteBody } from '../model/acts.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { createLastWords } from './last-words.ts';

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
const NONE: Tallied = { up: 0, down: 0, votes: [] };

export function createVotes({ hash, personOf }: FoldOptions): Votes {
  const words = createLastWords(personOf, (last: ReadonlyMap<PeerId, Cast>) => {
    const byPerson = new Map<PeerId, Vote['vote']>();
    const votes: Vote[] = [];
    for (const [person, { author, vote, at }] of last) {
      if (vote === 'none') continue;
      byPerson.set(person, vote);
      votes.push({ author, vote, at });
    }
    votes.sort((a, b) => compareIds(a.author, b.author));
    const up = votes.filter(({ vote }) => vote === 'up').length;
    return { tallied: { up, down: votes.length - up, votes }, byPerson };
  });
  const digest = createDigest<Cid>({
    label: 'thicket/votes/1',
    line: (cid) =>
      JSON.stringify([cid, words.tell(cid)?.tallied.votes.map(({ author, vote }) => [author, vote])]),
    hash,
  });

  return {
    apply(act, { target, vote }) {
      const cid = cidOf(target);
      if (words.say(cid, { ...act, vote })) digest.touch(cid);
    },
    of: (cid) => words.tell(cid)?.tallied ?? NONE,
    by: (cid, peer) => words.tell(cid)?.byPerson.get(personOf(peer)) ?? null,
    digest: digest.value,
  };
}
