import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../worker/core/model/bytes.ts';
import {
  MAX_ITEMS,
  asArray,
  asBytes,
  asBytesUpTo,
  asId,
  asMap,
  asOneOf,
  asText,
  asUint,
  decode,
  encode,
} from '../../../worker/core/wire/cbor.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { check, damaged, digest, expectFailure, hex, textUpTo, valueOf } from '../model/fixtures.ts';

const BOUNDS = { maxBytes: 262_144 };
const decodeHex = (text: string) => decode(hex(text), BOUNDS);

/** Any value we may write, with maps as they come back. */
const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    textUpTo(40),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(textUpTo(20), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('writing', () => {
  it.each<[unknown, string]>([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65_536, '1a00010000'],
    [2 ** 32, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [-1, '20'],
    [-0, '00'],
    [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
    [1.5, 'fb3ff8000000000000'],
    [1e21, 'fb444b1ae4d6e2ef50'],
    [5e-324, 'fb0000000000000001'],
    ['', '60'],
    ['ü', '62c3bc'],
    [new Uint8Array(0), '40'],
    [Uint8Array.of(1, 2), '420102'],
    [[], '80'],
    [[1, [2]], '8201' + '8102'],
    [{}, 'a0'],
    [null, 'f6'],
    [true, 'f5'],
  ])('%j is written in its shortest form', (value, expected) => {
    expect(bytesToHex(encode(value))).toBe(expected);
  });

  it('map keys go by their encoding: shorter first, then bytewise', () => {
    const expected = 'a4' + '6162' + '01' + '617a' + '02' + '626161' + '03' + '62c3a9' + '04';
    expect(bytesToHex(encode({ é: 4, aa: 3, z: 2, b: 1 }))).toBe(expected);
    expect(
      bytesToHex(
        encode(
          new Map([
            ['é', 4],
            ['aa', 3],
            ['b', 1],
            ['z', 2],
          ]),
        ),
      ),
    ).toBe(expected);
  });

  it('gives a plain Uint8Array of its own, whatever the platform', () => {
    for (const value of [1, 'text', new Uint8Array(100), [new Uint8Array(70_000)]]) {
      const bytes = encode(value);
      expect(bytes.constructor).toBe(Uint8Array);
      expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    }
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a missing field', { a: undefined }],
    ['NaN', NaN],
    ['Infinity', [Infinity]],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a date', new Date(0)],
    ['a float array', new Float64Array(1)],
    ['a set', new Set([1])],
    ['a key that is a number', new Map([[1, 1]])],
    ['a lone surrogate', 'a\ud800'],
    ['a key with a lone surrogate', { '\udc00': 1 }],
  ])('%s is misuse and throws', (_, value) => {
    expect(() => encode(value)).toThrow(/^cbor: /);
  });

  it('W1: what is nested deeper than 16 levels, or in itself, is misuse', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(valueOf(decode(encode(nested(16)), BOUNDS))).toEqual(nested(16));
    expect(() => encode(nested(17))).toThrow('at most 16 levels');
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => encode(loop)).toThrow('at most 16 levels');
  });
});

