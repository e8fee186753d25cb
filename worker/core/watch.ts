// What can be seen of a running node from outside, without a say in what it does: the record of gossip (SPEC O1).
import { CONFIG } from './config.ts';
import type { ContextControl } from './context.ts';
import type { PeerLink } from './core.ts';
import { createTrail, type Message, type TrailFilter } from './gossip/trail.ts';
import type { GroveId, LinkId } from './model/ids.ts';
import { createTrailKeeper } from './trail-keeper.ts';
import type { Frame } from './wire/frame.ts';

export type Watch = ReturnType<typeof createWatch>;

/** `perType`: messages to remember; with 0 nothing is recorded. */
export function createWatch(
  context: ContextControl,
  links: ReadonlyMap<LinkId, PeerLink>,
  perType: number = CONFIG.trail.perType,
) {
  const trail = createTrail(Math.max(1, perType));
  const keeper = createTrailKeeper(context, trail);
  const on = perType > 0;
  if (on) {
    keeper.load();
    context.observe({
      sent(link, frame, bytes) {
        const peer = links.get(link)?.peer;
        if (peer === undefined) return;
        trail.sent(context.now(), peer, frame, bytes);
        keeper.touch();
      },
      counted: trail.counted,
      verdict: trail.verdict,
    });
  }

  return {
    /** A frame came; until `handled` what is counted says what became of it. */
    received({ peer }: PeerLink, frame: Frame, bytes: number): void {
      if (!on) return;
      trail.received(context.now(), peer, frame, bytes);
      keeper.touch();
    },
    handled: (): void => trail.handled(),
    list: (filter: TrailFilter): Message[] => trail.list(filter),
    forget: (grove: GroveId): void => {
      if (on) keeper.forget(grove);
    },
  };
}
