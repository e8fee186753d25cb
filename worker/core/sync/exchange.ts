// Who lacks what of one grove, and what is done about it: new entries go to the broadcast, the rest is caught up with
// each link where the grove is open (SPEC S5, S6). Knows nothing of how entries are verified or applied.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';
import { createCatchUp } from './catchup.ts';
import { bucketOf, createCompare, type CompareFrame } from './compare.ts';
import { FORKED, type Log, type LogEntry, type Run, type VectorRow } from './log.ts';
import { Knowledge, type Neighbour } from './neighbour.ts';
import { bytesOf } from './bounds.ts';
import { createPushing } from './pushing.ts';
import { createServing } from './serving.ts';
import type { AppliedEntry, Broadcaster, BroadcastHooks, Inbound, Opening, SyncFact } from './types.ts';
import { MAX_VECTOR_ROWS } from '../wire/frame.ts';

export interface ExchangeOptions {
  grove: GroveId;
  log: Log;
  self: PeerId;
  context: Context;
  emit: (fact: SyncFact) => void;
  broadcast: (hooks: BroadcastHooks) => Broadcaster;
  /** Told of each vector, or part of one, that a neighbour sent: forks and our own log are seen in it (SPEC S8, S11). */
  heard?: (link: LinkId, peer: PeerId, rows: readonly VectorRow[]) => void;
  /** Entries that came and are not applied yet. */
  staged: () => number;
  /** BLAKE3-256, fast. */
  hash: (bytes: Uint8Array) => Uint8Array;
  /** The hash of what is derived, where nothing that belongs to it is missing; else null. */
  views: () => Uint8Array | null;
  /** These are in the log, and could not be read from the disk. */
  lost: (entries: readonly LogEntry[]) => void;
}

export type Exchange = ReturnType<typeof createExchange>;

