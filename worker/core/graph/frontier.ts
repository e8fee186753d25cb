// The five rankings (SPEC G3-G6), kept sorted, so that a frontier is read off the top.
import { GRAPH } from './config.ts';
import type { Contribution } from './contributions.ts';
import { contributionTest } from './filter.ts';
import type { Metric, Metrics } from './metrics.ts';
import { checkLimit } from './order.ts';
import { createRanking } from './ranking.ts';
import type { Place, Ranking } from './ranking.ts';
import { meanScore } from './relations.ts';
import type { Relations, Tally } from './relations.ts';
import type { FrontierFilter, MetricRanking, Ranked, Rankings } from './types.ts';

export interface Frontier {
  /** This contribution, or what stands at it, changed. */
  touch: (contribution: Contribution) => void;
  /** `now` in ms since the epoch: what claims to be made later is not recent yet. Throws `invalid` for a bad limit. */
  rank: (filter: FrontierFilter, now: number) => Rankings;
}

export interface Sources {
  relations: Relations;
  metrics: Metrics<Contribution>;
}

export function createFrontier({ relations, metrics }: Sources): Frontier {
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
      const passes = ({ item }: Place<Contribution>): boolean => test === null || test(item);
      const top = (ranking: Ranking<Contribution>): Ranked[] => take(ranking.best('maximize'), limit, passes);
      // Names come from manifests: without a prototype, `__proto__` is a key like any other.
      const byMetric = Object.create(null) as Record<string, MetricRanking>;
      for (const { name, direction, unit, ranking } of chosen(filter.metric)) {
        const entries = ranking === null ? [] : take(ranking.best(direction), limit, passes);
        byMetric[name] = { direction, ...(unit === undefined ? {} : { unit }), entries };
      }
      return {
        byMetric,
        byAdoption: top(adoption),
        byRecency: take(recency.best('maximize'), limit, (place) => place.value <= now && passes(place)),
        byReviewScore: top(reviewScore),
        byReproduction: top(reproduction),
      };
    },
  };
}

const positive = (value: number): number | null => (value > 0 ? value : null);

function take(
  best: Iterable<Place<Contribution>>,
  limit: number,
  passes: (place: Place<Contribution>) => boolean,
): Ranked[] {
  const taken: Ranked[] = [];
  for (const place of best) {
    if (!passes(place)) continue;
    taken.push({ cid: place.item.cid, value: place.value });
    if (taken.length === limit) break;
  }
  return taken;
}
