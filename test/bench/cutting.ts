// Content-defined cutting with any target, to say what other block sizes would cost and give. Written from SPEC C1, not
// from the code that it is compared with. Pure.
import { createHash } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';

/** Sizes as C1 has them relative to its target of 64 KiB: the least a quarter, the most 3.75 times. */
export const sizesFor = (target: number): { least: number; target: number; most: number } => ({
  least: target / 4,
  target,
  most: target * 3.75,
});

const GEAR = gear();

/** Where blocks end. `target` is a power of two. */
export function cutsOf(bytes: Uint8Array, target: number): number[] {
  const { least, most } = sizesFor(target);
  const bits = Math.log2(target);
  const cuts: number[] = [];
  for (let start = 0; start < bytes.length; start = cuts.at(-1) ?? bytes.length) {
    let print = 0;
    let end = start + least;
    for (; end < bytes.length && end - start < most;) {
      print = ((print << 1) + (GEAR[bytes[end] ?? 0] ?? 0)) | 0;
      const zeros = end - start < target ? bits + 2 : bits - 2;
      end += 1;
      if (print >>> (32 - zeros) === 0) break;
    }
    cuts.push(Math.min(end, bytes.length));
  }
  return cuts;
}

export interface Moved {
  /** Of the child; equal ones counted each. */
  blocks: number;
  /** Bytes of its blocks that the parent lacks, each once. */
  bytes: number;
  /** Of its block list, at 38 bytes a block (C2: hash, size and their heads). */
  listBytes: number;
}

const LIST_ITEM = 38;

/** What whoever holds the parent lacks of the child. */
export function movedBytes(parent: Uint8Array, child: Uint8Array, target: number): Moved {
  const held = new Set(blocksOf(parent, target).map(nameOf));
  const blocks = blocksOf(child, target);
  const lacking = new Map(blocks.map((block) => [nameOf(block), block.length]));
  let bytes = 0;
  for (const [hash, length] of lacking) if (!held.has(hash)) bytes += length;
  return { blocks: blocks.length, bytes, listBytes: blocks.length * LIST_ITEM };
}

const nameOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function blocksOf(bytes: Uint8Array, target: number): Uint8Array[] {
  let start = 0;
  return cutsOf(bytes, target).map((end) => bytes.subarray(start, (start = end)));
}

function gear(): Int32Array {
  const bytes = blake3(new TextEncoder().encode('thicket/fastcdc/gear/1'), { dkLen: 1024 });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Int32Array.from({ length: 256 }, (_, i) => view.getInt32(4 * i, true));
}
