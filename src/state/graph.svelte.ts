// The live picture of a grove: its nodes and edges, laid out. What is new is asked for by itself and added.
import type { GraphView } from '../../worker/rpc/api.ts';
import { openLayouts, type Layouts } from '../graph/layouts.ts';
import { followGrove } from './follow.ts';
import { grown, isBeside } from './graph-growth.ts';
import type { Layout } from './layout.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** The most that can be asked for. */
const LIMIT = 10_000;
/** More at once are asked for with all the rest. */
const FEW = 20;
/** All is asked for again once it has been left alone for so many times as long as that took: a catch-up changes it all the time. */
const REST = 4;

/** Since the picture was asked for: what was published, or null where that isn't all that changed. */
type News = readonly string[] | null;

interface Shown {
  view: GraphView;
  layout: Layout;
}

export class GraphState {
  readonly #query: Query<Shown>;
  /** The last answer, which the next one may begin with. */
  #shown: Shown | null = null;
  readonly #layouts: Layouts;
  readonly #stop: (() => void)[];
  #news: News = null;
  /** From when on all may be asked for again, by performance.now(). */
  #rested = 0;
  #due: ReturnType<typeof setTimeout> | null = null;

  /** `expected`: contributions. */
  constructor(thicket: Thicket, grove: string, expected = 0) {
    this.#layouts = openLayouts(expected);
    this.#query = new Query(async () => {
      const [before, news] = [this.#shown, this.#news];
      this.#news = [];
      if (before !== null && news?.length === 0) return before;
      const added = before === null ? null : await this.#added(thicket, grove, before.view, news);
      const began = performance.now();
      const view = added ?? (await this.#whole(thicket, grove));
      this.#shown = { view, layout: await this.#layouts.layOut(view) };
      const took = performance.now() - began;
      if (added === null) this.#rested = performance.now() + REST * took;
      return this.#shown;
    });
    this.#stop = [
      thicket.on('entry', (event) => {
        if (event.grove !== grove || isBeside(event.kind)) return;
        if (event.kind !== 'contribution' || event.cid === undefined) this.#news = null;
        else if (this.#news?.includes(event.cid) === false)
          this.#news = this.#news.length < FEW ? [...this.#news, event.cid] : null;
      }),
      thicket.on('fork', (event) => {
        if (event.grove === grove) this.#news = null;
      }),
      thicket.on('restarted', () => {
        this.#news = null;
      }),
      followGrove(thicket, grove, () => {
        // Bodies come without entries of their own: as long as one is missing it may have come.
        if (this.#shown?.view.nodes.some(({ kind }) => kind === '') !== false) this.#news = null;
        this.#soon();
      }),
    ];
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
    this.#news = null;
    this.#query.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    if (this.#due !== null) clearTimeout(this.#due);
    this.#query.close();
    this.#layouts.close();
  }

  #soon(): void {
    const wait = this.#news === null ? this.#rested - performance.now() : 0;
    if (wait <= 0) this.#query.refresh();
    else
      this.#due ??= setTimeout(() => {
        this.#due = null;
        this.#query.refresh();
      }, wait);
  }

  async #whole(thicket: Thicket, grove: string): Promise<GraphView> {
    try {
      return await thicket.graph(grove, { limit: LIMIT });
    } catch (error) {
      // What came meanwhile is not all that lacks.
      this.#news = null;
      throw error;
    }
  }

  async #added(thicket: Thicket, grove: string, view: GraphView, news: News): Promise<GraphView | null> {
    if (news === null) return null;
    // Whatever can't be had so is had with all the rest.
    const asked = news.map((cid) => thicket.contribution(grove, cid).catch(() => null));
    const added = (await Promise.all(asked)).filter((each) => each !== null);
    return added.length < news.length ? null : grown(view, added, LIMIT);
  }
}
