// Notes whose link was seen to do what (SPEC P11), keeps it over restarts, and has links refused. Decides no number.
import { CONFIG } from './config.ts';
import { isFailure, type Deed } from './context.ts';
import type { Core } from './core.ts';
import type { LinkId, PeerId } from './model/ids.ts';
import { createStandings, type Standing } from './standing.ts';

export type StandingKeeper = ReturnType<typeof createStandingKeeper>;

export const STANDING_KEY = 'standing';

export function createStandingKeeper(core: Core) {
  const { context } = core;
  const { saveAfter, gone } = CONFIG.standing;
  const standings = createStandings();
  /** Whose links went a moment ago. */
  const former = new Map<LinkId, PeerId>();

  const peerOf = (link: LinkId): PeerId | undefined => core.links.get(link)?.peer ?? former.get(link);
  context.judgeBy({
    blame(link, deed) {
      const peer = peerOf(link);
      if (peer !== undefined) blame(peer, deed);
    },
    doubts(link) {
      const peer = peerOf(link);
      return peer !== undefined && of(peer).state !== 'good';
    },
  });

  context.read('meta', [STANDING_KEY], (values) => {
    const stored = isFailure(values) ? null : (values[0] ?? null);
    if (stored === null) return;
    standings.restore(stored, context.elapsed(), context.now());
    for (const { peer, left } of standings.refused(context.elapsed())) refuse(peer, left);
  });

  function blame(peer: PeerId, deed: Deed): void {
    const left = standings.blame(peer, deed, context.elapsed());
    saveSoon();
    core.changedPeers(null);
    if (left === 0) return;
    context.count('peers.refused');
    // Once whoever saw it is done: its link goes.
    context.schedule(`refuse/${peer}`, context.elapsed(), () => refuse(peer, left));
  }

  function refuse(peer: PeerId, left: number): void {
    core.link({ type: 'refuse', peer, left });
    core.changedPeers(null);
  }

  function saveSoon(): void {
    if (context.isScheduled(STANDING_KEY)) return;
    context.schedule(STANDING_KEY, context.elapsed() + saveAfter, () => {
      const value = standings.encode(context.elapsed(), context.now());
      context.write([{ op: 'put', table: 'meta', key: STANDING_KEY, value }], 'relaxed', (failure) => {
        if (failure !== null) context.count('standing.notStored');
      });
    });
  }

  const of = (peer: PeerId): Standing => standings.of(peer, context.elapsed());

  return {
    blame,
    of,

    /** Others are preferred to it. */
    isDoubtful: (peer: PeerId): boolean => of(peer).state !== 'good',

    linkGone(link: LinkId, peer: PeerId): void {
      former.set(link, peer);
      const [oldest] = former.keys();
      if (former.size > gone && oldest !== undefined) former.delete(oldest);
    },

    /** A person wants it to be tried again. */
    forgive(peer: PeerId): void {
      standings.forgive(peer);
      core.link({ type: 'refuse', peer, left: 0 });
      saveSoon();
      core.changedPeers(null);
    },
  };
}
