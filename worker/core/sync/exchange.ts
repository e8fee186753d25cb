// Who lacks what of one grove: vectors, pushes and catch-up with each link where the grove is open (SPEC S5-S7).
// Knows nothing of how entries are verified or applied.
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { MAX_INLINE_BODY } from '../model/entry.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { WireEntry } from '../wire/frame.ts';
import type { Log, LogEntry, Run, VectorRow } from './log.ts';
import { decodeRow, logKey } from './row.ts';
import type { AppliedEntry, Opening, SyncFact } from './types.ts';

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
  askedAt: number;
}

export type Exchange = ReturnType<typeof createExchange>;

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
  let nextExchange: number | null = null;

  function schedule(): void {
    const spread = (context.random.bytes(1)[0] ?? 0) / 255;
    nextExchange = context.now() + sync.interval * (1 - sync.jitter + 2 * sync.jitter * spread);
  }

  function sendVector(link: LinkId, reply: boolean): void {
    context.send(link, { type: 'vector', grove, reply, rows: log.vector() }, 'control');
  }

  /** One frame's worth at a time goes out while the channel keeps up. */
  function pump(link: LinkId, neighbour: Neighbour): void {
    if (neighbour.reading || neighbour.backlog.length === 0 || context.outstanding(link) >= sync.windowBytes)
      return;
    const wanted = neighbour.backlog.splice(0, sync.batchEntries);
    neighbour.reading = true;
    readEntries(wanted, (entries) => {
      neighbour.reading = false;
      if (neighbours.get(link) !== neighbour || neighbour.opening !== 'full') return;
      sendEntries(link, entries, 'sync', 'bulk');
      for (const { author, seq } of wanted) learn(neighbour, author, seq);
      pump(link, neighbour);
    });
  }

  function readEntries(wanted: readonly LogEntry[], then: (entries: WireEntry[]) => void): void {
    context.read(
      'log',
      wanted.map(({ author, seq }) => logKey(grove, author, seq)),
      (rows) => {
        if (isFailure(rows)) return then([]);
        context.read(
          'bodies',
          wanted.map(({ body }) => body),
          (bodies) => {
            const found = isFailure(bodies) ? [] : bodies;
            then(rows.flatMap((row, index) => toWire(row, found[index] ?? null)));
          },
        );
      },
    );
  }

  function toWire(row: Uint8Array | null, body: Uint8Array | null): WireEntry[] {
    const decoded = row && decodeRow(row);
    if (!decoded?.ok) {
      context.count('store.missing');
      return [];
    }
    const { entry, signature, table } = decoded.value;
    return [{ header: entry.header, signature, body: entry.size > MAX_INLINE_BODY ? null : body, table }];
  }

  /** Packs entries into frames under the limit. */
  function sendEntries(
    link: LinkId,
    entries: readonly WireEntry[],
    why: 'push' | 'sync' | 'want',
    lane: 'control' | 'bulk',
  ): void {
    let batch: WireEntry[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (batch.length > 0) context.send(link, { type: 'entries', grove, why, entries: batch }, lane);
      batch = [];
      bytes = 0;
    };
    for (const entry of entries) {
      const size = entry.header.length + (entry.body?.length ?? 0) + (entry.table?.length ?? 0) + 80;
      if (bytes + size > sync.batchBytes) flush();
      batch.push(entry);
      bytes += size;
    }
    flush();
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

  function open(link: LinkId, neighbour: Neighbour): void {
    if (neighbour.opening !== 'full') return;
    sendVector(link, true);
    if (nextExchange === null) schedule();
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
        askedAt: 0,
      };
      neighbour.opening = opening;
      neighbours.set(link, neighbour);
      open(link, neighbour);
    },

    onVector(link: LinkId, rows: readonly VectorRow[], reply: boolean): void {
      const neighbour = neighbours.get(link);
      if (neighbour === undefined) return context.count('frames.closed');
      const catchingUp = neighbour.reading || neighbour.backlog.length > 0 || context.outstanding(link) > 0;
      // What is on its way is not in this vector yet; taking it at its word would send it twice.
      if (!catchingUp || neighbour.known === null) neighbour.known = new Map();
      for (const { author, seq } of rows) hear(neighbour, author, seq);
      const own = rows.find(({ author }) => author === self)?.seq ?? 0;
      // Only what is ours: a vector that claims more of our log than we wrote acknowledges nothing beyond it.
      const seq = Math.min(own, log.head(self)?.seq ?? 0);
      if (seq > 0) emit({ type: 'acknowledged', grove, peer: neighbour.peer, seq });
      if (neighbour.opening === 'inward') {
        const runs = log.missingHere(rows);
        if (runs.length > 0) context.send(link, { type: 'want-entries', grove, runs }, 'control');
        return;
      }
      if (reply) sendVector(link, false);
      const known = neighbour.known;
      neighbour.backlog = catchingUp
        ? neighbour.backlog.filter(({ author, seq }) => (known.get(author) ?? 0) < seq)
        : log.missingIn(rows);
      pump(link, neighbour);
    },

    onWant(link: LinkId, runs: readonly Run[]): void {
      const neighbour = neighbours.get(link);
      if (neighbour?.opening !== 'full') return context.count('frames.closed');
      const already = new Set(neighbour.backlog.map(({ id }) => id));
      neighbour.backlog.push(...log.ofRuns(runs).filter(({ id }) => !already.has(id)));
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
      context.schedule(`confirm/${grove}/${link}`, context.now() + sync.confirmAfter, () => {
        if (neighbours.get(link)?.opening === 'full') sendVector(link, false);
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
        const entries = news.map(({ entry, signature, body, table }) => ({
          header: entry.header,
          signature,
          body: entry.size > MAX_INLINE_BODY ? null : body,
          table,
        }));
        sendEntries(link, entries, 'push', 'control');
        for (const { entry } of news) learn(neighbour, entry.author, entry.seq);
      }
    },

    wantRun(link: LinkId, run: Run): void {
      const neighbour = neighbours.get(link);
      if (neighbour === undefined || context.now() - neighbour.askedAt < sync.askAgain) return;
      neighbour.askedAt = context.now();
      context.send(link, { type: 'want-entries', grove, runs: [run] }, 'control');
    },

    /** What one link sent was refused: the others are told what we hold, so that they send what we lack. */
    askOthers(bad: LinkId): void {
      for (const [link, neighbour] of neighbours) {
        if (link === bad || neighbour.opening !== 'full') continue;
        if (context.now() - neighbour.askedAt < sync.askAgain) continue;
        neighbour.askedAt = context.now();
        sendVector(link, true);
      }
    },

    /** The channel took some of what was sent: more may go. */
    drained(link: LinkId): void {
      const neighbour = neighbours.get(link);
      if (neighbour !== undefined) pump(link, neighbour);
    },

    /** Whether anyone may be told of new entries at all. */
    audience: (): number => [...neighbours.values()].filter(({ opening }) => opening === 'full').length,

    tick(now: number): void {
      if (nextExchange === null || now < nextExchange) return;
      schedule();
      for (const [link, neighbour] of neighbours) if (neighbour.opening === 'full') sendVector(link, true);
    },

    nextWake: (): number | null => nextExchange,
  };
}

function raise(seqs: Map<PeerId, number>, author: PeerId, seq: number): void {
  if (seq > (seqs.get(author) ?? 0)) seqs.set(author, seq);
}
