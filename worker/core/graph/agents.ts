// What each agent did, by the agentId that its contributions claim (SPEC G24). Only what stands and is held says so.
import { compareIds } from '../model/ids.ts';
import type { Cid } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import type { Contribution, Placed } from './contributions.ts';
import { checkLimit, comparePlaces, formatCursor, parseCursor } from './order.ts';
import type { Publication } from './types.ts';

export interface Agent {
  agentId: string;
  /** As its newest contribution says. */
  agentName?: string;
  platform?: string;
  contributions: number;
  first: Publication;
  last: Publication;
}
export interface AgentPage {
  /** Oldest first. */
  items: { cid: Cid; publication: Publication }[];
  /** Absent on the last page. */
  cursor?: string;
}
export interface PageOptions {
  /** Default 50, at most 500. */
  limit?: number;
  /** From an earlier page of the same. */
  cursor?: string;
}
export interface Agents {
  update(contribution: Contribution): void;
  /** The latest activity first, ties by agentId; `more` are not told. */
  list(limit: number): { agents: Agent[]; more: number };
  /** Throws `invalid` for limit and cursor. */
  session(agentId: string, options: PageOptions): AgentPage;
}

interface Acts {
  contributions: Set<Contribution>;
  /** In the order of the log; null where it has to be sorted anew. */
  sorted: Placed[] | null;
}

export function createAgents(): Agents {
  const byAgent = new Map<string, Acts>();

  function sortedOf(acts: Acts): Placed[] {
    acts.sorted ??= [...acts.contributions]
      .flatMap(({ place }) => (place === null ? [] : [place]))
      .sort(comparePlaces);
    return acts.sorted;
  }

  return {
    update(contribution) {
      const agentId = contribution.traits?.agent.agentId;
      if (agentId === undefined) return;
      const acts = byAgent.get(agentId) ?? { contributions: new Set<Contribution>(), sorted: null };
      if (contribution.indexed) acts.contributions.add(contribution);
      else acts.contributions.delete(contribution);
      acts.sorted = null;
      if (acts.contributions.size > 0) byAgent.set(agentId, acts);
      else byAgent.delete(agentId);
    },

    list(limit) {
      const all = [...byAgent].flatMap(([agentId, acts]) => {
        const sorted = sortedOf(acts);
        const [first, last] = [sorted[0], sorted.at(-1)];
        return first === undefined || last === undefined ? [] : [{ agentId, sorted, first, last }];
      });
      all.sort((a, b) => comparePlaces(b.last, a.last) || compareIds(a.agentId, b.agentId));
      const agents = all.slice(0, limit).map(({ agentId, sorted, first, last }): Agent => {
        const { agentName, platform } = last.contribution.traits?.agent ?? {};
        return {
          agentId,
          ...(agentName === undefined ? {} : { agentName }),
          ...(platform === undefined ? {} : { platform }),
          contributions: sorted.length,
          first: { ...first.publication },
          last: { ...last.publication },
        };
      });
      return { agents, more: all.length - agents.length };
    },

    session(agentId, options) {
      const limit = checkLimit(options.limit, GRAPH.page, GRAPH.maxPage);
      const after = options.cursor === undefined ? null : parseCursor(options.cursor);
      const acts = byAgent.get(agentId);
      const sorted = acts === undefined ? [] : sortedOf(acts);
      const next = after === null ? 0 : sorted.findIndex((placed) => comparePlaces(placed, after) > 0);
      const page = next < 0 ? [] : sorted.slice(next, next + limit);
      const last = page.at(-1);
      const isMore = last !== undefined && last !== sorted.at(-1);
      return {
        items: page.map(({ contribution: { cid }, publication }) => ({
          cid,
          publication: { ...publication },
        })),
        ...(isMore ? { cursor: formatCursor(last) } : {}),
      };
    },
  };
}
