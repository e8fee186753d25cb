// What is known of the members of one grove, by source and within bounds (P7). Knows no view, link or frame.
import type { PeerId } from '../model/ids.ts';
import type { MembershipLimits } from './config.ts';
import type { Descriptor } from './descriptor.ts';
import type { LivenessState, Source } from './types.ts';

export interface Known {
  readonly peer: PeerId;
  source: Source;
  /** The neighbour it was learned from, where that was by gossip. */
  teller: PeerId | null;
  descriptor: Descriptor | null;
  /** That its descriptor may still go. */
  hops: number;
  /** Elapsed time at which it was surely there, by all that was heard. */
  vouchedAt: number;
  frozen: boolean;
  /** Elapsed time from which it is doubted. */
  suspectedAt: number | null;
  failures: number;
  /** Elapsed time at which it refused, or wasn't reached. */
  passedOverAt: number;
  /** The state last told. */
  told: LivenessState;
}

export interface Book {
  get(peer: PeerId): Known | undefined;
  all(): Iterable<Known>;
  /** Noted as met by that source, unless a stronger one says so already. */
  meet(peer: PeerId, source: Source, now: number): Known;
  /** Noted as told by a neighbour, where there is room for more from it. */
  learn(peer: PeerId, teller: PeerId, vouchedAt: number): Known;
  /** `bury`: nor comes back by the same descriptor. */
  forget(peer: PeerId, bury: boolean): void;
  isBuried(peer: PeerId, seq: number): boolean;
  unbury(peer: PeerId): void;
  /** How many of `rows` from this teller are worth looking at. */
  worth(teller: PeerId, rows: number): number;
  /** What a teller's word turned out to be worth. */
  credit(teller: PeerId, good: boolean): void;
}

export interface BookOptions {
  limits: MembershipLimits;
  /** Linked or remembered: never makes place. */
  isPinned(peer: PeerId): boolean;
  /** In the passive view: makes place after the others. */
  isPassive(peer: PeerId): boolean;
  onEvicted(peer: PeerId): void;
}

const STRENGTH: Record<Source, number> = { gossip: 0, endpoint: 1, hand: 2 };
/** Judgements of a teller that count; older ones fade. */
const MEMORY = 32;
/** Judgements in favour of who is new, so that a first failure isn't the end. */
const BENEFIT = 2;
/** Rows of anybody that are looked at. */
const LEAST = 2;

export function createBook({ limits, isPinned, isPassive, onEvicted }: BookOptions): Book {
  const known = new Map<PeerId, Known>();
  const buried = new Map<PeerId, number>();
  const credits = new Map<PeerId, { good: number; bad: number }>();

  function evict(from: readonly Known[]): void {
    let victim: Known | undefined;
    for (const each of from) {
      if (victim === undefined) victim = each;
      else if (isPassive(each.peer) !== isPassive(victim.peer)) {
        if (isPassive(victim.peer)) victim = each;
      } else if (each.vouchedAt < victim.vouchedAt) victim = each;
    }
    if (victim === undefined) return;
    known.delete(victim.peer);
    onEvicted(victim.peer);
  }

  function makeRoom(source: Source, teller: PeerId | null): void {
    const loose = [...known.values()].filter((each) => each.source === source && !isPinned(each.peer));
    if (source !== 'gossip') return loose.length >= limits.met ? evict(loose) : undefined;
    const ofTeller = loose.filter((each) => each.teller === teller);
    if (teller !== null && ofTeller.length >= limits.learnedOfOne) evict(ofTeller);
    else if (loose.length >= limits.learned) evict(loose);
  }

  function add(peer: PeerId, source: Source, teller: PeerId | null, vouchedAt: number): Known {
    makeRoom(source, teller);
    const made: Known = {
      peer,
      source,
      teller,
      descriptor: null,
      hops: 0,
      vouchedAt,
      frozen: false,
      suspectedAt: null,
      failures: 0,
      passedOverAt: -Infinity,
      told: 'alive',
    };
    known.set(peer, made);
    return made;
  }

  return {
    get: (peer) => known.get(peer),
    all: () => known.values(),
    meet(peer, source, now) {
      const held = known.get(peer) ?? add(peer, source, null, now);
      if (STRENGTH[source] > STRENGTH[held.source]) {
        makeRoom(source, null);
        Object.assign(held, { source, teller: null });
      }
      held.vouchedAt = now;
      held.suspectedAt = null;
      return held;
    },
    learn: (peer, teller, vouchedAt) => known.get(peer) ?? add(peer, 'gossip', teller, vouchedAt),
    forget(peer, bury) {
      const held = known.get(peer);
      known.delete(peer);
      onEvicted(peer);
      if (!bury || held?.descriptor == null) return;
      buried.delete(peer);
      buried.set(peer, held.descriptor.seq);
      const [oldest] = buried.keys();
      if (buried.size > limits.buried && oldest !== undefined) buried.delete(oldest);
    },
    isBuried: (peer, seq) => seq <= (buried.get(peer) ?? -1),
    unbury: (peer) => void buried.delete(peer),
    worth(teller, rows) {
      const { good, bad } = credits.get(teller) ?? { good: 0, bad: 0 };
      return Math.max(LEAST, Math.ceil((rows * (good + BENEFIT)) / (good + bad + BENEFIT)));
    },
    credit(teller, good) {
      const credit = credits.get(teller) ?? { good: 0, bad: 0 };
      if (good) credit.good += 1;
      else credit.bad += 1;
      if (credit.good + credit.bad > MEMORY)
        Object.assign(credit, { good: credit.good / 2, bad: credit.bad / 2 });
      credits.delete(teller);
      credits.set(teller, credit);
      const [oldest] = credits.keys();
      if (credits.size > limits.met && oldest !== undefined) credits.delete(oldest);
    },
  };
}
