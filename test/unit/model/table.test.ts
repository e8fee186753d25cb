import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/model.json' with { type: 'json' };
import { idBytes } from '../../../worker/core/model/ids.ts';
import { MAX_TABLE, checkTable, decodeTable, encodeTable } from '../../../worker/core/model/table.ts';
import type { BlobRow } from '../../../worker/core/model/table.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { aHash, anyHash, check, damaged, expectFailure, hex, uint, valueOf } from './fixtures.ts';

const rowOf = (name: string, change: Partial<BlobRow> = {}): BlobRow => ({
  hash: aHash(name),
  size: 10,
  mediaType: 'text/plain',
  root: aHash(`${name} root`),
  ...change,
});
const rawOf = (row: BlobRow): unknown[] => [idBytes(row.hash), row.size, row.mediaType, idBytes(row.root)];
const ascending = (...names: string[]): BlobRow[] =>
  names.map((name) => rowOf(name)).sort((a, b) => (a.hash < b.hash ? -1 : 1));

const anyRows: fc.Arbitrary<BlobRow[]> = fc.uniqueArray(
  fc.record({ hash: anyHash, size: uint, mediaType: fc.stringMatching(/^[ -~]{0,64}$/), root: anyHash }),
  { selector: (row) => row.hash, maxLength: 12 },
);

describe('blob tables', () => {
  it('M10: rows come back ascending by hash, whatever order they were given in', () => {
    check(anyRows, (rows) => {
      const decoded = valueOf(decodeTable(encodeTable(rows)));
      expect(decoded).toEqual([...rows].sort((a, b) => (a.hash < b.hash ? -1 : 1)));
      expect(encodeTable([...rows].reverse())).toEqual(encodeTable(rows));
    });
  });

  it('M10: the frozen table reads as it was written', () => {
    const rows = valueOf(decodeTable(hex(vectors.contribution.table)));
    expect(rows).toMatchObject([{ size: 17, mediaType: 'text/csv' }]);
    expect(bytesToHex(encodeTable(rows))).toBe(vectors.contribution.table);
  });

  it('M10: 1,001 rows of the longest kind fit, one more does not', () => {
    const rows = Array.from({ length: 1001 }, (_, n) =>
      rowOf(`${n}`, { size: Number.MAX_SAFE_INTEGER, mediaType: 'm'.repeat(64) }),
    );
    expect(encodeTable(rows).length).toBeLessThanOrEqual(MAX_TABLE);
    expect(() => encodeTable([...rows, rowOf('more', { mediaType: '', size: 0 })])).toThrow(
      /1001 rows|at most/,
    );
  });

  it('M10: no hash twice', () => {
    expect(() => encodeTable([rowOf('a'), rowOf('a', { size: 1 })])).toThrow(
      'hashes must ascend, none twice',
    );
  });

  it('M10: rows out of order are refused', () => {
    const rows = ascending('a', 'b', 'c').reverse();
    expectFailure(decodeTable(encode(rows.map(rawOf))), 'corrupt', 'hashes must ascend');
  });

  it.each<[string, unknown]>([
    ['a map', {}],
    ['a row that is null', [null]],
    ['a row of three', [rawOf(rowOf('a')).slice(0, 3)]],
    ['a row of five', [[...rawOf(rowOf('a')), 1]]],
    ['a negative size', [rawOf(rowOf('a', { size: -1 }))]],
    ['a media type of 65 characters', [rawOf(rowOf('a', { mediaType: 'm'.repeat(65) }))]],
    ['a media type with a line break', [rawOf(rowOf('a', { mediaType: 'text/plain\n' }))]],
    ['a media type beyond ASCII', [rawOf(rowOf('a', { mediaType: 'text/é' }))]],
  ])('M10: %s is refused', (_, raw) => {
    expectFailure(decodeTable(encode(raw)), 'corrupt', 'table');
  });

  it('M10: a table lists artifacts of the manifest and the long body, and nothing else', () => {
    const rows = ascending('a', 'b', 'body');
    const artifacts = [aHash('a'), aHash('b'), aHash('a')];
    expect(checkTable(rows, 30, artifacts, aHash('body'))).toEqual({ ok: true, value: null });
    expect(checkTable([], 0, [], null).ok).toBe(true);
    expectFailure(checkTable(rows, 30, artifacts, null), 'corrupt', `a row for ${aHash('body')}`);
    expectFailure(checkTable(rows, 31, artifacts, aHash('body')), 'corrupt', 'come to 30, the entry says 31');
  });

  it('M10: an artifact whose bytes the author did not hold has no row, a long body always has', () => {
    const rows = ascending('a', 'b');
    expect(checkTable(rows, 20, [aHash('a'), aHash('b'), aHash('c')], null).ok).toBe(true);
    expectFailure(
      checkTable(rows, 20, [aHash('a'), aHash('b')], aHash('body')),
      'corrupt',
      'no row for the body',
    );
  });

  it('W1: damaged and arbitrary tables never throw', () => {
    const judge = (bytes: Uint8Array): void => {
      const decoded = decodeTable(bytes);
      if (decoded.ok) expect(encodeTable(decoded.value)).toEqual(bytes);
    };
    check(damaged(anyRows.map(encodeTable)), judge, 1000);
    check(fc.uint8Array({ maxLength: 200 }), judge, 1000);
  });
});