export function createExchange(options: ExchangeOptions) {
  const { grove, log, self, context, emit } = options;
  const { sync } = CONFIG;
  const neighbours = new Map<LinkId, Neighbour>();
  const serving = createServing(grove, log, context, options.hash, options.lost);
  const roundTimer = `round/${grove}`;
  /** Until the next round, and whether the last brought something. */
  let interval: number = sync.interval;
  let brought = false;

  const full = (link: LinkId): Neighbour | null => {
    const neighbour = neighbours.get(link);
    return neighbour?.opening === 'full' ? neighbour : null;
  };
  const open = (): Neighbour[] => [...neighbours.values()].filter(({ link }) => full(link) !== null);
  /** Whether the other said that it holds this entry: to have sent it is not enough. */
  const isHeld = (link: LinkId, entry: LogEntry | null): boolean =>
    entry !== null && neighbours.get(link)?.knowledge.holds(entry) === true;

  const pushing = createPushing({
    ...{ grove, log, context, hash: options.hash },
    isOpen: (link) => full(link) !== null,
  });
  const broadcast = options.broadcast({
    holds: (id) => log.has(id),
    knows: (link, id) => isHeld(link, log.get(id)),
    send: (link, frame) => full(link) !== null && context.send(link, frame, 'control'),
    push: pushing.push,
  });

  const compare = createCompare({
    ...{ grove, log, self, context, views: options.views },
    peerOf: (link) => full(link)?.peer ?? null,
    equal(link, differ) {
      const neighbour = full(link);
      if (neighbour === null) return;
      neighbour.knowledge.equal();
      neighbour.syncedAt = { elapsed: context.elapsed(), now: context.now() };
      const seq = log.head(self)?.seq ?? 0;
      if (seq > 0) emit({ type: 'acknowledged', grove, peer: neighbour.peer, seq });
      if (differ) emit({ type: 'views-differ', grove, peer: neighbour.peer });
    },
    rows: onRows,
  });

  const catchUp = createCatchUp({
    ...{ grove, log, context, staged: options.staged },
    neighbours: () => neighbours.values(),
    ask,
    done(links) {
      brought = true;
      for (const link of links) if (full(link) !== null) compare.confirm(link);
      schedule(sync.rounds.least);
    },
  });

  function onRows(link: LinkId, rows: readonly VectorRow[], buckets: ReadonlySet<number> | null): void {
    const neighbour = neighbours.get(link);
    if (neighbour === undefined) return;
    const { knowledge, peer } = neighbour;
    knowledge.compared();
    for (const { author, seq, id } of rows) knowledge.hear(author, id === FORKED ? seq - 1 : seq);
    // The buckets that were not named are as ours.
    if (buckets !== null)
      for (const row of log.vector())
        if (!buckets.has(bucketOf(row.author))) knowledge.hear(row.author, row.seq);
    // Only what is ours: a vector that claims other or more of our log than we wrote acknowledges nothing.
    const own = rows.find(({ author }) => author === self);
    if (own !== undefined && log.at(self, own.seq)?.id === own.id)
      emit({ type: 'acknowledged', grove, peer, seq: own.seq });
    options.heard?.(link, peer, rows);
    neighbour.syncedAt = { elapsed: context.elapsed(), now: context.now() };
    catchUp.plan();
  }

  function ask(link: LinkId, runs: readonly Run[]): void {
    for (let at = 0; at < runs.length; at += MAX_VECTOR_ROWS) {
      const some = runs.slice(at, at + MAX_VECTOR_ROWS);
      context.send(link, { type: 'want-entries', grove, runs: some }, 'control');
    }
  }

  function schedule(within: number): void {
    const spread = (context.random.bytes(1)[0] ?? 0) / 255;
    const at = context.elapsed() + within * (1 - sync.jitter + 2 * sync.jitter * spread);
    context.schedule(roundTimer, at, round);
  }

  /** With one neighbour at a time; soon again while that brings something (SPEC S5). */
  function round(): void {
    const from = open();
    if (from.length === 0) return;
    const chosen = from[Math.floor(((context.random.bytes(1)[0] ?? 0) / 256) * from.length)];
    if (chosen !== undefined) compare.compareAgain(chosen.link);
    interval = brought ? sync.rounds.least : Math.min(sync.rounds.most, interval * 2);
    brought = false;
    schedule(interval);
  }

  function close(link: LinkId): void {
    if (!neighbours.delete(link)) return;
    broadcast.linkGone(link);
    compare.forget(link);
    serving.forget(link);
    catchUp.linkGone(link);
    context.schedule(`confirm/${grove}/${link}`, null, () => undefined);
    context.schedule(`again/${grove}/${link}`, null, () => undefined);
    if (neighbours.size === 0) context.schedule(roundTimer, null, round);
  }

  return {
    broadcast,
    opening: (link: LinkId): Opening => neighbours.get(link)?.opening ?? 'closed',
    /** Those on which it is fully open, in the order in which it was opened. */
    links: (): LinkId[] => open().map(({ link }) => link),

    /** Entries that the other is not known to hold, and whether we are being caught up by it; null before it said anything. */
    lag(link: LinkId): { entries: number; backfilling: boolean } | null {
      const neighbour = neighbours.get(link);
      if (neighbour?.knowledge.known !== true) return null;
      const entries = neighbour.knowledge.lags().reduce((sum, each) => sum + each.entries, 0);
      return { entries, backfilling: serving.isServing(link) || catchUp.isWaitingFor(link) };
    },

    /** The same by author, those with most to go first. */
    lags: (link: LinkId): { author: PeerId; entries: number }[] =>
      neighbours.get(link)?.knowledge.lags() ?? [],

    state(link: LinkId): {
      state: 'active' | 'backfilling' | 'idle';
      backfill: { done: number; total: number } | null;
      /** ms since the epoch. */
      lastSync: number | null;
    } {
      const neighbour = neighbours.get(link);
      const backfill = catchUp.isWaitingFor(link) ? catchUp.progress() : null;
      const quiet = neighbour?.knowledge.known === true ? 'active' : 'idle';
      const state = backfill !== null ? 'backfilling' : quiet;
      return { state, backfill, lastSync: neighbour?.syncedAt?.now ?? null };
    },

    /** Compares anew, in full. */
    resync(link: LinkId): void {
      if (full(link) !== null) compare.resync(link);
    },

    holds: (link: LinkId, author: PeerId, seq: number): boolean => isHeld(link, log.at(author, seq)),

    setOpening(link: LinkId, peer: PeerId | null, opening: Opening): void {
      const before = neighbours.get(link);
      if (opening === 'closed' || peer === null) return close(link);
      if (before?.opening === opening) return;
      const neighbour: Neighbour = before ?? {
        ...{ link, peer, opening, asked: false, askedAt: -Infinity, syncedAt: null },
        knowledge: new Knowledge(log),
      };
      neighbour.opening = opening;
      neighbours.set(link, neighbour);
      if (opening !== 'full') return;
      if (neighbour.asked) compare.tell(link);
      else compare.compare(link);
      neighbour.asked = false;
      if (!context.isScheduled(roundTimer)) schedule(interval);
    },

    /** Of the active view, or no more: new entries go to it, or it is told of them. */
    setNeighbour(link: LinkId, active: boolean): void {
      if (full(link) !== null || !active) broadcast.neighbour(link, active);
    },

    onCompare(link: LinkId, frame: CompareFrame): void {
      const neighbour = neighbours.get(link);
      if (neighbour === undefined) return context.count('frames.closed');
      if (neighbour.opening === 'full') return compare.onFrame(link, frame);
      // Nothing goes out to who is no member here yet; but it may know more (SPEC A3).
      if (frame.type === 'vector') {
        neighbour.asked ||= frame.reply;
        return onRows(link, frame.rows, null);
      }
      if (frame.type === 'fingerprint' && context.elapsed() - neighbour.askedAt >= sync.askAgain) {
        neighbour.askedAt = context.elapsed();
        compare.askOnly(link);
      }
    },

    onBroadcast(link: LinkId, frame: Extract<Frame, { type: 'ihave' | 'graft' | 'prune' }>): void {
      if (full(link) === null) return context.count('frames.closed');
      if (frame.type === 'ihave') return broadcast.onIhave(link, frame.rows);
      if (frame.type === 'graft') return broadcast.onGraft(link, frame.ids);
      broadcast.onPrune(link);
    },

    onWant(link: LinkId, runs: readonly Run[]): void {
      if (full(link) === null) return context.count('frames.closed');
      serving.give(link, runs);
    },

    /** The other acknowledges an entry, or sent one that is here already; with it that author's run up to it. */
    onHeld(link: LinkId, id: EntryId): void {
      const neighbour = neighbours.get(link);
      const entry = log.get(id);
      if (neighbour === undefined || entry === null || entry.quarantined) return;
      neighbour.knowledge.hear(entry.author, entry.seq);
      if (entry.author === self) emit({ type: 'acknowledged', grove, peer: neighbour.peer, seq: entry.seq });
    },

    /** Also to who just left with it: what it wrote last is here. It sent it, so it learns nothing but that. */
    acknowledge(link: LinkId, entry: EntryId): void {
      if ((neighbours.get(link)?.opening ?? 'closed') !== 'closed')
        context.send(link, { type: 'held', grove, entry, complete: false }, 'control');
    },

    /** Entries came, whatever becomes of them. */
    arrived(inbound: Inbound, entries: readonly { id: EntryId; author: PeerId; seq: number }[]): void {
      const { link, why, hops } = inbound;
      for (const { author, seq } of entries) catchUp.arrived(link, author, seq);
      broadcast.received(link, entries, hops, why === 'push' || why === 'graft' ? why : 'other');
      if (why === 'sync' && entries.length > 0) catchUp.plan();
    },

    /** After what came by this link went quiet: what we hold now, so that the other knows it arrived. */
    confirm(link: LinkId): void {
      if (full(link) === null) return;
      context.schedule(`confirm/${grove}/${link}`, context.elapsed() + sync.confirmAfter, () => {
        if (full(link) !== null) compare.confirm(link);
      });
    },

    /** New entries go out as the broadcast says (SPEC S6). */
    push(applied: readonly AppliedEntry[]): void {
      for (const { link, entry } of applied)
        if (link !== null) neighbours.get(link)?.knowledge.hear(entry.author, entry.seq);
      pushing.withAtHand(applied, () =>
        broadcast.applied(
          applied.map((each) => ({
            id: each.entry.id,
            link: each.link,
            large: bytesOf(each) > CONFIG.broadcast.payload,
          })),
        ),
      );
      if (catchUp.progress() !== null) catchUp.plan();
    },

    /** What is missing below what a link brought is asked of it. */
    wantRuns(link: LinkId, runs: readonly Run[]): void {
      const neighbour = neighbours.get(link);
      if (neighbour === undefined) return;
      if (context.elapsed() - neighbour.askedAt < sync.askAgain || catchUp.isWaitingFor(link)) return;
      neighbour.askedAt = context.elapsed();
      ask(link, runs);
    },

    /** It gave more of an author than there is room for: it is asked for no more of it. */
    cap(link: LinkId, author: PeerId, seq: number): void {
      neighbours.get(link)?.knowledge.cap(author, seq);
    },

    /** Something that it sent was not taken: it is found by catching up. */
    lookAgain(link: LinkId): void {
      const timer = `again/${grove}/${link}`;
      if (full(link) === null || context.isScheduled(timer)) return;
      context.schedule(timer, context.elapsed() + sync.unasked.again, () => {
        if (full(link) !== null) compare.compareAgain(link);
      });
    },

    /** What one link sent was refused: what is lacking is looked for at the others. */
    askOthers(bad: LinkId): void {
      neighbours.get(bad)?.knowledge.doubt();
      for (const { link } of open()) if (link !== bad) compare.compareAgain(link);
    },

    /** The channel took some of what was sent: more may go. */
    drained: (link: LinkId): void => serving.drained(link),

    close(): void {
      for (const link of [...neighbours.keys()]) close(link);
      broadcast.close();
      catchUp.close();
    },
  };
}
