// CAR headers, CIDs and lengths, with a CBOR library that is not ours as the oracle.
import { decode as oracle, type TagDecoder } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Hash } from '../../../worker/core/model/ids.ts';
import {
  decodeCarHeader,
  decodeNote,
  encodeCarHeader,
  encodeCid,
  encodeNote,
  encodeVarint,
  MAX_ROOTS,
  readCid,
  readVarint,
  sectionHead,
  type CarCid,
  type Codec,
} from '../../../worker/core/wire/car.ts';

const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') as Hash);
const anyCid = fc.record({ codec: fc.constantFrom<Codec>('raw', 'cbor', 'json'), hash: anyHash });
const roots = fc.uniqueArray(anyCid, { maxLength: 300, selector: ({ codec, hash }) => codec + hash });

/** Links of DAG-CBOR: tag 42. */
const link: TagDecoder = (decode) => decode() as Uint8Array;
const tags: TagDecoder[] = [];
tags[42] = link;

const headerOf = (bytes: Uint8Array): Uint8Array => {
  const length = readVarint(bytes);
  if (typeof length === 'string') throw new Error(length);
  expect(bytes.length).toBe(length.length + length.value);
  return bytes.subarray(length.length);
};

describe('car', () => {
  it('G27: a header is DAG-CBOR that another library reads', () => {
    fc.assert(
      fc.property(roots, (all) => {
        const header = headerOf(encodeCarHeader(all));
        const read = oracle(header, { tags, strict: true }) as { roots: Uint8Array[]; version: number };
        expect(Object.keys(read)).toEqual(['roots', 'version']);
        expect(read.version).toBe(1);
        expect(read.roots).toEqual(all.map((cid) => Uint8Array.of(0, ...encodeCid(cid))));
        expect(decodeCarHeader(header)).toEqual({ ok: true, value: all });
      }),
    );
  });

  it('G27: a CID is version 1, its codec, BLAKE3 and 32 bytes', () => {
    const hash = 'ab'.repeat(32) as Hash;
    expect([...encodeCid({ codec: 'raw', hash })]).toEqual([1, 0x55, 0x1e, 32, ...hexToBytes(hash)]);
    expect([...encodeCid({ codec: 'json', hash })]).toEqual([1, 0x80, 4, 0x1e, 32, ...hexToBytes(hash)]);
    expect(readCid(encodeCid({ codec: 'json', hash }))).toEqual({
      ok: true,
      value: { cid: { codec: 'json', hash }, length: 37 },
    });
    expect([...sectionHead({ codec: 'raw', hash }, 200).subarray(0, 3)]).toEqual([0xec, 1, 1]);
  });

  it('G27: lengths have one form, and end at 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = encodeVarint(value);
        expect(readVarint(bytes)).toEqual({ value, length: bytes.length });
        if (bytes.length > 1) expect(readVarint(bytes.subarray(0, -1))).toBe('short');
      }),
    );
    expect(readVarint(Uint8Array.of(0x80, 0))).toBe('bad');
    expect(readVarint(new Uint8Array(10).fill(0xff))).toBe('bad');
    expect(readVarint(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))).toBe('bad');
  });

  it('G27: any other header is refused, whatever its bytes', () => {
    const one: CarCid = { codec: 'json', hash: 'cd'.repeat(32) as Hash };
    const header = headerOf(encodeCarHeader([one]));
    for (let cut = 0; cut < header.length; cut += 1)
      expect(decodeCarHeader(header.subarray(0, cut)).ok).toBe(false);
    expect(decodeCarHeader(Uint8Array.of(...header, 0)).ok).toBe(false);
    const twice = decodeCarHeader(headerOf(encodeCarHeader([one, one])));
    expect(twice).toMatchObject({ ok: false, message: expect.stringContaining('twice') as string });
    const many = Array.from({ length: MAX_ROOTS + 1 }, () => one);
    expect(() => encodeCarHeader(many)).toThrow('1024 roots');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(60), fc.nat(255), (bytes, at, value) => {
        decodeCarHeader(bytes);
        decodeNote(bytes);
        readCid(bytes);
        const bent = header.slice();
        bent[at % bent.length] = value;
        const read = decodeCarHeader(bent);
        if (read.ok) expect(headerOf(encodeCarHeader(read.value))).toEqual(bent);
      }),
    );
  });

  it('G27: the note before an artifact is read as it was written', () => {
    const note = { hash: 'ef'.repeat(32) as Hash, size: 2 ** 40, mediaType: 'text/plain' };
    expect(decodeNote(encodeNote(note))).toEqual({ ok: true, value: note });
    expect(decodeNote(encodeNote({ ...note, mediaType: 'naïve' })).ok).toBe(false);
  });
});
