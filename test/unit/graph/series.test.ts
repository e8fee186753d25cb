// G24: a metric over time, and what an agent did.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build, cid, peer, perform, publish, retract, score } from './build.ts';
import type { Act } from './build.ts';

const loss = (number: number, value: number, more = {}): Act =>
  publish(number, { scores: { loss: score(value) }, ...more });
const series = (acts: readonly Act[], filter = {}, name = 'loss') => build(acts).reading.series(name, filter);

describe('a series', () => {
  const acts = [loss(1, 5), loss(2, 7), loss(3, 5), loss(4, 3), loss(5, 4)];

  it('G24: is in log order with the best so far; only what is better than all before it improves', () => {
    const told = series([...acts].reverse());
    expect(told?.points.map(({ cid: at, value, best, improves }) => [at, value, best, improves])).toEqual([
      [cid(1), 5, 5, true],
      [cid(2), 7, 5, false],
      [cid(3), 5, 5, false],
      [cid(4), 3, 3, true],
      [cid(5), 4, 3, false],
    ]);
    expect(told).toMatchObject({ direction: 'minimize', total: 5, improvements: 2 });
    expect(told?.points[0]?.publication).toMatchObject({ author: peer(1), lamport: 1 });
  });

  it('G24: holds what the ranking holds: no exploration, nothing ephemeral, nothing withdrawn', () => {
    const told = series([
      ...acts,
      loss(6, 1, { mode: 'exploration' }),
      loss(7, 1, { context: { ephemeral: true } }),
      retract(4),
    ]);
    expect(told?.points.map(({ value }) => value)).toEqual([5, 7, 5, 4]);
    expect(told?.points.map(({ best }) => best)).toEqual([5, 5, 5, 4]);
  });

  it('G24, G5: of what a filter lets through, the best of that; the direction is that of all', () => {
    const tagged = [loss(1, 2), loss(2, 9, { tags: ['slow'] }), loss(3, 8, { tags: ['slow'] })];
    expect(series(tagged, { tags: ['slow'] })?.points.map(({ best }) => best)).toEqual([9, 8]);
    const up = [
      publish(1, { scores: { acc: score(1, 'maximize', '%') } }),
      publish(2, { scores: { acc: score(2, 'maximize') } }),
    ];
    expect(series(up, {}, 'acc')).toMatchObject({ direction: 'maximize', unit: '%', improvements: 2 });
  });

  it('G24: a metric that nobody knows has none, one of the contract is empty', () => {
    expect(series(acts, {}, 'other')).toBeNull();
    const views = build([], [{ name: 'loss', direction: 'maximize' }]);
    expect(views.reading.series('loss')).toEqual({
      direction: 'maximize',
      points: [],
      total: 0,
      improvements: 0,
    });
    expect(() => series(acts, { limit: 0 })).toThrow('limit: expected a whole number from 1 to 10000, got 0');
  });

  it('G24: beyond the limit every improvement stays before anything else, in order, and the best is that of all', () => {
    const values = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 30 }), (given, limit) => {
        const views = build(given.map((value, i) => loss(i + 1, value)));
        const whole = views.reading.series('loss')?.points ?? [];
        const told = views.reading.series('loss', { limit })?.points ?? [];
        expect(told).toHaveLength(Math.min(limit, given.length));
        const indexes = told.map(({ index }) => index);
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
        for (const point of told) expect(point).toEqual(whole[point.index]);
        const improving = whole.filter(({ improves }) => improves);
        const kept = told.filter(({ improves }) => improves);
        expect(kept).toHaveLength(Math.min(limit, improving.length));
        expect(kept.at(-1)).toEqual(improving.at(-1));
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
});

describe('what agents did', () => {
  const by = (number: number, agentId: string, author = 1, agentName?: string): Act =>
    publish(number, { agent: { agentId, ...(agentName === undefined ? {} : { agentName }) } }, author);
  const acts = [by(1, 'a', 1, 'Ann'), by(2, 'b', 2), by(3, 'a', 2, 'Anna'), by(4, 'c'), by(5, 'b')];

  it('G24: agents by their latest act, with counts, first and last, and the name they use now', () => {
    const { agents, more } = build(acts).reading.agents(2);
    expect(agents).toMatchObject([
      { agentId: 'b', contributions: 2, first: { lamport: 2 }, last: { lamport: 5, author: peer(1) } },
      { agentId: 'c', contributions: 1 },
    ]);
    expect(more).toBe(1);
    expect(build(acts).reading.agents(9).agents.at(-1)).toMatchObject({ agentId: 'a', agentName: 'Anna' });
  });

  it('G24: a session is in (lamport, id) order, paged, and holds what stands', () => {
    const views = build([...acts].reverse());
    const { items } = views.reading.session('a', {});
    expect(items.map((each) => each.cid)).toEqual([cid(1), cid(3)]);
    const first = views.reading.session('a', { limit: 1 });
    expect(first.items.map((each) => each.cid)).toEqual([cid(1)]);
    const rest = views.reading.session('a', { limit: 1, ...(first.cursor ? { cursor: first.cursor } : {}) });
    expect(rest.items.map((each) => each.cid)).toEqual([cid(3)]);
    expect(rest.cursor).toBeUndefined();
    perform(views, retract(1));
    expect(views.reading.session('a', {}).items.map((each) => each.cid)).toEqual([cid(3)]);
    perform(views, retract(3, 2));
    expect(views.reading.session('a', {}).items).toEqual([]);
    expect(views.reading.agents(9).agents.map(({ agentId }) => agentId)).toEqual(['b', 'c']);
  });
});
