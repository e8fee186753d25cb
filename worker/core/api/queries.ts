// Calls that read: lists, rankings, the picture, one contribution, and the feed of changes.
import { CONFIG } from '../config.ts';
import type { Core } from '../core.ts';
import type { FrontierFilter, ListFilter, Ranked } from '../graph/types.ts';
import type { DigestRow } from '../gossip/digest-row.ts';
import type { Grove } from '../grove.ts';
import type { Log, LogEntry } from '../sync/log.ts';
import { verifiedBrief } from '../judging.ts';
import { ThicketError } from '../model/errors.ts';
import { cidOf, type Cid } from '../model/ids.ts';
import { overlay } from '../overlay.ts';
import { activeGrove, recordIn, type Call } from './api.ts';
import { describe, itemOf } from './describe.ts';

/** Nodes of the picture where the caller names no limit. */
const GRAPH_LIMIT = 500;
/** Digits of an entry's id in a cursor. */
const CURSOR_ID = 16;

export function queryCalls(core: Core) {
  function rankedOf(grove: Grove, { cid, value }: Ranked, rows: ReadonlyMap<Cid, DigestRow>) {
    const record = grove.views.item(cid);
    const { summary, kind } = record?.manifest ?? rows.get(cid) ?? {};
    const author = record?.publishers[0]?.author;
    const verification = record === null ? null : verifiedBrief(grove, record);
    return {
      cid,
      value,
      author: author ?? '',
      authorName: author === undefined ? '' : grove.members.nameOf(author),
      createdAt: record?.createdAt ?? '',
      held: record?.manifest != null,
      holders: core.holdings.knownHolders(grove, cid).size,
      lifecycle: record?.lifecycle ?? 'published',
      ...(summary === undefined ? {} : { summary }),
      ...(kind === undefined ? {} : { kind }),
      ...(verification === null ? {} : { verification }),
    };
  }

  return {
    contributions(call: Call, id: string, filter: ListFilter = {}): void {
      const grove = activeGrove(core, id);
      const page = grove.views.list(filter);
      const items = page.items.map((item) => itemOf(core, grove, item));
      call.reply({ items, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
    },

    contribution(call: Call, id: string, cid: string): void {
      const grove = activeGrove(core, id);
      const record = recordIn(grove, cid);
      core.holdings.askHolders(grove, record.cid);
      call.reply(describe(core, grove, record));
    },

    frontier(call: Call, id: string, filter: FrontierFilter = {}): void {
      const grove = activeGrove(core, id);
      const now = core.context.now();
      const rows = core.digests.rows(grove.id);
      const fits = { isMissing: core.policies.isMissing(grove), isBy: core.policies.isBy(grove) };
      const rankings = overlay(grove.views.frontier(filter, now), rows, { filter, now, ...fits });
      const byCid = new Map(rows.map((row) => [row.cid, row]));
      const list = (ranked: readonly Ranked[]) => ranked.map((each) => rankedOf(grove, each, byCid));
      // Metric names are anybody's words: none may reach the object's prototype.
      const byMetric = Object.fromEntries(
        Object.entries(rankings.byMetric).map(([name, { entries, ...metric }]) => [
          name,
          { ...metric, entries: list(entries) },
        ]),
      );
      call.reply({
        byMetric,
        byAdoption: list(rankings.byAdoption),
        byRecency: list(rankings.byRecency),
        byReviewScore: list(rankings.byReviewScore),
        byReproduction: list(rankings.byReproduction),
      });
    },

    graph(call: Call, id: string, options: { limit?: number } = {}): void {
      call.reply(activeGrove(core, id).views.graph(options.limit ?? GRAPH_LIMIT));
    },

    changes(call: Call, id: string, options: { since?: string; limit?: number } = {}): void {
      const grove = activeGrove(core, id);
      const log = core.sync.log(grove.id);
      const from = options.since === undefined ? 0 : placeIn(log, options.since);
      const limit = Math.min(options.limit ?? CONFIG.api.maxChanges, CONFIG.api.maxChanges);
      const entries = log?.since(from, limit) ?? [];
      const last = entries.at(-1);
      const items = entries
        .filter(({ quarantined }) => !quarantined)
        .map(({ id: entry, kind, author, at, body }) => ({
          id: entry,
          kind,
          author,
          at,
          ...(kind === 'contribution' ? { cid: cidOf(body) } : {}),
        }));
      call.reply({ items, next: last === undefined ? (options.since ?? '0') : cursorAfter(last) });
    },
  };
}

/** A place in the feed: the index after an entry, and the beginning of that entry's id, by which another feed is told from this one. */
const cursorAfter = ({ index, id }: Pick<LogEntry, 'index' | 'id'>): string =>
  `${index + 1}.${id.slice(0, CURSOR_ID)}`;

/** @throws ThicketError `invalid` where it is no place, `not-found` where it is one in a log that was begun anew since. */
function placeIn(log: Log | null, since: string): number {
  const [, digits = '', id] = /^(\d{1,15})(?:\.([0-9a-f]{16}))?$/.exec(since) ?? [];
  if (digits === '') throw new ThicketError('invalid', `since: not a place in this feed: "${since}"`);
  const from = Number(digits);
  const [before] = from === 0 ? [] : (log?.since(from - 1, 1) ?? []);
  // A damaged row leaves a gap: then nothing is known of what was before.
  const isOther = before?.index === from - 1 && id !== undefined && before.id.slice(0, CURSOR_ID) !== id;
  if (isOther || from > (log?.end ?? 0))
    throw new ThicketError(
      'not-found',
      `since: this feed was begun anew and has no place "${since}": read it from the start`,
    );
  return from;
}
