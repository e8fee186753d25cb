// What is near a node of a laid-out graph: neighbourhoods, ways between two nodes, and what matches some words. Pure.
import type { Layout } from '../state/layout.ts';

/** All that are at most so many relations away, in either direction, and the node itself. */
export function within(layout: Layout, index: number, depth: number): Set<number> {
  const reached = new Set(layout.nodes[index] === undefined ? [] : [index]);
  let edge = [...reached];
  for (let step = 0; step < depth && edge.length > 0; step += 1) {
    const next = edge.flatMap((at) => {
      const { parents = [], children = [] } = layout.nodes[at] ?? {};
      return [...parents, ...children];
    });
    edge = [...new Set(next)].filter((at) => !reached.has(at));
    for (const at of edge) reached.add(at);
  }
  return reached;
}

/** The nodes of a shortest way from one to its ancestor, both included; null where the other is none. */
export function pathUp(layout: Layout, from: number, ancestor: number): number[] | null {
  const cameFrom = new Map<number, number>([[from, from]]);
  const queue = [from];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at === ancestor) {
      const path = [at];
      for (let back = at; back !== from;) {
        back = cameFrom.get(back) ?? from;
        path.unshift(back);
      }
      return path;
    }
    for (const parent of layout.nodes[at]?.parents ?? []) {
      if (cameFrom.has(parent)) continue;
      cameFrom.set(parent, at);
      queue.push(parent);
    }
  }
  return null;
}

/** A way between two nodes of which one is the other's ancestor, the younger first. */
export const pathBetween = (layout: Layout, a: number, b: number): number[] | null =>
  a >= b ? pathUp(layout, a, b) : pathUp(layout, b, a);

/** All of which a node grew, nearest first, and then all that grew out of it; at most so many. */
export function lineageOf(layout: Layout, index: number, most: number): number[] {
  const reached = new Set([index]);
  const walk = (next: (at: number) => readonly number[]): void => {
    const queue = [index];
    for (let at = queue.shift(); at !== undefined && reached.size < most; at = queue.shift()) {
      for (const each of next(at)) {
        if (reached.has(each) || reached.size >= most) continue;
        reached.add(each);
        queue.push(each);
      }
    }
  };
  walk((at) => layout.nodes[at]?.parents ?? []);
  walk((at) => layout.nodes[at]?.children ?? []);
  return [...reached];
}

/** Nodes of which each word begins some word of the summary, case aside. */
export function matching(layout: Layout, text: string): Set<number> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Set<number>();
  layout.nodes.forEach(({ node }, index) => {
    const own = node.summary.toLowerCase().split(/[\s,.;:()/]+/);
    if (words.every((word) => own.some((each) => each.startsWith(word)))) found.add(index);
  });
  return found;
}
