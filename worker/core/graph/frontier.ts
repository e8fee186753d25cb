// The five rankings (SPEC G3-G6), taken in one pass over the candidates.
import { compareIds } from '../model/ids.ts';
import type { Cid } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import type { Contribution } from './contributions.ts';
import { manifestTest } from './filter.ts';
import type { Metric, Metrics } from './metrics.ts';
import { checkLimit } from './order.ts';
import { meanScore } from './relations.ts';
import type { Relations } from './relations.ts';
import type { Direction, FrontierFilter, MetricRanking, Ranked, Rankings } from './types.ts';

export interface Candidates {
  ranked: ReadonlySet<Contribution>;
  relations: Relations;
  metrics: Metrics<Contribution>;
}

/** `now` in ms since the epoch: what claims to be made later is not recent yet. Throws `invalid` for a bad limit. */
export function rank(
  { ranked, relations, metrics }: Candidates,
  filter: FrontierFilter,
  now: number,
): Rankings {
  const limit = checkLimit(filter.limit, GRAPH.ranking, GRAPH.maxRanking);
  const passing = select(ranked, filter);
  const tops = {
    byAdoption: createTop(limit, 'maximize'),
    byRecency: createTop(limit, 'maximize'),
    byReviewScore: createTop(limit, 'maximize'),
    byReproduction: createTop(limit, 'maximize'),
  };
  for (const { cid, createdAt } of passing) {
    if (createdAt !== null && createdAt <= now) tops.byRecency.offer(cid, createdAt);
    const tally = relations.of(cid);
    if (tally === null) continue;
    if (tally.adoption > 0) tops.byAdoption.offer(cid, tally.adoption);
    if (tally.reproductions > 0) tops.byReproduction.offer(cid, tally.reproductions);
    const mean = meanScore(tally);
    if (mean !== null) tops.byReviewScore.offer(cid, mean);
  }
  return {
    byMetric: rankMetrics(chosen(metrics, filter.metric), passing, limit),
    byAdoption: tops.byAdoption.list(),
    byRecency: tops.byRecency.list(),
    byReviewScore: tops.byReviewScore.list(),
    byReproduction: tops.byReproduction.list(),
  };
}

function select(ranked: ReadonlySet<Contribution>, filter: FrontierFilter): ReadonlySet<Contribution> {
  const test = manifestTest(filter);
  if (test === null) return ranked;
  const passing = new Set<Contribution>();
  for (const contribution of ranked) {
    if (contribution.manifest !== null && test(contribution.manifest)) passing.add(contribution);
  }
  return passing;
}

function chosen(metrics: Metrics<Contribution>, name: string | undefined): Metric<Contribution>[] {
  if (name === undefined) return metrics.list(GRAPH.maxMetrics);
  const metric = metrics.get(name);
  return metric === null ? [] : [metric];
}

function rankMetrics(
  metrics: readonly Metric<Contribution>[],
  passing: ReadonlySet<Contribution>,
  limit: number,
): Record<string, MetricRanking> {
  // Names come from manifests: without a prototype, `__proto__` is a key like any other.
  const rankings = Object.create(null) as Record<string, MetricRanking>;
  for (const { name, direction, unit, values } of metrics) {
    const top = createTop(limit, direction);
    for (const [contribution, value] of values) {
      if (passing.has(contribution)) top.offer(contribution.cid, value);
    }
    rankings[name] = { direction, ...(unit === undefined ? {} : { unit }), entries: top.list() };
  }
  return rankings;
}

/** The best `limit` of what was offered, ties by CID ascending. An offer that is no better than the worst costs one comparison. */
function createTop(
  limit: number,
  direction: Direction,
): { offer(cid: Cid, value: number): void; list(): Ranked[] } {
  const best: Ranked[] = [];
  const sign = direction === 'minimize' ? 1 : -1;
  const precedes = (cid: Cid, value: number, other: Ranked): boolean =>
    value === other.value ? compareIds(cid, other.cid) < 0 : sign * value < sign * other.value;

  return {
    offer: (cid, value) => {
      const worst = best.at(-1);
      if (best.length === limit && worst !== undefined && !precedes(cid, value, worst)) return;
      let index = best.length;
      for (
        let before = best[index - 1];
        before !== undefined && precedes(cid, value, before);
        before = best[index - 1]
      ) {
        index -= 1;
      }
      best.splice(index, 0, { cid, value });
      if (best.length > limit) best.pop();
    },
    list: () => best,
  };
}
