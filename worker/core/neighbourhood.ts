// Who is linked to whom around this device: its own links, and whom its neighbours say that they are linked to, asked while
// somebody looks (SPEC P10). Nothing rests on what they say; it is never passed on. Keeps why links ended, to tell people.
import { CONFIG } from './config.ts';
import type { Core, PeerLink } from './core.ts';
import type { Grove } from './grove.ts';
import type { GroveId, LinkId, PeerId } from './model/ids.ts';
import { MAX_TOLD_LINKS, type ToldLink } from './wire/frame.ts';

export type Neighbourhood = ReturnType<typeof createNeighbourhood>;

/** What is remembered of one grove on one link, in elapsed time. */
interface Exchange {
  askedAt: number;
  answeredAt: number;
  /** Whether an answer is still waited for. */
  awaited: boolean;
  told: { peer: PeerId; rows: readonly ToldLink[]; at: number } | null;
}

/** `age`: ms since it was told; null for this device's own. */
export interface Edge {
  from: PeerId;
  to: PeerId;
  push: ToldLink['push'];
  age: number | null;
}

export interface Ended {
  peer: PeerId;
  reason: string;
  /** ms since the epoch. */
  at: number;
}

export function createNeighbourhood(core: Core) {
  const { context } = core;
  const self = core.identity.keypair.id;
  const { askEvery, answerEvery, forget, ended: keptEnds } = CONFIG.neighbourhood;
  const byLink = new Map<LinkId, Map<GroveId, Exchange>>();
  let ends: Ended[] = [];

  function exchangeOf(link: LinkId, grove: GroveId): Exchange {
    const groves = byLink.get(link) ?? new Map<GroveId, Exchange>();
    byLink.set(link, groves);
    const known = groves.get(grove);
    if (known !== undefined) return known;
    const fresh: Exchange = { askedAt: -Infinity, answeredAt: -Infinity, awaited: false, told: null };
    groves.set(grove, fresh);
    return fresh;
  }

  /** Members on whose links the grove is open. */
  function open(grove: Grove): PeerLink[] {
    const links = core.peering.openLinks(grove.id).flatMap((link) => core.links.get(link) ?? []);
    return links.filter(({ peer }) => grove.members.isMember(peer));
  }

  function own(grove: Grove): ToldLink[] {
    const eager = new Set(core.eagerLinks(grove.id));
    const active = new Set(core.mesh.membership(grove.id)?.active() ?? []);
    return open(grove).map(({ link, peer }) => ({
      peer,
      push: eager.has(link) ? 'eager' : active.has(peer) ? 'lazy' : 'none',
    }));
  }

  return {
    /** Somebody looks: whoever was not asked for a while is asked. */
    look(grove: Grove): void {
      const now = context.elapsed();
      for (const { link } of open(grove)) {
        const exchange = exchangeOf(link, grove.id);
        if (now - exchange.askedAt < askEvery) continue;
        exchange.askedAt = now;
        exchange.awaited = true;
        context.send(link, { type: 'want-links', grove: grove.id }, 'control');
      }
    },

    edges(grove: Grove): Edge[] {
      const now = context.elapsed();
      const told = open(grove).flatMap(({ link }) => byLink.get(link)?.get(grove.id)?.told ?? []);
      return [
        ...own(grove).map(({ peer, push }) => ({ from: self, to: peer, push, age: null })),
        ...told
          .filter(({ at }) => now - at < forget)
          .flatMap(({ peer, rows, at }) =>
            rows.map((row) => ({ from: peer, to: row.peer, push: row.push, age: now - at })),
          ),
      ];
    },

    onWant(link: PeerLink, grove: Grove): void {
      const exchange = exchangeOf(link.link, grove.id);
      const now = context.elapsed();
      if (!grove.members.isMember(link.peer)) return context.count('neighbourhood.notMember');
      if (now - exchange.answeredAt < answerEvery) return context.count('neighbourhood.flood');
      exchange.answeredAt = now;
      const rows = own(grove).slice(0, MAX_TOLD_LINKS);
      context.send(link.link, { type: 'links', grove: grove.id, rows }, 'control');
    },

    onLinks(link: PeerLink, grove: Grove, rows: readonly ToldLink[]): void {
      const exchange = exchangeOf(link.link, grove.id);
      if (!exchange.awaited) return context.count('neighbourhood.unasked');
      exchange.awaited = false;
      const members = new Map(
        rows.filter(({ peer }) => grove.members.isMember(peer)).map((row) => [row.peer, row]),
      );
      members.delete(link.peer);
      if (members.size < rows.length) context.count('neighbourhood.unknown', rows.length - members.size);
      exchange.told = { peer: link.peer, rows: [...members.values()], at: context.elapsed() };
    },

    linkGone: (link: LinkId): void => void byLink.delete(link),

    ended(peer: PeerId, reason: string): void {
      ends = [...ends, { peer, reason, at: context.now() }].slice(-keptEnds);
    },

    /** The newest last. */
    ends: (): readonly Ended[] => ends,
  };
}
