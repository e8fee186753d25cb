// Who this device is linked to for which grove: ties each grove's membership and relays to links and to the log. Decides
// nothing of its own but which links are still of use (SPEC P9). Knows no signaling message.
import { CONFIG } from './config.ts';
import { isFailure } from './context.ts';
import type { Core, PeerLink } from './core.ts';
import { GOSSIP } from './gossip/config.ts';
import {
  createMembership,
  type Membership,
  type MembershipFact,
  type Remembered,
} from './gossip/membership.ts';
import { createRelay, type Relay } from './gossip/relay.ts';
import { decodeRemembered, encodeRemembered } from './remembered.ts';
import type { Grove } from './grove.ts';
import type { LinkOutput } from './link/types.ts';
import { idBytes, type GroveId, type LinkId, type PeerId } from './model/ids.ts';
import type { Frame } from './wire/frame.ts';

type Down = Extract<LinkOutput, { type: 'down' }>;
type MeshFrame = Extract<
  Frame,
  {
    type:
      | 'neighbour'
      | 'neighbour-reply'
      | 'disconnect'
      | 'forward-join'
      | 'shuffle'
      | 'shuffle-reply'
      | 'probe'
      | 'probed'
      | 'suspect';
  }
>;

interface Member {
  membership: Membership;
  relay: Relay;
}

/** Someone who waits for a temporary link. */
interface Waiter {
  grove: GroveId;
  peer: PeerId;
  then: (link: LinkId | null) => void;
}

export type Mesh = ReturnType<typeof createMesh>;

export const rememberedKey = (grove: GroveId): string => `members/${grove}`;

