// Membership of one grove (P1-P8): HyParView whose passive view is exchanged by CYCLON shuffles. Composes its parts and
// takes what happens outside. Knows neither how links come about nor what is said over them.
import type { PeerId } from '../model/ids.ts';
import { createBook } from './book.ts';
import { createBucket } from './bucket.ts';
import { spread } from './draw.ts';
import { createIssuer, createVerifier } from './descriptor.ts';
import { describeAll } from './info.ts';
import { createLearning } from './learning.ts';
import { ageOf, stateOf } from './liveness.ts';
import { createMemory } from './remembered.ts';
import { createNeighbours } from './neighbours.ts';
import { createRepair } from './repair.ts';
import { createShuffling } from './shuffle.ts';
import { createSuspicion } from './suspicion.ts';
import { createViews } from './views.ts';
import type { Ground, MembershipFrame, MembershipOptions, PeerKnown, Source } from './types.ts';

export type { MembershipFact, MembershipFrame, MembershipOptions, PeerKnown, Remembered } from './types.ts';

export interface Membership {
  /** The grove is fully open on a link to it; again, where a newer link took the place of one. */
  opened(peer: PeerId, source: Source): void;
  /** lost: without a word; goodbye: the other closed; closed: this device did. */
  closed(peer: PeerId, how: 'lost' | 'goodbye' | 'closed'): void;
  dialFailed(peer: PeerId): void;
  /** An authentic announce of a member was heard; it isn't linked. */
  met(peer: PeerId, source: 'hand' | 'endpoint'): void;
  frame(from: PeerId, frame: MembershipFrame): void;
  /** A linked peer said so of itself. */
  frozen(peer: PeerId, frozen: boolean): void;
  /** This device's own tabs are hidden, or seen again. */
  setFrozen(frozen: boolean): void;
  clockJumped(): void;
  /** Others may be members now: who was linked to before it was known to be one is asked. */
  membersChanged(): void;
  /** A link to it is to be kept, or to be had, for this grove. */
  needs(peer: PeerId): boolean;
  active(): readonly PeerId[];
  passive(): readonly PeerId[];
  /** Neighbours wanted and not there. */
  lacking(): number;
  info(): PeerKnown[];
  close(): void;
}

const TIMERS = ['shuffle', 'repair', 'suspects', 'remembered', 'save'] as const;

