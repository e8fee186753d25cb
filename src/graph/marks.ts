// A laid-out graph as sigma is given it. Made in parts, so that a large one holds nothing up, and changed in place where
// little is new. Knows neither page nor peers.
import Graph from 'graphology';
import { sizeOf } from '../components/graph-geometry.ts';
import type { Layout, Placed, PlacedEdge } from '../state/layout.ts';

export interface NodeData {
  x: number;
  y: number;
  size: number;
  /** Its name again. */
  label: string;
  kind: string;
  color: string;
}
export interface EdgeData {
  size: number;
  color: string;
}
/** Nodes and edges are named by their places in the layout. */
export type Marks = Graph<NodeData, EdgeData>;

export interface Colours {
  stem: string;
  kind: (kind: string) => string;
}

/** Of a lane, in ranks: branches lie closer than steps. */
export const LANE = 0.9;
const RADIUS = 5;
/** Nodes or edges between two breaths: some 5 ms. */
export const PART = 1000;
/** Beyond so many changes the whole is made anew: each of them costs several times what a new one does. */
const FEW = 200;

export const emptyMarks = (): Marks => new Graph<NodeData, EdgeData>({ type: 'directed', multi: true });

export async function makeMarks(
  layout: Layout,
  colours: Colours,
  breathe: () => Promise<void>,
): Promise<Marks> {
  const marks = emptyMarks();
  let count = 0;
  for (const placed of layout.nodes) {
    const name = String(marks.order);
    marks.addNode(name, nodeData(placed, name, colours));
    count += 1;
    if (count % PART === 0) await breathe();
  }
  for (const edge of layout.edges) {
    addEdge(marks, edge, colours);
    count += 1;
    if (count % PART === 0) await breathe();
  }
  return marks;
}

/** Makes these marks the layout's. False, and nothing done, where too much of them would change. */
export function changeMarks(marks: Marks, before: Layout, layout: Layout, colours: Colours): boolean {
  const isLike = (edge: PlacedEdge, other: PlacedEdge | undefined): boolean =>
    edge.from === other?.from && edge.to === other.to && edge.main === other.main;
  if (before.nodes.length > layout.nodes.length || before.edges.length > layout.edges.length) return false;
  if (!before.edges.every((edge, index) => isLike(edge, layout.edges[index]))) return false;
  const changed = [...layout.nodes.keys()].filter((index) =>
    isOther(before.nodes[index], layout.nodes[index]),
  );
  const fresh = layout.edges.slice(before.edges.length);
  if (changed.length + fresh.length > FEW) return false;
  for (const index of changed) {
    const placed = layout.nodes[index];
    const name = String(index);
    if (placed !== undefined) marks.mergeNode(name, nodeData(placed, name, colours));
  }
  for (const edge of fresh) addEdge(marks, edge, colours);
  return true;
}

function isOther(before: Placed | undefined, now: Placed | undefined): boolean {
  if (before === undefined || now === undefined) return true;
  return (
    before.rank !== now.rank ||
    before.lane !== now.lane ||
    before.node.kind !== now.node.kind ||
    before.node.adoption !== now.node.adoption
  );
}

const nodeData = (placed: Placed, label: string, colours: Colours): NodeData => ({
  x: placed.rank,
  y: -placed.lane * LANE,
  size: RADIUS * sizeOf(placed),
  // Stands for words that are made once they are drawn: few of many are.
  label,
  kind: placed.node.kind,
  color: colours.kind(placed.node.kind),
});

function addEdge(marks: Marks, { from, to, main }: PlacedEdge, colours: Colours): void {
  const data = { size: main ? 1.4 : 0.8, color: colours.stem };
  marks.addEdgeWithKey(String(marks.size), String(from), String(to), data);
}
