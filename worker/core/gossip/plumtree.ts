// To whom a new entry is pushed, who is only told of it, and when what was told is asked for: one grove's Plumtree over
// its active view (SPEC B1-B6; Leitão, Pereira, Rodrigues 2007: Epidemic Broadcast Trees). Knows entries by their ids
// only: neither what is in them nor how they are verified.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId, PeerId } from '../model/ids.ts';
import { MAX_IDS, MAX_WAITED, type Frame } from '../wire/frame.ts';
import { createSpare } from './spare.ts';
import { Told, type Teller } from './told.ts';
import { costOf, createWays, type Way, type Why } from './ways.ts';

export type BroadcastFrame = Extract<Frame, { type: 'ihave' | 'graft' | 'prune' }>;

export type BroadcastFact =
  | { type: 'send'; link: LinkId; frame: BroadcastFrame }
  /** These, all held, are to be sent as they are. `hops`: links that they came over. */
  | { type: 'push'; link: LinkId; ids: EntryId[]; why: 'push' | 'graft'; hops: number };

export interface BroadcastOptions {
  grove: GroveId;
  context: Pick<Context, 'elapsed' | 'schedule' | 'isScheduled' | 'random' | 'count'>;
  /** ms, null where it is not measured yet. */
  rtt(link: LinkId): number | null;
  /** Whether the entry is applied here. */
  holds(id: EntryId): boolean;
  /** Whether the neighbour said that it holds the entry. */
  knows(link: LinkId, id: EntryId): boolean;
  emit(fact: BroadcastFact): void;
}

export interface AppliedId {
  id: EntryId;
  /** The link it came by; null for our own. */
  link: LinkId | null;
  /** Beyond what is pushed untold. */
  large: boolean;
}

interface Row {
  id: EntryId;
  hops: number;
}
/** `at`: since when it waits. */
type Tell = Row & { at: number };

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

export type Broadcast = ReturnType<typeof createBroadcast>;

