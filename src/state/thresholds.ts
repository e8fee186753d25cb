// How good something must be to be fetched for being among the best: by metric, as a person fills it in. Pure.
import type { Direction, Metric } from '../../worker/rpc/api.ts';

export interface ThresholdRow {
  metric: string;
  /** Null where no contract says which way is better. */
  direction: Direction | null;
  unit: string;
  /** Null: none. */
  value: number | null;
}

/** The contract's metrics, then those that a threshold was set for before. */
export function rowsOf(
  metrics: readonly Metric[],
  thresholds: Readonly<Record<string, number>>,
): ThresholdRow[] {
  const agreed = metrics.map(({ name, direction, unit = '' }) => ({ metric: name, direction, unit }));
  const others = Object.keys(thresholds)
    .filter((name) => !metrics.some((metric) => metric.name === name))
    .sort()
    .map((metric) => ({ metric, direction: null, unit: '' }));
  return [...agreed, ...others].map((row) => ({ ...row, value: thresholds[row.metric] ?? null }));
}

/** With what was typed for one of them, nothing taking it away; null where that is no number. */
export function changed(
  thresholds: Readonly<Record<string, number>>,
  metric: string,
  text: string,
): Record<string, number> | null {
  const others = Object.entries(thresholds).filter(([name]) => name !== metric);
  if (text.trim() === '') return Object.fromEntries(others);
  const value = Number(text.trim().replace(',', '.'));
  return Number.isFinite(value) ? Object.fromEntries([...others, [metric, value]]) : null;
}
