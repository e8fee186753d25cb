// A grove's contributions under a filter, page by page, kept fresh as entries arrive.
import type { ContributionFilter, ContributionItem, Kind, Mode } from '../../worker/rpc/api.ts';
import { KINDS, type ListQuery } from '../routes.ts';
import { EarlyView } from './early.svelte.ts';
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

const PAGE = 50;

interface Listing {
  items: ContributionItem[];
  more: boolean;
}

export class ListState {
  #pages = $state(1);
  readonly #query: Query<Listing>;
  readonly #early: EarlyView;
  readonly #stop: () => void;
  #filter: ListQuery = $state.raw({ text: '', kind: '', mode: '', tag: '' });

  /** `isRead`: false while the grove's log is read back, and its list has to be waited for. */
  constructor(thicket: Thicket, grove: string, filter: ListQuery, isRead = true) {
    this.#early = new EarlyView(thicket, grove, isRead);
    this.#filter = filter;
    this.#query = new Query(async () => {
      const items: ContributionItem[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < this.#pages; page += 1) {
        const answer = await thicket.contributions(grove, toFilter(this.#filter, cursor));
        items.push(...answer.items);
        cursor = answer.cursor;
        if (cursor === undefined) break;
      }
      return { items, more: cursor !== undefined };
    });
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get items(): ContributionItem[] | null {
    const isAll = Object.keys(toFilter(this.#filter, undefined)).length === 1;
    return this.#query.value?.items ?? (isAll ? (this.#early.value?.items ?? null) : null);
  }
  get more(): boolean {
    return this.#query.value?.more ?? false;
  }
  get problem() {
    return this.#query.problem;
  }
  narrow(filter: ListQuery): void {
    const same = (['text', 'kind', 'mode', 'tag'] as const).every((key) => filter[key] === this.#filter[key]);
    if (same) return;
    this.#filter = filter;
    this.#pages = 1;
    this.#query.restart();
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
    this.#early.close();
  }
}

/** Words of the address bar that name no kind or mode are ignored, not passed on. */
export const kindOf = (word: string): Kind | undefined => KINDS.find((known) => known === word);
export const modeOf = (word: string): Mode | undefined =>
  word === 'evaluation' || word === 'exploration' ? word : undefined;

function toFilter(query: ListQuery, cursor: string | undefined): ContributionFilter {
  const [kind, mode] = [kindOf(query.kind), modeOf(query.mode)];
  const filter: ContributionFilter = { limit: PAGE };
  if (kind !== undefined) filter.kind = kind;
  if (mode !== undefined) filter.mode = mode;
  if (query.tag !== '') filter.tags = [query.tag];
  if (query.text.trim() !== '') filter.text = query.text.trim();
  if (cursor !== undefined) filter.cursor = cursor;
  return filter;
}
