// A grove's rankings: the short lists that are shown, and the long one behind the chart of the chosen metric.
import type { Frontier, FrontierFilter, Metric } from '../../worker/rpc/api.ts';
import type { FrontierQuery } from '../routes.ts';
import { EarlyView } from './early.svelte.ts';
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import { kindOf, modeOf } from './list.svelte.ts';
import { bestSoFar, type Series } from './series.ts';
import type { Thicket } from './thicket.ts';

const SHOWN = 12;
/** What the chart is drawn from: the API gives at most this many in one answer. */
const CHARTED = 500;

export class FrontierState {
  /** Its metric is the one picked by hand; until then the first of the contract that has a result. */
  #query: FrontierQuery = $state.raw({ metric: '', kind: '', mode: '', tags: [] });
  readonly #metrics: () => Metric[];
  readonly #lists: Query<Frontier>;
  readonly #chart: Query<Series | null>;
  readonly #early: EarlyView;
  readonly #stop: (() => void)[];

  /** `isRead`: false while the grove's log is read back, and its rankings have to be waited for. */
  constructor(thicket: Thicket, grove: string, metrics: () => Metric[], query: FrontierQuery, isRead = true) {
    this.#early = new EarlyView(thicket, grove, isRead);
    this.#metrics = metrics;
    this.#query = query;
    this.#lists = new Query(() => thicket.frontier(grove, { limit: SHOWN, ...toFilter(this.#query) }));
    this.#chart = new Query(async () => {
      const all = await thicket.frontier(grove, { limit: CHARTED, ...toFilter(this.#query) });
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
    const isAll = Object.keys(toFilter(this.#query)).length === 0;
    return this.#lists.value ?? (isAll ? (this.#early.value?.frontier ?? null) : null);
  }
  get problem() {
    return this.#lists.problem;
  }
  get series(): Series | null {
    return this.#chart.value;
  }
  /** Metrics with a leaderboard: the contract's first, then any other that was scored. */
  get metrics(): string[] {
    const scored = Object.keys(this.value?.byMetric ?? {});
    const agreed = this.#metrics().map((metric) => metric.name);
    return [...agreed, ...scored.filter((name) => !agreed.includes(name)).sort()];
  }
  get metric(): string | null {
    const { metric } = this.#query;
    return this.value === null ? (metric === '' ? null : metric) : this.#choose(this.value);
  }
  narrow(query: FrontierQuery): void {
    const before = this.#query;
    if (JSON.stringify(query) === JSON.stringify(before)) return;
    this.#query = query;
    this.#chart.restart();
    if (JSON.stringify(toFilter(query)) !== JSON.stringify(toFilter(before))) this.#lists.restart();
  }
  refresh(): void {
    this.#lists.refresh();
    this.#chart.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#lists.close();
    this.#chart.close();
    this.#early.close();
  }

  #choose(frontier: Frontier): string | null {
    const names = [...this.#metrics().map((metric) => metric.name), ...Object.keys(frontier.byMetric).sort()];
    // An address may name a metric that nobody ever measured.
    if (names.includes(this.#query.metric)) return this.#query.metric;
    return names.find((name) => (frontier.byMetric[name]?.entries.length ?? 0) > 0) ?? names[0] ?? null;
  }
}

function toFilter({ kind, mode, tags }: FrontierQuery): FrontierFilter {
  const filter: FrontierFilter = {};
  const [knownKind, knownMode] = [kindOf(kind), modeOf(mode)];
  if (knownKind !== undefined) filter.kind = knownKind;
  if (knownMode !== undefined) filter.mode = knownMode;
  if (tags.length > 0) filter.tags = tags;
  return filter;
}
