import { describe, expect, it } from 'vitest';
import type { FrontierFilter } from '../../../worker/core/graph/views.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { NOW, build, cid, cids, frontier, publish, relation, retract, score } from './build.ts';

describe('G3: ranking by metric', () => {
  it('G3: takes evaluation mode only', () => {
    const acts = [
      publish(1, { scores: { m: score(1) } }),
      publish(2, { mode: 'exploration', scores: { m: score(0) } }),
    ];
    expect(cids(frontier(acts).byMetric['m']?.entries)).toEqual([cid(1)]);
  });

  it('G3: the contract’s direction and unit win over what scores declare', () => {
    const acts = [
      publish(1, { scores: { m: score(1, 'minimize', 's') } }),
      publish(2, { scores: { m: score(2, 'minimize', 's') } }),
    ];
    expect(frontier(acts, {}, [{ name: 'm', direction: 'maximize', unit: 'h' }]).byMetric['m']).toEqual({
      direction: 'maximize',
      unit: 'h',
      entries: [
        { cid: cid(2), value: 2 },
        { cid: cid(1), value: 1 },
      ],
    });
  });

  it('G3: without a contract the direction is the one most scores declare, and a tie minimizes', () => {
    const tie = [
      publish(1, { scores: { m: score(1, 'maximize') } }),
      publish(2, { scores: { m: score(2) } }),
    ];
    expect(frontier(tie).byMetric['m']?.direction).toBe('minimize');
    const most = [...tie, publish(3, { scores: { m: score(3, 'maximize') } })];
    expect(frontier(most).byMetric['m']?.direction).toBe('maximize');
    expect(frontier([...most, retract(3)]).byMetric['m']?.direction).toBe('minimize');
  });

  it('G3: direction and unit are those of all scores, whatever the filter', () => {
    const acts = [
      publish(1, { tags: ['x'], scores: { m: score(1, 'minimize', 's') } }),
      publish(2, { scores: { m: score(2, 'maximize', 'ms') } }),
      publish(3, { scores: { m: score(3, 'maximize', 'ms') } }),
    ];
    expect(frontier(acts, { tags: ['x'] }).byMetric['m']).toEqual({
      direction: 'maximize',
      unit: 'ms',
      entries: [{ cid: cid(1), value: 1 }],
    });
  });

  it('G3: a metric of the contract that nobody has reported is there, empty', () => {
    const { byMetric } = frontier([], {}, [{ name: 'm', direction: 'maximize' }]);
    expect({ ...byMetric }).toEqual({ m: { direction: 'maximize', entries: [] } });
  });

  it('G3: `metric` leaves only that one in byMetric; an unknown one leaves none', () => {
    const acts = [publish(1, { scores: { a: score(1), b: score(1) } })];
    expect(Object.keys(frontier(acts, { metric: 'b' }).byMetric)).toEqual(['b']);
    expect(Object.keys(frontier(acts, { metric: 'c' }).byMetric)).toEqual([]);
    expect(frontier(acts, { metric: 'c' }).byRecency).toHaveLength(1);
  });

  it('G3: beyond the contract’s at most 64 metrics are given, those with the most scores', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`noise-${index}`, score(0)]));
    const acts = [
      publish(1, { scores: many }),
      publish(2, { scores: { real: score(1) } }),
      publish(3, { scores: { real: score(2) } }),
    ];
    const names = Object.keys(frontier(acts, {}, [{ name: 'loss', direction: 'minimize' }]).byMetric);
    expect(names).toHaveLength(65);
    expect(names.slice(0, 2)).toEqual(['loss', 'real']);
  });
});

