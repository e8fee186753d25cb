// Members remembered across restarts (P6): those linked to longest and met last. They never age out, so that a healed
// partition is found. Knows no frame.
import type { PeerId } from '../model/ids.ts';
import type { MembershipLimits } from './config.ts';
import type { Remembered } from './types.ts';

export interface Memory {
  has(peer: PeerId): boolean;
  all(): readonly Remembered[];
  /** Was linked for so long since it was last noted; now is ms since the epoch. */
  linked(peer: PeerId, ms: number, now: number): void;
  /** Seen, not linked: kept where there is room, or in the place of one never linked. */
  met(peer: PeerId, now: number): void;
  forget(peer: PeerId): void;
  /** The one of these that wasn't tried for longest. */
  next(isFree: (peer: PeerId) => boolean): PeerId | undefined;
  /** Whether it changed since this was last asked. */
  takeChanged(): boolean;
}

export function createMemory(limits: MembershipLimits, remembered: readonly Remembered[]): Memory {
  const kept = new Map<PeerId, Remembered>();
  let changed = false;
  for (const each of remembered.slice(0, limits.remembered)) kept.set(each.peer, { ...each });

  /** Half of the places are for those linked longest, half for those met last. */
  function trim(): void {
    if (kept.size <= limits.remembered) return;
    const all = [...kept.values()];
    const half = Math.ceil(limits.remembered / 2);
    const longest = all.sort((a, b) => b.linkedMs - a.linkedMs).slice(0, half);
    const others = all.slice(half).sort((a, b) => b.lastMet - a.lastMet);
    const stay = new Set([...longest, ...others.slice(0, limits.remembered - half)]);
    for (const each of all) if (!stay.has(each)) kept.delete(each.peer);
  }

  return {
    has: (peer) => kept.has(peer),
    all: () => [...kept.values()],
    linked(peer, ms, now) {
      const known = kept.get(peer) ?? { peer, linkedMs: 0, lastMet: now };
      known.linkedMs += Math.max(0, Math.round(ms));
      known.lastMet = now;
      kept.set(peer, known);
      changed = true;
      trim();
    },
    met(peer, now) {
      const known = kept.get(peer);
      if (known === undefined && kept.size >= limits.remembered) {
        const [oldest] = [...kept.values()]
          .filter(({ linkedMs }) => linkedMs === 0)
          .sort((a, b) => a.lastMet - b.lastMet);
        if (oldest === undefined) return;
        kept.delete(oldest.peer);
      }
      kept.set(peer, { peer, linkedMs: known?.linkedMs ?? 0, lastMet: now });
      changed = true;
    },
    forget(peer) {
      if (kept.delete(peer)) changed = true;
    },
    next(isFree) {
      for (const [peer, each] of kept) {
        if (!isFree(peer)) continue;
        // To the end of the line.
        kept.delete(peer);
        kept.set(peer, each);
        return peer;
      }
      return undefined;
    },
    takeChanged() {
      const was = changed;
      changed = false;
      return was;
    },
  };
}
