// What a contribution adds to the hash of the views. Manifests enter by their CID, which is their hash.
import { compareIds } from '../model/ids.ts';
import type { Contribution } from './contributions.ts';
import { comparePlaces } from './order.ts';
import { lifecycleOf, meanScore } from './relations.ts';
import type { Relations } from './relations.ts';

export function contributionLine(
  { cid, traits, publications, retracted, place }: Contribution,
  relations: Relations,
): string {
  const tally = relations.of(cid);
  const published = [...publications.values()].sort(comparePlaces);
  return JSON.stringify([
    cid,
    place !== null && traits !== null,
    published.map(({ lamport, entry, author, at }) => [lamport, entry, author, at]),
    [...retracted].sort(compareIds),
    place?.entry ?? null,
    lifecycleOf(tally),
    tally?.adoption ?? 0,
    tally?.reproductions ?? 0,
    tally === null ? null : meanScore(tally),
  ]);
}
