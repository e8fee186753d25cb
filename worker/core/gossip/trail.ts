// The newest messages of each type that went out or came in, with why and what became of them (SPEC O1). A ring per
// type: it must cost next to nothing per frame, so nothing is encoded or put into words before someone asks.
import { OUTCOMES, type Outcome } from '../context.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';

/** Why a message was sent. On disk by its place: append only. */
export const WHYS = [
  'eager',
  'lazy',
  'graft',
  'sync',
  'want',
  'answer',
  'receipt',
  'membership',
  'liveness',
  'digest',
  'relay',
  'access',
  'unknown',
] as const;
export type Why = (typeof WHYS)[number];
export type MessageType = Frame['type'];

export interface Message {
  /** ms since the epoch, by this device's clock. */
  at: number;
  type: MessageType;
  peer: PeerId;
  /** Null where the frame names none. */
  grove: GroveId | null;
  direction: 'in' | 'out';
  /** On the wire. */
  bytes: number;
  why: Why;
  outcome: Outcome;
}

export interface TrailFilter {
  type?: string;
  grove?: string;
  peer?: string;
  /** ms since the epoch; what is older is left out. */
  since?: number;
  limit?: number;
}

type Fixed = Exclude<MessageType, 'entries'>;
/** Of `entries` the frame itself says why. */
const WHY_OF: Readonly<Record<Fixed, Why>> = {
  hello: 'access',
  proof: 'access',
  bye: 'access',
  ping: 'liveness',
  pong: 'liveness',
  tags: 'access',
  join: 'access',
  admitted: 'access',
  refused: 'access',
  vector: 'sync',
  fingerprint: 'sync',
  buckets: 'sync',
  'bucket-rows': 'sync',
  fork: 'sync',
  'want-entries': 'want',
  'want-ids': 'want',
  'want-fork': 'want',
  'want-body': 'want',
  'want-list': 'want',
  'want-blocks': 'want',
  'want-held': 'want',
  'want-fetch': 'want',
  cancel: 'want',
  body: 'answer',
  list: 'answer',
  block: 'answer',
  lack: 'answer',
  held: 'receipt',
  ihave: 'lazy',
  graft: 'graft',
  prune: 'eager',
  digest: 'digest',
  relay: 'relay',
  neighbour: 'membership',
  'neighbour-reply': 'membership',
  disconnect: 'membership',
  'forward-join': 'membership',
  shuffle: 'membership',
  'shuffle-reply': 'membership',
  probe: 'liveness',
  probed: 'liveness',
  suspect: 'liveness',
  frozen: 'liveness',
  unknown: 'unknown',
};
export const MESSAGE_TYPES: readonly string[] = ['entries', ...Object.keys(WHY_OF)];
export const isMessageType = (type: string): type is MessageType => MESSAGE_TYPES.includes(type);

const whyOf = (frame: Frame): Why =>
  frame.type !== 'entries' ? WHY_OF[frame.type] : frame.why === 'push' ? 'eager' : frame.why;

/** What a counter says of the frame during whose handling it was raised. First match; the others say nothing. */
const VERDICTS: readonly (readonly [name: RegExp, outcome: Outcome])[] = [
  [/\.(unexpected|unknown)$/, 'unknown'],
  [/\.(duplicate|known|again)$/, 'duplicate'],
  [/\.(overflow|dropped|full|notStored|unsent|late|tooLong|tooMany|flood)$/, 'dropped'],
  [
    /\.(refused|malformed|unasked|closed|isolated|paused|notMember|unproven|unsigned|forged|stale|expired|corrupt|replay|bad[A-Z]?\w*)$/,
    'refused',
  ],
];

// One number holds the small facts: 4 bits outcome, 5 why, 1 direction, 19 bytes (a frame has at most 2^18).
const WHY_AT = 4;
const IN_AT = 9;
const BYTES_AT = 10;
const OUTCOME_MASK = 0b1111;
const WHY_MASK = 0b11111;

