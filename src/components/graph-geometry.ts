// Where a placed graph's nodes and edges go on paper, and what lies next to a node. Pure.
import type { Layout, Placed, PlacedEdge } from '../state/layout.ts';

const STEP = 46;
const LANE = 42;
const MARGIN = 40;

export const nodeX = (rank: number): number => MARGIN + rank * STEP;
export const nodeY = (lane: number): number => MARGIN + lane * LANE;

/** Area grows with use; beyond nine uses it stops, so that one node can't swallow its neighbours. */
export const sizeOf = (placed: Placed): number =>
  Math.round((1 + Math.sqrt(Math.min(9, placed.node.adoption)) * 0.22) * 100) / 100;

/** From the ancestor: over to the branch's lane within one step, then along it. */
export function edgePath(layout: Layout, edge: PlacedEdge): string {
  const from = layout.nodes[edge.from];
  const to = layout.nodes[edge.to];
  if (from === undefined || to === undefined) return '';
  const [x1, y1, x2, y2] = [nodeX(from.rank), nodeY(from.lane), nodeX(to.rank), nodeY(to.lane)];
  if (y1 === y2 && edge.main) return `M${x1} ${y1}H${x2}`;
  if (edge.main) {
    const bend = x1 + STEP;
    return `M${x1} ${y1}C${x1 + STEP / 2} ${y1} ${x1 + STEP / 2} ${y2} ${bend} ${y2}H${x2}`;
  }
  const reach = (x2 - x1) / 2;
  // A second parent in the same lane would hide behind the branch: it bows out instead.
  const lift = y1 === y2 ? LANE * 0.7 : 0;
  return `M${x1} ${y1}C${x1 + reach} ${y1 + lift} ${x2 - reach} ${y2 + lift} ${x2} ${y2}`;
}

export type Step = 'parent' | 'child' | 'above' | 'below';

/** Where each arrow key leads. */
export const STEPS: Partial<Record<string, Step>> = {
  ArrowLeft: 'parent',
  ArrowRight: 'child',
  ArrowUp: 'above',
  ArrowDown: 'below',
};

/** The node that an arrow leads to; the same one where there is none. */
export function neighbour(layout: Layout, index: number, step: Step): number {
  const here = layout.nodes[index];
  if (here === undefined) return index;
  if (step === 'parent') return here.parents[0] ?? index;
  if (step === 'child') return here.children[0] ?? index;
  const side = step === 'above' ? -1 : 1;
  let best = index;
  let nearest = Infinity;
  layout.nodes.forEach((node, i) => {
    const rows = (node.lane - here.lane) * side;
    if (rows <= 0) return;
    const distance = rows * 2 + Math.abs(node.rank - here.rank) * 3;
    if (distance < nearest) [best, nearest] = [i, distance];
  });
  return best;
}
