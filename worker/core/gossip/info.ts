// What a membership knows of each peer, for people to look at. Changes nothing.
import type { PeerId } from '../model/ids.ts';
import { ageOf, stateOf } from './liveness.ts';
import type { Ground, PeerKnown } from './types.ts';

export function describeAll(ground: Ground, isRemembered: (peer: PeerId) => boolean): PeerKnown[] {
  const { book, views, limits } = ground;
  const now = ground.elapsed();
  return [...book.all()].map((known) => {
    const linked = ground.linked.has(known.peer);
    return {
      peer: known.peer,
      source: known.source,
      age: known.descriptor === null ? null : ageOf(known, now, linked),
      state: stateOf(known, now, linked, limits),
      linked,
      active: views.isActive(known.peer),
      passive: views.isPassive(known.peer),
      remembered: isRemembered(known.peer),
      failures: known.failures,
    };
  });
}
