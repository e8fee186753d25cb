// Becoming and ceasing to be neighbours (P3, P4). Both ends always come to agree, whatever crosses on the way: an
// acceptance that nobody waits for is answered by `disconnect`. Doesn't choose whom to ask.
import type { PeerId } from '../model/ids.ts';
import { createBucket } from './bucket.ts';
import { pick } from './draw.ts';
import type { Learning } from './learning.ts';
import type { FrameOf, Ground } from './types.ts';

export interface Neighbours {
  /** Waits for an answer from it. */
  isAsked(peer: PeerId): boolean;
  /** Of those that aren't neighbours yet. */
  asked(): number;
  ask(peer: PeerId, how: FrameOf<'neighbour'>['ask']): void;
  /** A neighbour's link was replaced: what was said on the old one may be lost. */
  confirm(peer: PeerId): void;
  /** Ends it with a word. */
  letGo(peer: PeerId): void;
  /** Lets one go where there are clearly more than wanted. */
  trim(): void;
  /** Ends it without: the link is gone. True where it was one. */
  drop(peer: PeerId): boolean;
  onNeighbour(from: PeerId, frame: FrameOf<'neighbour'>): void;
  onReply(from: PeerId, frame: FrameOf<'neighbour-reply'>): void;
  onDisconnect(from: PeerId): void;
  onForwardJoin(from: PeerId, frame: FrameOf<'forward-join'>): void;
  /** Wasn't taken, and may have no other link to find its way by. */
  isJoining(peer: PeerId): boolean;
  /** Gives up on those who don't answer. */
  expire(): void;
  /** When the next is to be given up. */
  expiry(): number;
}

export interface NeighbourEvents {
  gained(peer: PeerId): void;
  lost(): void;
  refused(): void;
  /** A newcomer's walk ended here. */
  arrived(newcomer: PeerId): void;
}

export function createNeighbours(ground: Ground, learning: Learning, events: NeighbourEvents): Neighbours {
  const { options, limits, book, views, own, linked, count, send } = ground;
  const { grove, self, context, emit } = options;
  /** With when they are given up. */
  const asked = new Map<PeerId, number>();
  /** Who asked to join and wasn't taken, and until when it may look around by this link. */
  const joining = new Map<PeerId, number>();
  const evictions = createBucket(limits.evictionRate);
  const joins = createBucket(limits.joinRate);

  function avoid(peer: PeerId): void {
    const known = book.get(peer);
    if (known !== undefined) known.passedOverAt = ground.elapsed();
  }

  function activate(peer: PeerId, chosen: boolean): void {
    if (views.isActive(peer)) return;
    views.activate(peer, ground.elapsed(), chosen);
    emit({ type: 'neighbour', peer, active: true });
    events.gained(peer);
  }

  function deactivate(peer: PeerId): boolean {
    if (!views.deactivate(peer)) return false;
    const known = book.get(peer);
    if (known?.descriptor != null) views.addPassive(peer);
    emit({ type: 'neighbour', peer, active: false });
    return true;
  }

  function letGo(peer: PeerId): void {
    if (!deactivate(peer)) return;
    avoid(peer);
    send(peer, { type: 'disconnect', grove });
  }

  function ask(peer: PeerId, how: FrameOf<'neighbour'>['ask']): void {
    asked.set(peer, ground.elapsed() + limits.askTimeout);
    send(peer, { type: 'neighbour', grove, ask: how, descriptor: own.wire() });
  }

  /** Whether there is a place for the asker, at the price of another where it has nobody. */
  function takes(from: PeerId, how: FrameOf<'neighbour'>['ask']): boolean {
    if (views.degree < limits.max) return how !== 'low' || asked.has(from) || views.degree < limits.want;
    if (how !== 'join' || !evictions.take(ground.elapsed())) return false;
    const victim = views.surplus(ground.elapsed(), limits.askTimeout) ?? views.surplus(ground.elapsed(), 0);
    if (victim === undefined) return false;
    count('evicted');
    letGo(victim);
    return true;
  }

  function sendOff(newcomer: PeerId): void {
    const wire = learning.tell(newcomer);
    if (wire === null || !joins.take(ground.elapsed())) return;
    for (const peer of views.active())
      if (peer !== newcomer) send(peer, { type: 'forward-join', grove, ttl: limits.walk, newcomer: wire });
  }

  return {
    isAsked: (peer) => asked.has(peer),
    asked: () => [...asked.keys()].filter((peer) => !views.isActive(peer)).length,
    ask,
    confirm: (peer) => ask(peer, 'high'),
    letGo,
    trim() {
      if (!views.isCrowded()) return;
      const victim = views.surplus(ground.elapsed(), limits.settled);
      if (victim === undefined) return;
      // Near who writes all are eager: one that goes takes along what it passes on, until that is missed.
      if (views.degree < limits.max && options.isEager(victim)) return;
      letGo(victim);
    },
    drop(peer) {
      asked.delete(peer);
      joining.delete(peer);
      return deactivate(peer);
    },
    onNeighbour(from, { ask: how, descriptor }): void {
      const known = descriptor.peer === from ? learning.learn(descriptor, from) : null;
      const accepted = known !== null && (views.isActive(from) || takes(from, how));
      send(from, { type: 'neighbour-reply', grove, accepted, descriptor: own.wire() });
      if (accepted) {
        activate(from, asked.delete(from));
      }
      if (known === null || how !== 'join') return;
      if (!accepted) joining.set(from, ground.elapsed() + limits.joinKeeps);
      sendOff(from);
    },
    onReply(from, { accepted, descriptor }): void {
      const waited = asked.delete(from);
      if (descriptor.peer === from) learning.learn(descriptor, from);
      if (!accepted) {
        if (!waited) return count('unasked');
        deactivate(from);
        avoid(from);
        return events.refused();
      }
      if (views.isActive(from)) return;
      if (waited && views.degree < limits.max) return activate(from, true);
      count(waited ? 'overfull' : 'unasked');
      send(from, { type: 'disconnect', grove });
    },
    onDisconnect(from): void {
      if (!deactivate(from)) return;
      avoid(from);
      events.lost();
    },
    onForwardJoin(from, { ttl: claimed, newcomer }): void {
      const { peer } = newcomer;
      if (peer === self || views.isActive(peer)) return;
      const ttl = Math.min(claimed, limits.walk);
      const onward = views.active().filter((each) => each !== from && each !== peer);
      const to = ttl > 0 ? pick(context.random, onward) : undefined;
      if (to === undefined || ttl === limits.walkPassive) {
        if (learning.learn(newcomer, from) === null) return;
        views.addPassive(peer);
      } else learning.passedBy([newcomer], from);
      if (to === undefined) events.arrived(peer);
      else send(to, { type: 'forward-join', grove, ttl: ttl - 1, newcomer });
    },
    isJoining: (peer) => (joining.get(peer) ?? -Infinity) > ground.elapsed(),
    expire(): void {
      const now = ground.elapsed();
      for (const [peer, until] of [...asked]) {
        if (until > now) continue;
        asked.delete(peer);
        avoid(peer);
        // It may have taken us, and its answer be late.
        if (views.isActive(peer)) letGo(peer);
        else if (linked.has(peer)) send(peer, { type: 'disconnect', grove });
      }
    },
    expiry: () => Math.min(Infinity, ...asked.values()),
  };
}
