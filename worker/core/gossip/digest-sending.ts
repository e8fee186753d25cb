// To whom rows go: news along eager links after a moment of quiet, all of them once to a neighbour that becomes active
// (SPEC H3). Knows nothing of what rows say.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, LinkId, PeerId } from '../model/ids.ts';
import { MAX_DIGEST_ROWS } from '../wire/frame.ts';
import type { Kept } from './digest-set.ts';
import { sendSigned } from './signed-rows.ts';

export interface SendingOptions {
  grove: GroveId;
  self: PeerId;
  context: Context;
  /** Links that news go along. */
  eager: () => readonly LinkId[];
  rows: () => readonly Kept[];
  /** The serial of the newest change. */
  newest: () => number;
}

interface Neighbour {
  link: LinkId | null;
  /** It was sent what changed up to here. */
  upTo: number;
  /** When it was last sent all. */
  wholeAt: number | null;
  /** When it is to be sent all. */
  dueAt: number | null;
  goneAt: number;
}

export type Sending = ReturnType<typeof createSending>;

export function createSending({ grove, self, context, eager, rows, newest }: SendingOptions) {
  const { digest } = CONFIG;
  const neighbours = new Map<PeerId, Neighbour>();
  const timer = `digest/send/${grove}`;
  /** When the first of the news that wait came, and when they go. */
  let news: { since: number; dueAt: number } | null = null;

  function schedule(): void {
    const due = [...neighbours.values()].flatMap(({ link, dueAt }) =>
      link === null || dueAt === null ? [] : [dueAt],
    );
    const next = Math.min(...due, news?.dueAt ?? Infinity);
    context.schedule(timer, next === Infinity ? null : next, flush);
  }

  function flush(): void {
    const now = context.elapsed();
    const isNews = news !== null && news.dueAt <= now;
    if (isNews) news = null;
    const links = new Set(isNews ? eager() : []);
    const all = rows();
    for (const neighbour of neighbours.values()) {
      const { link, dueAt } = neighbour;
      if (link === null) continue;
      if (dueAt !== null && dueAt <= now) bring(neighbour, link, all, true);
      // Who waits to be sent all gets it with the news.
      else if (links.has(link)) bring(neighbour, link, all, neighbour.upTo < 0);
    }
    schedule();
  }

  function bring(neighbour: Neighbour, link: LinkId, all: readonly Kept[], whole: boolean): void {
    const now = context.elapsed();
    const upTo = whole ? -1 : neighbour.upTo;
    const wanted = all.filter(({ serial, at }) => serial > upTo && !at.has(link));
    neighbour.upTo = newest();
    if (whole) [neighbour.wholeAt, neighbour.dueAt] = [now, null];
    sendSigned(wanted, now, { ...CONFIG.digest, rows: MAX_DIGEST_ROWS }, (batch, lane) =>
      context.send(link, { type: 'digest', grove, rows: batch }, lane),
    );
  }

  return {
    /** Something changed: it goes after a moment of quiet. */
    soon(): void {
      const now = context.elapsed();
      const since = news?.since ?? now;
      news = { since, dueAt: Math.min(now + digest.quiet, since + digest.latest) };
      schedule();
    },

    /** A neighbour became active. It is sent all soon, or where it was a moment ago, once that is long enough past. */
    activated(link: LinkId, peer: PeerId): void {
      const known = neighbours.get(peer);
      const now = context.elapsed();
      neighbours.delete(peer);
      const wholeAt = known?.wholeAt ?? null;
      const isRecent = wholeAt !== null && now - wholeAt < digest.wholeEvery;
      // One end goes first, so that the other need not send what both have.
      const turn = self < peer ? digest.quiet : digest.quiet + digest.latest;
      const dueAt = isRecent ? wholeAt + digest.wholeEvery : (known?.dueAt ?? now + turn);
      neighbours.set(peer, { link, upTo: isRecent ? (known?.upTo ?? -1) : -1, wholeAt, dueAt, goneAt: 0 });
      schedule();
    },

    gone(link: LinkId): void {
      const now = context.elapsed();
      for (const [peer, neighbour] of neighbours) {
        if (neighbour.link === link) [neighbour.link, neighbour.goneAt] = [null, now];
        if (neighbour.link === null && now - neighbour.goneAt >= digest.wholeEvery) neighbours.delete(peer);
      }
      schedule();
    },

    close(): void {
      context.schedule(timer, null, flush);
    },
  };
}
