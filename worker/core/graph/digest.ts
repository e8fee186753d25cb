// A hash of everything the views hold and derive: equal exactly where the views are (SPEC G1).
import { blake3 } from '@noble/hashes/blake3.js';
import { compareIds, toHash } from '../model/ids.ts';
import type { Contribution } from './contributions.ts';
import { comparePlaces } from './order.ts';
import { lifecycleOf, meanScore } from './relations.ts';
import type { Relations } from './relations.ts';

const LABEL = 'thicket/views/1';

/** 64 hex digits. Manifests enter by their CID, which is their hash. */
export function digestOf(contributions: Iterable<Contribution>, relations: Relations): string {
  const encoder = new TextEncoder();
  const hash = blake3.create().update(encoder.encode(LABEL));
  for (const contribution of [...contributions].sort((a, b) => compareIds(a.cid, b.cid))) {
    hash.update(encoder.encode(`\n${line(contribution, relations)}`));
  }
  return toHash(hash.digest());
}

/** JSON, so that no field can pass for another. */
function line({ cid, manifest, publications, retracted, place }: Contribution, relations: Relations): string {
  const tally = relations.of(cid);
  const published = [...publications.values()].sort(comparePlaces);
  return JSON.stringify([
    cid,
    manifest !== null,
    published.map(({ lamport, entry, author, at }) => [lamport, entry, author, at]),
    [...retracted].sort(compareIds),
    place?.entry ?? null,
    lifecycleOf(tally),
    tally?.adoption ?? 0,
    tally?.reproductions ?? 0,
    tally === null ? null : meanScore(tally),
  ]);
}
