import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineageOf, matching, pathBetween, pathUp, within } from '../../../src/graph/reach.ts';
import { drawLineage } from '../../../src/graph/lineage.ts';
import { layoutGraph, type Layout } from '../../../src/state/layout.ts';

/** Each row: which of the earlier nodes this one derives from. */
function graph(rows: readonly (readonly number[])[], summaries: readonly string[] = []): Layout {
  return layoutGraph({
    nodes: rows.map((_, i) => ({
      cid: `c${i}`,
      kind: 'work',
      summary: summaries[i] ?? '',
      author: '',
      adoption: 0,
      createdAt: new Date(i * 1000).toISOString(),
    })),
    edges: rows.flatMap((row, i) =>
      row.map((to) => ({ from: `c${i}`, to: `c${to}`, relationType: 'derives_from' as const })),
    ),
    truncated: false,
  });
}
/** 0 <- 1 <- 2 <- 3, 1 <- 4, and 5 by itself. */
const TREE = graph([[], [0], [1], [2], [1], []]);
const graphs = fc
  .array(fc.array(fc.nat({ max: 1000 }), { maxLength: 3 }), { minLength: 1, maxLength: 30 })
  .map((rows) => graph(rows.map((row, i) => (i === 0 ? [] : [...new Set(row.map((n) => n % i))]))));

describe('what is near a node', () => {
  it('is counted in relations, in both directions', () => {
    expect(within(TREE, 1, 0)).toEqual(new Set([1]));
    expect(within(TREE, 1, 1)).toEqual(new Set([0, 1, 2, 4]));
    expect(within(TREE, 0, 9)).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(within(TREE, 99, 1)).toEqual(new Set());
  });

  it('a path leads from a node up to its ancestor, whichever is named first, and nowhere else', () => {
    expect(pathUp(TREE, 3, 0)).toEqual([3, 2, 1, 0]);
    expect(pathBetween(TREE, 0, 3)).toEqual([3, 2, 1, 0]);
    expect(pathBetween(TREE, 3, 4)).toBeNull();
    expect(pathBetween(TREE, 5, 0)).toBeNull();
    fc.assert(
      fc.property(graphs, fc.nat(), fc.nat(), (layout, one, other) => {
        const [a, b] = [one % layout.nodes.length, other % layout.nodes.length];
        const path = pathBetween(layout, a, b);
        if (path === null) return;
        expect([path[0], path.at(-1)]).toEqual([Math.max(a, b), Math.min(a, b)]);
        path.slice(1).forEach((at, i) => expect(layout.nodes[path[i] ?? -1]?.parents).toContain(at));
      }),
    );
  });

  it('a lineage is ancestors and descendants, not siblings, and never more than it may be', () => {
    expect(lineageOf(TREE, 2, 200)).toEqual([2, 1, 0, 3]);
    expect(lineageOf(TREE, 2, 2)).toEqual([2, 1]);
  });

  it('words find what has a word that begins so, case aside', () => {
    const layout = graph([[], [0], [1]], ['Faster kernel', 'Slower', 'kernels, FAST']);
    expect(matching(layout, 'fast KERN')).toEqual(new Set([0, 2]));
    expect(matching(layout, 'nothing')).toEqual(new Set());
  });
});

describe('the drawing of a lineage', () => {
  it('puts each node once, inside the frame, and to the right of what it grew out of', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (layout, n) => {
        const chosen = lineageOf(layout, n % layout.nodes.length, 20);
        const { nodes, edges, width, height } = drawLineage(layout, chosen);
        expect(nodes.map(({ index }) => index).sort((a, b) => a - b)).toEqual(chosen.sort((a, b) => a - b));
        const at = new Map(nodes.map((node) => [node.index, node]));
        for (const { x, y } of nodes) expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
        for (const { from, to } of edges) expect(at.get(from)?.x).toBeLessThan(at.get(to)?.x ?? 0);
      }),
      { numRuns: 50 },
    );
  });
});
