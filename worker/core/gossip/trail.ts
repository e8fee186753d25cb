// The newest messages of each type that went out or came in, with why and what became of them (SPEC O1). A ring per
// type: it must cost next to nothing per frame, so nothing is encoded or put into words before someone asks.
import { OUTCOMES, type Outcome } from '../context.ts';
import type { GroveId, PeerId } from '../model/ids.ts';
import type { Frame } from '../wire/frame.ts';
import {
  indexOf,
  OUTCOME_MASK,
  outcomeOf,
  pack,
  unpack,
  whyOf,
  type Facts,
  type MessageType,
} from './trail-facts.ts';

export interface Message extends Facts {
  /** ms since the epoch, by this device's clock. */
  at: number;
  type: MessageType;
  peer: PeerId;
  /** Null where the frame names none. */
  grove: GroveId | null;
}

export interface TrailFilter {
  type?: string;
  grove?: string;
  peer?: string;
  direction?: 'in' | 'out';
  outcome?: Outcome;
  /** ms since the epoch; what is older is left out. */
  since?: number;
  limit?: number;
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
    list({ type, grove, peer, direction, outcome, since = -Infinity, limit = Infinity }) {
      const found: Message[] = [];
      for (const [name, ring] of rings) {
        if (type !== undefined && name !== type) continue;
        let left = limit;
        for (const kept of ring.newestFirst()) {
          if (left <= 0 || kept.at < since) break;
          if ((grove !== undefined && kept.grove !== grove) || (peer !== undefined && kept.peer !== peer))
            continue;
          const facts = unpack(kept.facts);
          if (facts === null || facts.direction !== (direction ?? facts.direction)) continue;
          if (facts.outcome !== (outcome ?? facts.outcome)) continue;
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
