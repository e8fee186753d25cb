// Between links and groves: which groves a link shares, which rooms this device is in, and how it is let into a grove.
// Knows neither how links come about nor what is in the logs.
import { joinFrame } from './access/joins.ts';
import { openingFor } from './access/opening.ts';
import { encodeRecord, recordKey, type GroveRecord } from './access/record.ts';
import { ownTags, sharedGroves, type TagKey } from './access/tags.ts';
import { createAdmitting } from './admitting.ts';
import { CONFIG } from './config.ts';
import { decodeEntry, groveOf } from './model/entry.ts';
import type { GroveId, LinkId, PeerId } from './model/ids.ts';
import { Grove } from './grove.ts';
import type { Core, PeerLink } from './core.ts';
import { wantedRooms } from './wanted-rooms.ts';
import type { Frame } from './wire/frame.ts';

type AdmittedFrame = Extract<Frame, { type: 'admitted' }>;
type WaitingFrame = Extract<Frame, { type: 'waiting' }>;
type RefusedFrame = Extract<Frame, { type: 'refused' }>;

export type Peering = ReturnType<typeof createPeering>;

export function createPeering(core: Core) {
  const { context, identity } = core;
  const self = identity.keypair.id;
  const rooms = new Map<string, number>();

  /** Those of earlier epochs are for members only, who were away as the secret changed (SPEC A15). */
  const tagKeys = (peer: PeerId): TagKey[] =>
    [...core.groves.values()].flatMap((grove) => {
      const { id, keys } = grove;
      if (keys === null || !isOpenable(grove) || core.pauses.has(id, peer)) return [];
      const before = grove.members.isMember(peer) ? grove.earlier : [];
      return [keys, ...before].map(({ tag }) => ({ grove: id, key: tag }));
    });

  /** Switched off, a grove says nothing and hears nothing (SPEC Y3). */
  const isOpenable = ({ record }: Grove): boolean =>
    record.state === 'active' && record.policy.gossip === 'on';
  const admitting = createAdmitting(core, isOpenable);

  // ---- which groves a link shares ---------------------------------------------------------------------

  function sendTags(link: PeerLink): void {
    const tags = ownTags(tagKeys(link.peer), link.transcript, self, context.random);
    context.send(link.link, { type: 'tags', tags }, 'control');
  }

  function prove(link: PeerLink): void {
    link.proved = new Set(sharedGroves(tagKeys(link.peer), link.transcript, link.peer, link.tags));
    for (const grove of core.groves.values()) reopen(grove, link);
  }

  function reopen(grove: Grove, link: PeerLink): void {
    const proved = link.proved.has(grove.id) && isOpenable(grove) && grove.loaded;
    const opening = openingFor(proved, grove.members, self, link.peer);
    const before = core.sync.pipeline(grove.id)?.exchange.opening(link.link) ?? 'closed';
    if (before === opening) return;
    core.sync.setOpening(grove.id, link.link, link.peer, opening);
    if (before === 'full') {
      core.digests.setNeighbour(grove.id, link, false);
      core.mesh.closed(grove.id, link.peer, 'closed');
    }
    // What could not be had before may be had here.
    if (opening === 'full') {
      core.rotating.handOver(grove, link);
      core.holdings.wantByPolicy(grove, grove.blobs.keys());
      core.bodies.linkOpened(grove, link.link);
      if (grove.keys !== null) core.link({ type: 'shared', link: link.link, room: grove.keys.room });
      core.mesh.opened(grove, link);
    }
    core.changedPeers(grove.id);
  }

  // ---- rooms ------------------------------------------------------------------------------------------

  function refreshRooms(): void {
    const wanted = wantedRooms(core, isOpenable);
    for (const room of [...rooms.keys()].filter((each) => !wanted.has(each))) {
      rooms.delete(room);
      core.link({ type: 'room-close', room });
    }
    for (const [room, { key, want, newcomer = false, home = null, only = null }] of wanted) {
      if (rooms.get(room) === want && only === null) continue;
      core.link(
        rooms.has(room) && only === null
          ? { type: 'room-want', room, want, home }
          : { type: 'room-open', room, key, want, newcomer, home, only },
      );
      rooms.set(room, want);
    }
  }

  // ---- joining ----------------------------------------------------------------------------------------

  function askToJoin(grove: Grove, link: PeerLink): void {
    const { state, invite } = grove.record;
    if (state !== 'joining' || (invite === null && !core.carrying.ask(grove, link))) return;
    link.asked.set(grove.id, (link.asked.get(grove.id) ?? 0) + 1);
    if (invite !== null)
      context.send(
        link.link,
        joinFrame(core.context.signatures, invite, link.transcript, identity.keypair, core.displayName()),
        'control',
      );
    const timer = `join/${grove.id}`;
    if (context.isScheduled(timer)) return;
    context.schedule(timer, context.elapsed() + CONFIG.join.retry, () => askAgain(grove));
  }

  /** Who was asked in vain may have become a member since; if not, it makes place for one who is. */
  function askAgain(grove: Grove): void {
    if (core.groves.get(grove.id) !== grove) return;
    for (const link of [...core.links.values()]) {
      const asked = link.asked.get(grove.id) ?? 0;
      if (asked < CONFIG.join.asks || link.proved.size > 0) askToJoin(grove, link);
      else if (grove.record.state === 'joining')
        core.link({ type: 'close', link: link.link, reason: 'asked in vain to be let in' });
    }
  }

  function save(record: GroveRecord, then: () => void): void {
    const grove = core.groves.get(record.id);
    // Left meanwhile: written now it would be back at the next start.
    if (grove === undefined || grove.leaving) return;
    const value = encodeRecord(record);
    context.write([{ op: 'put', table: 'meta', key: recordKey(record.id), value }], 'strict', (failure) => {
      if (failure === null) then();
      else core.problem(failure);
    });
  }

  /** A member let us in: the secret, and the contract that the grove's id names (SPEC A5). */
  function onAdmitted(link: PeerLink, frame: AdmittedFrame): void {
    const grove = core.groves.get(frame.grove);
    const [contract] = frame.entries;
    const decoded = contract && decodeEntry(contract.header);
    if (grove?.record.state === 'active' && grove.members.isMember(link.peer))
      return core.rotating.onHanded(grove, frame.secret);
    if (grove?.record.state !== 'joining' || !link.asked.has(frame.grove))
      return context.count('frames.unasked');
    if (!decoded?.ok || groveOf(decoded.value) !== frame.grove || decoded.value.kind !== 'contract') {
      return context.count('join.badContract');
    }
    const secrets = [{ epoch: frame.epoch, secret: frame.secret }];
    save({ ...grove.record, state: 'active', reason: null, secrets }, () => {
      if (grove.record.state !== 'joining') return;
      grove.waiting = false;
      Object.assign(grove.record, { state: 'active', reason: null, secrets });
      // Its log may still lie here from before this device left. Once it is read, all links are told.
      core.sync.load(grove.id);
      core.sync.receive(grove.id, link.link, link.peer, frame.entries);
      core.event('groves', {});
      core.event('joined', { grove: grove.id });
    });
  }

  /** Somebody has to say yes: whoever answers so is asked again, and not given up for another (SPEC A17). */
  function onWaiting(link: PeerLink, frame: WaitingFrame): void {
    const grove = core.groves.get(frame.grove);
    if (grove?.record.state !== 'joining' || !link.asked.has(frame.grove))
      return context.count('frames.unasked');
    link.asked.set(frame.grove, 0);
    if (grove.waiting) return;
    grove.waiting = true;
    core.event('groves', {});
  }

  function onRefused(link: PeerLink, frame: RefusedFrame): void {
    const grove = core.groves.get(frame.grove);
    if (grove?.record.state !== 'joining' || !link.asked.has(frame.grove))
      return context.count('frames.unasked');
    const record: GroveRecord = { ...grove.record, state: 'refused', reason: frame.message };
    save(record, () => {
      if (grove.record.state !== 'joining') return;
      grove.waiting = false;
      Object.assign(grove.record, record);
      refreshRooms();
      core.event('groves', {});
      core.event('refused', { grove: grove.id, code: core.errorCode(frame.code), message: frame.message });
    });
  }

  return {
    linkUp(link: PeerLink): void {
      sendTags(link);
      for (const grove of core.groves.values()) askToJoin(grove, link);
    },

    onTags(link: PeerLink, tags: readonly Uint8Array[]): void {
      link.tags = tags;
      prove(link);
    },

    onJoin: admitting.onJoin,
    onVouched: admitting.onVouched,
    onAdmitted,
    onRefused,
    onWaiting,
    refreshRooms,
    save,

    /** A grove came to be, or who is in it changed. */
    groveChanged(grove: Grove): void {
      for (const link of core.links.values()) {
        // Whether earlier epochs are answered depends on who is a member.
        if (grove.earlier.length > 0) prove(link);
        else reopen(grove, link);
      }
      core.mesh.membersChanged(grove.id);
      admitting.look(grove);
      refreshRooms();
    },

    /** Other secrets are in use: those linked are told, and the rooms follow. */
    secretsChanged(grove: Grove): void {
      grove.invites.forget();
      refreshRooms();
      for (const link of core.links.values()) {
        sendTags(link);
        prove(link);
        if (grove.keys !== null && core.sync.pipeline(grove.id)?.exchange.opening(link.link) === 'full')
          core.link({ type: 'shared', link: link.link, room: grove.keys.room });
      }
    },

    /** Known to all links from now on: a grove we founded or want to join. */
    groveAdded(grove: Grove): void {
      if (grove.record.state === 'active') core.digests.open(grove);
      if (isOpenable(grove)) core.mesh.open(grove);
      refreshRooms();
      for (const link of core.links.values()) {
        if (grove.record.state === 'active') sendTags(link);
        askToJoin(grove, link);
        prove(link);
      }
    },

    groveRemoved(id: GroveId): void {
      refreshRooms();
      core.mesh.close(id);
      for (const link of core.links.values()) {
        link.proved.delete(id);
        link.asked.delete(id);
        for (const [entry, grove] of link.watches) if (grove === id) link.watches.delete(entry);
      }
    },

    /** The grove's gossip was switched on or off here (SPEC Y3). */
    gossipChanged(grove: Grove): void {
      if (isOpenable(grove)) core.mesh.open(grove);
      refreshRooms();
      for (const link of core.links.values()) {
        // Without its tag the other closes it too.
        sendTags(link);
        prove(link);
      }
      if (!isOpenable(grove)) core.mesh.close(grove.id);
    },

    /** A peer is set aside in this grove, or let go on (SPEC Y4): without its tag the other closes it as well. */
    pause(grove: Grove, peer: PeerId, on: boolean): void {
      if (!core.pauses.set(grove.id, peer, on)) return;
      for (const link of [...core.links.values()].filter((each) => each.peer === peer)) {
        sendTags(link);
        prove(link);
      }
      core.changedPeers(grove.id);
    },

    /** The link to a peer on which a grove is fully open. */
    linkTo: (id: GroveId, peer: PeerId): LinkId | null =>
      [...core.links.values()].find(
        (each) => each.peer === peer && core.sync.pipeline(id)?.exchange.opening(each.link) === 'full',
      )?.link ?? null,

    /** Links on which a grove is fully open. */
    openLinks: (id: GroveId): LinkId[] =>
      [...core.links.keys()].filter((link) => core.sync.pipeline(id)?.exchange.opening(link) === 'full'),

    openPeers: (id: GroveId): PeerId[] =>
      [...core.links.values()]
        .filter(({ link }) => core.sync.pipeline(id)?.exchange.opening(link) === 'full')
        .map(({ peer }) => peer),
  };
}
