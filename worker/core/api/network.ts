// Calls about who is linked to whom in a grove, and why a link does or doesn't come about (SPEC P10, O5).
import { CONFIG } from '../config.ts';
import type { Core, PeerLink } from '../core.ts';
import type { Grove } from '../grove.ts';
import type { PeerId } from '../model/ids.ts';
import { isOpen } from '../openings.ts';
import { activeGrove, type Call } from './api.ts';

interface Passed {
  peer: PeerId;
  direction: 'in' | 'out';
  messages: number;
  bytes: number;
  news: number;
}

export function networkCalls(core: Core) {
  const { context } = core;
  const self = core.identity.keypair.id;

  /** What was recorded from `since` up to now, which belongs to the next: so each message is counted once. */
  function passed(grove: Grove, since: number, now: number): Passed[] {
    const sums = new Map<string, Passed>();
    for (const message of core.watch.list({ since })) {
      if (message.at >= now || (message.grove !== null && message.grove !== grove.id)) continue;
      if (!grove.members.isMember(message.peer)) continue;
      const { peer, direction, bytes, type } = message;
      const key = `${peer}/${direction}`;
      const sum = sums.get(key) ?? { peer, direction, messages: 0, bytes: 0, news: 0 };
      sums.set(key, sum);
      sum.messages += 1;
      sum.bytes += bytes;
      sum.news += type === 'entries' ? 1 : 0;
    }
    return [...sums.values()];
  }

  /** Why a linked member's link doesn't serve this grove. */
  function whyClosed(grove: Grove, link: PeerLink): 'paused' | 'unproven' | 'waiting' {
    if (core.pauses.has(grove.id, link.peer)) return 'paused';
    return link.proved.has(grove.id) ? 'waiting' : 'unproven';
  }

  function roomOf(grove: Grove): { joined: boolean; others: number; heard: number } | null {
    const name = grove.keys?.room;
    const room = core.linkRooms().find((each) => each.room === name);
    return room === undefined ? null : { joined: room.joined, others: room.others, heard: room.heard };
  }

  return {
    mesh(call: Call, id: string, { since }: { since?: number } = {}): void {
      const grove = activeGrove(core, id);
      core.neighbourhood.look(grove);
      const at = context.now();
      const from = Math.max(since ?? at, at - CONFIG.neighbourhood.counted);
      call.reply({ at, edges: core.neighbourhood.edges(grove), passed: passed(grove, from, at) });
    },

    network(call: Call, id: string): void {
      const grove = activeGrove(core, id);
      const isOther = (peer: PeerId): boolean => peer !== self && grove.members.isMember(peer);
      const members = [...core.links.values()].filter(({ peer }) => isOther(peer));
      const rooms = core.linkRooms();
      const infos = core.linkInfos();
      call.reply({
        gossip: grove.record.policy.gossip,
        role: grove.members.role(self),
        banned: grove.members.isBanned(self),
        discovery: core.settings.discovery,
        carrier: core.carrier,
        members: grove.members.count,
        signal: core.signal,
        room: roomOf(grove),
        rooms: {
          wanted: rooms.filter(({ inside }) => inside).length,
          joined: rooms.filter(({ joined }) => joined).length,
        },
        links: {
          up: core.links.size,
          connecting: infos.filter(({ state }) => state !== 'up').length,
          most: core.mostLinks(),
        },
        open: members.filter(({ link }) => isOpen(core, grove.id, link)).map(({ peer }) => peer),
        closed: members
          .filter(({ link }) => !isOpen(core, grove.id, link))
          .map((link) => ({ peer: link.peer, why: whyClosed(grove, link) })),
        attempts: core.linkFailures().filter(({ peer }) => isOther(peer)),
        ended: core.neighbourhood.ends().filter(({ peer }) => isOther(peer)),
      });
    },

    heldBy(call: Call, id: string, peer: string): void {
      const grove = activeGrove(core, id);
      const link = core.peering.linkTo(grove.id, peer as PeerId);
      const size = core.sync.log(grove.id)?.size ?? 0;
      const lag = link === null ? null : (core.sync.pipeline(grove.id)?.exchange.lag(link) ?? null);
      const offers = core.digests
        .rows(grove.id)
        .filter(({ holder }) => holder === peer)
        .map(({ cid, kind, summary, places }) => ({
          ...{ cid, kind, summary },
          rankings: places.map(({ ranking }) => ranking),
        }))
        .sort((a, b) => b.rankings.length - a.rankings.length)
        .slice(0, CONFIG.digest.rows);
      call.reply({
        entries: lag === null ? null : Math.max(0, size - lag.entries),
        of: size,
        whole: new Set([...core.holdings.heldBy(grove.id, peer as PeerId), ...offers.map(({ cid }) => cid)])
          .size,
        offers,
      });
    },
  };
}
