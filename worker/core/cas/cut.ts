// Content-defined cutting (C1): FastCDC of Xia et al., USENIX ATC 2016, with normalised chunking. A cut depends on the
// bytes before it in its block only, so an edit moves the cuts near it and no others. Knows nothing of hashes of blocks.
import { blake3 } from '@noble/hashes/blake3.js';
import { MAX_BLOCK } from '../model/blocklist.ts';

/** No cut before so many bytes of a block. */
export const MIN_BLOCK = 16 * 1024;
/** Where cutting turns from reluctant to eager. */
export const TARGET_BLOCK = 64 * 1024;

// Normalisation level 2 of the paper: 16 bits would cut every 64 KiB; 2 more before the target, 2 fewer after. The bits are the
// highest of the fingerprint, as those depend on the most bytes.
const MASK_BEFORE_TARGET = 0xffff_c000 | 0;
const MASK_AFTER_TARGET = 0xfffc_0000 | 0;

const GEAR = gearTable();

interface Fingerprint {
  value: number;
}

/**
 * To the index after the first cut from `start` up to `end`; -1 where there is none. By itself, with locals only: inside the closure
 * that uses it the loop runs at a third of the speed.
 */
function scan(bytes: Uint8Array, start: number, end: number, print: Fingerprint, mask: number): number {
  const gear = GEAR;
  let value = print.value;
  for (let i = start; i < end; i++) {
    value = ((value << 1) + (gear[bytes[i] as number] as number)) | 0;
    if ((value & mask) === 0) return i + 1;
  }
  print.value = value;
  return -1;
}

export interface Cutter {
  /** Takes the next bytes and gives the blocks that they finish, each with memory of its own. */
  push(bytes: Uint8Array): Uint8Array[];
  /** Gives what is left, in at most one block. What is pushed afterwards begins another stream. */
  finish(): Uint8Array[];
}

/** Cuts a stream the same way however it is sliced. Keeps less than one block between calls. */
export function createCutter(): Cutter {
  /** The unfinished block's bytes from earlier calls. */
  const kept = new Uint8Array(MAX_BLOCK);
  let keptLength = 0;
  /** Bytes of the unfinished block that were passed over. */
  let length = 0;
  const print: Fingerprint = { value: 0 };

  /** Passes over `bytes` from `at` on, to the index after the next cut; -1 where the block goes on beyond them. */
  const nextCut = (bytes: Uint8Array, at: number): number => {
    const skipped = Math.min(Math.max(0, MIN_BLOCK - length), bytes.length - at);
    const start = at + skipped;
    length += skipped;
    const target = Math.min(bytes.length, start + Math.max(0, TARGET_BLOCK - length));
    const end = Math.min(bytes.length, start + MAX_BLOCK - length);
    const early = scan(bytes, start, target, print, MASK_BEFORE_TARGET);
    if (early >= 0) return early;
    const late = scan(bytes, target, end, print, MASK_AFTER_TARGET);
    if (late >= 0) return late;
    length += end - start;
    return length === MAX_BLOCK ? end : -1;
  };

  const take = (rest: Uint8Array): Uint8Array => {
    const block = new Uint8Array(keptLength + rest.length);
    block.set(kept.subarray(0, keptLength));
    block.set(rest, keptLength);
    keptLength = 0;
    length = 0;
    print.value = 0;
    return block;
  };

  return {
    push(bytes) {
      const blocks: Uint8Array[] = [];
      let start = 0;
      for (let cut = nextCut(bytes, 0); cut >= 0; cut = nextCut(bytes, cut)) {
        blocks.push(take(bytes.subarray(start, cut)));
        start = cut;
      }
      kept.set(bytes.subarray(start), keptLength);
      keptLength += bytes.length - start;
      return blocks;
    },

    finish() {
      return keptLength === 0 ? [] : [take(new Uint8Array(0))];
    },
  };
}

/** 256 values without structure that anyone can derive again: BLAKE3's extended output, as little-endian 32-bit integers. */
function gearTable(): Int32Array {
  const label = new TextEncoder().encode('thicket/fastcdc/gear/1');
  const bytes = blake3(label, { dkLen: 256 * 4 });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Int32Array.from({ length: 256 }, (_, i) => view.getInt32(i * 4, true));
}
