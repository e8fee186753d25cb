// A metric over time: what its ranking holds, in log order, with the best so far (SPEC G24).
import type { Cid } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import type { Contribution, Placed } from './contributions.ts';
import { contributionTest } from './filter.ts';
import type { ContributionFilter } from './filter.ts';
import type { Metrics } from './metrics.ts';
import { checkLimit, comparePlaces } from './order.ts';
import type { Direction, Publication } from './types.ts';

export interface SeriesFilter extends ContributionFilter {
  /** Points; default 1,000, at most 10,000. */
  limit?: number;
}
export interface SeriesPoint {
  cid: Cid;
  value: number;
  /** Of this and all before it, those that are not told included. */
  best: number;
  /** Better than all before it. */
  improves: boolean;
  /** Its first publication that stands. */
  publication: Publication;
  /** Its place in the whole series, from 0. */
  index: number;
}
export interface Series {
  direction: Direction;
  unit?: string;
  points: SeriesPoint[];
  /** How many there are, told or not. */
  total: number;
  improvements: number;
}

/** Null for a metric that nobody scored and the contract doesn't name. Throws `invalid` for limit. */
export function seriesOf(
  name: string,
  filter: SeriesFilter,
  metrics: Pick<Metrics<Contribution>, 'get'>,
): Series | null {
  const limit = checkLimit(filter.limit, GRAPH.series, GRAPH.maxSeries);
  const metric = metrics.get(name);
  if (metric === null) return null;
  const { direction, unit, ranking } = metric;
  const test = contributionTest(filter);
  const held: { placed: Placed; value: number }[] = [];
  for (const { item, value } of ranking?.best(direction) ?? []) {
    if (item.place !== null && item.ranked && test?.passes(item) !== false)
      held.push({ placed: item.place, value });
  }
  held.sort((a, b) => comparePlaces(a.placed, b.placed));

  let best: number | null = null;
  const all = held.map(({ placed, value }, index): SeriesPoint => {
    const improves = best === null || (direction === 'minimize' ? value < best : value > best);
    if (improves || best === null) best = value;
    const { contribution, publication } = placed;
    return { cid: contribution.cid, value, best, improves, publication: { ...publication }, index };
  });
  const improving = all.filter(({ improves }) => improves);
  return {
    direction,
    ...(unit === undefined ? {} : { unit }),
    points: choose(all, improving, limit),
    total: all.length,
    improvements: improving.length,
  };
}

/** Every improvement before anything else, in the series' order. */
function choose(
  all: readonly SeriesPoint[],
  improving: readonly SeriesPoint[],
  limit: number,
): SeriesPoint[] {
  if (all.length <= limit) return [...all];
  if (improving.length >= limit) return evenly(improving, limit);
  const rest = evenly(
    all.filter(({ improves }) => !improves),
    limit - improving.length,
  );
  return [...improving, ...rest].sort((a, b) => a.index - b.index);
}

/** So many of them, spread evenly, the last among them. */
function evenly<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => Math.ceil(((i + 1) * items.length) / count) - 1).flatMap(
    (at) => {
      const item = items[at];
      return item === undefined ? [] : [item];
    },
  );
}