describe('G4: the other rankings', () => {
  it('G4: adoption counts adopts and derives_from of all contributions, each source once per type', () => {
    const acts = [
      publish(1),
      publish(2, { relations: [relation('adopts', 1), relation('adopts', 1), relation('derives_from', 1)] }),
      publish(3, {
        context: { ephemeral: true },
        relations: [relation('derives_from', 1), relation('responds_to', 2)],
      }),
    ];
    expect(frontier(acts).byAdoption).toEqual([{ cid: cid(1), value: 3 }]);
    expect(frontier([...acts, publish(4, { tags: ['x'] })], { tags: ['x'] }).byAdoption).toEqual([]);
  });

  it('G4: a filter chooses what is ranked, not who is counted', () => {
    const acts = [publish(1, { tags: ['x'] }), publish(2, { relations: [relation('adopts', 1)] })];
    expect(frontier(acts, { tags: ['x'] }).byAdoption).toEqual([{ cid: cid(1), value: 1 }]);
  });

  it('G4: recency leaves out what claims to be made later than the reader’s now, until due', () => {
    const views = build([
      publish(1, { createdAt: '2025-05-01T00:00:00Z' }),
      publish(2, { createdAt: '2025-07-01T00:00:00Z' }),
    ]);
    expect(cids(views.frontier({}, NOW).byRecency)).toEqual([cid(1)]);
    expect(cids(views.frontier({}, Date.parse('2025-07-01T00:00:00Z')).byRecency)).toEqual([cid(2), cid(1)]);
  });

  it('G4: recency leaves out a createdAt that is no ISO 8601 time', () => {
    const bad = [
      '',
      'yesterday',
      '2025',
      '2025-02-30T00:00:00Z',
      '2025-01-01T24:00:00Z',
      '01/02/2025',
      'Infinity',
      '1',
    ];
    expect(frontier(bad.map((createdAt, index) => publish(index + 1, { createdAt }))).byRecency).toEqual([]);
  });

  it.each([
    ['2025-01-02', '2025-01-02T00:00:00Z'],
    ['2025-01-02T03:04', '2025-01-02T03:04:00Z'],
    ['2025-01-02T03:04:05', '2025-01-02T03:04:05Z'],
    ['2025-01-02T03:04:05.678901', '2025-01-02T03:04:05.678Z'],
    ['2025-01-02T03:04:05.6+02:30', '2025-01-02T00:34:05.600Z'],
    ['2025-01-02T03:04:05-0800', '2025-01-02T11:04:05Z'],
    ['0001-02-28T00:00:00Z', '0001-02-28T00:00:00Z'],
  ])('G4: createdAt %s is %s on every machine, whatever its time zone', (createdAt, meant) => {
    expect(frontier([publish(1, { createdAt })]).byRecency).toEqual([
      { cid: cid(1), value: Date.parse(meant) },
    ]);
  });

  it('G4: review score is the mean of the numbers from 0 to 1; other scores say nothing', () => {
    const reviews = [0, 1, 0.25, -0.1, 1.1, '1', null, [1], { score: 1 }, true].map((score, index) =>
      publish(index + 2, { kind: 'review', relations: [relation('reviews', 1, { score })] }),
    );
    expect(frontier([publish(1), ...reviews]).byReviewScore).toEqual([{ cid: cid(1), value: 1.25 / 3 }]);
    expect(frontier([publish(1), ...reviews.slice(3)]).byReviewScore).toEqual([]);
  });

  it('G1, G4: a mean is the same to the last bit in whatever order the reviews arrive', () => {
    const reviews = [0.1, 0.2, 0.7].map((score, index) =>
      publish(index + 2, { relations: [relation('reviews', 1, { score })] }),
    );
    // As floating point has it, 0.7 + 0.2 + 0.1 is less than 0.1 + 0.2 + 0.7.
    const means = [reviews, reviews.toReversed()].map(
      (acts) => frontier([publish(1), ...acts]).byReviewScore,
    );
    expect(means[1]).toEqual(means[0]);
    expect(means[0]).toEqual([{ cid: cid(1), value: (0.1 + 0.2 + 0.7) / 3 }]);
  });

  it('G4: reproduction counts what reproduces, but not with result challenged', () => {
    const results = ['confirmed', 'partial', 'challenged', undefined];
    const acts = results.map((result, index) =>
      publish(index + 2, {
        relations: [relation('reproduces', 1, result === undefined ? undefined : { result })],
      }),
    );
    expect(frontier([publish(1), ...acts]).byReproduction).toEqual([{ cid: cid(1), value: 3 }]);
  });
});

