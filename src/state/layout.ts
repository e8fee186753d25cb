// Places a graph: rank by depth along x, one lane per branch along y. Pure, and stable as nodes are appended.
import type { GraphView, RelationType } from '../../worker/rpc/api.ts';

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

export function layoutGraph(view: GraphView): Layout {
  const index = new Map(view.nodes.map((node, i) => [node.cid, i]));
  const nodes = view.nodes.map((node): Placed => ({ node, rank: 0, lane: 0, parents: [], children: [] }));
  const edges: PlacedEdge[] = [];
  for (const edge of view.edges) {
    const child = index.get(edge.from);
    const parent = index.get(edge.to);
    // Nodes come in causal order, so an edge against it is not one of time and would only tangle the ranks.
    if (child === undefined || parent === undefined || parent >= child) continue;
    edges.push({ from: parent, to: child, relationType: edge.relationType, main: false });
    nodes[child]?.parents.push(parent);
    nodes[parent]?.children.push(child);
  }
  rank(nodes);
  const main = assignLanes(nodes);
  for (const edge of edges) edge.main = main[edge.to] === edge.from;
  const lanes = nodes.map((node) => node.lane);
  const top = Math.min(0, ...lanes);
  for (const node of nodes) node.lane -= top;
  return {
    nodes,
    edges,
    ranks: nodes.reduce((most, node) => Math.max(most, node.rank + 1), 0),
    lanes: Math.max(0, ...lanes) - top + 1,
  };
}

/** Longest path from the roots. A root itself stands where the front was when it was made, so that new is on the right. */
function rank(nodes: Placed[]): void {
  const depth: number[] = [];
  for (const node of nodes) depth.push(1 + Math.max(-1, ...node.parents.map((parent) => depth[parent] ?? 0)));
  const byDate = nodes
    .map((node, i) => ({ i, at: Date.parse(node.node.createdAt) || 0 }))
    .sort((a, b) => a.at - b.at || a.i - b.i);
  const front: number[] = [];
  let reached = 0;
  for (const { i } of byDate) {
    front[i] = reached;
    reached = Math.max(reached, depth[i] ?? 0);
  }
  nodes.forEach((node, i) => {
    node.rank =
      node.parents.length === 0
        ? (front[i] ?? 0)
        : 1 + Math.max(...node.parents.map((parent) => nodes[parent]?.rank ?? 0));
  });
}

/** Gives each node the free lane nearest to its branch; answers the parent it continues, by node. */
function assignLanes(nodes: Placed[]): (number | undefined)[] {
  const taken = new Set<string>();
  const isFree = (lane: number, from: number, to: number): boolean => {
    for (let at = from; at <= to; at += 1) if (taken.has(`${lane}:${at}`)) return false;
    return true;
  };
  return nodes.map((node, i) => {
    const main = node.parents.reduce<number | undefined>(
      (best, parent) =>
        best === undefined || (nodes[parent]?.rank ?? 0) > (nodes[best]?.rank ?? 0) ? parent : best,
      undefined,
    );
    const parent = main === undefined ? undefined : nodes[main];
    const from = parent === undefined ? node.rank : parent.rank + 1;
    // The trunk's own lane is for work that continues it; what comments on it sits beside.
    const start = parent === undefined || node.node.kind === 'work' ? 0 : 1;
    const home = parent?.lane ?? 0;
    for (let distance = start; ; distance += 1) {
      const sides = i % 2 === 0 ? [home + distance, home - distance] : [home - distance, home + distance];
      const lane = sides.find((side) => isFree(side, from, node.rank));
      if (lane === undefined) continue;
      node.lane = lane;
      for (let at = from; at <= node.rank; at += 1) taken.add(`${lane}:${at}`);
      return main;
    }
  });
}
