import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../worker/core/model/bytes.ts';
import { LIMITS, canonicalManifest, parseManifest } from '../../../worker/core/model/manifest.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { check, damaged, expectFailure, manifestOf, valueOf } from './fixtures.ts';

const A_CID = `blake3:${'ab'.repeat(32)}`;
const canonicalText = (manifest: Manifest): string =>
  valueOf(fromUtf8(valueOf(canonicalManifest(manifest)).bytes));

describe('manifests from outside', () => {
  const anyManifest = fc
    .record({
      context: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 5 }),
      summary: fc.string({ minLength: 1, maxLength: 50, unit: 'binary' }),
    })
    .map((change) => JSON.parse(JSON.stringify(manifestOf(change as Partial<Manifest>))) as Manifest);

  it('M5: canonical bytes parse back to the manifest they came from', () => {
    check(anyManifest, (manifest) => {
      const { bytes, cid } = valueOf(canonicalManifest(manifest));
      const parsed = valueOf(parseManifest(bytes));
      expect(parsed).toEqual(manifest);
      expect(valueOf(canonicalManifest(parsed)).cid).toBe(cid);
    });
  });

  it('M1, M5: names that are numbers stand in the order of their digits, as any other', () => {
    const manifest = manifestOf({ artifacts: { '10': A_CID, '9': A_CID, a: A_CID } });
    const { bytes } = valueOf(canonicalManifest(manifest));
    expect(valueOf(fromUtf8(bytes))).toContain(`"10":"${A_CID}","9":`);
    expect(valueOf(parseManifest(bytes))).toEqual(manifest);
    const turned = valueOf(fromUtf8(bytes)).replace(
      `"10":"${A_CID}","9":"${A_CID}"`,
      `"9":"${A_CID}","10":"${A_CID}"`,
    );
    expectFailure(parseManifest(utf8(turned)), 'corrupt', 'manifest');
  });

  it('M5: damaged bytes give a failure or another valid manifest, never the same and never a throw', () => {
    const canonical = anyManifest.map((manifest) => valueOf(canonicalManifest(manifest)).bytes);
    check(
      damaged(canonical),
      (bytes) => {
        const parsed = parseManifest(bytes);
        if (parsed.ok) expect(valueOf(canonicalManifest(parsed.value)).bytes).toEqual(bytes);
      },
      1000,
    );
  });

  it.each([
    ['white space', (text: string) => ` ${text}`],
    [
      'keys out of order',
      (text: string) =>
        text.replace('"kind":"work","manifestVersion":1', '"manifestVersion":1,"kind":"work"'),
    ],
    ['a key twice', (text: string) => text.replace('"kind":"work"', '"kind":"work","kind":"work"')],
    [
      'two artifacts with one name',
      (text: string) => text.replace('"artifacts":{}', `"artifacts":{"a":"${A_CID}","a":"${A_CID}"}`),
    ],
    ['an escape too many', (text: string) => text.replace('"work"', '"\\u0077ork"')],
    ['its own cid', (text: string) => text.replace('"context"', `"cid":"${A_CID}","context"`)],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['-0', (text: string) => text.replace('"n":0', '"n":-0')],
  ])('M5: %s makes it another text than its canonical form, and refused', (_, change) => {
    const text = canonicalText(manifestOf({ context: { n: 0 } }));
    expect(change(text)).not.toBe(text);
    expectFailure(parseManifest(utf8(change(text))), 'corrupt', 'manifest');
  });

  it('M5: a number beyond the doubles, a lone surrogate and bad UTF-8 are refused', () => {
    const text = canonicalText(manifestOf({ context: { n: 0 } }));
    expectFailure(parseManifest(utf8(text.replace('"n":0', '"n":1e400'))), 'invalid', 'finite');
    expectFailure(parseManifest(utf8(text.replace('"n":0', '"n":"\\ud800"'))), 'invalid', 'surrogate');
    expectFailure(parseManifest(Uint8Array.of(0x22, 0xff, 0x22)), 'corrupt', 'UTF-8');
  });

  it('M5: 32 levels are read, 33 are not, and a megabyte of brackets is refused at once', () => {
    const nested = (levels: number): Uint8Array =>
      utf8(
        canonicalText(manifestOf({ x: 0 })).replace(
          '"x":0',
          `"x":${'['.repeat(levels)}${']'.repeat(levels)}`,
        ),
      );
    expect(parseManifest(nested(31)).ok).toBe(true);
    expectFailure(parseManifest(nested(32)), 'corrupt', 'at most 32 levels');
    expectFailure(parseManifest(utf8('['.repeat(LIMITS.bytes))), 'corrupt', 'at most 32 levels');
    expectFailure(parseManifest(utf8('{"a":'.repeat(200_000))), 'corrupt', 'at most 32 levels');
    expect(parseManifest(utf8(canonicalText(manifestOf({ summary: '[[{{"\\'.repeat(20) })))).ok).toBe(true);
  });
});