describe('G5: ties, limits and filters', () => {
  it('G5: ties go by CID ascending in every ranking, also when minimizing', () => {
    const acts = [3, 1, 2].flatMap((number) => [
      publish(number, { scores: { up: score(1, 'maximize'), down: score(1) } }),
      publish(number + 10, {
        createdAt: 'unknown',
        relations: [
          relation('adopts', number),
          relation('reviews', number, { score: 1 }),
          relation('reproduces', number),
        ],
      }),
    ]);
    const { byMetric, ...rankings } = frontier(acts);
    const sorted = [cid(1), cid(2), cid(3)];
    for (const entries of Object.values(rankings)) expect(cids(entries)).toEqual(sorted);
    expect(Object.values(byMetric).map(({ entries }) => cids(entries))).toEqual([sorted, sorted]);
  });

  it('G5: the default limit is 10, and the best stay', () => {
    const acts = Array.from({ length: 25 }, (_, index) =>
      publish(index + 1, { scores: { m: score((index * 7) % 25) } }),
    );
    const values = (limit?: number): number[] | undefined =>
      frontier(acts, limit === undefined ? {} : { limit }).byMetric['m']?.entries.map(({ value }) => value);
    expect(values()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(values(2)).toEqual([0, 1]);
    expect(values(500)).toHaveLength(25);
  });

  it.each([0, -1, 1.5, NaN, 501])('G5: limit %s is refused, naming field and limit', (limit) => {
    const views = build([]);
    const message = /^limit: expected a whole number from 1 to 500, got /;
    expect(() => views.frontier({ limit }, NOW)).toThrow(message);
    expect(() => views.list({ limit })).toThrow(message);
    expect(() => views.graph(limit === 501 ? 10_001 : limit)).toThrow(/^limit: .* 10000, got /);
  });

  it('G5: filters are ANDed; context is compared deeply, by own keys', () => {
    const fields: Partial<Manifest> = {
      kind: 'review',
      mode: 'exploration',
      tags: ['a', 'b'],
      agent: { agentId: 'i', agentName: 'n', platform: 'p' },
      context: { set: { list: [1, { x: null }], on: true } },
    };
    const acts = [publish(1, fields), publish(2)];
    const all = {
      kind: 'review',
      mode: 'exploration',
      tags: ['b', 'a'],
      agentId: 'i',
      agentName: 'n',
      platform: 'p',
    };
    const context = { set: { on: true, list: [1, { x: null }] } };
    const passes = (filter: FrontierFilter): boolean =>
      cids(frontier(acts, filter).byRecency)?.includes(cid(1)) ?? false;
    expect(passes({ ...all, context })).toBe(true);
    expect(cids(frontier(acts, { ...all, context }).byRecency)).toEqual([cid(1)]);
    for (const key of Object.keys(all))
      expect(passes({ ...all, [key]: key === 'tags' ? ['a', 'c'] : 'other' })).toBe(false);
    for (const other of [
      { set: {} },
      { set: { on: true, list: [1] } },
      { constructor: Object },
      { set: [] },
    ]) {
      expect(passes({ context: other })).toBe(false);
    }
  });
});

describe('G6: ephemeral work', () => {
  it('G6: context.ephemeral === true stays out of rankings, and nothing but true does', () => {
    const acts = [true, 'true', 1, false].map((ephemeral, index) =>
      publish(index + 1, { context: { ephemeral }, scores: { m: score(1) } }),
    );
    const { byMetric, byRecency } = frontier(acts);
    expect(cids(byMetric['m']?.entries)).toEqual([cid(2), cid(3), cid(4)]);
    expect(byRecency).toHaveLength(3);
    expect(build(acts).list().items).toHaveLength(4);
  });
});
