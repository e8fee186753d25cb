// Where a contribution comes from and what came of it, and how two are related (SPEC G23). Breadth first and bounded.
import { compareIds } from '../model/ids.ts';
import type { Cid } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import { checkLimit } from './order.ts';
import type { Provenance, Standing } from './provenance.ts';
import { checkDepth } from './thread.ts';
import type { RelationType } from './types.ts';

export interface LineageOptions {
  /** Only these; default all, those of later versions too. */
  relations?: readonly string[];
  /** Default and most 10,000. */
  depth?: number;
  /** Of either direction; default 500, at most 10,000. */
  limit?: number;
}
export interface LineageNode {
  cid: Cid;
  /** Least number of relations between. */
  depth: number;
  standing: Standing;
  /** Relations to what is one step nearer, or from it; by CID and type, at most 8. */
  via: { cid: Cid; relationType: RelationType }[];
}
export interface Lineage {
  ancestors: LineageNode[];
  descendants: LineageNode[];
  /** There are more, by limit or depth. */
  truncated: { ancestors: boolean; descendants: boolean };
}
/** One relation on the way: stated by `from` about `to`. */
export interface PathStep {
  from: Cid;
  to: Cid;
  relationType: RelationType;
}
export interface Path {
  /** Both ends among them; null where there is no way. */
  cids: Cid[] | null;
  /** One for each step, in the path's order; its direction is the relation's. */
  steps: PathStep[];
  /** Not all was looked at, so that there may be a way all the same. */
  truncated: boolean;
}

interface Near {
  cid: Cid;
  step: PathStep;
}
type Neighbours = (cid: Cid) => Near[];

const compareNear = (a: Near, b: Near): number =>
  compareIds(a.cid, b.cid) ||
  compareIds(a.step.relationType, b.step.relationType) ||
  compareIds(a.step.from, b.step.from);

export function createLineage(provenance: Provenance) {
  const follows = (relations: readonly string[] | undefined) => {
    const wanted = relations && new Set(relations);
    return (type: string): boolean => wanted === undefined || wanted.has(type);
  };

  function up(test: (type: string) => boolean): Neighbours {
    return (cid) =>
      provenance
        .outgoing(cid)
        .flatMap(({ from, to, relationType }) =>
          test(relationType) ? [{ cid: to, step: { from, to, relationType } }] : [],
        );
  }
  function down(test: (type: string) => boolean): Neighbours {
    return (cid) =>
      provenance
        .incoming(cid)
        .flatMap(({ from, to, relationType }) =>
          test(relationType) ? [{ cid: from, step: { from, to, relationType } }] : [],
        );
  }

  /** Level by level, each sorted, so that what the limit leaves out is the same everywhere. */
  function walk(start: Cid, neighbours: Neighbours, depth: number, limit: number) {
    const nodes: LineageNode[] = [];
    const seen = new Set<Cid>([start]);
    let level: Cid[] = [start];
    for (let at = 1; at <= depth && level.length > 0; at += 1) {
      const found = new Map<Cid, LineageNode>();
      for (const nearer of level) {
        for (const { cid, step } of neighbours(nearer)) {
          if (seen.has(cid)) continue;
          const node = found.get(cid) ?? { cid, depth: at, standing: provenance.standing(cid), via: [] };
          node.via.push({ cid: nearer, relationType: step.relationType });
          found.set(cid, node);
        }
      }
      const sorted = [...found.values()].sort((a, b) => compareIds(a.cid, b.cid));
      for (const node of sorted) {
        if (nodes.length === limit) return { nodes, truncated: true };
        seen.add(node.cid);
        nodes.push(node);
      }
      level = sorted.map(({ cid }) => cid);
    }
    const truncated = level.some((cid) => neighbours(cid).some((near) => !seen.has(near.cid)));
    return { nodes, truncated };
  }

  /** What was withdrawn is only there for what stands beyond it. */
  function prune(nodes: readonly LineageNode[]): LineageNode[] {
    const needed = new Set<Cid>();
    const kept: LineageNode[] = [];
    for (const node of [...nodes].reverse()) {
      if (node.standing === 'withdrawn' && !needed.has(node.cid)) continue;
      for (const { cid } of node.via) needed.add(cid);
      node.via.sort((a, b) => compareIds(a.cid, b.cid) || compareIds(a.relationType, b.relationType));
      node.via = node.via.slice(0, GRAPH.maxVia);
      kept.unshift(node);
    }
    return kept;
  }

  return {
    /** Throws `invalid` for limit and depth. */
    of(start: Cid, options: LineageOptions = {}): Lineage {
      const limit = checkLimit(options.limit, GRAPH.lineage, GRAPH.maxLineage);
      const depth = checkDepth(options.depth, GRAPH.maxLineage, GRAPH.maxLineage);
      const test = follows(options.relations);
      const above = walk(start, up(test), depth, limit);
      const below = walk(start, down(test), depth, limit);
      return {
        ancestors: prune(above.nodes),
        descendants: prune(below.nodes),
        truncated: { ancestors: above.truncated, descendants: below.truncated },
      };
    },

    /**
     * The first in line is expanded first, and its neighbours by CID: so each is reached by the way whose CIDs sort first
     * among the shortest.
     */
    path(from: Cid, to: Cid, { relations }: Pick<LineageOptions, 'relations'> = {}): Path {
      const test = follows(relations);
      const [above, below] = [up(test), down(test)];
      const came = new Map<Cid, { cid: Cid; step: PathStep } | null>([[from, null]]);
      const line: Cid[] = [from];
      let truncated = false;
      for (let at = 0; at < line.length && !came.has(to) && !truncated; at += 1) {
        const here = line[at] ?? from;
        for (const { cid, step } of [...above(here), ...below(here)].sort(compareNear)) {
          if (came.has(cid)) continue;
          if (came.size >= GRAPH.maxLineage) {
            truncated = true;
            break;
          }
          came.set(cid, { cid: here, step });
          line.push(cid);
        }
      }
      if (!came.has(to)) return { cids: null, steps: [], truncated };
      const cids = [to];
      const steps: PathStep[] = [];
      for (let back = came.get(to); back != null; back = came.get(back.cid)) {
        cids.unshift(back.cid);
        steps.unshift(back.step);
      }
      return { cids, steps, truncated: false };
    },
  };
}

export type LineageReader = ReturnType<typeof createLineage>;
