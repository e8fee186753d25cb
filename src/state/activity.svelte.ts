// What happened in a grove, the newest first, as many pages as were asked for. Looking at it marks it as seen.
import type { ActivityItem } from '../../worker/rpc/api.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';
import type { Mark, Unread } from './unread.svelte.ts';

const PAGE = 50;
/** Of one page little may be left: renewals of claims are no news. So many are asked for one after another. */
const PAGES_AT_ONCE = 4;

interface Listing {
  items: ActivityItem[];
  end: number;
  more: boolean;
}

export class ActivityState {
  #wanted = PAGE;
  readonly #unread: Unread;
  readonly #query: Query<Listing>;
  readonly #stop: (() => void)[];
  /** Where it was when one came here: what is new stays marked while one looks. */
  #from: Mark | null = $state.raw(null);

  constructor(thicket: Thicket, grove: string, unread: Unread) {
    this.#unread = unread;
    this.#query = new Query(async () => {
      const items: ActivityItem[] = [];
      let [end, before]: [number, number | undefined] = [0, undefined];
      const most = Math.ceil(this.#wanted / PAGE) * PAGES_AT_ONCE;
      for (let page = 0; page < most && items.length < this.#wanted; page += 1) {
        const answer = await thicket.activity(grove, {
          limit: PAGE,
          ...(before === undefined ? {} : { before }),
        });
        items.push(...answer.items);
        end = Math.max(end, answer.end);
        before = answer.cursor;
        if (before === undefined) break;
      }
      this.#from ??= unread.mark;
      unread.seen(end);
      return { items, end, more: before !== undefined };
    });
    const refresh = (): void => this.#query.refresh();
    this.#stop = [
      thicket.on('changed', (event) => {
        if (event.grove === grove) refresh();
      }),
      thicket.on('restarted', refresh),
    ];
  }

  get items(): ActivityItem[] | null {
    return this.#query.value?.items ?? null;
  }
  get more(): boolean {
    return this.#query.value?.more ?? false;
  }
  get problem() {
    return this.#query.problem;
  }
  isNew(item: ActivityItem): boolean {
    return this.#from !== null && this.#unread.isNew(item, this.#from);
  }
  showMore(): void {
    this.#wanted += PAGE;
    this.#query.restart();
  }
  refresh(): void {
    this.#query.refresh();
  }
  close(): void {
    for (const stop of this.#stop) stop();
    this.#query.close();
  }
}
