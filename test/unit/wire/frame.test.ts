import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/frames.json' with { type: 'json' };
import { equalBytes } from '../../../worker/core/model/bytes.ts';
import { anyFrame, bytesUpTo, frameOf, types } from './frames.ts';
import { MAX_BLOCK, MAX_LIST } from '../../../worker/core/model/blocklist.ts';
import { idBytes } from '../../../worker/core/model/ids.ts';
import { MAX_TABLE } from '../../../worker/core/model/table.ts';
import { decode, encode } from '../../../worker/core/wire/cbor.ts';
import {
  MAX_FRAME,
  MAX_HASHES,
  MAX_VECTOR_ROWS,
  decodeFrame,
  encodeFrame,
} from '../../../worker/core/wire/frame.ts';
import type { KnownFrame } from '../../../worker/core/wire/frame.ts';
import {
  aGroveId,
  aHash,
  alice,
  anEntryId,
  check,
  damaged,
  digest,
  expectFailure,
  valueOf,
} from '../model/fixtures.ts';

const rawOf = (frame: KnownFrame): unknown[] =>
  valueOf(decode(encodeFrame(frame), { maxBytes: MAX_FRAME })) as unknown[];

describe('frames', () => {
  it.each(types)('W1: any %s frame decodes to what was encoded', (type) => {
    check(frameOf(type), (frame) => expect(valueOf(decodeFrame(encodeFrame(frame)))).toEqual(frame), 60);
  });

  it.each(vectors.frames)('W1: the frozen $type frame reads and writes as it did', ({ type, bytes }) => {
    const frame = valueOf(decodeFrame(Buffer.from(bytes, 'hex')));
    expect(frame.type).toBe(type);
    expect(bytesToHex(encodeFrame(frame))).toBe(bytes);
  });

  it('W1: every type has a frozen frame, and a number of its own', () => {
    expect(vectors.frames.map((frame) => frame.type).sort()).toEqual([...types].sort());
    const numbers = vectors.frames.map(
      ({ bytes }) => (valueOf(decode(Buffer.from(bytes, 'hex'), { maxBytes: MAX_FRAME })) as unknown[])[0],
    );
    expect(new Set(numbers).size).toBe(types.length);
  });

  it('W1: a block fills its frame with as little as can be, and is not copied out of it; what is small is', () => {
    const block = aHash('block');
    const large = encodeFrame({ type: 'block', block, bytes: new Uint8Array(200_000).fill(7) });
    expect(large.buffer.byteLength).toBe(large.length);
    expect(large.length).toBeLessThan(200_000 + 64);
    const decoded = valueOf(decodeFrame(large));
    expect(decoded.type === 'block' && decoded.bytes.buffer === large.buffer).toBe(true);

    const small = encodeFrame({ type: 'block', block, bytes: new Uint8Array(2_000) });
    const copied = valueOf(decodeFrame(small));
    expect(copied.type === 'block' && copied.bytes.buffer !== small.buffer).toBe(true);
    // The next one is written elsewhere.
    const before = large.slice();
    encodeFrame({ type: 'block', block, bytes: new Uint8Array(200_000).fill(8) });
    expect(large).toEqual(before);
  });

  it('W2: a frame of a later version is unknown, with its number, whatever its fields', () => {
    for (const code of [0, 7, 64, 79, 4_000_000_000])
      expect(valueOf(decodeFrame(encode([code, { any: ['thing', 1.5, null] }])))).toEqual({
        type: 'unknown',
        code,
      });
    expect(valueOf(decodeFrame(encode([64])))).toEqual({ type: 'unknown', code: 64 });
    expect(() => encodeFrame({ type: 'unknown', code: 64 })).toThrow('cannot be written');
  });

  it('W2: further elements after those we know are ignored, in frames and in their rows', () => {
    check(anyFrame, (frame) => {
      const later = encode([...rawOf(frame), 'new', 2.5, { more: [1] }]);
      expect(valueOf(decodeFrame(later))).toEqual(frame);
    });
    const row = [idBytes(alice.id), 3, idBytes(anEntryId('e')), 'forked'];
    expect(valueOf(decodeFrame(encode([20, idBytes(aGroveId('g')), false, [row]])))).toEqual({
      type: 'vector',
      grove: aGroveId('g'),
      reply: false,
      rows: [{ author: alice.id, seq: 3, id: anEntryId('e') }],
    });
  });

  it('W4: a hello from a later build is read: its range and features are its own', () => {
    const later = encode([
      1,
      1,
      7,
      ['digests', 'mesh-query'],
      idBytes(alice.id),
      digest('nonce'),
      { agent: 'x' },
    ]);
    expect(valueOf(decodeFrame(later))).toMatchObject({
      type: 'hello',
      min: 1,
      max: 7,
      features: ['digests', 'mesh-query'],
    });
  });

  it('W2, B4: the tell of an earlier build says nothing of how long it waited', () => {
    const [id, grove] = [anEntryId('e'), aGroveId('g')];
    const raw = rawOf({ type: 'ihave', grove, rows: [{ id, hops: 3, waited: 0 }] });
    expect(raw[2]).toEqual([[idBytes(id), 3]]);
    expect(valueOf(decodeFrame(encode(raw)))).toEqual({
      type: 'ihave',
      grove,
      rows: [{ id, hops: 3, waited: 0 }],
    });
  });

  it('W1: a frame that lacks its last field, or any before, is refused', () => {
    check(anyFrame, (frame) => {
      // Earlier builds don't write the `hops` of entries.
      const raw = rawOf(frame.type === 'entries' ? { ...frame, hops: 0 } : frame);
      for (let length = 1; length < raw.length; length++)
        expectFailure(decodeFrame(encode(raw.slice(0, length))), 'corrupt', `frame ${frame.type}`);
    });
  });

  it.each<[string, unknown]>([
    ['a map', { type: 1 }],
    ['an empty array', []],
    ['a type as text', ['ping', 1]],
    ['a negative type', [-1]],
    ['a type that is a float', [4.5, 1]],
    ['null', null],
  ])('W1: %s is no frame', (_, raw) => {
    expectFailure(decodeFrame(encode(raw)), 'corrupt', 'begins with its type');
  });

  it.each<[string, unknown[]]>([
    ['a ping that counts down', [4, -1]],
    ['a reason of 257 characters', [3, 'r'.repeat(257)]],
    ['a tag of 31 bytes', [6, [new Uint8Array(31)]]],
    ['tags that are one tag', [6, digest('tag')]],
    ['1,025 tags', [6, Array(1025).fill(digest('tag'))]],
    ['4,097 hashes', [34, digest('blob'), Array(4097).fill(digest('h'))]],
    ['3,001 rows', [20, digest('g'), true, Array(3001).fill([digest('a'), 1, digest('e')])]],
    ['65 features', [1, 1, 1, Array(65).fill('f'), digest('k'), digest('n')]],
    ['a flag that is a number', [23, digest('g'), digest('e'), 1]],
    ['a why nobody knows', [21, digest('g'), 4, []]],
    ['a why as text', [21, digest('g'), 'push', []]],
    ['an entry that is bytes', [21, digest('g'), 0, [digest('header')]]],
    [
      'an entry with a signature of 63 bytes',
      [21, digest('g'), 0, [[digest('h'), new Uint8Array(63), null, null]]],
    ],
    ['an entry with a header over 2 KiB', [21, digest('g'), 0, [[new Uint8Array(2049), null, null, null]]]],
    [
      'an entry with a body over 64 KiB',
      [21, digest('g'), 0, [[digest('h'), null, new Uint8Array(65_537), null]]],
    ],
    ['1,025 entries', [21, digest('g'), 0, Array(1025).fill([new Uint8Array(1), null, null, null])]],
    ['a grove that is null', [23, null, digest('e'), true]],
    ['a block over 240 KiB', [33, digest('b'), new Uint8Array(MAX_BLOCK + 1)]],
  ])('W1: %s is refused', (_, raw) => {
    expectFailure(decodeFrame(encode(raw)), 'corrupt', 'a field is missing or beyond its bounds');
  });

  it('W1: the largest block, list, vector, want list and body with table fit one frame', () => {
    const full: KnownFrame[] = [
      { type: 'block', block: aHash('b'), bytes: new Uint8Array(MAX_BLOCK) },
      { type: 'list', list: aHash('l'), bytes: new Uint8Array(MAX_LIST) },
      {
        type: 'vector',
        grove: aGroveId('g'),
        reply: false,
        rows: Array.from({ length: MAX_VECTOR_ROWS }, () => ({
          author: alice.id,
          seq: Number.MAX_SAFE_INTEGER,
          id: anEntryId('e'),
        })),
      },
      {
        type: 'want-blocks',
        grove: aGroveId('g'),
        blob: aHash('b'),
        blocks: Array.from({ length: MAX_HASHES }, () => aHash('x')),
      },
      {
        type: 'body',
        grove: aGroveId('g'),
        hash: aHash('h'),
        body: new Uint8Array(65_536),
        table: new Uint8Array(MAX_TABLE),
      },
      {
        type: 'entries',
        grove: aGroveId('g'),
        why: 'push',
        hops: 0,
        entries: [
          {
            header: new Uint8Array(2048),
            signature: new Uint8Array(64),
            body: new Uint8Array(65_536),
            table: new Uint8Array(MAX_TABLE),
          },
        ],
      },
    ];
    for (const frame of full) {
      const bytes = encodeFrame(frame);
      expect(equalBytes(encodeFrame(valueOf(decodeFrame(bytes))), bytes)).toBe(true);
    }
  });

  it('W1: misuse throws: fields beyond their bounds, ids that are none, frames beyond 256 KiB', () => {
    const rows = Array.from({ length: MAX_VECTOR_ROWS + 1 }, () => ({
      author: alice.id,
      seq: 1,
      id: anEntryId('e'),
    }));
    const hashes = Array.from({ length: MAX_HASHES + 1 }, () => aHash('x'));
    const entry = {
      header: new Uint8Array(2000),
      signature: null,
      body: new Uint8Array(65_000),
      table: null,
    };
    expect(() => encodeFrame({ type: 'vector', grove: aGroveId('g'), reply: true, rows })).toThrow(
      'at most 3000 in a list, given 3001',
    );
    expect(() => encodeFrame({ type: 'lack', blob: aHash('b'), hashes })).toThrow('at most 4096');
    expect(() => encodeFrame({ type: 'ping', n: -1 })).toThrow('unsigned integer');
    expect(() => encodeFrame({ type: 'bye', reason: 'r'.repeat(257) })).toThrow('text of at most 256');
    expect(() => encodeFrame({ type: 'proof', signature: new Uint8Array(63) })).toThrow('64 bytes');
    expect(() =>
      encodeFrame({ type: 'list', list: 'x' as ReturnType<typeof aHash>, bytes: digest('b') }),
    ).toThrow('64 hex digits');
    expect(() =>
      encodeFrame({
        type: 'entries',
        grove: aGroveId('g'),
        why: 'sync',
        hops: 0,
        entries: [entry, entry, entry, entry],
      }),
    ).toThrow(/frame entries: at most 262144 bytes, given \d+/);
  });

  it('W1: arbitrary bytes give a value or a failure, never a throw', () => {
    const judge = (bytes: Uint8Array): void => {
      const decoded = decodeFrame(bytes);
      if (decoded.ok && decoded.value.type !== 'unknown')
        expect(decodeFrame(encodeFrame(decoded.value))).toEqual(decoded);
    };
    check(damaged(anyFrame.map(encodeFrame)), judge, 4000);
    check(fc.uint8Array({ maxLength: 400 }), judge, 4000);
    // Bytes that at least begin like a frame of a known type.
    const begun = fc.tuple(
      fc.integer({ min: 0x81, max: 0x88 }),
      fc.integer({ min: 0, max: 23 }),
      bytesUpTo(200),
    );
    check(
      begun.map(([head, type, rest]) => Uint8Array.of(head, type, ...rest)),
      judge,
      4000,
    );
  });

  it('W1: a frame beyond 256 KiB is refused unread', () => {
    expectFailure(
      decodeFrame(new Uint8Array(MAX_FRAME + 1)),
      'too-large',
      'at most 262144 bytes, given 262145',
    );
  });

  it('a decoded block is a copy of its own, so that frames can be reused or transferred', () => {
    const bytes = encodeFrame({ type: 'block', block: aHash('b'), bytes: digest('content') });
    const decoded = valueOf(decodeFrame(bytes));
    bytes.fill(0);
    expect(decoded).toEqual({ type: 'block', block: aHash('b'), bytes: digest('content') });
  });
});
