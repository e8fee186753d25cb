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
  digest(): string;
}

interface Cast extends Act {
  vote: VoteBody['vote'];
}

export function createVotes({ hash, personOf }: FoldOptions): Votes {
  /** By target and author: the last. */
  const byTarget = new Map<Cid, Map<PeerId, Cast>>();
  const digest = createDigest<Cid>({
    label: 'thicket/votes/1',
    line: (target) => JSON.stringify([target, of(target).votes.map(({ author, vote }) => [author, vote])]),
    hash,
  });

  function of(target: Cid): Tallied {
    const last = new Map<PeerId, Cast>();
    for (const cast of byTarget.get(target)?.values() ?? []) {
      const person = personOf(cast.author);
      const known = last.get(person);
      if (known === undefined || comparePlaces(known, cast) < 0) last.set(person, cast);
    }
    const votes = [...last.values()]
      .flatMap(({ author, vote, at }): Vote[] => (vote === 'none' ? [] : [{ author, vote, at }]))
      .sort((a, b) => compareIds(a.author, b.author));
    const up = votes.filter(({ vote }) => vote === 'up').length;
    return { up, down: votes.length - up, votes };
  }

  return {
    apply(act, { target, vote }) {
      const cid = cidOf(target);
      const casts = byTarget.get(cid) ?? new Map<PeerId, Cast>();
      byTarget.set(cid, casts);
      const known = casts.get(act.author);
      if (known !== undefined && comparePlaces(known, act) >= 0) return;
      casts.set(act.author, { ...act, vote });
      digest.touch(cid);
    },
    of,
    digest: digest.value,
  };
}
