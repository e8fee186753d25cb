// G23: ancestors, descendants, and the way between two.
import { describe, expect, it } from 'vitest';
import { build, cid, publish, relation, retract } from './build.ts';
import type { Act } from './build.ts';

const derives = (number: number, ...from: number[]): Act =>
  publish(number, { relations: from.map((target) => relation('derives_from', target)) });
//  1 ─ 2 ─ 4 ─ 5      3 also derives from 1, and 4 merges both
//   └─ 3 ─┘           6 reviews 4
const acts = [
  derives(1),
  derives(2, 1),
  derives(3, 1),
  derives(4, 3, 2),
  derives(5, 4),
  publish(6, { kind: 'review', relations: [relation('reviews', 4)] }),
];
const lineage = (all: readonly Act[], number: number, options = {}) =>
  build(all).reading.lineage(cid(number), options);

describe('lineage', () => {
  it('G23: ancestors and descendants, breadth first, each once at its least depth, with what leads nearer', () => {
    expect(lineage(acts, 4)).toEqual({
      ancestors: [
        { cid: cid(2), depth: 1, standing: 'held', via: [{ cid: cid(4), relationType: 'derives_from' }] },
        { cid: cid(3), depth: 1, standing: 'held', via: [{ cid: cid(4), relationType: 'derives_from' }] },
        {
          cid: cid(1),
          depth: 2,
          standing: 'held',
          via: [
            { cid: cid(2), relationType: 'derives_from' },
            { cid: cid(3), relationType: 'derives_from' },
          ],
        },
      ],
      descendants: [
        { cid: cid(5), depth: 1, standing: 'held', via: [{ cid: cid(4), relationType: 'derives_from' }] },
        { cid: cid(6), depth: 1, standing: 'held', via: [{ cid: cid(4), relationType: 'reviews' }] },
      ],
      truncated: { ancestors: false, descendants: false },
    });
  });

  it('G23: only the relations that are asked for are followed', () => {
    const { descendants } = lineage(acts, 1, { relations: ['derives_from'] });
    expect(descendants.map((node) => node.cid)).toEqual([2, 3, 4, 5].map(cid));
    expect(lineage(acts, 1, { relations: ['adopts'] }).descendants).toEqual([]);
  });

  it('G23: depth and limit bound it, and it says that there is more', () => {
    const two = lineage(acts, 1, { depth: 2 });
    expect(two.descendants.map((node) => node.cid)).toEqual([2, 3, 4].map(cid));
    expect(two.truncated).toEqual({ ancestors: false, descendants: true });
    const limited = lineage(acts, 1, { limit: 1 });
    expect(limited.descendants.map((node) => node.cid)).toEqual([cid(2)]);
    expect(limited.truncated.descendants).toBe(true);
    expect(() => lineage(acts, 1, { limit: 10_001 })).toThrow(
      'limit: expected a whole number from 1 to 10000',
    );
    expect(() => lineage(acts, 1, { depth: 0 })).toThrow('depth: expected a whole number');
  });

  it('G23: what is withdrawn keeps its place between what stands, and is gone at the ends', () => {
    const withdrawn = [...acts, retract(4), retract(6)];
    expect(lineage(withdrawn, 5).ancestors.map(({ cid: at, standing }) => [at, standing])).toEqual([
      [cid(4), 'withdrawn'],
      [cid(2), 'held'],
      [cid(3), 'held'],
      [cid(1), 'held'],
    ]);
    expect(lineage(withdrawn, 1).descendants.map((node) => node.cid)).toEqual([2, 3, 4, 5].map(cid));
    expect(lineage([...withdrawn, retract(5)], 1).descendants.map((node) => node.cid)).toEqual(
      [2, 3].map(cid),
    );
  });

  it('G23: targets that were never published here are told as unknown', () => {
    expect(lineage([derives(2, 9)], 2).ancestors).toMatchObject([{ cid: cid(9), standing: 'unknown' }]);
  });

  it('G23: of what is related to by many at most 8 are told', () => {
    const many = [
      derives(1),
      ...Array.from({ length: 20 }, (_, i) => derives(i + 2, 1)),
      derives(50, ...Array.from({ length: 20 }, (_, i) => i + 2)),
    ];
    expect(lineage(many, 1).descendants.at(-1)).toMatchObject({ cid: cid(50), depth: 2 });
    expect(lineage(many, 1).descendants.at(-1)?.via).toHaveLength(8);
  });

  it('G23: a chain of 10,000 is walked without running out of stack', () => {
    const chain = Array.from({ length: 10_002 }, (_, i) => (i === 0 ? derives(1) : derives(i + 1, i)));
    const views = build(chain);
    const { descendants, truncated } = views.reading.lineage(cid(1), { limit: 10_000 });
    expect(descendants).toHaveLength(10_000);
    expect(truncated.descendants).toBe(true);
    expect(views.reading.path(cid(1), cid(10_002))).toEqual({ cids: null, steps: [], truncated: true });
    expect(views.reading.path(cid(1), cid(9_000)).cids).toHaveLength(9_000);
  }, 30_000);
});

describe('a path', () => {
  const path = (all: readonly Act[], from: number, to: number, options = {}) =>
    build(all).reading.path(cid(from), cid(to), options);

  it('G23: is a shortest one, of equals the one whose CIDs sort first', () => {
    expect(path(acts, 5, 1).cids).toEqual([5, 4, 2, 1].map(cid));
    expect(path(acts, 1, 5).cids).toEqual([1, 2, 4, 5].map(cid));
    const direct = [...acts, derives(7, 5, 1)];
    expect(path(direct, 5, 1).cids).toEqual([5, 7, 1].map(cid));
  });

  it('G23: follows relations either way, and tells each as it was stated', () => {
    expect(path(acts, 2, 6)).toEqual({
      cids: [2, 4, 6].map(cid),
      steps: [
        { from: cid(4), to: cid(2), relationType: 'derives_from' },
        { from: cid(6), to: cid(4), relationType: 'reviews' },
      ],
      truncated: false,
    });
    expect(path(acts, 2, 6, { relations: ['derives_from'] }).cids).toBeNull();
  });

  it('G23: leads through what was withdrawn; to itself it has no step; between strangers there is none', () => {
    expect(path([...acts, retract(4)], 1, 5).cids).toEqual([1, 2, 4, 5].map(cid));
    expect(path(acts, 3, 3)).toEqual({ cids: [cid(3)], steps: [], truncated: false });
    expect(path([...acts, derives(8)], 8, 1)).toEqual({ cids: null, steps: [], truncated: false });
  });
});