export function createMembership(options: MembershipOptions): Membership {
  const { grove, self, context, limits, emit, isMember } = options;
  const linked: Ground['linked'] = new Map();
  const memory = createMemory(limits, options.remembered);
  const book = createBook({
    limits,
    isPinned: (peer) => linked.has(peer) || memory.has(peer),
    isPassive: (peer) => views.isPassive(peer),
    onEvicted: (peer) => views.dropPassive(peer),
  });
  const views = createViews({
    limits,
    random: context.random,
    isEager: options.isEager,
    isStale(peer) {
      const known = book.get(peer);
      return known === undefined || stateOf(known, context.elapsed(), linked.has(peer), limits) === 'failed';
    },
  });
  const ground: Ground = {
    options,
    limits,
    book,
    views,
    linked,
    own: createIssuer(options),
    verifier: createVerifier(options),
    elapsed: () => context.elapsed(),
    send: (to, frame) => emit({ type: 'send', to, frame }),
    count: (what) => context.count(`membership.${what}`),
    timer: (what, at, run) => context.schedule(`membership/${grove}/${what}`, at, run),
    judge,
  };
  const learning = createLearning(ground);
  const shuffling = createShuffling(ground, learning, {
    due: () => neighbours.trim(),
    mixed: () => repair.fill(),
  });
  const neighbours = createNeighbours(ground, learning, {
    gained() {
      if (views.degree === 1) shuffling.hurry();
    },
    lost: () => repair.fill(),
    refused() {
      if (views.degree === 0) shuffling.hurry();
      repair.fill();
    },
    arrived: (newcomer) => repair.arrived(newcomer),
  });
  const repair = createRepair(ground, neighbours, (peer) => memory.has(peer));
  const suspicion = createSuspicion(ground, learning, () => repair.fill());
  /** Remembered members dialled for no other reason: a partition may have healed. */
  const tried = new Set<PeerId>();

  function judge(peer: PeerId): void {
    const known = book.get(peer);
    if (known === undefined) return;
    const state = stateOf(known, context.elapsed(), linked.has(peer), limits);
    if (state === known.told) return;
    known.told = state;
    emit({ type: 'liveness', peer, state });
  }

  // ---- what is remembered -----------------------------------------------------------------------------

  function note(peer: PeerId): void {
    const link = linked.get(peer);
    if (link === undefined) return;
    memory.linked(peer, context.elapsed() - link.noted, context.now());
    link.noted = context.elapsed();
    saveSoon();
  }

  function saveSoon(): void {
    if (context.isScheduled(`membership/${grove}/save`)) return;
    ground.timer('save', context.elapsed() + limits.saveEvery, () => {
      for (const peer of linked.keys()) note(peer);
      if (memory.takeChanged()) emit({ type: 'remember', peers: memory.all() });
    });
  }

  /** Those of whom gossip brings word are on this side. */
  const isApart = (peer: PeerId): boolean => {
    const known = book.get(peer);
    if (known?.descriptor == null || known.suspectedAt !== null) return true;
    return ageOf(known, context.elapsed(), false) > limits.failedAfter;
  };

  function tryLater(): void {
    const wait = spread(context.random, limits.tryRemembered, limits.shuffleSpread);
    ground.timer('remembered', context.elapsed() + wait, tryRemembered);
  }

  function tryRemembered(): void {
    tryLater();
    const next = memory.next(
      (peer) => !linked.has(peer) && !repair.isDialled(peer) && isMember(peer) && isApart(peer),
    );
    if (next === undefined) return;
    tried.add(next);
    repair.dial(next);
  }

  // ---- links ------------------------------------------------------------------------------------------

  function unlink(peer: PeerId): boolean {
    note(peer);
    const known = book.get(peer);
    // What it was told as long as the link was up is true until now.
    if (known !== undefined) known.vouchedAt = context.elapsed();
    linked.delete(peer);
    const was = neighbours.drop(peer);
    if (!was && known?.descriptor != null) views.addPassive(peer);
    return was;
  }

  function reached(peer: PeerId, source: Source): void {
    const known = book.meet(peer, source, context.elapsed());
    Object.assign(known, { failures: 0, passedOverAt: -Infinity });
    book.unbury(peer);
    if (known.teller !== null) book.credit(known.teller, true);
    judge(peer);
  }

  /** Also to a peer with enough neighbours: it may be the first one of another part. */
  function bridge(peer: PeerId): void {
    if (views.isActive(peer) || neighbours.isAsked(peer)) return;
    if (!views.isCrowded()) neighbours.ask(peer, 'high');
  }

  for (const { peer } of memory.all()) {
    const known = book.meet(peer, 'gossip', context.elapsed() - limits.failedAfter - 1);
    known.told = stateOf(known, context.elapsed(), false, limits);
  }
  ground.timer('repair', context.elapsed(), repair.fill);
  tryLater();
  shuffling.start();

  return {
    opened(peer, source): void {
      const again = linked.has(peer);
      const wasTried = tried.delete(peer);
      repair.answered(peer);
      reached(peer, source);
      if (!again) {
        const now = context.elapsed();
        const buckets = {
          walks: createBucket(limits.walkRate),
          shuffles: createBucket(limits.shuffleRate),
          asks: createBucket(limits.askRate),
        };
        linked.set(peer, { noted: now, ...buckets });
        judge(peer);
      }
      note(peer);
      if (views.isActive(peer)) neighbours.confirm(peer);
      else if (neighbours.isAsked(peer)) neighbours.drop(peer);
      if (wasTried) bridge(peer);
      repair.fill();
    },
    closed(peer, how): void {
      if (!linked.has(peer)) return;
      const was = unlink(peer);
      if (how === 'lost' && was) suspicion.lost(peer);
      const known = book.get(peer);
      if (known !== undefined && how !== 'lost') known.passedOverAt = context.elapsed();
      judge(peer);
      repair.fill();
    },
    dialFailed(peer): void {
      tried.delete(peer);
      if (!repair.answered(peer)) return;
      const known = book.get(peer);
      if (known !== undefined) {
        known.passedOverAt = context.elapsed();
        // Who is linked to nobody has itself to blame.
        if (linked.size > 0) {
          known.failures += 1;
          suspicion.doubt(peer);
          if (known.teller !== null) book.credit(known.teller, false);
          if (known.failures >= limits.failures && known.source !== 'hand' && !memory.has(peer))
            book.forget(peer, true);
        }
      }
      repair.fill();
    },
    met(peer, source): void {
      if (peer === self || !isMember(peer)) return ground.count('stranger');
      book.meet(peer, source, context.elapsed());
      judge(peer);
      memory.met(peer, context.now());
      saveSoon();
      repair.fill();
    },
    frame(from, frame): void {
      const link = linked.get(from);
      if (link === undefined || !isMember(from)) return ground.count('stranger');
      const now = context.elapsed();
      switch (frame.type) {
        case 'neighbour':
          if (!link.asks.take(now)) return ground.count('flooded');
          return neighbours.onNeighbour(from, frame);
        case 'neighbour-reply':
          return neighbours.onReply(from, frame);
        case 'disconnect':
          return neighbours.onDisconnect(from);
        case 'probed':
          return suspicion.onProbed(from, frame);
        case 'shuffle-reply':
          return shuffling.onReply(from, frame);
        case 'probe':
        case 'suspect':
        case 'forward-join':
        case 'shuffle':
          break;
      }
      const rate = frame.type === 'shuffle' ? link.shuffles : link.walks;
      if (!rate.take(now)) return ground.count('flooded');
      if (frame.type === 'suspect') return suspicion.onSuspect(from, frame);
      if (frame.type === 'probe') return suspicion.onProbe(from, frame);
      const isNeighbour = views.isActive(from);
      if (!isNeighbour) {
        // If it takes us for a neighbour, it hears by this that we are not.
        ground.count('nonNeighbour');
        ground.send(from, { type: 'disconnect', grove });
      }
      if (frame.type === 'shuffle') shuffling.onShuffle(from, frame, isNeighbour);
      else if (isNeighbour) neighbours.onForwardJoin(from, frame);
    },
    frozen(peer, frozen): void {
      const known = book.get(peer);
      if (known === undefined || !linked.has(peer)) return;
      known.frozen = frozen;
      judge(peer);
    },
    setFrozen: (frozen) => ground.own.setFrozen(frozen),
    clockJumped: () => suspicion.clockJumped(),
    membersChanged: () => repair.fill(),
    needs: (peer) =>
      views.isActive(peer) ||
      neighbours.isAsked(peer) ||
      neighbours.isJoining(peer) ||
      repair.isDialled(peer) ||
      views.degree === 0,
    active: () => views.active(),
    passive: () => views.passive(),
    lacking: () => Math.max(0, limits.want - views.degree),
    info: () => describeAll(ground, (peer) => memory.has(peer)),
    close(): void {
      for (const timer of TIMERS) ground.timer(timer, null, () => undefined);
    },
  };
}
