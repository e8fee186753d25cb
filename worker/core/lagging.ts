// Tells of linked peers that fall further and further behind (SPEC O3). Looks now and then; changes nothing.
import { CONFIG } from './config.ts';
import type { Context } from './context.ts';
import type { GroveId, LinkId, PeerId } from './model/ids.ts';

export interface LaggingOptions {
  context: Context;
  links: () => Iterable<{ link: LinkId; peer: PeerId }>;
  groves: () => Iterable<GroveId>;
  /** Entries of the grove that the other end is known to lack. */
  lagOf: (grove: GroveId, link: LinkId) => number;
  /** `since`: ms since the epoch. */
  tell: (lag: { grove: GroveId; peer: PeerId; entries: number; since: number }) => void;
}

interface Growth {
  /** When it began, in elapsed time and by the wall clock, and what was lacking then. */
  from: number;
  since: number;
  least: number;
  last: number;
  told: boolean;
}

const TIMER = 'lagging';

export function createLagging({ context, links, groves, lagOf, tell }: LaggingOptions) {
  let growing = new Map<string, Growth>();

  function look(): void {
    const before = growing;
    growing = new Map();
    for (const { link, peer } of links()) {
      start();
      for (const grove of groves()) {
        const entries = lagOf(grove, link);
        if (entries === 0) continue;
        const growth = grow(before.get(`${grove}/${link}`), entries);
        growing.set(`${grove}/${link}`, growth);
        const longEnough = context.elapsed() - growth.from >= CONFIG.lag.grows;
        if (growth.told || !longEnough || entries <= growth.least) continue;
        growth.told = true;
        tell({ grove, peer, entries, since: growth.since });
      }
    }
  }

  function grow(known: Growth | undefined, entries: number): Growth {
    if (known !== undefined && entries >= known.last) return { ...known, last: entries };
    const [from, since] = [context.elapsed(), context.now()];
    return { from, since, least: entries, last: entries, told: false };
  }

  /** A link came up: as long as there is one, it is looked at. */
  function start(): void {
    if (context.isScheduled(TIMER)) return;
    context.schedule(TIMER, context.elapsed() + CONFIG.lag.every, look);
  }

  return { start };
}
