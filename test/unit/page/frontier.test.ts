import { describe, expect, it, vi } from 'vitest';
import type { Frontier, FrontierFilter, Metric } from '../../../worker/rpc/api.ts';
import type { FrontierQuery } from '../../../src/routes.ts';
import { FrontierState } from '../../../src/state/frontier.svelte.ts';
import { changed, rowsOf } from '../../../src/state/thresholds.ts';
import { fakePeer, settle } from './fake-peer.ts';

const ALL: FrontierQuery = { metric: '', kind: '', mode: '', tags: [] };
const METRICS: Metric[] = [
  { name: 'minutes', direction: 'minimize', unit: 'min' },
  { name: 'score', direction: 'maximize' },
];
const board = (n: number): Frontier['byMetric'][string] => ({
  direction: 'minimize',
  entries: Array.from({ length: n }, (_, i) => ({
    cid: `c${i}`,
    value: i,
    author: 'a',
    authorName: 'Ada',
    createdAt: '2026-01-01T00:00:00Z',
    held: true,
    holders: 0,
    lifecycle: 'published' as const,
  })),
});
const open = (query: FrontierQuery) => {
  const frontier = vi.fn((_grove: string, _filter?: FrontierFilter) =>
    Promise.resolve<Frontier>({
      byMetric: { minutes: board(0), score: board(2) },
      byAdoption: [],
      byRecency: [],
      byReviewScore: [],
      byReproduction: [],
    }),
  );
  const state = new FrontierState(fakePeer({ frontier }).thicket, 'g', () => METRICS, query);
  return { state, filters: () => frontier.mock.calls.map(([, filter]) => filter) };
};

describe('the frontier under a filter', () => {
  it('asks for what the address says, and for nothing that is no kind or mode', async () => {
    const { state, filters } = open({ ...ALL, kind: 'work', mode: 'nonsense', tags: ['a', 'b'] });
    await settle();
    expect(filters()).toEqual([
      { limit: 12, kind: 'work', tags: ['a', 'b'] },
      { limit: 500, kind: 'work', tags: ['a', 'b'] },
    ]);
    state.narrow({ ...ALL, mode: 'evaluation' });
    await settle();
    expect(filters().slice(2)).toEqual([
      { limit: 500, mode: 'evaluation' },
      { limit: 12, mode: 'evaluation' },
    ]);
    state.close();
  });

  it('shows the metric of the address, else the first with a result; another asks for no new lists', async () => {
    const { state, filters } = open(ALL);
    await settle();
    expect(state.metric).toBe('score');
    state.narrow({ ...ALL, metric: 'minutes' });
    expect(state.metric).toBe('minutes');
    state.narrow({ ...ALL, metric: 'never measured' });
    expect(state.metric).toBe('score');
    await settle();
    expect(filters().filter((filter) => filter?.limit === 12)).toHaveLength(1);
    state.close();
  });
});

describe('thresholds', () => {
  it('are offered for the metrics of the contract, and kept for others', () => {
    expect(rowsOf(METRICS, { score: 3, old: 1 })).toEqual([
      { metric: 'minutes', direction: 'minimize', unit: 'min', value: null },
      { metric: 'score', direction: 'maximize', unit: '', value: 3 },
      { metric: 'old', direction: null, unit: '', value: 1 },
    ]);
  });

  it('are set by a number, taken away by nothing, and left by anything else', () => {
    expect(changed({ a: 1 }, 'b', ' 2,5 ')).toEqual({ a: 1, b: 2.5 });
    expect(changed({ a: 1, b: 2 }, 'b', '')).toEqual({ a: 1 });
    expect(changed({ a: 1 }, 'a', 'fast')).toBeNull();
  });
});