export function createMesh(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const parts = new Map<GroveId, Member>();
  /** Links fetched over, and until when, in elapsed time. */
  const fetching = new Map<PeerId, number>();
  let waiters: Waiter[] = [];
  let lookedAt = 0;

  const linkTo = (grove: GroveId, peer: PeerId): PeerLink | undefined =>
    [...core.links.values()].find((each) => each.peer === peer && isOpen(grove, each.link));
  const isOpen = (grove: GroveId, link: LinkId): boolean =>
    core.sync.pipeline(grove)?.exchange.opening(link) === 'full';
  const groveIn = (room: string): Grove | undefined =>
    [...core.groves.values()].find(({ keys }) => keys?.room === room);

  function send(grove: GroveId, to: PeerId, frame: Frame): void {
    const link = linkTo(grove, to);
    if (link === undefined) context.count('mesh.unsent');
    else context.send(link.link, frame, 'control');
  }

  function dial(grove: Grove, peer: PeerId, purpose: 'neighbour' | 'temporary'): void {
    if (grove.keys === null) return failed(grove.id, peer);
    const relay = core.peering.openLinks(grove.id).length > 0;
    core.link({ type: 'dial', room: grove.keys.room, peer, purpose, relay });
  }

  function failed(grove: GroveId, peer: PeerId): void {
    parts.get(grove)?.membership.dialFailed(peer);
    answer(grove, peer, null);
  }

  /** Whoever waits for a link to this peer has it, or can't. */
  function answer(grove: GroveId, peer: PeerId, link: LinkId | null): void {
    const mine = waiters.filter((each) => each.grove === grove && each.peer === peer);
    if (mine.length === 0) return;
    waiters = waiters.filter((each) => !mine.includes(each));
    for (const { then } of mine) then(link);
  }

  function onFact(grove: Grove, fact: MembershipFact): void {
    switch (fact.type) {
      case 'send':
        return send(grove.id, fact.to, fact.frame);
      case 'dial':
        return dial(grove, fact.peer, 'neighbour');
      case 'neighbour': {
        const link = linkTo(grove.id, fact.peer);
        if (link !== undefined) core.setNeighbour(grove.id, link, fact.active);
        if (!fact.active) lookSoon();
        return core.changedPeers(grove.id);
      }
      case 'heard':
        return parts.get(grove.id)?.relay.heard(fact.peer, fact.via);
      case 'remember':
        return remember(grove, fact.peers);
      case 'liveness':
        return core.changedPeers(grove.id);
    }
  }

  function remember(grove: Grove, peers: readonly Remembered[]): void {
    if (core.groves.get(grove.id) !== grove || grove.leaving) return;
    const value = encodeRemembered(peers);
    context.write(
      [{ op: 'put', table: 'meta', key: rememberedKey(grove.id), value }],
      'relaxed',
      (failure) => {
        if (failure !== null) core.problem(failure);
      },
    );
  }

  /** What a link is still good for; one that is good for nothing is closed (SPEC P9). */
  function isOfUse({ link, peer, asked, usedAt }: PeerLink): boolean {
    const used = context.elapsed() - usedAt < CONFIG.links.fetchKeeps || context.outstanding(link) > 0;
    if (used || (fetching.get(peer) ?? 0) > context.elapsed()) return true;
    for (const grove of core.groves.values()) {
      if (grove.record.state === 'joining' && asked.has(grove.id)) return true;
      const opening = core.sync.pipeline(grove.id)?.exchange.opening(link) ?? 'closed';
      // Who is no member here yet may be one by what the others know.
      if (opening === 'inward') return true;
      if (opening === 'full' && parts.get(grove.id)?.membership.needs(peer) !== false) return true;
    }
    return false;
  }

  function look(): void {
    const late = context.elapsed() - lookedAt - CONFIG.links.lookEvery;
    if (lookedAt > 0 && late > CONFIG.links.clockJump)
      for (const { membership } of parts.values()) membership.clockJumped();
    lookedAt = context.elapsed();
    for (const [peer, until] of fetching) if (until <= lookedAt) fetching.delete(peer);
    for (const link of core.links.values()) core.link({ type: 'keep', link: link.link, kept: isOfUse(link) });
    context.schedule('mesh/look', context.elapsed() + CONFIG.links.lookEvery, look);
  }
  const lookSoon = (): void => context.schedule('mesh/look', context.elapsed(), look);

  function create(grove: Grove, remembered: readonly Remembered[]): void {
    if (core.groves.get(grove.id) !== grove || parts.has(grove.id)) return;
    const membership = createMembership({
      grove: grove.id,
      self,
      context,
      limits: GOSSIP[core.form],
      remembered,
      isMember: (peer) => grove.members.isMember(peer),
      isDoubtful: (peer) => core.standing.isDoubtful(peer),
      isEager: (peer) => core.eagerLinks(grove.id).some((link) => core.links.get(link)?.peer === peer),
      sign: (message) => context.signatures.sign(message, identity.keypair.seed),
      verify: (peer, message, signature) => context.signatures.verify(idBytes(peer), message, signature),
      emit: (fact) => onFact(grove, fact),
    });
    const relay = createRelay({
      grove: grove.id,
      self,
      context,
      linked: (peer) => linkTo(grove.id, peer) !== undefined,
      active: () => membership.active(),
      emit: (fact) => {
        if (fact.type === 'send') return send(grove.id, fact.to, fact.frame);
        if (grove.keys !== null)
          core.link({ type: 'relayed', room: grove.keys.room, from: fact.from, payload: fact.payload });
      },
    });
    parts.set(grove.id, { membership, relay });
    for (const link of core.links.values()) if (isOpen(grove.id, link.link)) opened(grove, link);
  }

  function opened(grove: Grove, link: PeerLink): void {
    const membership = parts.get(grove.id)?.membership;
    membership?.opened(link.peer, link.source);
    // The log may have been read anew meanwhile: its broadcast knows nobody then.
    if (membership?.active().includes(link.peer) === true) core.setNeighbour(grove.id, link, true);
    answer(grove.id, link.peer, link.link);
    lookSoon();
  }

  return {
    /** A grove's log was read: its mesh begins with whom this device remembers. */
    open(grove: Grove): void {
      if (parts.has(grove.id)) return;
      context.read('meta', [rememberedKey(grove.id)], (values) => {
        const bytes = isFailure(values) ? null : (values[0] ?? null);
        create(grove, bytes === null ? [] : decodeRemembered(bytes));
      });
    },

    close(id: GroveId): void {
      parts.get(id)?.membership.close();
      parts.delete(id);
      for (const { peer } of waiters.filter(({ grove }) => grove === id)) answer(id, peer, null);
    },

    opened,

    membersChanged: (id: GroveId): void => parts.get(id)?.membership.membersChanged(),

    /** A grove is no longer fully open on a link. */
    closed(grove: GroveId, peer: PeerId, how: Down['how']): void {
      const part = parts.get(grove);
      part?.relay.gone(peer);
      part?.membership.closed(peer, how);
    },

    frame(link: PeerLink, frame: MeshFrame): void {
      parts.get(frame.grove)?.membership.frame(link.peer, frame);
    },

    onRelay(link: PeerLink, frame: Extract<Frame, { type: 'relay' }>): void {
      parts.get(frame.grove)?.relay.frame(link.peer, frame);
    },

    onFrozen(link: PeerLink, frozen: boolean): void {
      link.frozen = frozen;
      for (const [id, { membership }] of parts)
        if (isOpen(id, link.link)) membership.frozen(link.peer, frozen);
    },

    /** What the link machine says of signaling that is not the endpoint's. */
    onLink(output: Extract<LinkOutput, { type: 'relay' | 'dial-failed' | 'met' }>): void {
      const grove = groveIn(output.room);
      if (grove === undefined) return;
      if (output.type === 'relay')
        return parts.get(grove.id)?.relay.send(output.to, output.payload, output.retry);
      if (output.type === 'dial-failed') return failed(grove.id, output.peer);
      parts.get(grove.id)?.membership.met(output.peer, 'endpoint');
    },

    /** A peer was heard of by a link: the way to it (SPEC R2). */
    heard(grove: GroveId, peer: PeerId, via: PeerId): void {
      if (peer !== via && peer !== self) parts.get(grove)?.relay.heard(peer, via);
    },

    /** A link to fetch over: the one there is, or a temporary one (SPEC P9). Null where the peer can't be reached. */
    reach(grove: GroveId, peer: PeerId, then: (link: LinkId | null) => void): void {
      const known = core.groves.get(grove);
      const link = linkTo(grove, peer);
      fetching.set(peer, context.elapsed() + CONFIG.links.fetchKeeps);
      if (link !== undefined) return then(link.link);
      if (known === undefined || !known.members.isMember(peer)) return then(null);
      const alone = !waiters.some((each) => each.grove === grove && each.peer === peer);
      waiters.push({ grove, peer, then });
      if (!alone) return;
      context.schedule(`reach/${grove}/${peer}`, context.elapsed() + CONFIG.links.reachWithin, () =>
        answer(grove, peer, linkTo(grove, peer)?.link ?? null),
      );
      dial(known, peer, 'temporary');
    },

    /** A person wants this peer to be tried again (SPEC Y4). */
    retry(grove: Grove, peer: PeerId): void {
      core.link({ type: 'forgive', peer });
      dial(grove, peer, 'neighbour');
    },

    /** Tabs of this device were hidden, or seen again. */
    setFrozen(frozen: boolean): void {
      for (const link of core.links.values()) context.send(link.link, { type: 'frozen', frozen }, 'control');
      for (const { membership } of parts.values()) membership.setFrozen(frozen);
    },

    membership: (grove: GroveId): Membership | null => parts.get(grove)?.membership ?? null,
  };
}
