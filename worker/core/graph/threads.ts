// The threads of a grove (SPEC G22): roots that are answered or may be, the latest activity first. Counted anew for what
// changed only, when somebody looks.
import { cidOf, compareIds, hashOfCid } from '../model/ids.ts';
import type { Cid, Hash } from '../model/ids.ts';
import { GRAPH } from './config.ts';
import type { Contribution, Placed } from './contributions.ts';
import { contributionTest } from './filter.ts';
import type { ContributionFilter } from './filter.ts';
import { checkLimit, comparePlaces, formatCursor, parseCursor } from './order.ts';
import type { Provenance, Standing } from './provenance.ts';
import { createRanking } from './ranking.ts';
import type { Replies } from './replies.ts';
import type { Publication } from './types.ts';

/** Each filters by what is said of the root: of roots that aren't held none is found. */
export interface ThreadFilter extends ContributionFilter {
  /** Default 50, at most 500. */
  limit?: number;
  /** From an earlier page of the same filter. */
  cursor?: string;
}
export interface Thread {
  /** Of its root. */
  readonly cid: Cid;
  standing: Standing;
  /** That stand, at any level. */
  answers: number;
  /** Who wrote the root and the answers, each once, as far as they stand. */
  authors: number;
  /** The newest that stands: the root, or an answer. */
  latest: Publication & { cid: Cid };
}
export interface ThreadList {
  items: Thread[];
  /** Absent on the last page. */
  cursor?: string;
}
export interface Threads {
  /** Something of it may be another now, which its provenance knows of. */
  update(contribution: Contribution): void;
  /** Throws `invalid` for limit and cursor. */
  list(filter: ThreadFilter): ThreadList;
}

/** Kinds that begin a thread though nothing answers them yet. */
const TOPICS: ReadonlySet<string> = new Set(['discussion', 'ask_user']);

export function createThreads(provenance: Provenance, replies: Replies): Threads {
  const threads = new Map<Cid, Thread>();
  const byActivity = createRanking<Thread>((thread) =>
    threads.get(thread.cid) === thread ? thread.latest.lamport : null,
  );
  const stale = new Set<Cid>();

  function count(root: Cid): Omit<Thread, 'cid'> | null {
    const top = provenance.get(root);
    const below = [...replies.below(root)].flatMap(standingAt);
    const all = [...(top === null ? [] : standingAt(top)), ...below];
    const latest = all.reduce<Placed | null>(
      (newest, each) => (newest === null || comparePlaces(newest, each) < 0 ? each : newest),
      null,
    );
    if (latest === null || (below.length === 0 && !isTopic(top))) return null;
    return {
      standing: provenance.standing(root),
      answers: below.length,
      authors: new Set(all.map(({ publication }) => publication.author)).size,
      latest: { ...latest.publication, cid: latest.contribution.cid },
    };
  }

  const isTopic = (top: Contribution | null): boolean => TOPICS.has(top?.traits?.kind ?? '');

  /** A contribution that came or went may have been a root, and may have made another the root of what is below it. */
  function refresh(): void {
    const roots = new Set<Cid>();
    for (const cid of stale) {
      for (const root of replies.roots(cid)) roots.add(root);
      if (!roots.has(cid)) drop(cid);
    }
    stale.clear();
    for (const root of roots) {
      const counted = count(root);
      if (counted === null) {
        drop(root);
        continue;
      }
      const thread = threads.get(root) ?? { cid: root, ...counted };
      threads.set(root, Object.assign(thread, counted));
      byActivity.touch(thread);
    }
  }

  function drop(root: Cid): void {
    const thread = threads.get(root);
    if (thread === undefined) return;
    threads.delete(root);
    byActivity.touch(thread);
  }

  return {
    update: ({ cid, edges }) => {
      stale.add(cid);
      for (const { relationType, to } of edges) if (relationType === 'responds_to') stale.add(to);
    },
    list(filter) {
      const limit = checkLimit(filter.limit, GRAPH.page, GRAPH.maxPage);
      const from = filter.cursor === undefined ? null : parseCursor(filter.cursor);
      const after = from && { value: from.lamport, cid: cidOf(from.entry as Hash) };
      const test = contributionTest(filter);
      refresh();
      const items: Thread[] = [];
      for (const { item, value } of byActivity.best('maximize')) {
        const isBefore =
          after !== null &&
          (value > after.value || (value === after.value && compareIds(item.cid, after.cid) <= 0));
        if (isBefore) continue;
        const root = test === null ? null : provenance.get(item.cid);
        if (test !== null && (root === null || !test.passes(root))) continue;
        const last = items.at(-1);
        if (items.length === limit && last !== undefined) {
          const cursor = formatCursor({ lamport: last.latest.lamport, entry: hashOfCid(last.cid) });
          return { items: items.map(copyOf), cursor };
        }
        items.push(item);
      }
      return { items: items.map(copyOf) };
    },
  };
}

const standingAt = ({ place, hidden }: Contribution): Placed[] => (place === null || hidden ? [] : [place]);

/** What is handed out stays as it was. */
const copyOf = (thread: Thread): Thread => ({ ...thread, latest: { ...thread.latest } });
