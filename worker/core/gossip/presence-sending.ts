// To whom rows of presence go: news along eager links after a moment of quiet, all of them once to a neighbour that becomes active.
// Knows nothing of what rows say.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, LinkId, PeerId } from '../model/ids.ts';
import { MAX_PRESENCE_ROWS } from '../wire/frame.ts';
import type { KeptPresence } from './presence.ts';
import { sendSigned } from './signed-rows.ts';

export interface PresenceSendingOptions {
  grove: GroveId;
  context: Context;
  eager: () => readonly LinkId[];
  /** Those that are not over. */
  rows: () => readonly KeptPresence[];
}

export function createPresenceSending({ grove, context, eager, rows }: PresenceSendingOptions) {
  const { presence } = CONFIG;
  const timer = `presence/send/${grove}`;
  const fresh = new Set<PeerId>();
  /** Links that are to be sent all. */
  const whole = new Set<LinkId>();
  const wholeAt = new Map<PeerId, number>();

  function soon(): void {
    if (!context.isScheduled(timer)) context.schedule(timer, context.elapsed() + presence.quiet, flush);
  }

  function flush(): void {
    context.schedule(timer, null, flush);
    const all = rows();
    const news = all.filter(({ row }) => fresh.has(row.peer));
    fresh.clear();
    const links = new Set(eager());
    for (const link of whole) send(link, all);
    for (const link of links) if (!whole.has(link)) send(link, news);
    whole.clear();
  }

  /** Those that didn't come by this very link. */
  function send(link: LinkId, some: readonly KeptPresence[]): void {
    const wanted = some.filter(({ at }) => !at.has(link));
    sendSigned(wanted, context.elapsed(), { ...CONFIG.presence, rows: MAX_PRESENCE_ROWS }, (batch, lane) =>
      context.send(link, { type: 'presence', grove, rows: batch }, lane),
    );
  }

  return {
    flush,

    news(peer: PeerId): void {
      fresh.add(peer);
      soon();
    },

    activated(link: LinkId, peer: PeerId): void {
      const now = context.elapsed();
      for (const [known, at] of wholeAt) if (now - at >= presence.wholeEvery) wholeAt.delete(known);
      if (wholeAt.has(peer)) return;
      wholeAt.set(peer, now);
      whole.add(link);
      soon();
    },

    gone: (link: LinkId): void => void whole.delete(link),

    close(): void {
      context.schedule(timer, null, flush);
    },
  };
}
