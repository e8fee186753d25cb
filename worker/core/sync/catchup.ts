// What is missing here, cut into slices and asked of all who hold it: several neighbours share one catch-up (SPEC S5).
// All authors' runs go forward together, so that what waits for its parents stays little. Knows no frame.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { GroveId, LinkId, PeerId } from '../model/ids.ts';
import type { Log, Run } from './log.ts';
import type { Neighbour } from './neighbour.ts';

interface Slice {
  /** Per author what is still to come: the next seq, and the last. */
  left: Map<PeerId, { next: number; to: number }>;
  count: number;
  progressAt: number;
}

export interface CatchUpOptions {
  grove: GroveId;
  log: Log;
  context: Context;
  /** Those who may be asked. */
  neighbours: () => Iterable<Neighbour>;
  /** Entries that came and are not applied yet. */
  staged: () => number;
  ask: (link: LinkId, runs: readonly Run[]) => void;
  /** Nothing is missing any more of what these said to hold. */
  done: (links: readonly LinkId[]) => void;
}

export type CatchUp = ReturnType<typeof createCatchUp>;

export function createCatchUp(options: CatchUpOptions) {
  const { log, context } = options;
  const { catchUp: config, signatureEvery } = CONFIG.sync;
  const timer = `catchup/${options.grove}`;
  const slices = new Map<LinkId, Slice[]>();
  /** Per author up to where it was asked for. */
  const requested = new Map<PeerId, number>();
  let returned: Run[] = [];
  let session: { startedAt: number; total: number; done: number; served: Map<LinkId, number> } | null = null;
  const late = new Map<LinkId, number>();
  /** When something that was asked for last came, or all was asked for anew. What others push says nothing of it. */
  let arrivedAt = context.elapsed();

  const inFlight = (): number => [...slices.values()].reduce((sum, each) => sum + each.length, 0);

  /** The last seq of an author that counts. */
  const limitOf = (author: PeerId): number => log.quarantine.limitOf(author) - 1;

  /** Per author how far someone said to hold it, where that is beyond what is here or on its way. */
  function missing(): Map<PeerId, { from: number; to: number }> {
    const found = new Map<PeerId, { from: number; to: number }>();
    for (const neighbour of options.neighbours()) {
      for (const [author, told] of neighbour.knowledge.ahead()) {
        const to = Math.min(told, limitOf(author));
        const from = Math.max(log.head(author)?.seq ?? 0, requested.get(author) ?? 0) + 1;
        const known = found.get(author);
        if (to >= from && to > (known?.to ?? 0)) found.set(author, { from, to });
      }
    }
    return found;
  }

  const sizeOf = (runs: Iterable<{ from: number; to: number }>): number => {
    let sum = 0;
    for (const { from, to } of runs) sum += Math.min(to - from + 1, config.most);
    return sum;
  };

  /** The next slice that this neighbour can give: of each author its share of what is missing. */
  function cut(neighbour: Neighbour, all: ReadonlyMap<PeerId, { from: number; to: number }>): Run[] {
    const { knowledge } = neighbour;
    const again = returned.filter(({ author, to }) => knowledge.told(author) >= to);
    if (again.length > 0) {
      const some = again.slice(0, config.slice);
      returned = returned.filter((run) => !some.includes(run));
      return some;
    }
    const total = sizeOf(all.values());
    const runs: Run[] = [];
    let room: number = config.slice;
    // Those that were asked for least go first, so that all go forward together.
    for (const [author, { from, to }] of [...all].sort(([, a], [, b]) => a.from - b.from)) {
      if (room <= 0) break;
      const last = Math.min(to, knowledge.told(author), limitOf(author));
      if (last < from) continue;
      const share = Math.max(1, Math.ceil(((to - from + 1) * config.slice) / Math.max(1, total)));
      // Up to where a signature is sure to lie: whoever gives goes on up to one, and that would come twice.
      const end = Math.ceil((from + Math.min(share, room) - 1) / signatureEvery) * signatureEvery;
      const run = { author, from, to: Math.min(last, end) };
      room -= run.to - run.from + 1;
      requested.set(author, run.to);
      runs.push(run);
    }
    return runs;
  }

  function begin(link: LinkId, runs: readonly Run[]): void {
    const count = sizeOf(runs);
    const left = new Map(runs.map(({ author, from, to }) => [author, { next: from, to }]));
    slices.set(link, [...(slices.get(link) ?? []), { left, count, progressAt: context.elapsed() }]);
    session?.served.set(link, (session.served.get(link) ?? 0) + count);
    options.ask(link, runs);
  }

  function giveBack(link: LinkId): void {
    for (const { left } of slices.get(link) ?? [])
      for (const [author, { next, to }] of left) returned.push({ author, from: next, to });
    slices.delete(link);
  }

  /** All that is neither applied nor on its way is missing again: what was given may have gone with its giver. */
  function askAnew(): void {
    requested.clear();
    returned = [];
    const underWay = [...slices.values()].flat().flatMap(({ left }) => [...left]);
    for (const [author, { next, to }] of underWay.sort(([, a], [, b]) => a.next - b.next)) {
      const from = Math.max(log.head(author)?.seq ?? 0, requested.get(author) ?? 0) + 1;
      if (next > from) returned.push({ author, from, to: next - 1 });
      requested.set(author, Math.max(to, requested.get(author) ?? 0));
    }
  }

  const canGive = (
    { knowledge }: Neighbour,
    all: ReadonlyMap<PeerId, { from: number; to: number }>,
  ): boolean =>
    returned.some(({ author, to }) => knowledge.told(author) >= to) ||
    [...all].some(([author, { from }]) => Math.min(knowledge.told(author), limitOf(author)) >= from);

  /** The one that was asked for least in this catch-up; none of none. */
  const leastAsked = (some: readonly Neighbour[]): readonly Neighbour[] =>
    some
      .toSorted((a, b) => (session?.served.get(a.link) ?? 0) - (session?.served.get(b.link) ?? 0))
      .slice(0, 1);

  const windowOf = (among: number): number =>
    among < config.share.among ? config.window.few : config.window.shared;

  /** Whether a neighbour may be given one more: none gives much more than its share of a large catch-up. */
  function mayServe(link: LinkId, among: number): boolean {
    if ((slices.get(link)?.length ?? 0) >= windowOf(among)) return false;
    if (session === null || session.total <= config.large || among < config.share.among) return true;
    return (session.served.get(link) ?? 0) + config.slice <= session.total * config.share.most;
  }

  function plan(): void {
    // What waits for long after the last arrival may lack just what its giver garbled: all that isn't here is asked for anew.
    const idle = context.elapsed() - arrivedAt >= config.stuck;
    if (inFlight() === 0 && (options.staged() === 0 || idle)) {
      arrivedAt = context.elapsed();
      askAnew();
    }
    returned = returned.flatMap(({ author, from, to }) => {
      const head = log.head(author)?.seq ?? 0;
      return to > head ? [{ author, from: Math.max(from, head + 1), to }] : [];
    });
    const now = context.elapsed();
    let all = missing();
    const known = [...options.neighbours()].filter(
      ({ link, knowledge }) => knowledge.known && (late.get(link) ?? 0) <= now,
    );
    const size = sizeOf(all.values()) + sizeOf(returned);
    if (size === 0) return rest(known.map(({ link }) => link));
    // Another newcomer has nothing to share.
    const open = known.filter((neighbour) => canGive(neighbour, all));
    session ??= { startedAt: now, total: size, done: 0, served: new Map() };
    const underWay = [...slices.values()].flat().reduce((sum, { count }) => sum + count, 0);
    session.total = Math.max(session.total, session.done + underWay + size);
    // Others may be about to come up: what is much is not asked of the first alone.
    const early =
      size > config.large && open.length < config.share.among && now - session.startedAt < config.gather;
    const candidates = open.filter(({ link }) => mayServe(link, open.length));
    // A share is a wish: where nobody else can give it, whoever can does.
    const chosen = candidates.length > 0 || inFlight() > 0 ? candidates : open;
    const window = early ? 1 : windowOf(open.length);
    const askAll = (some: readonly Neighbour[]): void => {
      for (let round = 0; round < window; round += 1) {
        for (const neighbour of early ? leastAsked(some) : some) {
          if ((slices.get(neighbour.link)?.length ?? 0) >= window) continue;
          const runs = cut(neighbour, all);
          if (runs.length === 0) continue;
          begin(neighbour.link, runs);
          all = missing();
        }
      }
    };
    askAll(chosen.filter(({ link }) => !context.doubts(link)));
    // Who did what it shouldn't is asked where nobody else can give anything (SPEC P12).
    if (inFlight() === 0) askAll(chosen.filter(({ link }) => context.doubts(link)));
    watch();
  }

  /** Nothing more to ask for. */
  function rest(links: readonly LinkId[]): void {
    if (inFlight() > 0 || (session !== null && options.staged() > 0)) return watch();
    if (session === null) return;
    session = null;
    context.schedule(timer, null, look);
    options.done(links);
  }

  /** Who is late with a slice loses it to others, and is not believed. */
  function look(): void {
    const now = context.elapsed();
    let lost = false;
    for (const [link, each] of [...slices]) {
      if (!each.some(({ progressAt }) => now - progressAt >= config.patience)) continue;
      context.count('catchup.late');
      lost = true;
      giveBack(link);
      late.set(link, now + config.passOver);
      for (const neighbour of options.neighbours()) if (neighbour.link === link) neighbour.knowledge.doubt();
    }
    if (lost || inFlight() === 0) plan();
    else watch();
  }

  const watch = (): void => context.schedule(timer, context.elapsed() + config.look, look);

  return {
    plan,

    /** An entry came, whatever becomes of it. */
    arrived(link: LinkId, author: PeerId, seq: number): void {
      const mine = slices.get(link);
      const slice = mine?.find(({ left }) => {
        const run = left.get(author);
        return run !== undefined && seq >= run.next && seq <= run.to;
      });
      const run = slice?.left.get(author);
      if (mine === undefined || slice === undefined || run === undefined) return;
      if (session !== null) session.done += seq - run.next + 1;
      run.next = seq + 1;
      arrivedAt = slice.progressAt = context.elapsed();
      if (run.next > run.to) slice.left.delete(author);
      if (slice.left.size > 0) return;
      if (mine.length === 1) slices.delete(link);
      else
        slices.set(
          link,
          mine.filter((each) => each !== slice),
        );
    },

    /** What was asked of it is asked of others. */
    linkGone(link: LinkId): void {
      late.delete(link);
      if (session?.served.has(link) !== true) return;
      slices.delete(link);
      askAnew();
      plan();
    },

    isWaitingFor: (link: LinkId): boolean => slices.has(link),

    /** Entries that came of those that a catch-up is about; null where there is none. */
    progress: (): { done: number; total: number } | null =>
      session === null ? null : { done: Math.min(session.done, session.total), total: session.total },

    close(): void {
      context.schedule(timer, null, look);
    },
  };
}
