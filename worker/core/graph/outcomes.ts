// Outcomes of contributions (SPEC G12): for each evaluator and target the last by (lamport, id), all evaluators' side by
// side. None of them decides: what they mean is for who reads.
import { OUTCOMES, type OutcomeBody } from '../model/acts.ts';
import { cidOf, compareIds } from '../model/ids.ts';
import type { Cid, PeerId } from '../model/ids.ts';
import type { Act, FoldOptions } from './acts.ts';
import { createDigest } from './digest.ts';
import { comparePlaces } from './order.ts';

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
interface Target {
  /** By author: the last. */
  said: Map<PeerId, Said>;
  /** Null until asked for. */
  told: { all: Evaluation[]; counts: OutcomeCounts } | null;
}

export function createOutcomes({ hash, personOf }: Pick<FoldOptions, 'hash' | 'personOf'>): Outcomes {
  const targets = new Map<Cid, Target>();
  const digest = createDigest<Cid>({
    label: 'thicket/outcomes/1',
    line: (cid) =>
      JSON.stringify([
        cid,
        tell(cid)?.all.map(({ author, outcome, reason, at }) => [author, outcome, reason, at]),
      ]),
    hash,
  });

  function tell(cid: Cid): Target['told'] {
    const target = targets.get(cid);
    if (target === undefined) return null;
    if (target.told !== null) return target.told;
    const last = new Map<PeerId, Said>();
    for (const said of target.said.values()) {
      const person = personOf(said.author);
      const known = last.get(person);
      if (known === undefined || comparePlaces(known, said) < 0) last.set(person, said);
    }
    const all = [...last.values()]
      .map(({ author, outcome, reason, at }): Evaluation => ({ author, outcome, reason, at }))
      .sort((a, b) => compareIds(a.author, b.author));
    const counts: OutcomeCounts = {};
    for (const outcome of OUTCOMES) {
      const many = all.filter((each) => each.outcome === outcome).length;
      if (many > 0) counts[outcome] = many;
    }
    target.told = { all, counts };
    return target.told;
  }

  return {
    apply(act, { target: hashOfTarget, outcome, reason }) {
      const cid = cidOf(hashOfTarget);
      const target = targets.get(cid) ?? { said: new Map<PeerId, Said>(), told: null };
      targets.set(cid, target);
      const known = target.said.get(act.author);
      if (known !== undefined && comparePlaces(known, act) >= 0) return;
      target.said.set(act.author, { ...act, outcome, reason });
      target.told = null;
      digest.touch(cid);
    },
    of: (cid) => tell(cid)?.all ?? [],
    counts: (cid) => tell(cid)?.counts ?? null,
    digest: digest.value,
  };
}
