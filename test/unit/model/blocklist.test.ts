import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/model.json' with { type: 'json' };
import {
  MAX_BLOCK,
  MAX_LIST,
  MAX_LIST_ITEMS,
  decodeList,
  encodeList,
  listSize,
} from '../../../worker/core/model/blocklist.ts';
import type { BlockList } from '../../../worker/core/model/blocklist.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { aHash, anyHash, check, damaged, digest, expectFailure, hex, valueOf } from './fixtures.ts';

const anyList: fc.Arbitrary<BlockList> = fc.record({
  level: fc.integer({ min: 0, max: 3 }),
  items: fc.array(fc.record({ hash: anyHash, size: fc.integer({ min: 1, max: MAX_BLOCK }) }), {
    minLength: 1,
    maxLength: 20,
  }),
});
const item = (size: number, name = 'block') => ({ hash: aHash(name), size });

describe('block lists', () => {
  it('C2: a list decodes to what was encoded, and its size is the sum', () => {
    check(anyList, (list) => {
      const decoded = valueOf(decodeList(encodeList(list)));
      expect(decoded).toEqual(list);
      expect(listSize(decoded)).toBe(list.items.reduce((sum, each) => sum + each.size, 0));
    });
  });

  it('C2: the frozen list reads as it was written', () => {
    const list = valueOf(decodeList(hex(vectors.contribution.list)));
    expect(list).toMatchObject({ level: 0, items: [{ size: 17 }] });
    expect(bytesToHex(encodeList(list))).toBe(vectors.contribution.list);
  });

  it('C2: an empty file has the empty list of level 0; the same block may come twice', () => {
    expect(valueOf(decodeList(encodeList({ level: 0, items: [] })))).toEqual({ level: 0, items: [] });
    expect(listSize({ level: 0, items: [] })).toBe(0);
    expect(listSize(valueOf(decodeList(encodeList({ level: 0, items: [item(5), item(5)] }))))).toBe(10);
  });

  it('C2: a full list fits its bound at every level, one item more is refused', () => {
    const full = (level: number, size: number): BlockList => ({
      level,
      items: Array.from({ length: MAX_LIST_ITEMS }, (_, n) => item(size, `${n % 7}`)),
    });
    expect(encodeList(full(0, MAX_BLOCK)).length).toBeLessThanOrEqual(MAX_LIST);
    expect(encodeList(full(2, 2 ** 40)).length).toBeLessThanOrEqual(MAX_LIST);
    const tooMany = full(0, 1);
    tooMany.items.push(item(1));
    expect(() => encodeList(tooMany)).toThrow('up to 4096 items');
  });

  it.each<[string, unknown]>([
    ['an empty list of level 1', [1, []]],
    ['a block of no bytes', [0, [[digest('b'), 0]]]],
    ['a block beyond 240 KiB', [0, [[digest('b'), MAX_BLOCK + 1]]]],
    [
      'a list of level 1 that says more than it can hold',
      [1, [[digest('b'), MAX_BLOCK * MAX_LIST_ITEMS + 1]]],
    ],
    [
      'sizes beyond 2^53',
      [
        3,
        [
          [digest('b'), Number.MAX_SAFE_INTEGER],
          [digest('c'), 1],
        ],
      ],
    ],
    ['level 4', [4, [[digest('b'), 1]]]],
    ['a third element', [0, [], 0]],
    ['an item of three', [0, [[digest('b'), 1, 1]]]],
    ['a hash of 31 bytes', [0, [[new Uint8Array(31), 1]]]],
    ['null', null],
  ])('C2: %s is refused', (_, raw) => {
    expectFailure(decodeList(encode(raw)), 'corrupt', 'block list');
  });

  it('C2: a million empty blocks, in one list or under one, are refused by their first bytes', () => {
    const empty = [digest('b'), 0];
    expectFailure(
      decodeList(encode([0, Array.from({ length: 1_000_000 }, () => empty)])),
      'too-large',
      'bytes',
    );
    expectFailure(
      decodeList(encode([0, Array.from({ length: MAX_LIST_ITEMS }, () => empty)])),
      'corrupt',
      'item 0',
    );
    expectFailure(decodeList(encode([1, Array.from({ length: 250 }, () => empty)])), 'corrupt', 'item 0');
  });

  it('W1: damaged and arbitrary lists never throw', () => {
    const judge = (bytes: Uint8Array): void => {
      const decoded = decodeList(bytes);
      if (decoded.ok) expect(encodeList(decoded.value)).toEqual(bytes);
    };
    check(damaged(anyList.map(encodeList)), judge, 1000);
    check(fc.uint8Array({ maxLength: 200 }), judge, 1000);
  });
});
