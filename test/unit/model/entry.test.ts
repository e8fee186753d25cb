import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/model.json' with { type: 'json' };
import { concat, utf8 } from '../../../worker/core/model/bytes.ts';
import {
  MAX_HEADER,
  ZERO_HASH,
  compareEntries,
  decodeEntry,
  encodeEntry,
  entryMessage,
  groveOf,
  signEntry,
} from '../../../worker/core/model/entry.ts';
import type { EntryFields } from '../../../worker/core/model/entry.ts';
import { idBytes } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed, nobleSignatures, verify } from '../../../worker/core/model/keys.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { decode, encode } from '../../../worker/core/wire/cbor.ts';
import {
  aHash,
  alice,
  anEntryId,
  anyEntryId,
  anyHash,
  anyPeerId,
  check,
  damaged,
  digest,
  expectFailure,
  fieldsOf,
  hex,
  uint,
  valueOf,
} from './fixtures.ts';

/** The array behind a good header, with some positions replaced. */
const rawWith = (change: { [position: number]: unknown } = {}): unknown[] => {
  const raw = valueOf(decode(encodeEntry(fieldsOf()).header, { maxBytes: MAX_HEADER }));
  if (!Array.isArray(raw)) throw new Error('a header is an array');
  return Object.assign([...(raw as unknown[])], change);
};

const anyFields: fc.Arbitrary<EntryFields> = fc
  .record({
    version: fc.constant(1),
    grove: anyHash,
    author: anyPeerId,
    seq: fc.integer({ min: 1, max: 2 ** 40 }),
    prev: anyEntryId,
    parents: fc.uniqueArray(anyEntryId, { minLength: 1, maxLength: 8 }),
    lamport: fc.integer({ min: 2 ** 40, max: Number.MAX_SAFE_INTEGER }),
    at: uint,
    kind: fc.stringMatching(/^[a-z][a-z0-9_.-]{0,31}$/).filter((kind) => kind !== 'contract'),
    body: anyHash,
    size: uint,
    blobs: fc.option(fc.record({ table: anyHash, total: uint })),
    ext: fc.option(fc.dictionary(fc.string({ maxLength: 9 }), uint, { maxKeys: 3 }), { nil: undefined }),
  })
  .map(({ ext, ...fields }) => ({
    ...fields,
    prev: fields.seq === 1 ? null : fields.prev,
    ...(ext === undefined ? {} : { ext: new Map(Object.entries(ext)) }),
  }));

