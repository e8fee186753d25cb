// Runs in the bare page: graphology and sigma as their documentation has them, with their own defaults.
import Graph from 'graphology';
import Sigma from 'sigma';
import type { Placed } from './bare.ts';

/** `extent`: of what is seen at first; all of it where none is given. */
export function draw(
  { nodes, edges }: Placed,
  stage: HTMLElement,
  extent?: { x: [number, number]; y: [number, number] },
): void {
  const graph = new Graph({ type: 'directed', multi: true });
  nodes.forEach((node, index) => graph.addNode(String(index), node));
  for (const { from, to, size, color } of edges) graph.addEdge(String(from), String(to), { size, color });
  const sigma = new Sigma(graph, stage);
  if (extent === undefined) return;
  sigma.setCustomBBox(extent);
  sigma.refresh();
}
