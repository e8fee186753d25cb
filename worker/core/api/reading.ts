// Calls that read the graph along its relations: threads, lineage, series, sessions, activity (SPEC G22-G24, G29).
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import type { LineageNode, LineageOptions } from '../graph/lineage.ts';
import type { SeriesFilter } from '../graph/series.ts';
import type { ThreadNode, ThreadOptions } from '../graph/thread.ts';
import type { ThreadFilter } from '../graph/threads.ts';
import type { Grove } from '../grove.ts';
import { isWellFormed } from '../model/bytes.ts';
import { ThicketError } from '../model/errors.ts';
import type { Cid, PeerId } from '../model/ids.ts';
import { activityCalls } from './activity.ts';
import { activeGrove, unheardOf, type Call } from './api.ts';
import { mentionOf } from './mention.ts';
import { authorSession, authorsOf, contributionItem } from './sessions.ts';

export function readingCalls(core: Core) {
  /** Published here, or at least pointed at. */
  function known(grove: Grove, field: string, cid: string): Cid {
    const one = { depth: 1, limit: 1 };
    if (!grove.views.has(cid as Cid) && grove.views.reading.lineage(cid as Cid, one).descendants.length === 0)
      throw unheardOf(grove, cid, field);
    return cid as Cid;
  }

  function threadItem(grove: Grove, node: ThreadNode) {
    const manifest = node.standing === 'held' ? grove.views.manifest(node.cid) : null;
    const { description, agent } = manifest ?? {};
    const clipped = description !== undefined && description.length > GRAPH.threadText;
    return {
      ...mentionOf(grove, node.cid),
      ...node,
      ...(agent === undefined ? {} : { agentId: agent.agentId }),
      ...(agent?.agentName === undefined ? {} : { agentName: agent.agentName }),
      ...(description === undefined ? {} : { description: clip(description) }),
      clipped,
    };
  }

  const lineageItem = (grove: Grove, node: LineageNode) => ({ ...mentionOf(grove, node.cid), ...node });

  return {
    ...activityCalls(core),

    thread(call: Call, id: string, cid: string, options: ThreadOptions = {}): void {
      const grove = activeGrove(core, id);
      const page = grove.views.reading.thread(known(grove, 'cid', cid), options);
      call.reply({
        above: page.above.map((node) => threadItem(grove, node)),
        items: page.items.map((node) => threadItem(grove, node)),
        ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
      });
    },

    threads(call: Call, id: string, filter: ThreadFilter = {}): void {
      const grove = activeGrove(core, id);
      const page = grove.views.reading.threads(filter);
      const items = page.items.map(({ cid, answers, authors, latest }) => ({
        ...mentionOf(grove, cid),
        answers,
        authors,
        latest: {
          cid: latest.cid,
          author: latest.author,
          authorName: grove.members.nameOf(latest.author),
          at: latest.at,
        },
      }));
      call.reply({ items, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
    },

    lineage(call: Call, id: string, cid: string, options: LineageOptions = {}): void {
      const grove = activeGrove(core, id);
      const { ancestors, descendants, truncated } = grove.views.reading.lineage(
        known(grove, 'cid', cid),
        options,
      );
      call.reply({
        ancestors: ancestors.map((node) => lineageItem(grove, node)),
        descendants: descendants.map((node) => lineageItem(grove, node)),
        truncated,
      });
    },

    path(call: Call, id: string, from: string, to: string, options: { relations?: string[] } = {}): void {
      const grove = activeGrove(core, id);
      const { cids, steps, truncated } = grove.views.reading.path(
        known(grove, 'from', from),
        known(grove, 'to', to),
        options,
      );
      call.reply({ items: cids?.map((cid) => mentionOf(grove, cid)) ?? null, steps, truncated });
    },

    series(call: Call, id: string, metric: string, filter: SeriesFilter = {}): void {
      const grove = activeGrove(core, id);
      const series = grove.views.reading.series(metric, filter);
      if (series === null)
        throw new ThicketError('not-found', `metric: nobody scored "${metric}" in "${grove.name}"`);
      const { points, ...rest } = series;
      call.reply({
        ...rest,
        points: points.map(({ publication: { author, at }, ...point }) => ({
          ...point,
          author,
          authorName: grove.members.nameOf(author),
          at,
        })),
      });
    },

    sessions(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const { agents, more } = grove.views.reading.agents(GRAPH.maxPage);
      const known = authorsOf(core, grove);
      call.reply({
        agents: agents.map(({ first, last, ...agent }) => ({ ...agent, first: first.at, last: last.at })),
        authors: known.authors.map(({ first, last, ...deeds }) => ({
          ...deeds,
          authorName: grove.members.nameOf(deeds.author),
          first: first.at,
          last: last.at,
        })),
        more: { agents: more, authors: known.more },
      });
    },

    session(
      call: Call,
      id: string,
      of: { agentId: string } | { author: string },
      options: { limit?: number; cursor?: string } = {},
    ): void {
      const grove = activeGrove(core, id);
      if ('author' in of) return authorSession(core, call, grove, of.author as PeerId, options);
      const { items, cursor } = grove.views.reading.session(of.agentId, options);
      call.reply({
        items: items.map(({ cid, publication }) => contributionItem(grove, cid, publication)),
        ...(cursor === undefined ? {} : { cursor }),
      });
    },
  };
}

/** Cut between characters: half of a pair is no text. */
function clip(text: string): string {
  const cut = text.slice(0, GRAPH.threadText);
  return isWellFormed(cut) ? cut : cut.slice(0, -1);
}