describe('entries', () => {
  it('M6, M7: the frozen contract and contribution decode, re-encode and verify as they did', () => {
    for (const vector of [vectors.contract, vectors.contribution]) {
      const entry = valueOf(decodeEntry(hex(vector.header)));
      expect(entry.id).toBe(vector.id);
      expect(entry.author).toBe(vectors.key);
      expect(bytesToHex(encodeEntry(entry).header)).toBe(vector.header);
      expect(bytesToHex(signEntry(nobleSignatures, keypairFromSeed(hex(vectors.seed)), entry.id))).toBe(
        vector.signature,
      );
      expect(
        verify(nobleSignatures, entry.author, hex(vector.signature), LABEL.entry, idBytes(entry.id)),
      ).toBe(true);
    }
  });

  it('M6: any fields within the rules decode to what was encoded', () => {
    check(anyFields, (fields) => {
      const entry = encodeEntry(fields);
      expect(valueOf(decodeEntry(entry.header))).toEqual(entry);
      expect(entry).toMatchObject(fields);
      expect(entry.header.length).toBeLessThanOrEqual(MAX_HEADER);
    });
  });

  it('M7: the id is the hash of the header, and label || id is what is signed', () => {
    const entry = encodeEntry(fieldsOf());
    expect(idBytes(entry.id)).toEqual(hash32(entry.header));
    expect(entryMessage(entry.id)).toEqual(concat(utf8('thicket/entry/1'), idBytes(entry.id)));
    expect(
      verify(
        nobleSignatures,
        alice.id,
        signEntry(nobleSignatures, alice, entry.id),
        LABEL.entry,
        idBytes(entry.id),
      ),
    ).toBe(true);
  });

  it("M11: a contract's grove is its own id, every other entry's the one it names", () => {
    const contract = valueOf(decodeEntry(hex(vectors.contract.header)));
    expect(contract.grove).toBe(ZERO_HASH);
    expect(groveOf(contract)).toBe(contract.id);
    expect(groveOf(valueOf(decodeEntry(hex(vectors.contribution.header))))).toBe(contract.id);
  });

  it.each<[string, Partial<EntryFields>]>([
    ['seq 0', { seq: 0, prev: null }],
    ['seq 1 with a prev', { seq: 1 }],
    ['seq 2 without prev', { prev: null }],
    ['nine parents', { parents: Array.from({ length: 9 }, (_, n) => anEntryId(`${n}`)) }],
    ['a parent twice', { parents: [anEntryId('a'), anEntryId('a')] }],
    ['lamport below seq', { lamport: 1 }],
    ['lamport 2 where nothing precedes', { seq: 1, prev: null, parents: [], lamport: 2 }],
    ['lamport beyond 2^53', { lamport: 2 ** 53 }],
    ['a negative time', { at: -1 }],
    ['a fraction of a second', { at: 0.5 }],
    ['an empty kind', { kind: '' }],
    ['a kind in capitals', { kind: 'Work' }],
    ['a kind of 33 characters', { kind: 'k'.repeat(33) }],
    ['a zero grove outside a contract', { grove: ZERO_HASH }],
    ['a contract inside a grove', { kind: 'contract', seq: 1, prev: null, parents: [], lamport: 1 }],
    ['a contract with seq 2', { kind: 'contract', grove: ZERO_HASH }],
    ['a contract with parents', { kind: 'contract', grove: ZERO_HASH, seq: 1, prev: null }],
    ['version 0', { version: 0 }],
    ['a header over 2 KiB', { ext: new Map([['pad', 'x'.repeat(2048)]]) }],
  ])('M6: %s is refused, both to write and to read', (_, change) => {
    expect(() => encodeEntry(fieldsOf(change))).toThrow(/entry: must have|cbor: at most 2048/);
  });

  it.each<[string, unknown]>([
    ['a map', new Map([['version', 1]])],
    ['eleven positions', rawWith().slice(0, 11)],
    ['a grove of 31 bytes', rawWith({ 1: new Uint8Array(31) })],
    ['an author as text', rawWith({ 2: alice.id })],
    ['a prev of 33 bytes', rawWith({ 4: new Uint8Array(33) })],
    ['parents that are null', rawWith({ 5: null })],
    ['a parent that is a number', rawWith({ 5: [1] })],
    ['a body that is null', rawWith({ 9: null })],
    ['blobs of one element', rawWith({ 11: [digest('t')] })],
    ['blobs of three elements', rawWith({ 11: [digest('t'), 1, 1] })],
    ['an ext that is a number', rawWith({ 12: 1 })],
    ['version 1 with an appended element', rawWith({ 12: new Map(), 13: 1 })],
    ['a seq that is a float', rawWith({ 3: 2.5 })],
  ])('M6: %s is no header', (_, raw) => {
    expectFailure(decodeEntry(encode(raw)), 'corrupt', 'entry: must have');
  });

  it('W3: bytes that mean the same but are not canonical are refused', () => {
    const { header } = encodeEntry(fieldsOf());
    const wideVersion = concat(header.subarray(0, 1), Uint8Array.of(0x18, 1), header.subarray(2));
    expectFailure(decodeEntry(wideVersion), 'corrupt', 'more bytes than necessary');
    expectFailure(decodeEntry(concat(header, Uint8Array.of(0))), 'corrupt', 'trailing');
  });

  it('M6: an entry of version 2 with appended elements is read as far as version 1 goes, and its id covers all', () => {
    const later = encode([...rawWith({ 0: 2 }), new Map([['vis', 'friends']]), [1, 2, 3], 'more']);
    const entry = valueOf(decodeEntry(later));
    expect(entry).toMatchObject({ ...fieldsOf(), version: 2, header: later });
    expect(entry.ext?.get('vis')).toBe('friends');
    expect(idBytes(entry.id)).toEqual(hash32(later));
    expect(valueOf(decodeEntry(encode([...rawWith({ 0: 3 }), 'no map here']))).ext).toBeUndefined();
  });

  it('M6: a kind nobody knows yet is an entry like any other', () => {
    expect(encodeEntry(fieldsOf({ kind: 'snapshot.v9' })).kind).toBe('snapshot.v9');
  });

  it('W1: damaged headers never throw and never keep their id', () => {
    const original = anyFields.map((fields) => encodeEntry(fields).header);
    check(
      damaged(original),
      (bytes) => {
        const decoded = decodeEntry(bytes);
        if (decoded.ok) expect(idBytes(decoded.value.id)).toEqual(hash32(bytes));
      },
      2000,
    );
    check(fc.uint8Array({ maxLength: 300 }), (bytes) => expect(decodeEntry(bytes).ok).toBe(false), 2000);
  });

  it('S9: order is lamport, then id', () => {
    const [low, high] = [anEntryId('a'), anEntryId('b')].sort();
    if (low === undefined || high === undefined) throw new Error('two ids');
    const entries = [
      { lamport: 10, id: low },
      { lamport: 9, id: high },
      { lamport: 9, id: low },
    ];
    expect([...entries].sort(compareEntries)).toEqual([...entries].reverse());
    expect(compareEntries({ lamport: 9, id: low }, { lamport: 9, id: low })).toBe(0);
  });

  it('M6: ids of another length cannot be written', () => {
    const short = aHash('x').slice(2) as EntryFields['body'];
    expect(() => encodeEntry(fieldsOf({ body: short }))).toThrow('32 bytes for body');
  });
});
