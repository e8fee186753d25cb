import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobKey, blockKey, listKey } from '../../../worker/core/cas/keys.ts';
import { decodeBlobRecord, encodeBlobRecord } from '../../../worker/core/cas/record.ts';
import { toHash } from '../../../worker/core/model/ids.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';

const hash = toHash(new Uint8Array(32).fill(0xab));

describe('Blob records', () => {
  it('C3: decode to what was encoded', () => {
    const record = fc.record({
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHash),
      complete: fc.boolean(),
    });
    fc.assert(
      fc.property(record, (value) => {
        expect(decodeBlobRecord(encodeBlobRecord(value))).toEqual({ ok: true, value });
      }),
      { seed: 1 },
    );
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['no map', encode([1, 2, 3])],
    ['no size', encode({ root: new Uint8Array(32), complete: true })],
    ['a negative size', encode({ size: -1, root: new Uint8Array(32), complete: true })],
    ['a short root', encode({ size: 1, root: new Uint8Array(31), complete: true })],
    ['complete as a number', encode({ size: 1, root: new Uint8Array(32), complete: 1 })],
    [
      'more bytes than a record has',
      encode({ size: 1, root: new Uint8Array(32), complete: true, x: 'x'.repeat(300) }),
    ],
  ])('C3: %s is corrupt', (_, bytes) => {
    expect(decodeBlobRecord(bytes)).toMatchObject({ ok: false, code: 'corrupt' });
  });

  it('arbitrary bytes give a value or a failure, never a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeBlobRecord(bytes);
        if (decoded.ok) expect(encodeBlobRecord(decoded.value).length).toBeLessThanOrEqual(bytes.length);
      }),
      { seed: 2 },
    );
  });

  it('lists and records of one hash have different keys', () => {
    expect([blockKey(hash), listKey(hash), blobKey(hash)]).toEqual([hash, `list/${hash}`, `blob/${hash}`]);
  });
});
