// The newest messages that passed, by the kind and peer that are asked for.
import type { GossipFilter, GossipMessage } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

/** Rows of a table that a person looks through; a download has all. */
const SHOWN = 200;
const ALL = 50_000;

export class GossipState {
  /** Empty: any. */
  type = $state('');
  peer = $state('');
  readonly #query: Query<GossipMessage[]>;
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(() => thicket.gossipLog(this.#filter(SHOWN)));
  }

  get items(): GossipMessage[] | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  pick(change: { type?: string; peer?: string }): void {
    this.type = change.type ?? this.type;
    this.peer = change.peer ?? this.peer;
    this.#query.restart();
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
    this.#query.close();
  }

  #filter(limit: number): GossipFilter {
    return {
      grove: this.#grove,
      limit,
      ...(this.type === '' ? {} : { type: this.type }),
      ...(this.peer === '' ? {} : { peer: this.peer }),
    };
  }
}
