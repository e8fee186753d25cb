// Fetches entries that are known by id only: missing parents, mostly (SPEC S3). Each is asked of the link that named
// it, then of others, in bounds for each link. Knows nothing of what is done with what comes.
import { CONFIG } from '../config.ts';
import type { Context } from '../context.ts';
import type { EntryId, GroveId, LinkId } from '../model/ids.ts';
import { createQuota } from './quota.ts';

interface Wanted {
  /** Who named it, and is asked first; the bound is this link's. */
  link: LinkId;
  askedAt: number;
  asked: number;
}

export interface FetchOptions {
  grove: GroveId;
  context: Context;
  /** Links that may be asked. */
  links: () => readonly LinkId[];
  /** Whether it is of no use any more, or on its way by itself. */
  state: (id: EntryId) => 'wanted' | 'coming' | 'settled';
  /** Asked often enough in vain. */
  gaveUp: (id: EntryId) => void;
}

export type Fetch = ReturnType<typeof createFetch>;

export function createFetch({ grove, context, links, state, gaveUp }: FetchOptions) {
  const { askAgain, wantIds } = CONFIG.sync;
  const wanted = new Map<EntryId, Wanted>();
  const fresh = new Set<EntryId>();
  /** What is asked for on behalf of a link: beyond it the rest waits. */
  const quota = createQuota<LinkId>(context, { most: wantIds.perLink, within: askAgain });
  let roundAt = -Infinity;

  /** The link that named it first, then the others in turn. */
  function choose({ link, asked }: Wanted, open: readonly LinkId[]): LinkId | undefined {
    const others = open.filter((each) => each !== link);
    const known = open.includes(link) ? [link, ...others] : others;
    return known[asked % known.length];
  }

  function ask(ids: Iterable<EntryId>): void {
    const open = links();
    const now = context.elapsed();
    const batches = new Map<LinkId, EntryId[]>();
    for (const id of ids) {
      const each = wanted.get(id);
      const what = each === undefined ? 'settled' : state(id);
      if (each === undefined || what === 'settled') {
        wanted.delete(id);
        continue;
      }
      if (what === 'coming') continue;
      const link = choose(each, open);
      if (link === undefined || !quota.use(each.link)) continue;
      if (each.asked === wantIds.tries) {
        wanted.delete(id);
        gaveUp(id);
        continue;
      }
      Object.assign(each, { askedAt: now, asked: each.asked + 1 });
      const batch = batches.get(link);
      if (batch === undefined) batches.set(link, [id]);
      else batch.push(id);
    }
    for (const [link, batch] of batches) {
      for (let at = 0; at < batch.length; at += wantIds.perFrame) {
        const some = batch.slice(at, at + wantIds.perFrame);
        context.send(link, { type: 'want-ids', grove, ids: some }, 'control');
      }
    }
  }

  return {
    /** `urgent`: asked for by the next `flush`, else only if it hasn't come by itself in a while. False where it is wanted already. */
    want(id: EntryId, link: LinkId, urgent: boolean): boolean {
      if (wanted.has(id)) return false;
      wanted.set(id, { link, askedAt: urgent ? -Infinity : context.elapsed(), asked: 0 });
      if (urgent) fresh.add(id);
      return true;
    },

    /** Asks for what is new, and at intervals again for what has not come. */
    flush(): void {
      if (fresh.size > 0) ask(fresh);
      fresh.clear();
      const now = context.elapsed();
      if (wanted.size === 0 || now - roundAt < askAgain) return;
      roundAt = now;
      ask([...wanted].flatMap(([id, { askedAt }]) => (now - askedAt < askAgain ? [] : [id])));
    },

    /** Whether `flush` has to be called again, after `askAgain`. */
    forget: (link: LinkId): void => quota.forget(link),

    get waits(): boolean {
      return wanted.size > 0;
    },
  };
}
