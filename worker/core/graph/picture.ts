// The newest part of the graph as nodes in causal order and edges between them.
import type { Cid } from '../model/ids.ts';
import type { Contribution, Placed } from './contributions.ts';
import type { Ordered } from './order.ts';
import type { Relations } from './relations.ts';
import { formatTime } from './time.ts';
import type { GraphNode, GraphView } from './types.ts';

export function drawGraph(order: Ordered<Placed>, relations: Relations, limit: number): GraphView {
  const newest: Placed[] = [];
  let truncated = false;
  for (const placed of order.newestFirst(null)) {
    if (placed.contribution.hidden) continue;
    if (newest.length === limit) {
      truncated = true;
      break;
    }
    newest.push(placed);
  }
  newest.reverse();
  const present = new Map(newest.map((placed) => [placed.contribution.cid, placed]));
  const nodes = causal(present).map((placed) => toNode(placed, relations));
  const edges = newest.flatMap(({ contribution }) =>
    contribution.edges
      .filter((edge) => present.has(edge.to))
      .map(({ from, to, relationType }) => ({ from, to, relationType })),
  );
  return { nodes, edges, truncated };
}

function toNode({ contribution, publication }: Placed, relations: Relations): GraphNode {
  const { cid, manifest } = contribution;
  return {
    cid,
    kind: manifest?.kind ?? '',
    summary: manifest?.summary ?? '',
    author: publication.author,
    adoption: relations.of(cid)?.adoption ?? 0,
    createdAt: manifest?.createdAt ?? formatTime(publication.at),
  };
}

/**
 * Targets before their sources, else in log order, which alone is not enough: a target may be published after what
 * points at it. Depth first with a stack of our own, because a lineage may be longer than the engine's.
 */
function causal(present: ReadonlyMap<Cid, Placed>): Placed[] {
  const sorted: Placed[] = [];
  const entered = new Set<Contribution>();
  for (const root of present.values()) {
    if (entered.has(root.contribution)) continue;
    entered.add(root.contribution);
    const path = [{ placed: root, next: 0 }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const edge = step.placed.contribution.edges[step.next];
      step.next += 1;
      if (edge === undefined) {
        sorted.push(step.placed);
        path.pop();
        continue;
      }
      const target = present.get(edge.to);
      if (target === undefined || entered.has(target.contribution)) continue;
      entered.add(target.contribution);
      path.push({ placed: target, next: 0 });
    }
  }
  return sorted;
}