const indexOf = <T>(list: readonly T[], item: T): number => list.indexOf(item);
export const pack = (outcome: Outcome, why: Why, incoming: boolean, bytes: number): number =>
  indexOf(OUTCOMES, outcome) |
  (indexOf(WHYS, why) << WHY_AT) |
  (Number(incoming) << IN_AT) |
  (Math.min(bytes, 0x7ffff) << BYTES_AT);

/** Null where the number is none that `pack` makes. */
export function unpack(facts: number): Pick<Message, 'outcome' | 'why' | 'direction' | 'bytes'> | null {
  const outcome = OUTCOMES[facts & OUTCOME_MASK];
  const why = WHYS[(facts >> WHY_AT) & WHY_MASK];
  if (outcome === undefined || why === undefined) return null;
  return { outcome, why, direction: (facts >> IN_AT) & 1 ? 'in' : 'out', bytes: facts >>> BYTES_AT };
}

/** A message as it is kept. */
export interface Kept {
  at: number;
  facts: number;
  peer: PeerId;
  grove: GroveId | null;
}

/** The newest messages of one type. Columns: an object per message would take three times as much. */
class Ring {
  readonly #capacity: number;
  #at: number[] = [];
  #facts: number[] = [];
  #peers: PeerId[] = [];
  #groves: (GroveId | null)[] = [];
  #total = 0;
  /** How many were put before those recorded since the start. */
  #restored = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Its number, counted from the start. */
  push(at: number, facts: number, peer: PeerId, grove: GroveId | null): number {
    const slot = this.#total % this.#capacity;
    this.#at[slot] = at;
    this.#facts[slot] = facts;
    this.#peers[slot] = peer;
    this.#groves[slot] = grove;
    this.#total += 1;
    return this.#total - 1 - this.#restored;
  }

  get recorded(): number {
    return this.#total - this.#restored;
  }

