import { describe, expect, it } from 'vitest';
import type { FrontierEntry } from '../../../worker/rpc/api.ts';
import { bestSoFar } from '../../../src/state/series.ts';

const entry = (cid: string, value: number, day: number): FrontierEntry => ({
  cid,
  value,
  author: '',
  authorName: '',
  createdAt: day === 0 ? 'no date' : `2026-01-0${day}T00:00:00Z`,
  held: true,
  holders: 0,
  lifecycle: 'published',
});

describe('the best so far', () => {
  it('follows the direction of the metric, by date and not by rank', () => {
    const entries = [entry('c', 8, 3), entry('a', 10, 1), entry('b', 12, 2)];
    const lower = bestSoFar('m', { direction: 'minimize', entries });
    expect(lower.records.map((point) => point.entry.cid)).toEqual(['a', 'c']);
    expect(lower.byCid.get('c')?.before).toBe(10);
    const higher = bestSoFar('m', { direction: 'maximize', entries });
    expect(higher.records.map((point) => point.entry.cid)).toEqual(['a', 'b']);
  });

  it('counts an equal value as no record and leaves out what has no date', () => {
    const entries = [entry('a', 10, 1), entry('b', 10, 2), entry('x', 1, 0)];
    const series = bestSoFar('m', { direction: 'minimize', entries });
    expect(series.records).toHaveLength(1);
    expect(series.byCid.has('x')).toBe(false);
  });
});
