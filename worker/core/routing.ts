// Which machine each input and each frame of an authenticated link goes to. Decides nothing else.
import type { Api } from './api/api.ts';
import type { Core, PeerLink } from './core.ts';
import type { Input } from './io.ts';
import { cidOf } from './model/ids.ts';
import type { Frame } from './wire/frame.ts';

type Outside = Exclude<Input, { token: string } | { type: 'start' }>;

export function route(input: Outside, core: Core, api: Api): void {
  switch (input.type) {
    case 'call':
      return api.handle(input);
    case 'tick':
      core.link(input);
      return core.cas.tick(core.context.elapsed());
    case 'carrier':
      core.carrier = input.present;
      return core.link(input);
    case 'link-drained':
      core.link(input);
      if (!core.links.has(input.link)) return;
      core.context.drained(input.link, input.bytes);
      core.sync.drained(input.link);
      return core.cas.drained(input.link);
    case 'signal-state':
      if (core.settings.discovery !== 'hand') {
        const { url, reason } = input;
        core.setSignal({ state: input.up ? 'up' : 'down', url, reason });
      }
      return core.link(input);
    case 'link-signal':
    case 'link-open':
    case 'link-frame':
    case 'link-closed':
    case 'signal-joined':
    case 'signal-entered':
    case 'signal-left':
    case 'signal-message':
      return core.link(input);
  }
}

export function routeFrame(core: Core, link: PeerLink, frame: Frame): void {
  if ('grove' in frame && core.groves.get(frame.grove)?.record.policy.gossip === 'off')
    return core.context.count('frames.isolated');
  switch (frame.type) {
    case 'tags':
      return core.peering.onTags(link, frame.tags);
    case 'join':
      return core.peering.onJoin(link, frame);
    case 'vouched':
      return core.peering.onVouched(link, frame);
    case 'admitted':
      return core.peering.onAdmitted(link, frame);
    case 'refused':
      return core.peering.onRefused(link, frame);
    case 'waiting':
      return core.peering.onWaiting(link, frame);
    case 'fingerprint':
    case 'vector':
    case 'buckets':
    case 'bucket-rows':
    case 'ihave':
    case 'graft':
    case 'prune':
    case 'entries':
    case 'want-entries':
    case 'want-ids':
    case 'fork':
    case 'want-fork':
      return core.sync.frame(link.link, link.peer, frame);
    case 'held':
    case 'want-held':
    case 'want-body':
    case 'body':
    case 'digest':
    case 'presence':
    case 'want-links':
    case 'links':
    case 'want-fetch': {
      const grove = core.groves.get(frame.grove);
      if (grove === undefined || core.sync.pipeline(frame.grove)?.exchange.opening(link.link) !== 'full') {
        return core.context.count('frames.closed');
      }
      if (frame.type === 'want-body') return core.bodies.onWant(link, grove, frame.hashes);
      if (frame.type === 'body') return core.bodies.onBody(link.link, grove, frame.hash, frame.body);
      if (frame.type === 'digest') return core.digests.receive(link, grove.id, frame.rows);
      if (frame.type === 'presence') return core.presences.receive(link, grove, frame.rows);
      if (frame.type === 'want-links') return core.neighbourhood.onWant(link, grove);
      if (frame.type === 'links') return core.neighbourhood.onLinks(link, grove, frame.rows);
      if (frame.type === 'want-fetch')
        return core.fetching.onWantFetch(link, grove, cidOf(frame.cid), frame.ttl);
      if (frame.type === 'want-held') return core.holdings.onWantHeld(link, grove, frame.entry);
      core.sync.frame(link.link, link.peer, frame);
      if (frame.complete) core.holdings.onHeld(link, grove, frame.entry);
      return;
    }
    case 'neighbour':
    case 'neighbour-reply':
    case 'disconnect':
    case 'forward-join':
    case 'shuffle':
    case 'shuffle-reply':
    case 'probe':
    case 'probed':
    case 'suspect':
      return core.mesh.frame(link, frame);
    case 'relay':
      return core.mesh.onRelay(link, frame);
    case 'frozen':
      return core.mesh.onFrozen(link, frame.frozen);
    case 'want-list':
    case 'list':
    case 'want-blocks':
    case 'block':
    case 'lack':
    case 'cancel':
    case 'want-have':
    case 'have':
      link.usedAt = core.context.elapsed();
      if (frame.type === 'lack') core.lies.onLack(link, frame.blob);
      return core.cas.frame(link.link, frame);
    case 'hello':
    case 'proof':
    case 'bye':
    case 'ping':
    case 'pong':
    case 'unknown':
      return core.context.count(`frames.unexpected`);
  }
}
