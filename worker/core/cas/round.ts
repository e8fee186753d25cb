// What is known of a blob under one claim, and what of it is still to come. Knows no links and no store.
import type { Hash, LinkId } from '../model/ids.ts';
import type { Random } from '../ports.ts';
import { bitsOf } from './bits.ts';
import type { BlockRef } from './blobs.ts';
import type { BlobClaim } from './claims.ts';
import { Holders } from './holders.ts';
import type { Prefix } from './prefix.ts';
import type { BlockWriter } from './writer.ts';

/** Given up as a whole when its claim is. */
export class Round {
  readonly claim: BlobClaim;
  readonly writer: BlockWriter;
  /** The store is read or written before it is known what is missing. */
  phase: 'planning' | 'lists' | 'blocks' = 'planning';
  blocks: readonly BlockRef[] = [];
  /** By block: its size, and how often it stands in the blob. */
  readonly parts = new Map<Hash, { size: number; times: number }>();
  /** Blocks that nobody was asked for yet, and who holds which. */
  readonly holders: Holders;
  /** The lists that name its blocks. */
  lists: ReadonlySet<Hash> = new Set();
  /** Lists still to come, and those that came and are being written. */
  readonly wantedLists = new Set<Hash>();
  readonly writingLists = new Set<Hash>();
  /** Links that were asked what they hold. */
  readonly watched = new Set<LinkId>();
  /** Stored by another transfer while the plan was being made. */
  readonly meanwhile = new Set<Hash>();
  received = 0;
  /** Its hash as far as it is made on the way. */
  prefix: Prefix | null = null;

  constructor(claim: BlobClaim, writer: BlockWriter, random: Random) {
    this.claim = claim;
    this.writer = writer;
    this.holders = new Holders(random);
  }

  /** The plan: its blocks, and which of them are in the store. */
  take(blocks: readonly BlockRef[], held: ReadonlySet<Hash>, lists: readonly Hash[]): void {
    this.phase = 'blocks';
    this.lists = new Set(lists);
    this.blocks = blocks;
    this.parts.clear();
    this.received = 0;
    this.holders.take(blocks);
    for (const { hash, size } of blocks) {
      const part = this.parts.get(hash);
      this.parts.set(hash, { size, times: (part?.times ?? 0) + 1 });
      if (held.has(hash) || this.meanwhile.has(hash)) this.received += size;
      else if (part === undefined) this.holders.add(hash);
    }
  }

  /** These are in the store now. A block may stand in a blob more than once. Gives the bytes. */
  note(stored: Iterable<Hash>): number {
    let bytes = 0;
    for (const hash of stored) {
      const { size, times } = this.parts.get(hash) ?? { size: 0, times: 0 };
      bytes += size * times;
    }
    this.received += bytes;
    return bytes;
  }

  /** Another transfer stored blocks: gives those that were wanted here too. */
  storedElsewhere(stored: ReadonlySet<Hash>): Hash[] {
    if (this.phase === 'planning') for (const hash of stored) this.meanwhile.add(hash);
    const ours = [...stored].filter((hash) => this.holders.delete(hash));
    this.note(ours);
    return ours;
  }

  /** As a bit for each block in order, those in the store: neither wanted nor on their way. Null before that is known. */
  held(isOnItsWay: (hash: Hash) => boolean): Uint8Array | null {
    if (this.phase !== 'blocks') return null;
    return bitsOf(this.blocks, ({ hash }) => !this.holders.has(hash) && !isOnItsWay(hash));
  }

  /**
   * Whether this list or block must stay in the store. While the plan is made anything may be of it; while lists are missing
   * nothing needs to: what is held is looked up once they are here.
   */
  uses(hash: Hash): boolean {
    if (this.phase === 'planning') return true;
    return this.phase === 'blocks' && (this.parts.has(hash) || this.lists.has(hash));
  }
}
