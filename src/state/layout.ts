// A graph as it is drawn: nodes and edges with their places. Pure.
import type { GraphView, RelationType } from '../../worker/rpc/api.ts';
import { place, type Outline, type Places } from '../graph/place.ts';

export interface Placed {
  node: GraphView['nodes'][number];
  rank: number;
  lane: number;
  /** What it grew out of, and what grew out of it: indices into `nodes`. */
  parents: number[];
  children: number[];
}
export interface PlacedEdge {
  from: number;
  to: number;
  relationType: RelationType;
  /** The edge that carries the branch: drawn along its lane. */
  main: boolean;
}
export interface Layout {
  nodes: Placed[];
  /** `from` is the ancestor here: lines grow rightwards. */
  edges: PlacedEdge[];
  ranks: number;
  lanes: number;
}

/** A graph in numbers, to be placed, and how to make a layout of it once that is done. */
export interface Drafted {
  outline: Outline;
  layOut(places: Places): Layout;
}

export function draft(view: GraphView): Drafted {
  const index = new Map(view.nodes.map((node, i) => [node.cid, i]));
  const edges = view.edges.flatMap(({ from: younger, to: older, relationType }) => {
    const [from, to] = [index.get(older), index.get(younger)];
    // Nodes come in causal order, so an edge against it is not one of time and would only tangle the ranks.
    return from === undefined || to === undefined || from >= to ? [] : { from, to, relationType };
  });
  return {
    outline: {
      at: Float64Array.from(view.nodes, ({ createdAt }) => Date.parse(createdAt) || 0),
      continues: Uint8Array.from(view.nodes, ({ kind }) => (kind === 'work' ? 1 : 0)),
      parents: Int32Array.from(edges, ({ from }) => from),
      children: Int32Array.from(edges, ({ to }) => to),
    },
    layOut: (places) => joined(view.nodes, edges, places),
  };
}

export function layoutGraph(view: GraphView): Layout {
  const { outline, layOut } = draft(view);
  return layOut(place(outline));
}

function joined(
  given: GraphView['nodes'],
  kept: readonly Omit<PlacedEdge, 'main'>[],
  places: Places,
): Layout {
  const nodes = given.map((node, i): Placed => ({
    node,
    rank: places.rank[i] ?? 0,
    lane: places.lane[i] ?? 0,
    parents: [],
    children: [],
  }));
  const edges = kept.map((edge): PlacedEdge => {
    nodes[edge.to]?.parents.push(edge.from);
    nodes[edge.from]?.children.push(edge.to);
    return { ...edge, main: places.main[edge.to] === edge.from };
  });
  return {
    nodes,
    edges,
    ranks: nodes.reduce((most, { rank }) => Math.max(most, rank + 1), 0),
    lanes: nodes.reduce((most, { lane }) => Math.max(most, lane + 1), 1),
  };
}
