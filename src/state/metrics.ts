// A metric as a form holds it.
import type { Metric } from '../../worker/rpc/api.ts';

export interface MetricRow {
  name: string;
  direction: Metric['direction'];
  unit: string;
}

export const toMetric = ({ name, direction, unit }: MetricRow): Metric => ({
  name: name.trim(),
  direction,
  ...(unit.trim() === '' ? {} : { unit: unit.trim() }),
});
export const toRow = ({ name, direction, unit = '' }: Metric): MetricRow => ({ name, direction, unit });
