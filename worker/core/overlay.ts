// What is known only by digest, laid over the rankings of the views (SPEC H4). The views themselves know nothing of it.
import { METRIC, type DigestPlace, type DigestRow, type Direction } from './gossip/digest-row.ts';
import { GRAPH } from './graph/config.ts';
import type { FrontierFilter, MetricRanking, Ranked, Rankings } from './graph/types.ts';
import { compareIds, type Cid } from './model/ids.ts';

export interface OverlayOptions {
  filter: FrontierFilter;
  /** By the reader's clock: what claims to be of later is not recent yet. */
  now: number;
  /** Whether the log names it, it stands, and its body is not here: of what is here the views say more. */
  isMissing: (cid: Cid) => boolean;
  /** Whether a publication of this author stands, by the log. */
  isBy: (cid: Cid, author: string) => boolean;
}

/** The rankings with what others say they hold among them, as if it were here. */
export function overlay(rankings: Rankings, rows: readonly DigestRow[], options: OverlayOptions): Rankings {
  const { filter, now, isMissing, isBy } = options;
  const limit = filter.limit ?? GRAPH.ranking;
  const shown = rows.filter((row) => passes(row, filter, isBy) && isMissing(row.cid));
  if (shown.length === 0) return rankings;

  /** What the rows say of one ranking: of several that differ, the best. */
  function told(name: string, direction: Direction, fits: (value: number) => boolean): Ranked[] {
    const values = new Map<Cid, number>();
    for (const { cid, places } of shown) {
      for (const { ranking, value } of places) {
        const before = values.get(cid);
        if (ranking !== name || !fits(value)) continue;
        if (before === undefined || compare(direction, value, before) < 0) values.set(cid, value);
      }
    }
    return [...values].map(([cid, value]) => ({ cid, value }));
  }

  function merged(
    entries: readonly Ranked[],
    name: string,
    direction: Direction,
    fits: (value: number) => boolean = () => true,
  ): Ranked[] {
    const others = told(name, direction, fits);
    if (others.length === 0) return [...entries];
    return [...entries, ...others]
      .sort((a, b) => compare(direction, a.value, b.value) || compareIds(a.cid, b.cid))
      .slice(0, limit);
  }

  // Metric names are anybody's words: without a prototype, `__proto__` is a key like any other.
  const byMetric = Object.assign(Object.create(null) as Record<string, MetricRanking>, rankings.byMetric);
  for (const place of strangeMetrics(shown, filter.metric)) {
    const name = place.ranking.slice(METRIC.length);
    if (Object.keys(byMetric).length >= GRAPH.maxMetrics) break;
    byMetric[name] ??= { direction: place.direction, entries: [] };
  }
  const unevaluated = new Set(shown.flatMap(({ cid, mode }) => (mode === 'evaluation' ? [] : [cid])));
  for (const [name, ranking] of Object.entries(byMetric)) {
    const entries = merged(ranking.entries, `${METRIC}${name}`, ranking.direction);
    byMetric[name] = { ...ranking, entries: entries.filter(({ cid }) => !unevaluated.has(cid)) };
  }
  const positive = (value: number): boolean => value > 0;
  return {
    byMetric,
    byAdoption: merged(rankings.byAdoption, 'adoption', 'maximize', positive),
    byRecency: merged(rankings.byRecency, 'recency', 'maximize', (value) => value <= now),
    byReviewScore: merged(rankings.byReviewScore, 'review', 'maximize', (value) => value >= 0 && value <= 1),
    byReproduction: merged(rankings.byReproduction, 'reproduction', 'maximize', positive),
  };
}

/** Rows tell kind, mode and tags, the log who published. What is asked for by anything else is found only in what is held. */
const JUDGED: ReadonlySet<string> = new Set(['kind', 'mode', 'tags', 'author', 'metric', 'limit']);

function passes(row: DigestRow, filter: FrontierFilter, isBy: OverlayOptions['isBy']): boolean {
  const { kind, mode, tags, author } = filter;
  if (Object.entries(filter).some(([name, value]) => !JUDGED.has(name) && !isEmpty(value))) return false;
  if (kind !== undefined && kind !== row.kind) return false;
  if (mode !== undefined && mode !== row.mode) return false;
  if (author !== undefined && !isBy(row.cid, author)) return false;
  return (tags ?? []).every((tag) => row.tags.includes(tag));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function strangeMetrics(rows: readonly DigestRow[], metric: string | undefined): DigestPlace[] {
  return rows
    .flatMap(({ places }) => places)
    .filter(({ ranking }) =>
      metric === undefined ? ranking.startsWith(METRIC) : ranking === `${METRIC}${metric}`,
    );
}

const compare = (direction: Direction, a: number, b: number): number =>
  direction === 'minimize' ? a - b : b - a;
