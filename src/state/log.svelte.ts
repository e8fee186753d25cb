// The signed log of a grove under a filter: the newest entries and, as one goes on, older ones; and the one that is looked at.
import type { LogEntryDetail, LogItem, LogPage } from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

const PAGE = 200;

export interface LogFilter {
  /** Empty: any. */
  author: string;
  kind: string;
}

export class LogState {
  /** Null until the first page is there. */
  items: LogItem[] | null = $state.raw(null);
  totals: LogPage['totals'] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  filter: LogFilter = $state.raw({ author: '', kind: '' });
  chosen: string | null = $state(null);
  detail: LogEntryDetail | null = $state.raw(null);
  detailProblem: Problem | null = $state.raw(null);
  #before: number | undefined = $state();
  #turn = 0;
  #loading = false;
  #again = false;
  #closed = false;
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#stop = followGrove(thicket, grove, () => this.refresh());
    void this.#newest();
  }

  get more(): boolean {
    return this.#before !== undefined;
  }

  narrow(filter: Partial<LogFilter>): void {
    this.filter = { ...this.filter, ...filter };
    this.items = null;
    this.#before = undefined;
    this.#turn += 1;
    this.#loading = false;
    void this.#newest();
  }

  /** What is new goes on top; what was read of older ones stays. */
  refresh(): void {
    if (this.#loading) this.#again = true;
    else void this.#newest();
  }

  async showMore(): Promise<void> {
    const before = this.#before;
    if (before === undefined) return;
    await this.#load(before, (page) => {
      this.items = [...(this.items ?? []), ...page.items];
      this.#before = page.before;
    });
  }

  async choose(id: string | null): Promise<void> {
    this.chosen = id;
    this.detail = null;
    this.detailProblem = null;
    if (id === null) return;
    try {
      const detail = await this.#thicket.logEntry(this.#grove, id);
      if (this.chosen === id) this.detail = detail;
    } catch (error) {
      if (this.chosen === id) this.detailProblem = toProblem(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #newest(): Promise<void> {
    return this.#load(undefined, (page) => {
      this.totals = page.totals ?? this.totals;
      const known = this.items ?? [];
      const top = known[0]?.place ?? -1;
      const fresh = page.items.filter(({ place }) => place > top);
      const joins = known.length > 0 && page.items.some(({ id }) => id === known[0]?.id);
      if (joins) {
        if (fresh.length > 0) this.items = [...fresh, ...known];
        return;
      }
      // More came than fit a page, or the log was read anew.
      this.items = page.items;
      this.#before = page.before;
    });
  }

  async #load(before: number | undefined, take: (page: LogPage) => void): Promise<void> {
    if (this.#loading || this.#closed) return;
    this.#loading = true;
    const turn = this.#turn;
    const current = (): boolean => turn === this.#turn && !this.#closed;
    const { author, kind } = this.filter;
    try {
      const page = await this.#thicket.log(this.#grove, {
        limit: PAGE,
        ...(author === '' ? {} : { author }),
        ...(kind === '' ? {} : { kind }),
        ...(before === undefined ? {} : { before }),
      });
      if (!current()) return;
      take(page);
      this.problem = null;
    } catch (error) {
      if (!current()) return;
      this.problem = toProblem(error);
    }
    this.#loading = false;
    if (!this.#again) return;
    this.#again = false;
    void this.#newest();
  }
}
