// What follows when a link comes, goes, or brings a frame: everyone concerned is told.
import type { Core, PeerLink } from './core.ts';
import type { LinkOutput } from './link/types.ts';
import { isOpen } from './openings.ts';
import { routeFrame } from './routing.ts';

/** `lagging`: told when there is a link to watch. */
export function createLinkFacts(core: Core, lagging: () => void) {
  const { context, groves, links } = core;

  function onLink(output: LinkOutput): void {
    switch (output.type) {
      case 'up':
        return linkUp(output);
      case 'down':
        return linkDown(output);
      case 'frame': {
        const link = links.get(output.link);
        if (link === undefined) return;
        link.received += output.bytes;
        context.count(`received.${output.frame.type}`);
        context.count('received.bytes', output.bytes);
        core.watch.received(link, output.frame, output.bytes);
        routeFrame(core, link, output.frame);
        return core.watch.handled();
      }
      case 'relay':
      case 'dial-failed':
      case 'met':
        return core.mesh.onLink(output);
      case 'blame':
        return core.standing.blame(output.peer, output.deed);
      case 'count':
        return context.count(output.name, output.by ?? 1);
      case 'hand-text':
      case 'hand-accepted':
      case 'hand-failed':
        return core.hand.onLink(output);
      default:
        return context.effect(output);
    }
  }

  function linkUp({ link, peer, transcript, source }: Extract<LinkOutput, { type: 'up' }>): void {
    const fresh: PeerLink = {
      link,
      peer,
      transcript,
      source,
      since: context.now(),
      tags: [],
      proved: new Set(),
      asked: new Map(),
      watches: new Map(),
      received: 0,
      usedAt: context.elapsed(),
      frozen: false,
    };
    links.set(link, fresh);
    lagging();
    core.peering.linkUp(fresh);
    core.changedPeers(null);
  }

  function linkDown({ link, peer, reason, how }: Extract<LinkOutput, { type: 'down' }>): void {
    const open = [...groves.keys()].filter((id) => isOpen(core, id, link));
    links.delete(link);
    core.neighbourhood.ended(peer, reason);
    core.standing.linkGone(link, peer);
    for (const id of open) core.mesh.closed(id, peer, how);
    context.linkGone(link);
    core.sync.linkGone(link);
    core.cas.linkGone(link);
    core.digests.linkGone(link);
    core.presences.linkGone(link);
    core.neighbourhood.linkGone(link);
    // A newly proven link to the same peer may stand already (SPEC K5).
    if (![...links.values()].some((other) => other.peer === peer)) core.holdings.linkGone(peer);
    core.changedPeers(null);
    for (const grove of groves.values()) core.changed(grove.id);
  }

  return { onLink };
}
