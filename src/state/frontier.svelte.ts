// A grove's rankings: the short lists that are shown, and the long one behind the chart of the chosen metric.
import type { Frontier, Metric } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import { bestSoFar, type Series } from './series.ts';
import type { Thicket } from './thicket.ts';

const SHOWN = 12;
/** What the chart is drawn from: the API gives at most this many in one answer. */
const CHARTED = 500;

export class FrontierState {
  /** The metric picked by hand; until then the first of the contract that has a result. */
  #picked: string | null = $state(null);
  readonly #metrics: () => Metric[];
  readonly #lists: Query<Frontier>;
  readonly #chart: Query<Series | null>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, grove: string, metrics: () => Metric[]) {
    this.#metrics = metrics;
    this.#lists = new Query(() => thicket.frontier(grove, { limit: SHOWN }));
    this.#chart = new Query(async () => {
      const all = await thicket.frontier(grove, { limit: CHARTED });
      const metric = this.#choose(all);
      const board = metric === null ? undefined : all.byMetric[metric];
      return board === undefined || metric === null ? null : bestSoFar(metric, board);
    });
    this.#stop = [
      followGrove(thicket, grove, () => this.refresh()),
      thicket.on('peers', () => this.#lists.refresh()),
    ];
  }

  get value(): Frontier | null {
    return this.#lists.value;
  }
  get problem() {
    return this.#lists.problem;
  }
  get series(): Series | null {
    return this.#chart.value;
  }
  /** Metrics with a leaderboard: the contract's first, then any other that was scored. */
  get metrics(): string[] {
    const scored = Object.keys(this.#lists.value?.byMetric ?? {});
    const agreed = this.#metrics().map((metric) => metric.name);
    return [...agreed, ...scored.filter((name) => !agreed.includes(name)).sort()];
  }
  get metric(): string | null {
    return this.#lists.value === null ? this.#picked : this.#choose(this.#lists.value);
  }
  pick(metric: string): void {
    this.#picked = metric;
    this.#chart.restart();
  }
  refresh(): void {
    this.#lists.refresh();
    this.#chart.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#lists.close();
    this.#chart.close();
  }

  #choose(frontier: Frontier): string | null {
    if (this.#picked !== null) return this.#picked;
    const names = [...this.#metrics().map((metric) => metric.name), ...Object.keys(frontier.byMetric).sort()];
    return names.find((name) => (frontier.byMetric[name]?.entries.length ?? 0) > 0) ?? names[0] ?? null;
  }
}
