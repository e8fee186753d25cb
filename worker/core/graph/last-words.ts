// What people last said of each target (SPEC G12): of an author's acts the last by (lamport, id), of a person's devices the
// last of theirs. Put together when somebody asks, and kept until another act comes.
import type { Cid, PeerId } from '../model/ids.ts';
import type { Act, FoldOptions } from './acts.ts';
import { comparePlaces } from './order.ts';

export interface LastWords<Said extends Act, Told> {
  /** False where it changes nothing. */
  say(target: Cid, said: Said): boolean;
  /** Null where nobody ever said anything. */
  tell(target: Cid): Told | null;
}

interface Target<Said, Told> {
  /** By author: the last. */
  said: Map<PeerId, Said>;
  told: Told | null;
}

const keepLast = <Said extends Act>(last: Map<PeerId, Said>, key: PeerId, said: Said): boolean => {
  const known = last.get(key);
  if (known !== undefined && comparePlaces(known, said) >= 0) return false;
  last.set(key, said);
  return true;
};

/** `sum`: what the last words, by person, come to; never null. */
export function createLastWords<Said extends Act, Told extends object>(
  personOf: FoldOptions['personOf'],
  sum: (last: ReadonlyMap<PeerId, Said>) => Told,
): LastWords<Said, Told> {
  const targets = new Map<Cid, Target<Said, Told>>();

  return {
    say(cid, said) {
      const target = targets.get(cid) ?? { said: new Map<PeerId, Said>(), told: null };
      targets.set(cid, target);
      if (!keepLast(target.said, said.author, said)) return false;
      target.told = null;
      return true;
    },
    tell(cid) {
      const target = targets.get(cid);
      if (target === undefined) return null;
      if (target.told !== null) return target.told;
      const last = new Map<PeerId, Said>();
      for (const said of target.said.values()) keepLast(last, personOf(said.author), said);
      target.told = sum(last);
      return target.told;
    },
  };
}
