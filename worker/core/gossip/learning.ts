// Which descriptors are believed (P1, P7). What is refused is counted by reason.
import type { PeerId } from '../model/ids.ts';
import type { WireDescriptor } from '../wire/frame.ts';
import type { Known } from './book.ts';
import { ageOf } from './liveness.ts';
import type { Ground } from './types.ts';

export interface Learning {
  /** What came by the link to `via`: of another, or of itself. Null where nothing is to be known by it. */
  learn(wire: WireDescriptor, via: PeerId): Known | null;
  /** Passed by on a walk: only the way is noted. */
  passedBy(wires: readonly WireDescriptor[], via: PeerId): void;
  /** Those of a shuffle, in both directions: into the passive view, in the place of what was sent. */
  mix(wires: readonly WireDescriptor[], via: PeerId, sent: PeerId[]): void;
  /** As it may be told to others; null where it may not. */
  tell(peer: PeerId): WireDescriptor | null;
}

export function createLearning(ground: Ground): Learning {
  const { options, limits, book, views, own, verifier, linked, count } = ground;
  const { self, isMember, emit } = options;

  function refuse(why: string): null {
    count(why);
    return null;
  }

  function learnOwn(wire: WireDescriptor): null {
    if (verifier.check(wire) !== null) own.outgrow(wire.seq);
    return null;
  }

  function learn(wire: WireDescriptor, via: PeerId): Known | null {
    const { peer, seq } = wire;
    if (peer === self) return learnOwn(wire);
    const direct = peer === via;
    if (!isMember(peer)) return refuse('stranger');
    if (!direct && wire.age > limits.failedAfter) return refuse('stale');
    if (!direct && book.isBuried(peer, seq)) return refuse('buried');
    const now = ground.elapsed();
    const vouchedAt = direct ? now : now - wire.age;
    const before = book.get(peer);
    const held = before?.descriptor ?? null;
    // Its own word, on its own link, stands whatever was heard before: its clock may have been set back.
    const outlived = before !== undefined && ageOf(before, now, linked.has(peer)) > limits.failedAfter;
    if (held !== null && seq < held.seq && !direct && !outlived) return before ?? null;
    const checked = held?.seq === seq ? held : verifier.check(wire);
    if (checked === null) {
      // It may only have passed it on; but where much of this comes from, less is taken.
      book.credit(via, false);
      return refuse('forged');
    }
    const known = book.learn(peer, via, vouchedAt);
    if (checked !== held) {
      known.frozen = checked.frozen;
      if (held === null || seq > held.seq) known.suspectedAt = null;
    }
    known.descriptor = checked;
    // Who is linked to it knows better than others.
    if (direct || (!linked.has(peer) && vouchedAt >= known.vouchedAt)) {
      known.vouchedAt = vouchedAt;
      known.hops = Math.max(0, Math.min(wire.hops, limits.hops));
    }
    if (known.suspectedAt !== null && known.vouchedAt > known.suspectedAt) known.suspectedAt = null;
    emit({ type: 'heard', peer, via });
    ground.judge(peer);
    return known;
  }

  return {
    learn,
    passedBy(wires, via) {
      for (const { peer } of wires) if (peer !== self && isMember(peer)) emit({ type: 'heard', peer, via });
    },
    mix(wires, via, sent): void {
      for (const wire of wires.slice(0, book.worth(via, wires.length)))
        if (learn(wire, via) !== null) views.addPassive(wire.peer, sent);
    },
    tell(peer) {
      const known = book.get(peer);
      if (known?.descriptor == null || known.hops < 2 || !isMember(peer)) return null;
      const age = Math.round(ageOf(known, ground.elapsed(), linked.has(peer)));
      if (age > limits.failedAfter || known.suspectedAt !== null) return null;
      const { seq, frozen, signature } = known.descriptor;
      return { peer, seq, frozen, signature, age, hops: known.hops - 1 };
    },
  };
}