describe('reading', () => {
  it('W1: any value decodes to itself, and has one encoding', () => {
    check(
      anyValue,
      (value) => {
        const bytes = encode(value);
        const decoded = valueOf(decode(bytes, BOUNDS));
        expect(decoded).toEqual(value);
        expect(encode(decoded)).toEqual(bytes);
      },
      1000,
    );
  });

  it('W3: whatever decodes, re-encodes to the same bytes', () => {
    const judge = (bytes: Uint8Array): void => {
      const decoded = decode(bytes, BOUNDS);
      if (decoded.ok) expect(encode(decoded.value)).toEqual(bytes);
    };
    check(damaged(anyValue.map(encode)), judge, 4000);
    check(fc.uint8Array({ maxLength: 64 }), judge, 8000);
  });

  it.each([
    ['nothing', '', 'no bytes'],
    ['a second value', '0000', 'trailing'],
    ['1 in two bytes', '1801', 'more bytes than necessary'],
    ['1 in nine bytes', '1b0000000000000001', 'more bytes than necessary'],
    ['a long length for a short text', '780161', 'more bytes than necessary'],
    ['a long length for a short array', '980101', 'more bytes than necessary'],
    ['2^53', '1b0020000000000000', 'safe integer'],
    ['-2^53', '3b001fffffffffffff', 'safe integer'],
    ['an indefinite array', '9f01ff', 'indefinite'],
    ['indefinite bytes', '5f4101ff', 'indefinite'],
    ['indefinite text', '7f6161ff', 'indefinite'],
    ['an indefinite map', 'bf616101ff', 'indefinite'],
    ['a lone break', 'ff', 'indefinite'],
    ['a break inside an array', '81ff', 'indefinite'],
    ['a tag', 'c100', 'tag'],
    ['a bignum', 'c249010000000000000000', 'tag'],
    ['undefined', 'f7', 'undefined'],
    ['a simple value', 'e0', 'decode error'],
    ['a simple value in two bytes', 'f8ff', 'decode error'],
    ['a half float', 'f93e00', 'float64'],
    ['a single float', 'fa3fc00000', 'float64'],
    ['1 as float', 'fb3ff0000000000000', 'integer written as float'],
    ['-0', 'fb8000000000000000', 'integer written as float'],
    ['NaN', 'fb7ff8000000000000', 'NaN'],
    ['Infinity', 'fb7ff0000000000000', 'Infinity'],
    ['a reserved length', '1c', 'decode error'],
    ['a key twice', 'a2616101616102', 'ascend'],
    ['keys out of order', 'a2616201616102', 'ascend'],
    ['a longer key first', 'a262616101616202', 'ascend'],
    ['a key that is a number', 'a10101', 'keys must be text'],
    ['a key that is bytes', 'a1416101', 'keys must be text'],
    ['a key that is an array', 'a18001', 'keys must be text'],
    ['a key without value', 'a16161', 'exceeds the bytes that are left|not enough'],
    ['text that is not UTF-8', '61ff', 'UTF-8'],
    ['a surrogate in UTF-8', '63eda080', 'UTF-8'],
    ['an overlong character', '62c080', 'UTF-8'],
    ['truncated bytes', '4201', 'not enough'],
    ['a truncated length', '19', 'not enough|decode error'],
  ])('W1: %s is refused', (_, bytes, message) => {
    expectFailure(decodeHex(bytes), 'corrupt', new RegExp(message));
  });

  it('W1: text keeps its byte order mark, so that no two keys become one', () => {
    const bytes = concat(hex('a2'), hex('6161'), hex('01'), hex('64efbbbf61'), hex('02'));
    expect(valueOf(decode(bytes, BOUNDS))).toEqual(
      new Map([
        ['a', 1],
        ['\ufeffa', 2],
      ]),
    );
  });

  it('W1: a key named __proto__ is a key', () => {
    const decoded = valueOf(decode(encode(new Map([['__proto__', 1]])), BOUNDS));
    expect(decoded).toEqual(new Map([['__proto__', 1]]));
  });

  it.each([
    '9affffffff',
    '9b001fffffffffffff',
    '9bffffffffffffffff',
    'baffffffff',
    'bb000fffffffffffff',
    '5affffffff',
    '5b001fffffffffffff',
    '7affffffff',
    '7b7fffffffffffffff',
  ])('W1: a declared length beyond the bytes is refused before anything is allocated: %s', (head) => {
    const before = process.memoryUsage();
    expectFailure(decode(concat(hex(head), new Uint8Array(1000)), BOUNDS), 'corrupt', '');
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
      16 * 2 ** 20,
    );
  });

  it('W1: depth 16 is read, 17 is not, and a frame of nothing but brackets neither hangs nor overflows', () => {
    const nested = (levels: number, opening = 0x81): Uint8Array =>
      concat(new Uint8Array(levels).fill(opening), Uint8Array.of(0));
    expect(decode(nested(16), BOUNDS).ok).toBe(true);
    expectFailure(decode(nested(17), BOUNDS), 'corrupt', 'more than 16 levels');
    expectFailure(decode(nested(262_143), BOUNDS), 'corrupt', 'more than 16 levels');
    expectFailure(decode(nested(4), { ...BOUNDS, maxDepth: 3 }), 'corrupt', 'more than 3 levels');
    const maps = concat(...Array.from({ length: 40_000 }, () => hex('a16161')), Uint8Array.of(0));
    expectFailure(decode(maps, BOUNDS), 'corrupt', 'more than 16 levels');
  });

  it('W1: empty arrays inside a full depth count as levels too', () => {
    expect(decode(concat(new Uint8Array(15).fill(0x81), hex('80')), BOUNDS).ok).toBe(true);
    expectFailure(decode(concat(new Uint8Array(16).fill(0x81), hex('80')), BOUNDS), 'corrupt', 'levels');
  });

  it('W1: a frame full of tiny items is refused, as many as we may need are read', () => {
    const items = (count: number): Uint8Array => {
      const bytes = new Uint8Array(5 + count).fill(0x80);
      bytes[0] = 0x9a;
      new DataView(bytes.buffer).setUint32(1, count);
      return bytes;
    };
    expectFailure(decode(items(262_139), BOUNDS), 'corrupt', /too many items/);
    expect(decode(concat(hex('996fff'), new Uint8Array(0x6fff)), BOUNDS).ok).toBe(true);
    expectFailure(decode(items(1_000_000), { maxBytes: 2 ** 21 }), 'corrupt', 'too many items');
    expectFailure(
      decode(concat(hex('83'), hex('000102')), { ...BOUNDS, maxItems: 3 }),
      'corrupt',
      'too many items',
    );
    expect(MAX_ITEMS).toBeGreaterThan(3 * 4096 + 2);
  });

  it('W1: more bytes than allowed are not looked at', () => {
    expectFailure(decode(new Uint8Array(11), { maxBytes: 10 }), 'too-large', 'at most 10 bytes, given 11');
  });

  it('what was read does not change when the bytes it came from are reused', () => {
    for (const source of [encode([Uint8Array.of(1, 2, 3)]), Buffer.from(encode([Uint8Array.of(1, 2, 3)]))]) {
      const decoded = valueOf(decode(source, BOUNDS));
      source.fill(0);
      expect(decoded).toEqual([Uint8Array.of(1, 2, 3)]);
    }
  });
});