export function createBroadcast(options: BroadcastOptions) {
  const { grove, context, emit } = options;
  const config = CONFIG.broadcast;
  const eager = new Set<LinkId>();
  const lazy = new Set<LinkId>();
  const ways = createWays(context, options.holds);
  const told = new Told();
  const spare = createSpare();
  /** Pushes that wait until `at`, soonest first. */
  let holding: { link: LinkId; row: Row; at: number }[] = [];
  /** What the next `ihave` to a neighbour says. */
  const tells = new Map<LinkId, Tell[]>();
  const prunedAt = new Map<LinkId, number>();
  /** How many more pushes that bring nothing new a neighbour has: one that was never of use has none. */
  const credit = new Map<LinkId, number>();
  const tellTimer = `tell/${grove}`;
  const graftTimer = `graft/${grove}`;
  const holdTimer = `hold/${grove}`;

  const isNeighbour = (link: LinkId): boolean => eager.has(link) || lazy.has(link);
  const send = (link: LinkId, frame: BroadcastFrame): void => emit({ type: 'send', link, frame });

  function makeEager(link: LinkId): void {
    if (!lazy.delete(link)) return;
    eager.add(link);
    credit.set(link, config.idle);
  }

  function makeLazy(link: LinkId): void {
    if (eager.delete(link)) lazy.add(link);
  }

  function remove(link: LinkId): void {
    lazy.delete(link);
    tells.delete(link);
    prunedAt.delete(link);
    credit.delete(link);
    told.forget(link, context.elapsed());
    if (eager.delete(link)) replace(link);
  }

  /** Where entries came by it, the next best way takes its place before any is missed (SPEC B5). */
  function replace(link: LinkId): void {
    const next = spare.lost(link, (other) => lazy.has(other));
    if (next === null) keepOne(link);
    else askFor(next, []);
  }

  /** Without any eager neighbour what we write would only be told: another takes the place of the one that was. */
  function keepOne(but: LinkId): void {
    const others = [...lazy].filter((link) => link !== but);
    if (eager.size > 0 || others.length === 0) return;
    const chosen = others[(context.random.bytes(1)[0] ?? 0) % others.length];
    if (chosen !== undefined) askFor(chosen, []);
  }

  function askFor(link: LinkId, ids: EntryId[]): void {
    makeEager(link);
    for (let at = 0; at === 0 || at < ids.length; at += MAX_IDS)
      send(link, { type: 'graft', grove, ids: ids.slice(at, at + MAX_IDS) });
  }

  function prune(link: LinkId): void {
    const now = context.elapsed();
    if (now - (prunedAt.get(link) ?? -Infinity) < config.pruneAgain && !eager.has(link)) return;
    makeLazy(link);
    prunedAt.set(link, now);
    send(link, { type: 'prune', grove });
  }

  // ---- what came ------------------------------------------------------------------------------------------

  /**
   * A neighbour that only told has a better way than the one who pushed (SPEC B4). For the author that the tree is
   * turned for, the two change places; for others both push from now on, until one of them is of no use.
   */
  function optimise(id: EntryId, way: Way, teller: Teller): void {
    const { swap, add } = config.shorter;
    if (way.why !== 'push' || costOf(way) - costOf(teller) < (way.turns ? swap : add)) return;
    if (teller.link === way.link || !lazy.has(teller.link) || !eager.has(way.link)) return;
    context.count('broadcast.optimised');
    askFor(teller.link, []);
    if (!way.turns) return;
    spare.moved(id, way, teller.link);
    prune(way.link);
  }

  /** What is here came again. Who pushes nothing else for a while is of no use as an eager neighbour (SPEC B2). */
  function duplicate(link: LinkId): void {
    context.count('broadcast.duplicates');
    const left = (credit.get(link) ?? 1) - 1;
    credit.set(link, left);
    if (!eager.has(link) || (eager.size > 1 && left <= 0)) prune(link);
  }

  // ---- what was told --------------------------------------------------------------------------------------

  function graftAfter(link: LinkId): number {
    const { rtts, least, most } = config.graft;
    return Math.min(most, Math.max(least, rtts * (options.rtt(link) ?? most)));
  }

  function scheduleGrafts(): void {
    context.schedule(graftTimer, told.next(), graft);
  }

  /** What did not come is asked of the next who told of it. */
  function graft(): void {
    for (const [link, ids] of told.due(context.elapsed(), graftAfter)) askFor(link, ids);
    scheduleGrafts();
  }

  // ---- what goes out --------------------------------------------------------------------------------------

  function tell(link: LinkId, row: Row): void {
    const rows = tells.get(link) ?? [];
    tells.set(link, rows);
    rows.push({ ...row, at: context.elapsed() });
    if (rows.length >= MAX_IDS) flush(link, rows);
    else if (!context.isScheduled(tellTimer))
      context.schedule(tellTimer, context.elapsed() + config.tellAfter, flushAll);
  }

  function flush(link: LinkId, rows: Tell[]): void {
    tells.delete(link);
    const now = context.elapsed();
    const news = rows
      .filter(({ id }) => !options.knows(link, id))
      .map(({ id, hops, at }) => ({ id, hops, waited: Math.min(MAX_WAITED, Math.round(now - at)) }));
    if (news.length > 0) send(link, { type: 'ihave', grove, rows: news });
  }

  function flushAll(): void {
    for (const [link, rows] of [...tells]) flush(link, rows);
  }

  /** In as few frames as there are different numbers of hops. */
  function push(link: LinkId, rows: readonly Row[], why: 'push' | 'graft'): void {
    const byHops = new Map<number, EntryId[]>();
    for (const { id, hops } of rows) add(byHops, hops, id);
    for (const [hops, ids] of byHops) emit({ type: 'push', link, ids, why, hops });
  }

  function scheduleHold(): void {
    context.schedule(holdTimer, holding[0]?.at ?? null, release);
  }

  /** What waited goes to who has not had it by a shorter way meanwhile (SPEC B6). */
  function release(): void {
    const now = context.elapsed();
    const pushes = new Map<LinkId, Row[]>();
    for (const { link, row, at } of holding) {
      if (at > now || options.knows(link, row.id)) continue;
      if (eager.has(link)) add(pushes, link, row);
      // It pruned us meanwhile, and may have hung on this push all the same.
      else if (lazy.has(link)) tell(link, row);
    }
    holding = holding.filter(({ at }) => at > now);
    for (const [link, rows] of pushes) push(link, rows, 'push');
    scheduleHold();
  }

  return {
    /** A member of the active view from now on, or no more. A new one is eager. */
    neighbour(link: LinkId, active: boolean): void {
      if (!active) remove(link);
      else if (!isNeighbour(link)) eager.add(link);
      scheduleGrafts();
    },

    linkGone(link: LinkId): void {
      remove(link);
      scheduleGrafts();
    },

    /** Entries came, whether or not they will be applied. `hops` counts this link. */
    received(
      link: LinkId,
      entries: readonly { id: EntryId; author: PeerId }[],
      hops: number,
      why: Why,
    ): void {
      let fresh = 0;
      for (const { id, author } of entries) {
        const tellers = told.take(id);
        if (ways.isSeen(id)) continue;
        fresh += 1;
        const way = ways.note(id, author, { link, hops, why });
        if (why === 'push') makeEager(link);
        if (way.turns) spare.came(id, link, tellers);
        const [best] = tellers.toSorted((a, b) => costOf(a) - costOf(b));
        if (best !== undefined) optimise(id, way, best);
      }
      if (why !== 'push' || entries.length === 0) return;
      if (fresh === 0) duplicate(link);
      else credit.set(link, config.idle);
    },

    /** What came was refused or dropped: it may be had from another. */
    forget(ids: Iterable<EntryId>): void {
      for (const id of ids) ways.forget(id);
    },

    /** Entries were applied for the first time: the eager get them, the lazy are told (SPEC B1). */
    applied(entries: readonly AppliedId[]): void {
      const pushes = new Map<LinkId, Row[]>();
      const isPushed = ({ id, link }: AppliedId): boolean => link === null || ways.isSpread(id);
      const tooMany = entries.filter((each) => !isPushed(each)).length > config.tellMost;
      for (const entry of entries) {
        const { id, link: from, large } = entry;
        const pushed = isPushed(entry);
        // Much that came by catching up is found by the others' catching up.
        if (!pushed && tooMany) continue;
        const way = ways.get(id);
        const row = { id, hops: pushed && from !== null ? (way?.hops ?? 0) : 0 };
        const source = way?.link ?? from;
        const waits = row.hops >= (way?.turns === true ? config.hold.from : config.hold.fromOthers);
        for (const link of eager) {
          if (link === source || options.knows(link, id)) continue;
          if (!pushed || large) tell(link, row);
          else if (waits) holding.push({ link, row, at: context.elapsed() + config.hold.ms });
          else add(pushes, link, row);
        }
        for (const link of lazy) if (link !== source) tell(link, row);
      }
      for (const [link, rows] of pushes) push(link, rows, 'push');
      scheduleHold();
    },

    onIhave(link: LinkId, rows: readonly (Row & { waited: number })[]): void {
      if (!isNeighbour(link)) return context.count('broadcast.stray');
      const now = context.elapsed();
      for (const { id, hops, waited } of rows) {
        // Nobody lets it wait for longer, whatever is claimed.
        const teller = { link, hops: hops + 1, at: now - Math.min(waited, 2 * config.tellAfter) };
        if (ways.isSeen(id)) {
          spare.told(id, teller);
          const way = ways.get(id);
          if (way !== undefined) optimise(id, way, teller);
          continue;
        }
        // An eager neighbour that only tells will not push: the entry is a large one, or came to it by catching up.
        const at = eager.has(link) ? now : now + graftAfter(link);
        if (!told.add(id, teller, at)) context.count('broadcast.overflow');
      }
      scheduleGrafts();
    },

    onGraft(link: LinkId, ids: readonly EntryId[]): void {
      if (!isNeighbour(link)) return context.count('broadcast.stray');
      makeEager(link);
      const held = [...new Set(ids)].filter((id) => options.holds(id));
      push(
        link,
        held.map((id) => ({ id, hops: ways.get(id)?.hops ?? 0 })),
        'graft',
      );
    },

    onPrune(link: LinkId): void {
      makeLazy(link);
      replace(link);
    },

    eager: (): readonly LinkId[] => [...eager],
    lazy: (): readonly LinkId[] => [...lazy],

    close(): void {
      context.schedule(tellTimer, null, flushAll);
      context.schedule(graftTimer, null, graft);
      context.schedule(holdTimer, null, release);
    },
  };
}
