// Scores by metric: the values, and the direction and unit that most of them declare. Who qualifies is decided elsewhere.
import { compareIds } from '../model/ids.ts';
import type { Cid } from '../model/ids.ts';
import type { Manifest } from '../model/manifest.ts';
import { createRanking } from './ranking.ts';
import type { Ranking } from './ranking.ts';
import type { ContractMetric, Direction } from './types.ts';

type Scores = NonNullable<Manifest['scores']>;

export interface Metric<T> {
  name: string;
  direction: Direction;
  unit?: string;
  /** Null where nobody has a score. */
  ranking: Ranking<T> | null;
}

export interface Metrics<T> {
  add(holder: T, scores: Scores): void;
  remove(holder: T, scores: Scores): void;
  /** The contract says something else now. */
  declare(contract: readonly ContractMetric[]): void;
  get(name: string): Metric<T> | null;
  /** The contract's in its order, then at most `others` more, those with the most scores first, ties by name. */
  list(others: number): Metric<T>[];
}

interface Bucket<T> {
  values: Map<T, number>;
  ranking: Ranking<T>;
  maximize: number;
  units: Map<string, number>;
}

export function createMetrics<T extends { cid: Cid }>(contract: readonly ContractMetric[]): Metrics<T> {
  let declared = new Map(contract.map((metric) => [metric.name, metric]));
  const buckets = new Map<string, Bucket<T>>();

  function describe(name: string): Metric<T> | null {
    const [promised, bucket] = [declared.get(name), buckets.get(name)];
    if (promised === undefined && bucket === undefined) return null;
    const direction = promised?.direction ?? (bucket === undefined ? 'minimize' : majority(bucket));
    const unit = promised?.unit ?? (bucket === undefined ? undefined : mostUsed(bucket.units));
    const ranking = bucket?.ranking ?? null;
    return unit === undefined ? { name, direction, ranking } : { name, direction, unit, ranking };
  }
  return {
    add: (holder, scores) => {
      for (const [name, score] of Object.entries(scores)) {
        if (!Number.isFinite(score.value)) continue;
        let bucket = buckets.get(name);
        if (bucket === undefined) buckets.set(name, (bucket = createBucket()));
        if (bucket.values.has(holder)) continue;
        bucket.values.set(holder, score.value);
        bucket.ranking.touch(holder);
        if (score.direction === 'maximize') bucket.maximize += 1;
        if (score.unit !== undefined) bucket.units.set(score.unit, (bucket.units.get(score.unit) ?? 0) + 1);
      }
    },
    remove: (holder, scores) => {
      for (const [name, score] of Object.entries(scores)) {
        const bucket = buckets.get(name);
        if (bucket?.values.delete(holder) !== true) continue;
        bucket.ranking.touch(holder);
        if (bucket.values.size === 0) buckets.delete(name);
        if (score.direction === 'maximize') bucket.maximize -= 1;
        if (score.unit === undefined) continue;
        const left = (bucket.units.get(score.unit) ?? 0) - 1;
        if (left > 0) bucket.units.set(score.unit, left);
        else bucket.units.delete(score.unit);
      }
    },
    declare: (promised) => {
      declared = new Map(promised.map((metric) => [metric.name, metric]));
    },
    get: describe,
    list: (others) => {
      const rest = [...buckets].filter(([name]) => !declared.has(name));
      rest.sort(([a, one], [b, other]) => other.values.size - one.values.size || compareIds(a, b));
      const names = [...declared.keys(), ...rest.slice(0, others).map(([name]) => name)];
      return names.map(describe).filter((metric) => metric !== null);
    },
  };
}

function createBucket<T extends { cid: Cid }>(): Bucket<T> {
  const values = new Map<T, number>();
  return {
    values,
    ranking: createRanking((holder) => values.get(holder) ?? null),
    maximize: 0,
    units: new Map(),
  };
}

const majority = <T>({ maximize, values }: Bucket<T>): Direction =>
  maximize * 2 > values.size ? 'maximize' : 'minimize';

/** Ties go to the unit that sorts first. */
function mostUsed(units: ReadonlyMap<string, number>): string | undefined {
  let best: [string, number] | undefined;
  for (const [unit, count] of units) {
    if (best === undefined || count > best[1] || (count === best[1] && unit < best[0])) best = [unit, count];
  }
  return best?.[0];
}
