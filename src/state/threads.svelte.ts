// The conversations of a grove, newest activity first.
import type { ThreadInfo } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

const PAGE = 50;

export class ThreadsState {
  #pages = 1;
  readonly #query: Query<{ items: ThreadInfo[]; more: boolean }>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#query = new Query(async () => {
      const { items, cursor } = await thicket.threads(grove, { limit: Math.min(500, PAGE * this.#pages) });
      return { items, more: cursor !== undefined };
    });
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get items(): ThreadInfo[] | null {
    return this.#query.value?.items ?? null;
  }
  get more(): boolean {
    return this.#query.value?.more ?? false;
  }
  get problem() {
    return this.#query.problem;
  }
  showMore(): void {
    this.#pages += 1;
    this.#query.restart();
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
