// Who reviewed a contribution, as persons (SPEC G11, G19): nobody who published it counts.
import type { Cid, PeerId } from '../model/ids.ts';
import type { Evidence } from './evidence.ts';
import { reviewScore } from './metadata.ts';
import { comparePlaces } from './order.ts';
import type { Place } from './order.ts';

export type PersonOf = (peer: PeerId) => PeerId;

/** Persons who published it, those who withdrew included. */
export const publishersOf = (cid: Cid, evidence: Evidence, personOf: PersonOf): Set<PeerId> =>
  new Set(evidence.publishers(cid).map(personOf));

/** By person: the score of the last review that has one, null where none has. */
export function reviewersOf(cid: Cid, evidence: Evidence, personOf: PersonOf): Map<PeerId, number | null> {
  const own = publishersOf(cid, evidence, personOf);
  const last = new Map<PeerId, { place: Place; score: number } | null>();
  for (const { metadata, signed } of evidence.statements(cid, 'reviews')) {
    const score = reviewScore(metadata);
    for (const place of signed) {
      const person = personOf(place.author);
      if (own.has(person)) continue;
      const known = last.get(person) ?? null;
      const isLater = known === null || comparePlaces(known.place, place) < 0;
      last.set(person, score !== null && isLater ? { place, score } : known);
    }
  }
  return new Map([...last].map(([person, review]) => [person, review?.score ?? null]));
}
