// What is known of a blob under one claim, and what of it is still to come. Knows no links and no store.
import type { Hash } from '../model/ids.ts';
import type { BlockRef } from './blobs.ts';
import type { BlobClaim } from './claims.ts';
import type { BlockWriter } from './writer.ts';

/** What is known of the blob under the claim at hand. Given up as a whole when the claim is. */
export interface Round {
  claim: BlobClaim;
  /** The store is read or written before it is known what is missing. */
  phase: 'planning' | 'lists' | 'blocks';
  blocks: readonly BlockRef[];
  /** By block: its size, and how often it stands in the blob. */
  parts: Map<Hash, { size: number; times: number }>;
  /** Wanted and not asked of anyone yet, in the order of the blob. */
  missing: Set<Hash>;
  wantedLists: Set<Hash>;
  /** Stored by another transfer while the plan was being made. */
  meanwhile: Set<Hash>;
  writer: BlockWriter;
  received: number;
  /** The plan: its blocks, and which of them are in the store. */
  take(blocks: readonly BlockRef[], held: ReadonlySet<Hash>): void;
  /** These are in the store now. A block may stand in a blob more than once. */
  note(stored: ReadonlySet<Hash>): void;
}

export function createRound(claim: BlobClaim, writer: BlockWriter): Round {
  const round: Round = {
    claim,
    phase: 'planning',
    blocks: [],
    parts: new Map(),
    missing: new Set(),
    wantedLists: new Set(),
    meanwhile: new Set(),
    writer,
    received: 0,
    take(blocks, held) {
      round.phase = 'blocks';
      round.blocks = blocks;
      round.parts.clear();
      round.received = 0;
      for (const { hash, size } of blocks) {
        round.parts.set(hash, { size, times: (round.parts.get(hash)?.times ?? 0) + 1 });
        if (held.has(hash) || round.meanwhile.has(hash)) round.received += size;
        else round.missing.add(hash);
      }
    },
    note(stored) {
      for (const hash of stored) {
        const { size, times } = round.parts.get(hash) ?? { size: 0, times: 0 };
        round.received += size * times;
      }
    },
  };
  return round;
}
