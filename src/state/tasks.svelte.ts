// Plans and questions of a grove, who works on them, and the calls that say so.
import type { Task } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

const LIMIT = 100;

export interface TaskLists {
  /** Others' questions without an answer. */
  waiting: Task[];
  mine: Task[];
  all: Task[];
  more: boolean;
}

export class TasksState {
  /** What is being written, by CID. */
  busy: string | null = $state(null);
  failure: Problem | null = $state.raw(null);
  /** Moves on by itself, so that what is left of a claim is true. */
  now = $state(Date.now());
  /** Claims of this device that no longer count. */
  lost: string[] = $state([]);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<TaskLists>;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, grove: string, isOwn: (peer: string) => boolean) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(async () => {
      const [asked, mine, all] = await Promise.all([
        thicket.questions(grove, { open: true, limit: LIMIT }),
        thicket.tasks(grove, { mine: true, limit: LIMIT }),
        thicket.tasks(grove, { limit: LIMIT }),
      ]);
      return {
        waiting: asked.items.filter(({ author }) => !isOwn(author)),
        mine: mine.items,
        all: all.items,
        more: all.cursor !== undefined,
      };
    });
    const clock = setInterval(() => {
      this.now = Date.now();
    }, 1000);
    this.#stop = [
      followGrove(thicket, grove, () => this.#query.refresh()),
      thicket.on('claim-lost', (event) => {
        if (event.grove === grove) this.lost = [...this.lost, event.cid];
      }),
      () => clearInterval(clock),
    ];
  }

  get value(): TaskLists | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }
  async act(cid: string, what: 'claim' | 'release' | 'complete'): Promise<void> {
    this.busy = cid;
    this.failure = null;
    try {
      await this.#thicket[what](this.#grove, cid);
    } catch (error) {
      this.failure = toProblem(error);
    }
    this.busy = null;
    this.#query.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }
}
