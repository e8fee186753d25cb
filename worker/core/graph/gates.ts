// Whether a contribution passes the gates of its grove's contract, and why (SPEC G19).
import type { Gate } from '../model/contract.ts';
import type { Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Evidence } from './evidence.ts';
import { comparePlaces } from './order.ts';
import type { Place } from './order.ts';
import { reviewersOf } from './reviewers.ts';
import type { PersonOf } from './reviewers.ts';

export interface GateResult {
  gate: Gate;
  passed: boolean;
  /** Plain English, with the figures. */
  reason: string;
}
interface Judged {
  cid: Cid;
  manifest: Manifest;
  place: Place;
}
type Verdict = Omit<GateResult, 'gate'>;

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Null where nothing is judged: of what is withdrawn, or has no body. */
export function judgeGates(
  gates: readonly Gate[],
  cid: Cid,
  evidence: Evidence,
  personOf: PersonOf,
): GateResult[] | null {
  const found = evidence.standing(cid);
  if (found === null) return null;
  const judged = { cid, ...found };
  return gates.map((gate) => ({ gate, ...judge(gate, judged, evidence, personOf) }));
}

function judge(gate: Gate, judged: Judged, evidence: Evidence, personOf: PersonOf): Verdict {
  switch (gate.type) {
    case 'min_reviews': {
      const reviewers = reviewersOf(judged.cid, evidence, personOf).size;
      return {
        passed: reviewers >= gate.count,
        reason: `reviewed by ${counted(reviewers, 'person')} other than its publishers, needs ${gate.count}`,
      };
    }
    case 'min_score': {
      const score = scoreOf(judged.manifest, gate.metric);
      const lower = evidence.direction(gate.metric) === 'minimize';
      const needs = `needs ${lower ? 'at most' : 'at least'} ${gate.value}`;
      if (score === null) return { passed: false, reason: `no score of ${gate.metric} that ranks, ${needs}` };
      return {
        passed: lower ? score <= gate.value : score >= gate.value,
        reason: `${gate.metric} is ${score}, ${needs}`,
      };
    }
    case 'has_artifact': {
      const passed = Object.hasOwn(judged.manifest.artifacts, gate.name);
      return { passed, reason: `${passed ? 'has' : 'lacks'} an artifact "${gate.name}"` };
    }
    case 'has_relation': {
      const passed = judged.manifest.relations.some(({ relationType }) => relationType === gate.relationType);
      return { passed, reason: `${passed ? 'has' : 'lacks'} a relation ${gate.relationType}` };
    }
    case 'metric_improves':
      return improves(gate.metric, judged, evidence);
  }
}

/** Best first: the first that comes before it in the log is the best of those. */
function improves(metric: string, { manifest, place }: Judged, evidence: Evidence): Verdict {
  const score = scoreOf(manifest, metric);
  if (score === null) return { passed: false, reason: `no score of ${metric} that ranks` };
  const lower = evidence.direction(metric) === 'minimize';
  for (const { value, place: other } of evidence.scores(metric)) {
    if (comparePlaces(other, place) >= 0) continue;
    const passed = lower ? score < value : score > value;
    return {
      passed,
      reason: `${metric} is ${score}, ${passed ? '' : 'not '}better than ${value}, the best before it`,
    };
  }
  return { passed: true, reason: `${metric} is ${score}, and none came before it` };
}

/** SPEC G3, G6: of what isn't in evaluation mode, or is ephemeral, no score ranks. */
function scoreOf({ mode, context, scores }: Manifest, metric: string): number | null {
  const ephemeral =
    context !== undefined && Object.hasOwn(context, 'ephemeral') && context['ephemeral'] === true;
  if (mode !== 'evaluation' || ephemeral || scores === undefined) return null;
  return Object.hasOwn(scores, metric) ? (scores[metric]?.value ?? null) : null;
}
