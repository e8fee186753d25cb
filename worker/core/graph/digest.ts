// A hash of everything the views hold and derive: equal exactly where the views are (SPEC G1). A sum of one hash per
// contribution, so that what changes is taken out and put in again, and the order of arrival can't matter.
import { compareIds, toHash } from '../model/ids.ts';
import type { Contribution } from './contributions.ts';
import { comparePlaces } from './order.ts';
import { lifecycleOf, meanScore } from './relations.ts';
import type { Relations } from './relations.ts';

const LABEL = 'thicket/views/2';
/** 32-bit lanes of a hash, each summed by itself: it tells honest peers apart, and proves nothing about others. */
const LANES = 8;

export interface ViewDigest {
  /** This contribution, or what stands at it, may be another now. */
  touch(contribution: Contribution): void;
  /** 64 hex digits. Costs as much as was touched since the last time. Manifests enter by their CID, which is their hash. */
  value(): string;
}

export function createDigest(relations: Relations, hash: (bytes: Uint8Array) => Uint8Array): ViewDigest {
  const encoder = new TextEncoder();
  const sum = new Uint32Array(LANES);
  const parts = new Map<Contribution, Uint32Array>();
  const touched = new Set<Contribution>();
  let value: string | null = null;

  function refresh(contribution: Contribution): void {
    const digest = hash(encoder.encode(line(contribution, relations)));
    const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    const before = parts.get(contribution);
    const after = Uint32Array.from({ length: LANES }, (_, lane) => view.getUint32(lane * 4));
    for (let lane = 0; lane < LANES; lane += 1)
      sum[lane] = (sum[lane] ?? 0) - (before?.[lane] ?? 0) + (after[lane] ?? 0);
    parts.set(contribution, after);
  }

  return {
    touch(contribution) {
      touched.add(contribution);
      value = null;
    },
    value() {
      if (value !== null) return value;
      for (const contribution of touched) refresh(contribution);
      touched.clear();
      value = toHash(hash(encoder.encode(JSON.stringify([LABEL, parts.size, [...sum]]))));
      return value;
    },
  };
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
