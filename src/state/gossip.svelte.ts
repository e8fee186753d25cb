// The newest messages that passed, by the kind and peer that are asked for.
import type { GossipFilter, GossipMessage } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** Rows that a table begins with, and that it shows more at a time; a download has all. */
const SHOWN = 200;
/** ms between looks while one watches what passes. */
const WATCH = 1_000;
const ALL = 50_000;

export interface GossipPick {
  /** Empty: any. */
  type: string;
  peer: string;
  direction: '' | GossipMessage['direction'];
  outcome: '' | GossipMessage['outcome'];
}

export class GossipState {
  picked: GossipPick = $state.raw({ type: '', peer: '', direction: '', outcome: '' });
  /** Whether what passes is shown as it passes. */
  live = $state(false);
  #limit = $state(SHOWN);
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #query: Query<GossipMessage[]>;
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(() => thicket.gossipLog(this.#filter(this.#limit)));
  }

  get items(): GossipMessage[] | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  /** Whether there may be older ones than are shown. */
  get more(): boolean {
    return (this.items?.length ?? 0) >= this.#limit && this.#limit < ALL;
  }
  pick(change: Partial<GossipPick>): void {
    this.picked = { ...this.picked, ...change };
    this.#limit = SHOWN;
    this.#query.restart();
  }
  showMore(): void {
    this.#limit = Math.min(ALL, this.#limit + SHOWN);
    this.#query.restart();
  }
  watch(on: boolean): void {
    this.live = on;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = on ? setInterval(() => this.#query.refresh(), WATCH) : null;
    if (on) this.#query.refresh();
  }
  refresh(): void {
    this.#query.refresh();
  }
  /** All that the filter lets through, as a JSON file. */
  async file(): Promise<Blob> {
    const messages = await this.#thicket.gossipLog(this.#filter(ALL));
    return new Blob([JSON.stringify(messages, null, 1)], { type: 'application/json' });
  }
  close(): void {
    this.watch(false);
    this.#query.close();
  }

  #filter(limit: number): GossipFilter {
    const { type, peer, direction, outcome } = this.picked;
    return {
      grove: this.#grove,
      limit,
      ...(type === '' ? {} : { type }),
      ...(peer === '' ? {} : { peer }),
      ...(direction === '' ? {} : { direction }),
      ...(outcome === '' ? {} : { outcome }),
    };
  }
}
