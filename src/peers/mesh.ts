// The mesh as it is drawn and listed: who is in sight, and one line between two whoever told of it. Pure.
import type { MeshEdge } from '../../worker/rpc/api.ts';

export interface MeshNode {
  id: string;
  /** `near`: a neighbour says that it is linked to it. */
  state: 'self' | 'linked' | 'near';
}
export interface MeshLine {
  /** This device first; otherwise by key. */
  a: string;
  b: string;
  /** The strongest of what its ends say. */
  push: MeshEdge['push'];
  /** Whether this device is one of its ends; else it is hearsay. */
  own: boolean;
  /** How many of its ends told of it. */
  told: 1 | 2;
}
export interface Mesh {
  /** This device first, then by key: nobody changes places because something passes. */
  nodes: MeshNode[];
  lines: MeshLine[];
  /** In sight, and not among the nodes. */
  more: number;
}

/** More than that nobody tells apart on a ring. */
export const MOST_NODES = 24;
const STRENGTH = { eager: 2, lazy: 1, none: 0 } as const;

export function meshOf(self: string, edges: readonly MeshEdge[], most = MOST_NODES): Mesh {
  const lines = new Map<string, MeshLine>();
  for (const { from, to, push } of edges) {
    const own = from === self || to === self;
    const [a, b] = from === self || (to !== self && from < to) ? [from, to] : [to, from];
    const key = `${a} ${b}`;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, { a, b, push, own, told: 1 });
    else {
      known.told = 2;
      if (STRENGTH[push] > STRENGTH[known.push]) known.push = push;
    }
  }
  // What a neighbour says of a link to this device, and this device doesn't know of, is over or was never true.
  const known = new Set(edges.filter(({ from }) => from === self).map(({ to }) => to));
  const all = [...lines.values()].filter(({ own, b }) => !own || known.has(b));
  const near = new Set(all.flatMap(({ a, b }) => [a, b]));
  near.delete(self);
  const ids = [...near].sort((x, y) => Number(known.has(y)) - Number(known.has(x)) || (x < y ? -1 : 1));
  const kept = ids.slice(0, most - 1);
  const shown = new Set([self, ...kept]);
  return {
    nodes: [
      { id: self, state: 'self' },
      ...kept.sort().map((id): MeshNode => ({ id, state: known.has(id) ? 'linked' : 'near' })),
    ],
    lines: all
      .filter(({ a, b }) => shown.has(a) && shown.has(b))
      .sort((x, y) => Number(y.own) - Number(x.own) || (`${x.a}${x.b}` < `${y.a}${y.b}` ? -1 : 1)),
    more: ids.length - kept.length,
  };
}

export interface Place {
  x: number;
  y: number;
  /** Where a name goes: above or below, away from the middle. */
  above: boolean;
}

/** Space around the ring: half a name at the sides, a name above and below. */
const SIDE = 56;
const EDGE = 40;

/** On an ellipse, so that no line runs through a third: this device at the left, the others from there on. */
export function ringOf(count: number, width: number, height: number): Place[] {
  const [rx, ry] = [Math.max(20, width / 2 - SIDE), Math.max(20, height / 2 - EDGE)];
  return Array.from({ length: count }, (_, index) => {
    const angle = Math.PI + (2 * Math.PI * index) / Math.max(1, count);
    const y = height / 2 + ry * Math.sin(angle);
    return { x: count === 1 ? width / 2 : width / 2 + rx * Math.cos(angle), y, above: y < height / 2 - 1 };
  });
}

/** What passed with one peer since somebody began to look. */
export interface Flow {
  out: number;
  in: number;
  bytes: number;
  news: number;
}
export const noFlows = (): ReadonlyMap<string, Flow> => new Map();
export const NO_FLOW: Flow = { out: 0, in: 0, bytes: 0, news: 0 };

interface Passed {
  peer: string;
  direction: 'in' | 'out';
  messages: number;
  bytes: number;
  news: number;
}

export function addFlows(before: ReadonlyMap<string, Flow>, passed: readonly Passed[]): Map<string, Flow> {
  const sums = new Map(before);
  for (const { peer, direction, messages, bytes, news } of passed) {
    const flow = sums.get(peer) ?? NO_FLOW;
    sums.set(peer, {
      ...flow,
      [direction]: flow[direction] + messages,
      bytes: flow.bytes + bytes,
      news: flow.news + news,
    });
  }
  return sums;
}