describe('field readers', () => {
  it('give the value in its type, or null', () => {
    expect(asBytes(Uint8Array.of(1), 1)).toEqual(Uint8Array.of(1));
    expect([asBytes(Uint8Array.of(1), 2), asBytes([1]), asBytesUpTo(new Uint8Array(3), 2)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(asUint(0)).toBe(0);
    expect([asUint(-1), asUint(1.5), asUint(2 ** 53), asUint('1'), asUint(5, 4)]).toEqual(
      Array(5).fill(null),
    );
    expect(asText('ab', 2)).toBe('ab');
    expect([asText('abc', 2), asText('', 2, 1), asText('\ud800', 2), asText(utf8('a'), 2)]).toEqual(
      Array(4).fill(null),
    );
    expect(asArray([1, 2], 2)).toEqual([1, 2]);
    expect([asArray([1, 2], 1), asArray(new Map(), 1)]).toEqual([null, null]);
    expect(asMap(new Map([['a', 1]]))).toEqual(new Map([['a', 1]]));
    expect([asMap({}), asMap(new Map([[1, 1]]))]).toEqual([null, null]);
    expect(asId(digest('x'), toHash)).toBe(bytesToHex(digest('x')));
    expect(asId(new Uint8Array(31), toHash)).toBeNull();
    expect(asOneOf('b', ['a', 'b'])).toBe('b');
    expect(asOneOf('c', ['a', 'b'])).toBeNull();
  });
});
