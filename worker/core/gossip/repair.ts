// Finds the neighbours that are lacking (P4): whom to ask, whom to dial, how many at once. Sends nothing itself.
import type { PeerId } from '../model/ids.ts';
import type { Known } from './book.ts';
import { createBucket } from './bucket.ts';
import { fraction, sample, spread } from './draw.ts';
import { stateOf } from './liveness.ts';
import type { Neighbours } from './neighbours.ts';
import type { FrameOf, Ground } from './types.ts';

export interface Repair {
  /** Something changed: asks and dials as far as neighbours are lacking, and sets when to look again. */
  fill(): void;
  isDialled(peer: PeerId): boolean;
  dial(peer: PeerId): void;
  /** A newcomer that a walk brought: dialled where a neighbour is lacking, in bounds. */
  arrived(newcomer: PeerId): void;
  /** Answered, one way or the other. True where it was dialled from here. */
  answered(peer: PeerId): boolean;
}

export function createRepair(
  ground: Ground,
  neighbours: Neighbours,
  isRemembered: (peer: PeerId) => boolean,
): Repair {
  const { options, limits, book, views, linked } = ground;
  const { context, emit, isMember, isDoubtful } = options;
  const { random } = context;
  /** With when they were. */
  const dialled = new Map<PeerId, number>();
  const arrivals = createBucket(limits.dialRate);
  let filling = false;
  let slow = limits.slowDial.first;
  let nextSlow = -Infinity;

  const have = (): number => views.degree + neighbours.asked();
  const patience = (): number => (views.degree === 0 ? limits.passOverAlone : limits.passOver);
  const isFree = ({ peer, passedOverAt }: Known, now: number): boolean =>
    now - passedOverAt >= patience() && !views.isActive(peer) && !neighbours.isAsked(peer) && isMember(peer);

  /** The smaller, the sooner it is dialled. */
  function rank(known: Known, now: number): number {
    if (isDoubtful(known.peer)) return 6;
    const state = stateOf(known, now, false, limits);
    if (state === 'frozen') return 5;
    // Not doubted, only not heard of: gossip of some thousands brings word of each but now and then.
    if (known.suspectedAt === null && isRemembered(known.peer)) return 1;
    if (state === 'failed') return known.source === 'gossip' ? 4 : 3;
    if (state === 'suspect') return 2;
    // Where gossip lies, those met otherwise are an honest sample.
    return views.isPassive(known.peer) || known.source !== 'gossip' ? 0 : 1;
  }

  function askHow(): FrameOf<'neighbour'>['ask'] {
    if (have() === 0) return 'join';
    return have() < limits.min ? 'high' : 'low';
  }

  function askLinked(now: number): void {
    const free = [...linked.keys()].filter((peer) => {
      const known = book.get(peer);
      return known !== undefined && isFree(known, now);
    });
    const good = free.filter((peer) => !isDoubtful(peer));
    for (const peer of sample(random, good, limits.want - have())) neighbours.ask(peer, askHow());
    const doubtful = free.filter(isDoubtful);
    for (const peer of sample(random, doubtful, limits.min - have())) neighbours.ask(peer, askHow());
  }

  function dial(peer: PeerId): void {
    dialled.set(peer, ground.elapsed());
    emit({ type: 'dial', peer });
  }

  /** Dials under way that may still be answered soon. */
  const awaited = (now: number): number =>
    [...dialled.values()].filter((at) => now - at < limits.dialPatience).length;

  /** One at a time, and one more for each that is missing below the minimum. */
  function roomForDials(now: number): number {
    const urgent = Math.max(0, limits.min - have());
    if (urgent === 0 && now < nextSlow) return 0;
    if (have() + dialled.size >= limits.want && urgent === 0) return 0;
    return Math.min(1 + urgent - awaited(now), limits.dialsMost - dialled.size);
  }

  function dialOthers(now: number): void {
    const room = roomForDials(now);
    if (room <= 0) return;
    const candidates = [...book.all()]
      .filter((known) => isFree(known, now) && !linked.has(known.peer) && !dialled.has(known.peer))
      .map((known) => ({ peer: known.peer, rank: rank(known, now) + fraction(random) }))
      .sort((a, b) => a.rank - b.rank);
    if (have() >= limits.min) {
      slow = Math.min(slow * 2, limits.slowDial.most);
      nextSlow = now + spread(random, slow, limits.slowDial.spread);
    }
    for (const { peer } of candidates.slice(0, room)) dial(peer);
  }

  function expire(now: number): void {
    for (const [peer, at] of dialled) if (now - at > limits.dialTimeout) dialled.delete(peer);
  }

  /** When something may have changed by time alone. */
  function lookAgain(now: number): void {
    const lacks = have() < limits.want;
    const times = [neighbours.expiry()];
    if (lacks) {
      for (const { passedOverAt } of book.all()) times.push(passedOverAt + patience());
      for (const at of dialled.values()) times.push(at + limits.dialPatience);
      if (have() >= limits.min) times.push(nextSlow);
    }
    const at = Math.min(...times.filter((time) => time > now));
    ground.timer('repair', at === Infinity ? null : Math.max(at, now + limits.repairEvery), fill);
  }

  function fill(): void {
    // Dialling may be answered at once.
    if (filling) return;
    filling = true;
    const now = ground.elapsed();
    neighbours.expire();
    expire(now);
    if (have() < limits.want) {
      askLinked(now);
      if (have() < limits.want) dialOthers(now);
    } else slow = limits.slowDial.first;
    lookAgain(now);
    filling = false;
  }

  return {
    fill,
    dial,
    isDialled: (peer) => dialled.has(peer),
    arrived(newcomer): void {
      const known = book.get(newcomer);
      if (known === undefined || !isFree(known, ground.elapsed()) || dialled.has(newcomer)) return;
      if (linked.has(newcomer)) return fill();
      if (have() + dialled.size < limits.want && arrivals.take(ground.elapsed())) dial(newcomer);
    },
    answered: (peer) => dialled.delete(peer),
  };
}
