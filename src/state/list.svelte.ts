// A grove's contributions under a filter. The first are here at once, the others come by themselves, page after page; as
// entries arrive, what is looked at is asked for again.
import type { ContributionFilter, ContributionItem, Kind, Mode } from '../../worker/rpc/api.ts';
import { KINDS, type ListQuery } from '../routes.ts';
import { breathe } from '../yielding.ts';
import { EarlyView } from './early.svelte.ts';
import { followGrove } from './follow.ts';
import { flat, MOST, nextPage, pagesOf, renewed, type Ask, type Pages } from './pages.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

/** Rows of the first answer: more than a screen has. */
const FIRST = 50;
/** Rows that come without being asked for, and each time that more are. */
const ROWS = 10_000;
/** ms. While a filter is typed only what is seen of each is asked for. */
const SETTLE = 1000;
/** Rows. So close to the end of what is here more is wanted at once. */
const NEAR = 10;
/** The first page is asked for again once it has been left alone for so many times as long as that took: a catch-up changes it all the time. */
const REST = 4;

const keyOf = (item: ContributionItem): string => item.cid;

export class ListState {
  #pages: Pages<ContributionItem> | null = $state.raw(null);
  #problem: Problem | null = $state.raw(null);
  readonly #items = $derived(this.#pages === null ? null : flat(this.#pages, keyOf));
  #filter: ListQuery = $state.raw({ text: '', kind: '', mode: '', tag: '' });
  readonly #early: EarlyView;
  readonly #ask: Ask<ContributionItem>;
  readonly #stop: () => void;
  #most = ROWS;
  #inView: readonly [first: number, last: number] = [0, 0];
  /** Counts the lists that were begun: an answer for one before is not heeded. */
  #ticket = 0;
  #isFresh = true;
  /** Counts the changes. */
  #version = 0;
  #isBusy = false;
  #isClosed = false;
  /** From when on the first page may be asked for again, by performance.now(). */
  #rested = 0;
  /** The same of rows that nobody looks at yet. */
  #settled = 0;
  #due: ReturnType<typeof setTimeout> | null = null;

  /** `isRead`: false while the grove's log is read back, and its list has to be waited for. */
  constructor(thicket: Thicket, grove: string, filter: ListQuery, isRead = true) {
    this.#early = new EarlyView(thicket, grove, isRead);
    this.#filter = filter;
    this.#ask = (cursor, limit) => thicket.contributions(grove, toFilter(this.#filter, limit, cursor));
    this.#stop = followGrove(thicket, grove, () => this.refresh());
    void this.#work();
  }

  get items(): readonly ContributionItem[] | null {
    const isAll = Object.keys(toFilter(this.#filter, FIRST, undefined)).length === 1;
    return this.#items ?? (isAll ? (this.#early.value?.items ?? null) : null);
  }
  /** There are more than are here. */
  get more(): boolean {
    return this.#pages?.at(-1)?.next !== undefined;
  }
  /** They have to be asked for. */
  get isFull(): boolean {
    return this.more && (this.#items?.length ?? 0) >= this.#most;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  narrow(filter: ListQuery): void {
    const same = (['text', 'kind', 'mode', 'tag'] as const).every((key) => filter[key] === this.#filter[key]);
    if (same) return;
    this.#filter = filter;
    this.#ticket += 1;
    this.#most = ROWS;
    this.#isFresh = true;
    this.#isBusy = false;
    this.#settled = performance.now() + SETTLE;
    void this.#work();
  }
  /** These rows are looked at. */
  look(first: number, last: number): void {
    this.#inView = [first, last];
    void this.#work();
  }
  showMore(): void {
    this.#most += ROWS;
    void this.#work();
  }
  refresh(): void {
    this.#version += 1;
    void this.#work();
  }
  close(): void {
    this.#isClosed = true;
    this.#ticket += 1;
    if (this.#due !== null) clearTimeout(this.#due);
    this.#stop();
    this.#early.close();
  }

  /** One question after the other, the most urgent first. */
  async #work(): Promise<void> {
    if (this.#isBusy || this.#isClosed) return;
    const ticket = this.#ticket;
    this.#isBusy = true;
    try {
      for (let task = this.#next(); task !== null; task = this.#next()) {
        const pages = await task();
        if (ticket !== this.#ticket) return;
        this.#pages = pages;
        this.#problem = null;
        this.#isFresh = false;
        await breathe();
        if (ticket !== this.#ticket) return;
      }
    } catch (error) {
      if (ticket === this.#ticket) this.#problem = toProblem(error);
    }
    if (ticket === this.#ticket) this.#isBusy = false;
  }

  #next(): (() => Promise<Pages<ContributionItem>>) | null {
    const [pages, asOf] = [this.#pages, this.#version];
    if (this.#isFresh || pages === null) return () => nextPage([], this.#ask, FIRST, asOf);
    const isStale = (at: number): boolean => (pages[at]?.asOf ?? asOf) < asOf;
    if (isStale(0) && this.#isTime(this.#rested)) return () => this.#renewFirst(pages);
    const inView = pagesOf(pages, ...this.#inView).find((at) => at > 0 && isStale(at));
    if (inView !== undefined) return () => renewed(pages, inView, asOf, this.#ask, keyOf);
    if (!this.more || this.isFull) return null;
    const isNear = this.#inView[1] > (this.#items?.length ?? 0) - NEAR;
    if (!isNear && !this.#isTime(this.#settled)) return null;
    return () => nextPage(pages, this.#ask, MOST, asOf);
  }

  async #renewFirst(pages: Pages<ContributionItem>): Promise<Pages<ContributionItem>> {
    const began = performance.now();
    const fresh = await renewed(pages, 0, this.#version, this.#ask, keyOf);
    const now = performance.now();
    this.#rested = now + REST * (now - began);
    return fresh;
  }
  /** Else it goes on by itself once it is. */
  #isTime(then: number): boolean {
    const wait = then - performance.now();
    if (wait <= 0) return true;
    this.#due ??= setTimeout(() => {
      this.#due = null;
      void this.#work();
    }, wait);
    return false;
  }
}

/** Words of the address bar that name no kind or mode are ignored, not passed on. */
export const kindOf = (word: string): Kind | undefined => KINDS.find((known) => known === word);
export const modeOf = (word: string): Mode | undefined =>
  word === 'evaluation' || word === 'exploration' ? word : undefined;

function toFilter(query: ListQuery, limit: number, cursor: string | undefined): ContributionFilter {
  const [kind, mode] = [kindOf(query.kind), modeOf(query.mode)];
  const filter: ContributionFilter = { limit };
  if (kind !== undefined) filter.kind = kind;
  if (mode !== undefined) filter.mode = mode;
  if (query.tag !== '') filter.tags = [query.tag];
  if (query.text.trim() !== '') filter.text = query.text.trim();
  if (cursor !== undefined) filter.cursor = cursor;
  return filter;
}
