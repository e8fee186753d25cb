// What happened in a grove, the newest first: entries of the log with what they are about (SPEC G29).
import { isFailure } from '../context.ts';
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import { checkLimit } from '../graph/order.ts';
import { cidOf } from '../model/ids.ts';
import { activeGrove, type Call } from './api.ts';
import { mentionOf } from './mention.ts';
import { saidBy } from './sessions.ts';

/** Of use to this device's machinery and no news to people. */
const QUIET = new Set(['invite', 'revoke-invite', 'rotate']);

export const activityCalls = (core: Core) => ({
  activity(call: Call, id: string, options: { limit?: number; before?: number } = {}): void {
    const grove = activeGrove(core, id);
    const limit = checkLimit(options.limit, GRAPH.page, GRAPH.maxPage);
    const log = core.sync.log(grove.id);
    const end = log?.end ?? 0;
    const before = Math.min(options.before ?? end, end);
    const from = Math.max(0, before - limit);
    const page = (log?.since(from, limit) ?? [])
      .filter(({ index, kind, quarantined }) => index < before && !quarantined && !QUIET.has(kind))
      .toReversed();
    const acts = page.filter(({ kind }) => kind !== 'contribution');
    core.context.read(
      'bodies',
      acts.map(({ body }) => body),
      (values) => {
        const bodies = new Map(
          acts.map((act, at) => [act.id, isFailure(values) ? null : (values[at] ?? null)]),
        );
        const items = page.map(({ id: entry, index, kind, author, at, body }) => ({
          id: entry,
          place: index,
          kind,
          author,
          authorName: grove.members.nameOf(author),
          at,
          ...(kind === 'contribution'
            ? { target: mentionOf(grove, cidOf(body)) }
            : saidBy(grove, kind, bodies.get(entry) ?? null)),
        }));
        call.reply({
          // That a claim goes on is no news.
          items: items.filter((item) => !(item.kind === 'claim' && 'word' in item && item.word === 'renew')),
          end,
          ...(from === 0 ? {} : { cursor: from }),
        });
      },
    );
  },
});
