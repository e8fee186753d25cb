import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  concat,
  equalBytes,
  fromBase64Url,
  fromUtf8,
  isWellFormed,
  toBase64Url,
  uint32,
  utf8,
} from '../../../worker/core/model/bytes.ts';
import { check, expectFailure, textUpTo, valueOf } from './fixtures.ts';

describe('bytes', () => {
  it('concat joins parts in order, and nothing is an empty array', () => {
    expect(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(concat()).toEqual(new Uint8Array(0));
  });

  it('equality and order go by bytes, a prefix first', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(compareBytes(Uint8Array.of(255), Uint8Array.of(1, 0))).toBeGreaterThan(0);
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  });

  it('text goes to UTF-8 and back, byte order marks included', () => {
    check(textUpTo(64), (text) => expect(valueOf(fromUtf8(utf8(text)))).toBe(text));
    expect(valueOf(fromUtf8(utf8('\ufeffgrove')))).toBe('\ufeffgrove');
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a truncated sequence', [0xf0, 0x9f, 0x8c]],
  ])('%s is not UTF-8', (_, bytes) => {
    expectFailure(fromUtf8(Uint8Array.from(bytes)), 'corrupt', 'UTF-8');
  });

  it('M4: lone surrogates are not well-formed, pairs are', () => {
    expect(isWellFormed('🌲')).toBe(true);
    expect(isWellFormed('\ud83c')).toBe(false);
    expect(isWellFormed('\udf32\ud83c')).toBe(false);
  });

  it('uint32 is big-endian and unsigned', () => {
    expect(uint32(0xfffefdfc)).toEqual(Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc));
  });

  it('base64url agrees with Node and goes back', () => {
    check(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(text)).toEqual(bytes);
    });
  });

  it.each(['A', 'AB', 'ABC=', 'AA==', 'A+AA', 'A/AA', 'AA AA', 'AAé', 'AAAAB'])(
    'base64url refuses %j, which no bytes give',
    (text) => expect(fromBase64Url(text)).toBeNull(),
  );
});
