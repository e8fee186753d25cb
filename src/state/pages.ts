// A long list page by page: each page is asked for again by itself, and what came in between is put between. Pure but for
// the asking.

export interface Answer<T> {
  items: T[];
  cursor?: string;
}
/** So many, from where an earlier answer ended; undefined: from the beginning. */
export type Ask<T> = (cursor: string | undefined, limit: number) => Promise<Answer<T>>;

export interface Page<T> {
  from: string | undefined;
  items: readonly T[];
  /** Where the next one begins; undefined: there is none. */
  next: string | undefined;
  /** Which state of the grove it was asked of, counted by whoever asks. */
  asOf: number;
}
export type Pages<T> = readonly Page<T>[];

/** The most that one question may ask for. */
export const MOST = 500;

export async function nextPage<T>(
  pages: Pages<T>,
  ask: Ask<T>,
  limit: number,
  asOf: number,
): Promise<Pages<T>> {
  const from = pages.at(-1)?.next;
  const { items, cursor } = await ask(from, limit);
  return [...pages, { from, items, next: cursor, asOf }];
}

/** The same with this page as it is now: longer, or several, where something came in between. */
export async function renewed<T>(
  pages: Pages<T>,
  at: number,
  asOf: number,
  ask: Ask<T>,
  keyOf: (item: T) => string,
): Promise<Pages<T>> {
  const [before, page, after] = [pages.slice(0, at), pages[at], pages.slice(at + 1)];
  if (page === undefined) return pages;
  const known = new Set(after.flatMap(({ items }) => items.map(keyOf)));
  const fresh: Page<T>[] = [];
  let { from } = page;
  for (;;) {
    const { items, cursor } = await ask(from, Math.min(MOST, 2 * page.items.length + 50));
    const end = items.findIndex((item) => known.has(keyOf(item)));
    const meets = end >= 0 || (cursor !== undefined && cursor === page.next);
    fresh.push({
      from,
      items: end < 0 ? items : items.slice(0, end),
      next: meets ? page.next : cursor,
      asOf,
    });
    if (meets) return [...before, ...fresh, ...after];
    // Behind the last page, or at the end of all, there is nothing to meet.
    if (cursor === undefined || after.length === 0) return [...before, ...fresh];
    from = cursor;
  }
}

/** All of them, each once: what moved while pages were asked for may stand in two. */
export function flat<T>(pages: Pages<T>, keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return pages.flatMap(({ items }) => items.filter((item) => seen.size < seen.add(keyOf(item)).size));
}

/** Which pages these rows are in. */
export function pagesOf(pages: Pages<unknown>, first: number, last: number): number[] {
  let end = 0;
  return [...pages.keys()].filter((at) => {
    const begin = end;
    end += pages[at]?.items.length ?? 0;
    return begin < last && end > first;
  });
}
