// The story of one metric: results by date, and which of them were the best when they came. Pure.
import type { Direction, Frontier, FrontierEntry } from '../../worker/rpc/api.ts';

export interface Point {
  entry: FrontierEntry;
  /** ms since the epoch, as its author says. */
  at: number;
  value: number;
  /** The best value before this one, null for the first. */
  before: number | null;
  record: boolean;
}
export interface Series {
  metric: string;
  direction: Direction;
  unit: string;
  /** Ascending by date. */
  points: Point[];
  records: Point[];
  byCid: ReadonlyMap<string, Point>;
}

export const better = (direction: Direction, a: number, b: number): boolean =>
  direction === 'minimize' ? a < b : a > b;

export function bestSoFar(metric: string, board: Frontier['byMetric'][string]): Series {
  const dated = board.entries
    .map((entry) => ({ entry, at: Date.parse(entry.createdAt) }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at || (a.entry.cid < b.entry.cid ? -1 : 1));
  let best: number | null = null;
  const points = dated.map(({ entry, at }): Point => {
    const before = best;
    const record = before === null || better(board.direction, entry.value, before);
    if (record) best = entry.value;
    return { entry, at, value: entry.value, before, record };
  });
  return {
    metric,
    direction: board.direction,
    unit: board.unit ?? '',
    points,
    records: points.filter((point) => point.record),
    byCid: new Map(points.map((point) => [point.entry.cid, point])),
  };
}
