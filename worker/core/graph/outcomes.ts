// Outcomes of contributions (SPEC G12): for each evaluator and target the last by (lamport, id), all evaluators' side by
// side. None of them decides: what they mean is for who reads.
import { OUTCOMES, type OutcomeBody } from '../model/acts.ts';
import { cidOf, compareIds } from '../model/ids.ts';
import type { Cid, PeerId } from '../model/ids.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { createLastWords } from './last-words.ts';

export interface Evaluation {
  /** The evaluator's device that wrote it. */
  author: PeerId;
  outcome: OutcomeBody['outcome'];
  reason: string;
  /** ms since the epoch by the author's clock; display only. */
  at: number;
}
export type OutcomeCounts = Partial<Record<OutcomeBody['outcome'], number>>;
export interface Outcomes {
  apply(act: Act, body: OutcomeBody): void;
  /** Ascending by author. */
  of(target: Cid): readonly Evaluation[];
  /** How many evaluators say each; null where nobody said anything. */
  counts(target: Cid): OutcomeCounts | null;
  digest(): string;
}

interface Said extends Act {
  outcome: OutcomeBody['outcome'];
  reason: string;
}
export function createOutcomes({ hash, personOf }: Pick<FoldOptions, 'hash' | 'personOf'>): Outcomes {
  const words = createLastWords(personOf, (last: ReadonlyMap<PeerId, Said>) => {
    const all = [...last.values()]
      .map(({ author, outcome, reason, at }): Evaluation => ({ author, outcome, reason, at }))
      .sort((a, b) => compareIds(a.author, b.author));
    const counts: OutcomeCounts = {};
    for (const outcome of OUTCOMES) {
      const many = all.filter((each) => each.outcome === outcome).length;
      if (many > 0) counts[outcome] = many;
    }
    return { all, counts };
  });
  const digest = createDigest<Cid>({
    label: 'thicket/outcomes/1',
    line: (cid) =>
      JSON.stringify([
        cid,
        words.tell(cid)?.all.map(({ author, outcome, reason, at }) => [author, outcome, reason, at]),
      ]),
    hash,
  });

  return {
    apply(act, { target, outcome, reason }) {
      const cid = cidOf(target);
      if (words.say(cid, { ...act, outcome, reason })) digest.touch(cid);
    },
    of: (cid) => words.tell(cid)?.all ?? [],
    counts: (cid) => words.tell(cid)?.counts ?? null,
    digest: digest.value,
  };
}