  /** Says what became of a message, where that outweighs what was said before. */
  settle(number: number, outcome: number): void {
    const place = number + this.#restored;
    const slot = place % this.#capacity;
    const facts = this.#facts[slot];
    if (facts === undefined || place < this.#total - this.#capacity) return;
    if (outcome > (facts & OUTCOME_MASK)) this.#facts[slot] = (facts & ~OUTCOME_MASK) | outcome;
  }

  /** From the newest to the one of this number. */
  *newestFirst(down = -Infinity): Generator<Kept, void, void> {
    const least = Math.max(0, this.#total - this.#capacity, down + this.#restored);
    for (let place = this.#total - 1; place >= least; place -= 1) {
      const slot = place % this.#capacity;
      const peer = this.#peers[slot];
      if (peer === undefined) continue;
      const grove = this.#groves[slot] ?? null;
      yield { at: this.#at[slot] ?? 0, facts: this.#facts[slot] ?? 0, peer, grove };
    }
  }

  /** Puts older ones before what is here. */
  restore(older: readonly Kept[]): void {
    const newer = [...this.newestFirst()].reverse();
    const recorded = this.recorded;
    this.#fill([...older, ...newer]);
    this.#restored = this.#total - recorded;
  }

  /** Counts from the start again: what was to be settled is not. */
  forget(grove: GroveId): void {
    this.#fill([...this.newestFirst()].filter((kept) => kept.grove !== grove).reverse());
    this.#restored = 0;
  }

  #fill(all: readonly Kept[]): void {
    [this.#at, this.#facts, this.#peers, this.#groves] = [[], [], [], []];
    this.#total = 0;
    for (const { at, facts, peer, grove } of all) this.push(at, facts, peer, grove);
  }
}

export interface Trail {
  sent(at: number, peer: PeerId, frame: Frame, bytes: number): void;
  /** What is counted until `handled` tells what became of it. */
  received(at: number, peer: PeerId, frame: Frame, bytes: number): void;
  handled(): void;
  counted(name: string): void;
  verdict(): (outcome: Outcome) => void;
  /** Newest first. */
  list(filter: TrailFilter): Message[];
  /** What was recorded since the last call, oldest first: of each type the newest `most`. */
  take(most: number): Map<MessageType, Kept[]>;
  /** What was taken before this start, oldest first. */
  restore(older: ReadonlyMap<MessageType, readonly Kept[]>): void;
  /** Nothing that names this grove stays; what else there is counts as not taken yet. */
  forget(grove: GroveId): void;
}

/** Groves are few; beyond this their names are simply not shared any more. */
const MAX_NAMES = 1_024;

/** `capacity`: messages kept per type, at least 1. */
export function createTrail(capacity: number): Trail {
  const rings = new Map<MessageType, Ring>();
  const taken = new Map<MessageType, number>();
  const verdicts = new Map<string, number>();
  /** A decoded frame has its grove's name as a string of its own: of each one is kept. */
  const names = new Map<GroveId, GroveId>();
  let current: { ring: Ring; number: number; judged: boolean } | null = null;

  function ringOf(type: MessageType): Ring {
    let ring = rings.get(type);
    if (ring === undefined) rings.set(type, (ring = new Ring(capacity)));
    return ring;
  }

  function nameOf(frame: Frame): GroveId | null {
    if (!('grove' in frame)) return null;
    const known = names.get(frame.grove);
    if (known !== undefined) return known;
    if (names.size >= MAX_NAMES) names.clear();
    names.set(frame.grove, frame.grove);
    return frame.grove;
  }

  /** What goes out, and that something came, says nothing of the frame at hand. */
  const outcomeOf = (name: string): Outcome | undefined =>
    /^(sent|received)\./.test(name) ? undefined : VERDICTS.find(([pattern]) => pattern.test(name))?.[1];

  return {
    sent(at, peer, frame, bytes) {
      ringOf(frame.type).push(at, pack('sent', whyOf(frame), false, bytes), peer, nameOf(frame));
    },
    received(at, peer, frame, bytes) {
      const ring = ringOf(frame.type);
      // Entries are judged once they are verified; whoever does that says so.
      const outcome = frame.type === 'unknown' ? 'unknown' : frame.type === 'entries' ? 'staged' : 'taken';
      const number = ring.push(at, pack(outcome, whyOf(frame), true, bytes), peer, nameOf(frame));
      current = { ring, number, judged: frame.type === 'entries' };
    },
    handled() {
      current = null;
    },
    counted(name) {
      // Entries that waited are judged with those that come: who judges them says which.
      if (current === null || (current.judged && name.startsWith('entries.'))) return;
      let outcome = verdicts.get(name);
      if (outcome === undefined)
        verdicts.set(name, (outcome = indexOf<string>(OUTCOMES, outcomeOf(name) ?? '')));
      if (outcome > 0) current.ring.settle(current.number, outcome);
    },
    verdict() {
      if (current === null) return () => undefined;
      const { ring, number } = current;
      return (outcome) => ring.settle(number, indexOf(OUTCOMES, outcome));
    },
    list({ type, grove, peer, since = -Infinity, limit = Infinity }) {
      const found: Message[] = [];
      for (const [name, ring] of rings) {
        if (type !== undefined && name !== type) continue;
        let left = limit;
        for (const kept of ring.newestFirst()) {
          if (left <= 0 || kept.at < since) break;
          if ((grove !== undefined && kept.grove !== grove) || (peer !== undefined && kept.peer !== peer))
            continue;
          const facts = unpack(kept.facts);
          if (facts === null) continue;
          found.push({ at: kept.at, type: name, peer: kept.peer, grove: kept.grove, ...facts });
          left -= 1;
        }
      }
      return found.sort((a, b) => b.at - a.at).slice(0, limit);
    },
    take(most) {
      const fresh = new Map<MessageType, Kept[]>();
      for (const [type, ring] of rings) {
        const before = taken.get(type) ?? 0;
        taken.set(type, ring.recorded);
        if (ring.recorded === before) continue;
        const newest = [...ring.newestFirst(Math.max(before, ring.recorded - most))];
        fresh.set(type, newest.reverse());
      }
      return fresh;
    },
    restore(older) {
      for (const [type, kept] of older) ringOf(type).restore(kept.slice(-capacity));
    },
    forget(grove) {
      current = null;
      taken.clear();
      names.delete(grove);
      for (const ring of rings.values()) ring.forget(grove);
    },
  };
}
