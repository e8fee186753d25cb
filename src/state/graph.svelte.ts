// The live picture of a grove: its nodes and edges, laid out.
import type { GraphView } from '../../worker/rpc/api.ts';
import { openLayouts, type Layouts } from '../graph/layouts.ts';
import { followGrove } from './follow.ts';
import type { Layout } from './layout.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** The most that can be asked for. */
const LIMIT = 10_000;

export class GraphState {
  readonly #query: Query<{ view: GraphView; layout: Layout }>;
  readonly #layouts: Layouts = openLayouts();
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#query = new Query(async () => {
      const view = await thicket.graph(grove, { limit: LIMIT });
      return { view, layout: await this.#layouts.layOut(view) };
    });
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get layout(): Layout | null {
    return this.#query.value?.layout ?? null;
  }
  get truncated(): boolean {
    return this.#query.value?.view.truncated ?? false;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    this.#stop();
    this.#query.close();
    this.#layouts.close();
  }
}
