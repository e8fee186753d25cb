import { blake3 } from '@noble/hashes/blake3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_BLOCK, TARGET_BLOCK, createCutter } from '../../../worker/core/cas/cut.ts';
import { MAX_BLOCK } from '../../../worker/core/model/blocklist.ts';
import { concat, equalBytes, utf8 } from '../../../worker/core/model/bytes.ts';
import vectors from '../../vectors/fastcdc.json' with { type: 'json' };

const xof = (label: string, length: number): Uint8Array => blake3(utf8(label), { dkLen: length });

function cut(bytes: Uint8Array, slices: readonly number[] = []): Uint8Array[] {
  const cutter = createCutter();
  const blocks: Uint8Array[] = [];
  let at = 0;
  for (const slice of slices) {
    blocks.push(...cutter.push(bytes.subarray(at, at + slice)));
    at += slice;
  }
  blocks.push(...cutter.push(bytes.subarray(at)), ...cutter.finish());
  return blocks;
}
const sizes = (blocks: readonly Uint8Array[]): number[] => blocks.map((block) => block.length);

/** The paper's algorithm as plainly as it can be written: one block of `bytes` after another. */
function cutPlainly(bytes: Uint8Array): number[] {
  const gear = new DataView(xof('thicket/fastcdc/gear/1', 1024).buffer);
  const found: number[] = [];
  for (let start = 0; start < bytes.length; start += found.at(-1) ?? 0) {
    let print = 0n;
    let size = Math.min(MIN_BLOCK, bytes.length - start);
    for (let done = false; !done && size < Math.min(MAX_BLOCK, bytes.length - start);) {
      const bits = size < TARGET_BLOCK ? 18n : 14n;
      print = (print * 2n + BigInt(gear.getUint32((bytes[start + size] ?? 0) * 4, true))) % 2n ** 32n;
      done = print >> (32n - bits) === 0n;
      size++;
    }
    found.push(size);
  }
  return found;
}

const megabyte = xof('thicket/test/cut', 1_000_000);

describe('Cutting', () => {
  it('C1: gives the frozen cuts', () => {
    for (const { label, length, blocks } of vectors.random) {
      expect(sizes(cut(xof(label, length))), label).toEqual(blocks);
    }
    for (const { byte, length, blocks } of vectors.constant) {
      expect(sizes(cut(new Uint8Array(length).fill(byte))), `byte ${byte}`).toEqual(blocks);
    }
  });

  it('C1: cuts as the algorithm written down plainly', () => {
    expect(sizes(cut(megabyte))).toEqual(cutPlainly(megabyte));
    const text = utf8('It was the same sentence over and over. '.repeat(12_000));
    expect(sizes(cut(text))).toEqual(cutPlainly(text));
  });

  it('C1: cuts the same whatever the slicing, and the blocks together are the input', () => {
    const whole = cut(megabyte);
    const slice = fc.oneof(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 70_000 }),
      fc.constantFrom(
        MIN_BLOCK - 1,
        MIN_BLOCK,
        MIN_BLOCK + 1,
        TARGET_BLOCK,
        MAX_BLOCK - 1,
        MAX_BLOCK,
        MAX_BLOCK + 1,
      ),
    );
    fc.assert(
      fc.property(fc.array(slice, { maxLength: 60 }), (slices) => {
        const blocks = cut(megabyte, slices);
        expect(sizes(blocks)).toEqual(sizes(whole));
        expect(equalBytes(concat(...blocks), megabyte)).toBe(true);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('C1: cuts the same where it is fed byte by byte', () => {
    const bytes = megabyte.subarray(0, 300_000);
    const byByte = cut(bytes, Array<number>(bytes.length).fill(1));
    expect(sizes(byByte)).toEqual(sizes(cut(bytes)));
  });

  it('C1: every block but the last is within 16 and 240 KiB, and their mean near 64', () => {
    const all = sizes(cut(xof('thicket/test/mean', 16 * 1024 * 1024)));
    const inner = all.slice(0, -1);
    expect(Math.min(...inner)).toBeGreaterThan(MIN_BLOCK);
    expect(Math.max(...all)).toBeLessThanOrEqual(MAX_BLOCK);
    const mean = inner.reduce((sum, size) => sum + size, 0) / inner.length;
    expect(mean).toBeGreaterThan(56 * 1024);
    expect(mean).toBeLessThan(84 * 1024);
  });

  it.each([
    [0, []],
    [1, [1]],
    [MIN_BLOCK - 1, [MIN_BLOCK - 1]],
    [MIN_BLOCK, [MIN_BLOCK]],
    [MIN_BLOCK + 1, [MIN_BLOCK + 1]],
    [MAX_BLOCK - 1, [MAX_BLOCK - 1]],
    [MAX_BLOCK, [MAX_BLOCK]],
    [MAX_BLOCK + 1, [MAX_BLOCK, 1]],
    [2 * MAX_BLOCK, [MAX_BLOCK, MAX_BLOCK]],
  ])('C1: %i zero bytes, in which nothing marks a cut, give blocks of %j', (length, expected) => {
    expect(sizes(cut(new Uint8Array(length)))).toEqual(expected);
  });

  it('C1: a byte put in moves the cuts near it and no others', () => {
    const changed = concat(megabyte.subarray(0, 400_000), Uint8Array.of(1), megabyte.subarray(400_000));
    const names = (bytes: Uint8Array): Set<string> =>
      new Set(cut(bytes).map((block) => bytesToHex(blake3(block))));
    const before = names(megabyte);
    const after = names(changed);
    const shared = [...after].filter((name) => before.has(name)).length;
    expect(after.size - shared).toBeLessThanOrEqual(3);
    expect(shared).toBeGreaterThanOrEqual(8);
  });

  it('gives blocks with memory of their own', () => {
    const bytes = megabyte.slice();
    const blocks = cut(bytes);
    bytes.fill(0);
    expect(equalBytes(concat(...blocks), megabyte)).toBe(true);
    expect(blocks.every((block) => block.buffer.byteLength === block.length)).toBe(true);
  });
});
