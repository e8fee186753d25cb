// Our codec against another one, cborg, which knows nothing of our rules but those of RFC 8949.
import * as cborg from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, MAX_DEPTH } from '../../../worker/core/wire/cbor.ts';

const MAX_BYTES = 65_536;

/** RFC 8949 core deterministic encoding; floats always of 64 bits, as SPEC has them. */
const encodeThere = (value: unknown): Uint8Array =>
  Uint8Array.from(cborg.encode(value, { ...cborg.rfc8949EncodeOptions, float64: true }));

const hasTextKeysOnly = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.every(hasTextKeysOnly);
  if (!(value instanceof Map)) return true;
  return [...value].every(([key, each]) => typeof key === 'string' && hasTextKeysOnly(each));
};

/** What SPEC allows, said in cborg's terms: strict bytes that it would write itself, with text keys. */
function decodeThere(bytes: Uint8Array): { value: unknown } | null {
  try {
    const value: unknown = cborg.decode(bytes, {
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
    });
    return hasTextKeysOnly(value) && Buffer.compare(encodeThere(value), bytes) === 0 ? { value } : null;
  } catch {
    return null;
  }
}

/** cborg drops a byte order mark at the beginning of a text, which we keep (W1). */
const text = fc
  .string({ unit: 'binary', maxLength: 80 })
  .filter((each) => each.isWellFormed() && !each.includes('\uFEFF'));
const number = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    23,
    24,
    255,
    256,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
    0.5,
  ),
);
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: MAX_DEPTH - 1 },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), { selector: ([key]) => key, maxLength: 30 })
      .map((rows) => new Map(rows)),
  ),
}));

const at = fc.nat();
const byte = fc.oneof(
  fc.constantFrom(0x18, 0x1b, 0x5f, 0x7f, 0xa1, 0xc0, 0xf7, 0xf9, 0xfb, 0xff),
  fc.nat(255),
);
/** What is nearly right: valid bytes with one put in, taken out or changed. */
const nearly = fc
  .tuple(anything, fc.array(fc.tuple(fc.constantFrom('put', 'take', 'change'), at, byte), { maxLength: 3 }))
  .map(([value, changes]) => {
    const bytes = [...encode(value)];
    for (const [how, where, what] of changes) {
      const index = where % (bytes.length + 1);
      bytes.splice(index, how === 'put' ? 0 : 1, ...(how === 'take' ? [] : [what]));
    }
    return Uint8Array.from(bytes);
  });
const few = fc.array(
  fc.oneof(
    byte,
    fc.nat(0x1f).map((info) => 0xa0 + info),
    fc.nat(0x05).map((n) => 0x60 + n),
  ),
  { maxLength: 12 },
);

describe('another codec', () => {
  it('W1: writes each value as we do', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(Buffer.from(encode(value)).toString('hex')).toBe(
          Buffer.from(encodeThere(value)).toString('hex'),
        );
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('W1, W3: reads what we read, to the same value, and refuses what we refuse', () => {
    let read = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          few.map((bytes) => Uint8Array.from(bytes)),
        ),
        (bytes) => {
          // A mark may come about by a change of bytes.
          fc.pre(!Buffer.from(bytes).includes(Buffer.from('\uFEFF')));
          const here = decode(bytes, { maxBytes: MAX_BYTES });
          const there = decodeThere(bytes);
          if (here.ok) read += 1;
          else refused += 1;
          expect(here.ok).toBe(there !== null);
          if (here.ok) expect(here.value).toEqual(there?.value);
        },
      ),
      { numRuns: 10_000, seed: 2 },
    );
    // Both happen often, or nothing was compared.
    expect(Math.min(read, refused)).toBeGreaterThan(1_000);
  });
});
