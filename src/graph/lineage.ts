// A lineage as a drawing: the only importer of d3-dag, loaded when a lineage is first shown. Pure: takes part of a laid-out
// graph, gives where its nodes and edges go, in pixels, newest on the right.
import { coordGreedy, decrossTwoLayer, graphStratify, layeringLongestPath, sugiyama } from 'd3-dag';
import type { Layout } from '../state/layout.ts';

export interface LineagePicture {
  width: number;
  height: number;
  nodes: { index: number; x: number; y: number }[];
  /** Bends of each line, from the ancestor on. */
  edges: { from: number; to: number; points: readonly (readonly [x: number, y: number])[] }[];
}

const NODE = [96, 72] as const; // of a layer, and along the branch: room for a mark and a line of text
const GAP = [28, 56] as const;

/** `indices`: of nodes; relations to others are left out. Empty for none. */
export function drawLineage(layout: Layout, indices: readonly number[]): LineagePicture {
  if (indices.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  const chosen = new Set(indices);
  const data = indices.map((index) => ({
    id: String(index),
    parentIds: (layout.nodes[index]?.parents ?? []).filter((parent) => chosen.has(parent)).map(String),
  }));
  const graph = graphStratify()(data);
  // Layers run downwards: height is the extent across them, which lies along x here.
  const { width, height } = sugiyama()
    .layering(layeringLongestPath())
    .decross(decrossTwoLayer())
    .coord(coordGreedy())
    .nodeSize([NODE[1], NODE[0]])
    .gap([GAP[0], GAP[1]])(graph);
  return {
    width: height,
    height: width,
    nodes: [...graph.nodes()].map(({ data: { id }, x, y }) => ({ index: Number(id), x: y, y: x })),
    edges: [...graph.links()].map(({ source, target, points }) => ({
      from: Number(source.data.id),
      to: Number(target.data.id),
      points: points.map(([x, y]) => [y, x] as const),
    })),
  };
}
