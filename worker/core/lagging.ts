// Tells of linked peers that fall further and further behind (SPEC O3). Looks now and then; changes nothing.
import { CONFIG } from './config.ts';
import type { Core } from './core.ts';
import type { GroveId, LinkId } from './model/ids.ts';

interface Growth {
  /** Elapsed and wall-clock time at which it began, and what was lacking then. */
  from: number;
  since: number;
  least: number;
  last: number;
  told: boolean;
}

const TIMER = 'lagging';

export type Lagging = ReturnType<typeof createLagging>;

export function createLagging(core: Core) {
  const { context } = core;
  let growing = new Map<string, Growth>();

  function look(): void {
    const before = growing;
    growing = new Map();
    for (const { link, peer } of core.links.values()) {
      for (const grove of core.groves.keys()) {
        const entries = core.sync.pipeline(grove)?.exchange.lag(link)?.entries ?? 0;
        if (entries > 0) note(before, grove, link, peer, entries);
      }
    }
    if (core.links.size > 0) start();
  }

  function note(
    before: ReadonlyMap<string, Growth>,
    grove: GroveId,
    link: LinkId,
    peer: string,
    entries: number,
  ): void {
    const key = `${grove}/${link}`;
    const known = before.get(key);
    const fresh = { from: context.elapsed(), since: context.now(), least: entries, told: false };
    const growth: Growth =
      known === undefined || entries < known.last ? { ...fresh, last: entries } : { ...known, last: entries };
    growing.set(key, growth);
    const longEnough = context.elapsed() - growth.from >= CONFIG.lag.grows;
    if (growth.told || !longEnough || entries <= growth.least) return;
    growth.told = true;
    context.count('peers.lagging');
    core.event('lag', { grove, peer, entries, since: growth.since });
  }

  /** A link came up: from now on it is looked at. */
  function start(): void {
    if (context.isScheduled(TIMER)) return;
    context.schedule(TIMER, context.elapsed() + CONFIG.lag.every, look);
  }

  return { start };
}
