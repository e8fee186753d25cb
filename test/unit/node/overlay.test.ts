// What digests tell, laid over the rankings of the views.
import { describe, expect, it } from 'vitest';
import type { DigestPlace, DigestRow } from '../../../worker/core/gossip/digest-row.ts';
import type { FrontierFilter, Rankings } from '../../../worker/core/graph/types.ts';
import { cidOf, type Cid } from '../../../worker/core/model/ids.ts';
import { overlay } from '../../../worker/core/overlay.ts';
import { aHash, alice } from '../model/fixtures.ts';

const cid = (name: string): Cid => cidOf(aHash(name));
const NOW = 1_000;
const loss = (value: number): DigestPlace => ({ ranking: 'metric/loss', value, direction: 'minimize' });

function row(name: string, places: DigestPlace[], change: Partial<DigestRow> = {}): DigestRow {
  return {
    holder: alice.id,
    seq: 1,
    life: 600_000,
    cid: cid(name),
    kind: 'work',
    mode: 'evaluation',
    summary: name,
    tags: ['fast'],
    places,
    ...change,
  };
}
const rankings = (change: Partial<Rankings> = {}): Rankings => ({
  byMetric: {},
  byAdoption: [],
  byRecency: [],
  byReviewScore: [],
  byReproduction: [],
  ...change,
});
const here = rankings({
  byMetric: {
    loss: { direction: 'minimize', entries: [2, 4].map((n) => ({ cid: cid(`h${n}`), value: n })) },
  },
});

function lay(rows: DigestRow[], filter: FrontierFilter = {}, missing = (_: Cid): boolean => true): Rankings {
  return overlay(here, rows, {
    filter,
    now: NOW,
    isMissing: missing,
    isBy: (_, author) => author === alice.id,
  });
}
const valuesOf = ({ byMetric }: Rankings, name = 'loss') => byMetric[name]?.entries.map(({ value }) => value);

describe('overlay', () => {
  it('H4: what others hold stands in its place by direction, of several words the best', () => {
    const told = lay([row('x', [loss(3)]), row('x', [loss(3.5)]), row('y', [loss(1)])]);
    expect(valuesOf(told)).toEqual([1, 2, 3, 4]);
    expect(valuesOf(lay([row('x', [loss(3)]), row('y', [loss(1)])], { limit: 2 }))).toEqual([1, 2]);
  });

  it('H4: of what is here, was withdrawn or is not in the log the views have the last word', () => {
    expect(lay([row('x', [loss(1)])], {}, () => false)).toEqual(here);
  });

  it('H4: the view’s direction counts; a metric that the views don’t know has that of its rows', () => {
    const up: DigestPlace = { ranking: 'metric/loss', value: 9, direction: 'maximize' };
    expect(valuesOf(lay([row('x', [up])]))).toEqual([2, 4, 9]);
    const gain = (value: number): DigestPlace => ({ ranking: 'metric/gain', value, direction: 'maximize' });
    const told = lay([row('x', [gain(1)]), row('y', [gain(5)])]);
    expect(valuesOf(told, 'gain')).toEqual([5, 1]);
    expect(told.byMetric['gain']?.direction).toBe('maximize');
    const proto = lay([row('x', [{ ranking: 'metric/__proto__', value: 1, direction: 'minimize' }])]);
    expect(Object.keys(proto.byMetric)).toContain('__proto__');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('H4: filters hold for rows; what rows say nothing of finds only what is held', () => {
    const rows = [row('x', [loss(1)])];
    expect(valuesOf(lay(rows, { tags: ['fast'], kind: 'work' }))).toEqual([1, 2, 4]);
    expect(valuesOf(lay(rows, { tags: ['slow'] }))).toEqual([2, 4]);
    expect(valuesOf(lay(rows, { kind: 'plan' }))).toEqual([2, 4]);
    expect(valuesOf(lay(rows, { mode: 'evaluation' }))).toEqual([1, 2, 4]);
    expect(valuesOf(lay(rows, { mode: 'later' }))).toEqual([2, 4]);
    expect(valuesOf(lay(rows, { author: alice.id }))).toEqual([1, 2, 4]);
    expect(valuesOf(lay(rows, { author: 'another' }))).toEqual([2, 4]);
    expect(Object.keys(lay(rows, { metric: 'other' }).byMetric)).toEqual(['loss']);
  });

  it.each([
    ['agentId', { agentId: 'someone' }],
    ['agentName', { agentName: 'someone' }],
    ['platform', { platform: 'thicket' }],
    ['context', { context: { seed: 1 } }],
  ])('H4, G5: nothing is shown that rows can’t be judged by: %s', (_, filter) => {
    expect(valuesOf(lay([row('x', [loss(1)])], filter))).toEqual([2, 4]);
    expect(valuesOf(lay([row('x', [loss(1)])], { ...filter, kind: 'work' }))).toEqual([2, 4]);
  });

  it('H4, G5: a filter that names nothing lets rows through; kinds of later versions are found by name', () => {
    const rows = [row('x', [loss(1)], { kind: 'later' })];
    expect(valuesOf(lay(rows, { context: {}, tags: [] }))).toEqual([1, 2, 4]);
    expect(valuesOf(lay(rows, { kind: 'later' }))).toEqual([1, 2, 4]);
  });

  it('G3, G4: exploration is in no metric, the reader’s future not recent, and values beyond their range nowhere', () => {
    const place = (ranking: string, value: number): DigestPlace => ({
      ranking,
      value,
      direction: 'maximize',
    });
    const told = lay([
      row('x', [loss(1)], { mode: 'exploration' }),
      row('later', [place('recency', NOW + 1)]),
      row('earlier', [place('recency', NOW - 1)]),
      row('score', [place('review', 7), place('adoption', 0), place('reproduction', -1)]),
    ]);
    expect(valuesOf(told)).toEqual([2, 4]);
    expect(told.byRecency).toEqual([{ cid: cid('earlier'), value: NOW - 1 }]);
    expect([told.byReviewScore, told.byAdoption, told.byReproduction]).toEqual([[], [], []]);
  });
});
