// What each stored artifact means to this device's groves: whether it is pinned, in use, known to be held by others, or only
// here (SPEC C14). Decides nothing and deletes nothing.
import type { Kept, Standing } from './cas/budget.ts';
import type { Usage } from './cas/usage.ts';
import type { Uses } from './cas/uses.ts';
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import { isAbandoned } from './dropping.ts';
import type { Grove } from './grove.ts';
import { cidOf, type Cid, type Hash } from './model/ids.ts';

export type Keeping = ReturnType<typeof createKeeping>;

/** A grove of this device, or the whole device (null). */
export type Scope = Grove | null;

export const keyOf = (grove: Grove, cid: Cid): string => `${grove.id}/${cid}`;

export function createKeeping(core: Core, usage: Usage, uses: Uses) {
  const { storage } = CONFIG;

  /** Contributions that name a blob, in all groves. */
  const naming = (hash: Hash): [Grove, Cid][] =>
    [...core.groves.values()].flatMap((grove) =>
      [...(grove.blobs.get(hash)?.cids ?? [])].map((cid): [Grove, Cid] => [grove, cid]),
    );

  /** `counted`: known holders, so that a look at many artifacts counts those of each contribution once. */
  function standingOf(hash: Hash, counted = new Map<string, number>()): Standing {
    const copies = (grove: Grove, cid: Cid): number => {
      const count = counted.get(keyOf(grove, cid)) ?? core.holdings.knownHolders(grove, cid).size;
      counted.set(keyOf(grove, cid), count);
      return count;
    };
    const all = naming(hash);
    const body = cidOf(hash);
    if (all.some(([grove]) => grove.views.has(body) && !isAbandoned(grove, body))) return 'body';
    if (all.some(([grove, cid]) => grove.record.pins.has(cid))) return 'pinned';
    if (uses.isInUse(hash) || core.cas.isBusy(hash)) return 'in-use';
    const standing = all.filter(([grove, cid]) => !grove.views.isWithdrawn(cid));
    // What nobody stands by any more may go, whoever else holds it (SPEC G25).
    if (all.length > 0 && standing.length === 0) return 'evictable';
    return standing.some(([grove, cid]) => copies(grove, cid) >= storage.copies) ? 'evictable' : 'only-here';
  }

  /** All that is stored in a scope, and how it stands. What no grove names is the collector's, or a person's. */
  function keptIn(scope: Scope): Kept[] {
    const counted = new Map<string, number>();
    return [...usage.blobs].flatMap(([hash, { size, groves }]) => {
      const isIn = scope === null ? groves.size > 0 : groves.has(scope.id);
      return isIn ? [{ hash, size, at: uses.get(hash)?.at ?? 0, standing: standingOf(hash, counted) }] : [];
    });
  }

  return {
    naming,
    standingOf,
    keptIn,

    /** Asks those who are linked whether they hold what would go first, and gives them a moment. */
    askHolders(scope: Scope, then: () => void): void {
      const unknown = keptIn(scope)
        .filter(({ standing }) => standing === 'only-here')
        .sort((a, b) => a.at - b.at);
      const asked = new Map<string, [Grove, Cid]>();
      for (const { hash } of unknown) {
        if (asked.size >= storage.asked) break;
        for (const [grove, cid] of naming(hash)) {
          if (core.peering.openLinks(grove.id).length > 0) asked.set(keyOf(grove, cid), [grove, cid]);
        }
      }
      if (asked.size === 0) return then();
      for (const [grove, cid] of asked.values()) core.holdings.askHolders(grove, cid);
      core.context.schedule(core.timer('storage/asked'), core.context.elapsed() + storage.askFor, then);
    },
  };
}
