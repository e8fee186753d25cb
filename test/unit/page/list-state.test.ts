import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { ContributionFilter, ContributionItem, Methods } from '../../../worker/rpc/api.ts';
import { RowHeights, rowAt } from '../../../src/components/row-heights.ts';
import { ListState } from '../../../src/state/list.svelte.ts';
import { flat, nextPage, renewed, type Answer, type Pages } from '../../../src/state/pages.ts';
import { fakePeer } from './fake-peer.ts';

const ALL = { text: '', kind: '', mode: '', tag: '' };
const keyOf = (item: string): string => item;

/** Answers from a list of which each cursor is the last item before it, in descending order. */
const asker =
  (all: readonly number[]) =>
  (cursor: string | undefined, limit: number): Promise<Answer<string>> => {
    const rest = all.filter((each) => cursor === undefined || each < Number(cursor));
    const items = rest.slice(0, limit).map(String);
    const last = items.at(-1);
    return Promise.resolve(rest.length > limit && last !== undefined ? { items, cursor: last } : { items });
  };
const descending = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => b - a);

describe('a list page by page', () => {
  it('is what one long answer would be, once each page was asked for again, whatever came or went', async () => {
    const numbers = fc.uniqueArray(fc.nat({ max: 5000 }), { maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, fc.integer({ min: 1, max: 60 }), async (kept, others, size) => {
        const before = descending([...kept, ...others.slice(0, 100)]);
        const after = descending([...kept, ...others.slice(50)]);
        let pages: Pages<string> = [];
        do pages = await nextPage(pages, asker(before), size, 0);
        while (pages.at(-1)?.next !== undefined);
        for (let at = 0; at < pages.length; at += 1)
          if (pages[at]?.asOf === 0) pages = await renewed(pages, at, 1, asker(after), keyOf);
        while (pages.at(-1)?.next !== undefined) pages = await nextPage(pages, asker(after), size, 1);
        expect(flat(pages, keyOf)).toEqual(after.map(String));
      }),
      { numRuns: 200 },
    );
  });

  it('asks for one page alone where little came', async () => {
    let pages: Pages<string> = [];
    const all = descending(Array.from({ length: 5000 }, (_, n) => n));
    for (let n = 0; n < 10; n += 1) pages = await nextPage(pages, asker(all), 500, 0);
    const ask = vi.fn(asker([5001, 5000, ...all]));
    pages = await renewed(pages, 0, 1, ask, keyOf);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(flat(pages, keyOf)).toHaveLength(5002);
  });
});

describe('which rows are in view', () => {
  it('are those at their heights, whether measured or not', () => {
    const heights = new RowHeights();
    const keys = Array.from({ length: 10_000 }, (_, n) => String(n));
    heights.note('0', 40);
    heights.note('1', 60);
    const offsets = heights.offsets(keys);
    expect([...offsets.slice(0, 4)]).toEqual([0, 40, 100, 150]);
    expect([-5, 0, 39, 40, 149, 1e9].map((y) => rowAt(offsets, y))).toEqual([0, 0, 0, 1, 2, 9999]);
    expect(heights.note('1', 60.2)).toBe(false);
    expect(rowAt(new RowHeights().offsets([]), 10)).toBe(0);
  });
});

function open(count: number) {
  const all = descending(Array.from({ length: count }, (_, n) => n));
  const contributions = vi.fn(
    async (
      _: string,
      { cursor, limit = 50 }: ContributionFilter = {},
    ): Promise<Methods['contributions']['result']> => {
      const { items, ...rest } = await asker(all)(cursor, limit);
      const full = items.map((cid) => ({ cid }) as Partial<ContributionItem> as ContributionItem);
      return { items: full, ...rest };
    },
  );
  const peer = fakePeer({ contributions });
  const state = new ListState(peer.thicket, 'g', ALL);
  return { all, contributions, peer, state };
}

describe('the list of a large grove', () => {
  it('shows fifty at once, has the other thousands come by themselves, and asks before there are too many', async () => {
    const { contributions, state } = open(25_000);
    await vi.waitFor(() => expect(state.items).not.toBeNull());
    expect(contributions.mock.calls[0]?.[1]).toEqual({ limit: 50 });
    await vi.waitFor(() => expect(state.isFull).toBe(true));
    const here = state.items?.length ?? 0;
    expect(here).toBeGreaterThanOrEqual(10_000);
    expect(contributions.mock.calls.length).toBeLessThan(25);
    state.showMore();
    await vi.waitFor(() => expect(state.items?.length).toBeGreaterThanOrEqual(here + 9_000));
    state.close();
  });

  it('asks anew only for the first rows and for those that are looked at, as entries arrive', async () => {
    const { all, contributions, peer, state } = open(5000);
    await vi.waitFor(() => expect(state.items).toHaveLength(5000));
    state.look(2600, 2640);
    contributions.mockClear();
    all.unshift(6000);
    peer.emit('changed', { grove: 'g' });
    await vi.waitFor(() => expect(contributions.mock.calls.length).toBeGreaterThanOrEqual(2));
    await vi.waitFor(() => expect(state.items).toHaveLength(5001));
    expect(state.items?.[0]?.cid).toBe('6000');
    expect(contributions.mock.calls.length).toBeLessThanOrEqual(3);
    state.close();
    expect(peer.listening()).toBe(0);
  });

  it('asks for nothing but the first rows of each filter while one is typed', async () => {
    const { contributions, state } = open(5000);
    await vi.waitFor(() => expect(state.items).toHaveLength(5000));
    contributions.mockClear();
    for (const text of ['a', 'ab', 'abc']) {
      state.narrow({ ...ALL, text });
      await vi.waitFor(() => expect(state.items).toHaveLength(50));
      state.look(0, 30);
    }
    const asked = contributions.mock.calls.map(([, filter]) => [filter?.text, filter?.limit]);
    expect(asked).toEqual([
      ['a', 50],
      ['ab', 50],
      ['abc', 50],
    ]);
    state.close();
  });
});
