// Whether work in a grove should stop by its contract's conditions, with the figures (SPEC G20).
import type { Stop } from '../model/contract.ts';
import { compareIds, type Cid } from '../model/ids.ts';
import type { Evidence, Scored } from './evidence.ts';
import { counted } from './gates.ts';
import { comparePlaces } from './order.ts';
import { meanOf } from './metadata.ts';
import { reviewersOf } from './reviewers.ts';
import type { PersonOf } from './reviewers.ts';
import { formatTime } from './time.ts';

export interface StopResult {
  stop: Stop;
  met: boolean;
  /** Plain English, with the figures. */
  reason: string;
  /** Where it stands now: the best so far, rounds without improvement, contributions, reviews and their score. */
  figures: {
    best?: number;
    rounds?: number;
    contributions?: number;
    reviews?: number;
    score?: number;
  };
  /** The contribution that comes closest, where one does. */
  cid?: Cid;
}
type Verdict = Omit<StopResult, 'stop'>;

/** `now`: ms since the epoch by the reader's clock. */
export function judgeStops(
  stops: readonly Stop[],
  evidence: Evidence,
  personOf: PersonOf,
  now: number,
): StopResult[] {
  return stops.map((stop) => ({ stop, ...judge(stop, evidence, personOf, now) }));
}

type Of<Type extends Stop['type']> = Extract<Stop, { type: Type }>;

function judge(stop: Stop, evidence: Evidence, personOf: PersonOf, now: number): Verdict {
  switch (stop.type) {
    case 'target':
      return target(stop, evidence);
    case 'rounds':
      return rounds(stop, evidence);
    case 'budget':
      return budget(stop, evidence, now);
    case 'review_quorum':
      return quorum(stop, evidence, personOf);
  }
}

function target({ metric, value }: Of<'target'>, evidence: Evidence): Verdict {
  const lower = evidence.direction(metric) === 'minimize';
  const needs = `needs ${lower ? 'at most' : 'at least'} ${value}`;
  const [best] = evidence.scores(metric);
  if (best === undefined) return { met: false, reason: `no score of ${metric} yet, ${needs}`, figures: {} };
  return {
    met: lower ? best.value <= value : best.value >= value,
    reason: `the best ${metric} is ${best.value}, ${needs}`,
    figures: { best: best.value },
    cid: best.cid,
  };
}

function rounds({ metric, count }: Of<'rounds'>, evidence: Evidence): Verdict {
  const lower = evidence.direction(metric) === 'minimize';
  const inOrder = [...evidence.scores(metric)].sort((a, b) => comparePlaces(a.place, b.place));
  let best: Scored | null = null;
  let since = 0;
  for (const scored of inOrder) {
    const improved = best === null || (lower ? scored.value < best.value : scored.value > best.value);
    if (improved) best = scored;
    since = improved ? 0 : since + 1;
  }
  return {
    met: since >= count,
    reason: `${counted(since, 'score')} of ${metric} without improvement, of ${count}`,
    figures: { rounds: since, ...(best === null ? {} : { best: best.value }) },
    ...(best === null ? {} : { cid: best.cid }),
  };
}

function budget({ contributions, until }: Of<'budget'>, evidence: Evidence, now: number): Verdict {
  const count = evidence.count();
  const reasons = [
    ...(contributions === undefined ? [] : [`${counted(count, 'contribution')} of ${contributions}`]),
    ...(until === undefined ? [] : [`the time ${now >= until ? 'was' : 'is'} over at ${formatTime(until)}`]),
  ];
  return {
    met: count >= (contributions ?? Infinity) || now >= (until ?? Infinity),
    reason: reasons.join(', '),
    figures: { contributions: count },
  };
}

/** The closest: of those with enough reviews the best score, else the most reviews; ties by CID. */
function quorum({ reviews, score }: Of<'review_quorum'>, evidence: Evidence, personOf: PersonOf): Verdict {
  let closest: { cid: Cid; reviews: number; score: number } | null = null;
  for (const cid of evidence.reviewed()) {
    const reviewers = reviewersOf(cid, evidence, personOf);
    if (reviewers.size === 0) continue;
    const found = { cid, reviews: reviewers.size, score: meanOf(reviewers.values()) ?? -1 };
    if (closest === null || isCloser(found, closest, reviews)) closest = found;
  }
  const needs = `needs ${reviews} with ${score} on average`;
  if (closest === null) return { met: false, reason: `nothing was reviewed yet, ${needs}`, figures: {} };
  const { cid, score: mean } = closest;
  const said = mean < 0 ? 'without a score' : `with ${mean} on average`;
  return {
    met: closest.reviews >= reviews && mean >= score,
    reason: `reviewed by ${counted(closest.reviews, 'person')} ${said}, ${needs}`,
    figures: { reviews: closest.reviews, ...(mean < 0 ? {} : { score: mean }) },
    cid,
  };
}

function isCloser(
  a: { cid: Cid; reviews: number; score: number },
  b: { cid: Cid; reviews: number; score: number },
  enough: number,
): boolean {
  const [aReviews, bReviews] = [Math.min(a.reviews, enough), Math.min(b.reviews, enough)];
  return (aReviews - bReviews || a.score - b.score || compareIds(b.cid, a.cid)) > 0;
}
