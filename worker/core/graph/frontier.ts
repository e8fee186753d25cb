// The five rankings (SPEC G3-G6), kept sorted, so that a frontier is read off the top.
import { compareIds } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import type { Contribution } from './contributions.ts';
import { contributionTest } from './filter.ts';
import type { ContributionTest } from './filter.ts';
import type { Metric, Metrics } from './metrics.ts';
import { checkLimit } from './order.ts';
import type { Candidates } from './postings.ts';
import { createRanking } from './ranking.ts';
import type { Place, Ranking } from './ranking.ts';
import { meanScore } from './relations.ts';
import type { Relations, Tally } from './relations.ts';
import type { Direction, FrontierFilter, MetricRanking, Ranked, Rankings } from './types.ts';

export interface Frontier {
  /** This contribution, or what stands at it, changed. */
  touch: (contribution: Contribution) => void;
  /** `now` in ms since the epoch: what claims to be made later is not recent yet. Throws `invalid` for a bad limit. */
  rank: (filter: FrontierFilter, now: number) => Rankings;
}

export interface Sources {
  relations: Relations;
  metrics: Metrics<Contribution>;
  /** What a filter need look through; null where that is everything. */
  narrow: (filter: FrontierFilter) => Candidates | null;
}

export function createFrontier({ relations, metrics, narrow }: Sources): Frontier {
  const byTally = (value: (tally: Tally) => number | null): Ranking<Contribution> =>
    createRanking(({ cid, ranked }) => {
      const tally = ranked ? relations.of(cid) : null;
      return tally === null ? null : value(tally);
    });
  const adoption = byTally((tally) => positive(tally.adoption));
  const reproduction = byTally((tally) => positive(tally.reproductions));
  const reviewScore = byTally(meanScore);
  const recency = createRanking<Contribution>(({ ranked, createdAt }) => (ranked ? createdAt : null));
  const rankings = [adoption, reproduction, reviewScore, recency];

  function chosen(name: string | undefined): Metric<Contribution>[] {
    if (name === undefined) return metrics.list(GRAPH.maxMetrics);
    const metric = metrics.get(name);
    return metric === null ? [] : [metric];
  }

  return {
    touch: (contribution) => {
      for (const ranking of rankings) ranking.touch(contribution);
    },
    rank: (filter, now) => {
      const limit = checkLimit(filter.limit, GRAPH.ranking, GRAPH.maxRanking);
      const test = contributionTest(filter);
      const choice: Choice = {
        limit,
        passes: ({ item }) => test === null || test.passes(item),
        few: fewOf(narrow(filter), test),
      };
      const top = (ranking: Ranking<Contribution>): Ranked[] => take(ranking, 'maximize', choice);
      // Names come from manifests: without a prototype, `__proto__` is a key like any other.
      const byMetric = Object.create(null) as Record<string, MetricRanking>;
      for (const { name, direction, unit, ranking } of chosen(filter.metric)) {
        const entries = ranking === null ? [] : take(ranking, direction, choice);
        byMetric[name] = { direction, ...(unit === undefined ? {} : { unit }), entries };
      }
      return {
        byMetric,
        byAdoption: top(adoption),
        byRecency: take(recency, 'maximize', {
          ...choice,
          passes: (place) => place.value <= now && choice.passes(place),
        }),
        byReviewScore: top(reviewScore),
        byReproduction: top(reproduction),
      };
    },
  };
}

const positive = (value: number): number | null => (value > 0 ? value : null);

interface Choice {
  limit: number;
  passes: (place: Place<Contribution>) => boolean;
  /** All that can pass; null where that is everything. */
  few: { atMost: number; all: () => readonly Contribution[] } | null;
}

/** Looked through once, for all rankings, and only if one of them needs it. */
function fewOf(candidates: Candidates | null, test: ContributionTest | null): Choice['few'] {
  if (candidates === null) return null;
  let found: Contribution[] | null = null;
  const all = (): Contribution[] => {
    found ??= Array.from(candidates.newestFirst(null), ({ contribution }) => contribution).filter(
      (each) => test?.quick(each) !== false,
    );
    return found;
  };
  return { atMost: candidates.size, all };
}

/** Places of a ranking that are looked at from its top, and more for each that is wanted: in that time a twentieth of all would do. */
const LOOK = { least: 1_000, forEach: 20 };

/** The best that pass. Where a filter lets through many the first ones are soon found; where few, those are soon sorted. */
function take(ranking: Ranking<Contribution>, direction: Direction, choice: Choice): Ranked[] {
  const { limit, passes, few } = choice;
  const look = few === null ? Infinity : LOOK.least + limit * LOOK.forEach;
  if (few === null || few.atMost > look) {
    const found = first(ranking.best(direction), { limit, passes, look });
    if (few === null || found.whole) return found.taken;
  }
  return first(sorted(few.all(), ranking, direction), { limit, passes, look: Infinity }).taken;
}

/** `whole`: they are the first ones, not only those of the places that were looked at. */
function first(
  places: Iterable<Place<Contribution>>,
  { limit, passes, look }: Pick<Choice, 'limit' | 'passes'> & { look: number },
): { taken: Ranked[]; whole: boolean } {
  const taken: Ranked[] = [];
  let looked = 0;
  for (const place of places) {
    if (looked === look) return { taken, whole: false };
    looked += 1;
    if (!passes(place)) continue;
    taken.push({ cid: place.item.cid, value: place.value });
    if (taken.length === limit) break;
  }
  return { taken, whole: true };
}

function sorted(
  few: readonly Contribution[],
  ranking: Ranking<Contribution>,
  direction: Direction,
): Place<Contribution>[] {
  const sign = direction === 'minimize' ? 1 : -1;
  return few
    .map((each) => ranking.of(each))
    .filter((place) => place !== null)
    .sort((a, b) => sign * (a.value - b.value) || compareIds(a.item.cid, b.item.cid));
}
