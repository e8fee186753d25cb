import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphView } from '../../../worker/rpc/api.ts';
import { layoutGraph } from '../../../src/state/layout.ts';

const node = (n: number, kind = 'work'): GraphView['nodes'][number] => ({
  cid: `c${n}`,
  kind,
  summary: '',
  author: '',
  adoption: 0,
  createdAt: new Date(n * 1000).toISOString(),
});
const edge = (from: number, to: number): GraphView['edges'][number] => ({
  from: `c${from}`,
  to: `c${to}`,
  relationType: 'derives_from',
});

/** Graphs in causal order: each edge points to an earlier node. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 1000 }), { maxLength: 3 }), { maxLength: 40 })
  .map((rows): GraphView => ({
    nodes: rows.map((_, i) => node(i)),
    edges: rows.flatMap((row, i) =>
      i === 0 ? [] : [...new Set(row.map((n) => n % i))].map((to) => edge(i, to)),
    ),
    truncated: false,
  }));

describe('the picture of the graph', () => {
  it('puts every node to the right of what it grew out of, and no two in one place', () => {
    fc.assert(
      fc.property(graphs, (view) => {
        const { nodes, edges } = layoutGraph(view);
        for (const { from, to } of edges)
          expect(nodes[to]?.rank).toBeGreaterThan(nodes[from]?.rank ?? Infinity);
        expect(new Set(nodes.map(({ rank, lane }) => `${rank}:${lane}`)).size).toBe(nodes.length);
      }),
    );
  });

  it('keeps a chain in one lane and sets a review beside it', () => {
    const view = {
      nodes: [node(0), node(1, 'review'), node(2), node(3)],
      edges: [edge(1, 0), edge(2, 0), edge(3, 2)],
      truncated: false,
    };
    const lanes = layoutGraph(view).nodes.map(({ lane }) => lane);
    expect(lanes[0]).toBe(lanes[2]);
    expect(lanes[2]).toBe(lanes[3]);
    expect(lanes[1]).not.toBe(lanes[0]);
  });

  it('starts a new root where the front was, so that new work is on the right', () => {
    const view = { nodes: [node(0), node(1), node(2)], edges: [edge(1, 0)], truncated: false };
    expect(layoutGraph(view).nodes[2]?.rank).toBe(1);
  });

  it('does not move what stood before when a node is appended', () => {
    fc.assert(
      fc.property(graphs, (view) => {
        const shape = (whole: GraphView): string[] => {
          const { nodes } = layoutGraph(whole);
          return nodes
            .slice(0, view.nodes.length)
            .map(({ rank, lane }) => `${rank}:${lane - (nodes[0]?.lane ?? 0)}`);
        };
        const grown = { ...view, nodes: [...view.nodes, node(view.nodes.length)] };
        expect(shape(grown)).toEqual(shape(view));
      }),
    );
  });
});
