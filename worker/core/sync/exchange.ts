// Who lacks what of one grove: vectors, pushes and catch-up with each link where the grove is open (SPEC S5-S7).
// Knows nothing of how entries are verified or applied.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import { MAX_VECTOR_ROWS } from '../wire/frame.ts';
import type { Log, LogEntry, Run, VectorRow } from './log.ts';
import { oneBatch, readEntries, sendEntries, toWire } from './outgoing.ts';
import type { AppliedEntry, Opening, SyncFact } from './types.ts';
import { createVectors } from './vectors.ts';

interface Neighbour {
  peer: PeerId;
  opening: Opening;
  /** Per author the highest seq that the other holds or was sent. Null until its first vector. */
  known: Map<PeerId, number> | null;
  /** Per author the highest seq that the other said, or showed by sending it, that it holds. */
  told: Map<PeerId, number>;
  /** What is being sent to catch it up. */
  backlog: LogEntry[];
  reading: boolean;
  /** Bulk bytes that had been sent on the link when the last batch went: once they left, the batch did. */
  sentUpTo: number;
  askedAt: number;
}

export function createExchange(options: {
  grove: GroveId;
  log: Log;
  self: PeerId;
  context: Context;
  emit: (fact: SyncFact) => void;
}) {
  const { grove, log, self, context, emit } = options;
  const { sync } = CONFIG;
  const neighbours = new Map<LinkId, Neighbour>();
  const vectors = createVectors(grove, log, context);
  let nextExchange: number | null = null;

  function schedule(): void {
    const spread = (context.random.bytes(1)[0] ?? 0) / 255;
    nextExchange = context.elapsed() + sync.interval * (1 - sync.jitter + 2 * sync.jitter * spread);
  }

  const isCatchingUp = (link: LinkId, { reading, backlog, sentUpTo }: Neighbour): boolean =>
    reading || backlog.length > 0 || context.drainedOn(link) < sentUpTo;

  /** One frame's worth at a time goes out while the channel keeps up. */
  function pump(link: LinkId, neighbour: Neighbour): void {
    if (neighbour.reading || neighbour.backlog.length === 0 || neighbour.opening !== 'full') return;
    if (context.outstanding(link) >= sync.windowBytes) return;
    const wanted = oneBatch(neighbour.backlog);
    neighbour.reading = true;
    readEntries(grove, wanted, context, (entries) => {
      neighbour.reading = false;
      if (neighbours.get(link) !== neighbour || neighbour.opening !== 'full') return;
      const found = entries.filter((entry) => entry !== null);
      sendEntries(found, (batch) =>
        context.send(link, { type: 'entries', grove, why: 'sync', hops: 0, entries: batch }, 'bulk'),
      );
      neighbour.sentUpTo = context.drainedOn(link) + context.outstanding(link);
      wanted.forEach(({ author, seq }, index) => {
        if (entries[index] !== null) learn(neighbour, author, seq);
      });
      pump(link, neighbour);
    });
  }

  /** It was sent this, or holds it: it need not be sent again. */
  function learn(neighbour: Neighbour, author: PeerId, seq: number): void {
    neighbour.known ??= new Map();
    raise(neighbour.known, author, seq);
  }

  /** It holds this, by its own word. */
  function hear(neighbour: Neighbour, author: PeerId, seq: number): void {
    learn(neighbour, author, seq);
    raise(neighbour.told, author, seq);
  }

  function raise(seqs: Map<PeerId, number>, author: PeerId, seq: number): void {
    const before = seqs.get(author);
    // Of authors that are not known here only so many.
    if (before === undefined && log.head(author) === null && seqs.size >= MAX_VECTOR_ROWS) return;
    if (seq > (before ?? 0)) seqs.set(author, seq);
  }

  /** Only what is ours: a vector that claims other or more of our log than we wrote acknowledges nothing. */
  function acknowledged(neighbour: Neighbour, rows: readonly VectorRow[]): void {
    const own = rows.find(({ author }) => author === self);
    if (own === undefined || log.at(self, own.seq)?.id !== own.id) return;
    emit({ type: 'acknowledged', grove, peer: neighbour.peer, seq: own.seq });
  }

  function ask(link: LinkId, runs: readonly Run[]): void {
    for (let at = 0; at < runs.length; at += MAX_VECTOR_ROWS) {
      const some = runs.slice(at, at + MAX_VECTOR_ROWS);
      context.send(link, { type: 'want-entries', grove, runs: some }, 'control');
    }
  }

  return {
    opening: (link: LinkId): Opening => neighbours.get(link)?.opening ?? 'closed',

    /** Entries that the other is known to lack, and whether it is being caught up; null before its first vector. */
    lag(link: LinkId): { entries: number; backfilling: boolean } | null {
      const neighbour = neighbours.get(link);
      if (!neighbour?.known) return null;
      const known = neighbour.known;
      const entries = log
        .vector()
        .reduce((sum, { author, seq }) => sum + Math.max(0, seq - (known.get(author) ?? 0)), 0);
      return { entries, backfilling: neighbour.backlog.length > 0 };
    },

    /** Whether the other said that it holds this entry: to have sent it is not enough. */
    holds: (link: LinkId, author: PeerId, seq: number): boolean =>
      (neighbours.get(link)?.told.get(author) ?? 0) >= seq,

    setOpening(link: LinkId, peer: PeerId | null, opening: Opening): void {
      const before = neighbours.get(link);
      if (opening === 'closed' || peer === null) {
        neighbours.delete(link);
        vectors.forget(link);
        context.schedule(`confirm/${grove}/${link}`, null, () => undefined);
        if (neighbours.size === 0) nextExchange = null;
        return;
      }
      if (before?.opening === opening) return;
      const neighbour = before ?? {
        peer,
        opening,
        known: null,
        told: new Map(),
        backlog: [],
        reading: false,
        sentUpTo: 0,
        askedAt: 0,
      };
      neighbour.opening = opening;
      neighbours.set(link, neighbour);
      if (opening !== 'full') return;
      vectors.send(link, true);
      if (nextExchange === null) schedule();
    },

    onVector(link: LinkId, part: readonly VectorRow[], reply: boolean): void {
      const neighbour = neighbours.get(link);
      if (neighbour === undefined) return context.count('frames.closed');
      const rows = vectors.whole(link, part);
      if (rows === null) return;
      const catchingUp = isCatchingUp(link, neighbour);
      // What is on its way is not in this vector yet; taking it at its word would send it twice.
      if (!catchingUp || neighbour.known === null) neighbour.known = new Map();
      for (const { author, seq } of rows) hear(neighbour, author, seq);
      acknowledged(neighbour, rows);
      if (neighbour.opening === 'inward') return ask(link, log.missingHere(rows));
      if (reply) vectors.answer(link);
      if (catchingUp) {
        const theirs = new Map(rows.map((row) => [row.author, row.seq]));
        neighbour.backlog = neighbour.backlog.filter(({ author, seq }) => (theirs.get(author) ?? 0) < seq);
      } else neighbour.backlog = log.missingIn(rows);
      pump(link, neighbour);
    },

    onWant(link: LinkId, runs: readonly Run[]): void {
      const neighbour = neighbours.get(link);
      if (neighbour?.opening !== 'full') return context.count('frames.closed');
      const already = new Set(neighbour.backlog.map(({ id }) => id));
      neighbour.backlog = neighbour.backlog.concat(log.ofRuns(runs).filter(({ id }) => !already.has(id)));
      pump(link, neighbour);
    },

    /** The other acknowledges an entry, or sent one that is here already; with it that author's run up to it. */
    onHeld(link: LinkId, id: EntryId): void {
      const neighbour = neighbours.get(link);
      const entry = log.get(id);
      if (neighbour === undefined || entry === null) return;
      hear(neighbour, entry.author, entry.seq);
      if (entry.author === self) emit({ type: 'acknowledged', grove, peer: neighbour.peer, seq: entry.seq });
    },

    acknowledge(link: LinkId, entry: EntryId): void {
      if (neighbours.get(link)?.opening !== 'full') return;
      context.send(link, { type: 'held', grove, entry, complete: false }, 'control');
    },

    /** After a catch-up that came by this link went quiet: what we hold now, so that the other knows it arrived. */
    confirm(link: LinkId): void {
      if (neighbours.get(link)?.opening !== 'full') return;
      context.schedule(`confirm/${grove}/${link}`, context.elapsed() + sync.confirmAfter, () => {
        if (neighbours.get(link)?.opening === 'full') vectors.send(link, false);
      });
    },

    /** New entries go at once to all who may see them and aren't known to hold them (SPEC S6). */
    push(applied: readonly AppliedEntry[]): void {
      for (const [link, neighbour] of neighbours) {
        for (const { link: source, entry } of applied) {
          if (source === link) hear(neighbour, entry.author, entry.seq);
        }
        if (neighbour.opening !== 'full' || neighbour.known === null) continue;
        const news = applied.filter(
          ({ entry, link: source }) =>
            source !== link && (neighbour.known?.get(entry.author) ?? 0) < entry.seq,
        );
        // Much at once, a catch-up that is passed on say, waits its turn behind what must be quick.
        if (news.reduce((sum, { kept }) => sum + kept.bytes, 0) > sync.pushBytes) {
          neighbour.backlog = neighbour.backlog.concat(news.map(({ kept }) => kept));
          pump(link, neighbour);
          continue;
        }
        sendEntries(news.map(toWire), (entries) =>
          context.send(link, { type: 'entries', grove, why: 'push', hops: 0, entries }, 'control'),
        );
        for (const { entry } of news) learn(neighbour, entry.author, entry.seq);
      }
    },

    /** What is missing below what a link brought is asked of it. Whoever calls does so at intervals. */
    wantRuns(link: LinkId, runs: readonly Run[]): void {
      if (neighbours.has(link)) ask(link, runs);
    },

    /** Links on which the grove is open, if only inward. */
    links: (): LinkId[] => [...neighbours.keys()],

    /** What one link sent was refused: the others are told what we hold, so that they send what we lack. */
    askOthers(bad: LinkId): void {
      for (const [link, neighbour] of neighbours) {
        if (link === bad || neighbour.opening !== 'full') continue;
        if (context.elapsed() - neighbour.askedAt < sync.askAgain) continue;
        neighbour.askedAt = context.elapsed();
        vectors.send(link, true);
      }
    },

    /** The channel took some of what was sent: more may go. */
    drained(link: LinkId): void {
      const neighbour = neighbours.get(link);
      if (neighbour !== undefined) pump(link, neighbour);
    },

    tick(now: number): void {
      if (nextExchange === null || now < nextExchange) return;
      schedule();
      for (const [link, neighbour] of neighbours) if (neighbour.opening === 'full') vectors.send(link, true);
    },

    nextWake: (): number | null => nextExchange,

    close(): void {
      for (const link of [...neighbours.keys()]) this.setOpening(link, null, 'closed');
    },
  };
}
