import { describe, expect, expectTypeOf, it } from 'vitest';
import groveCid from '../../vectors/grove-cid.json' with { type: 'json' };
import numbers from '../../vectors/jcs-numbers.json' with { type: 'json' };
import { fromUtf8, utf8 } from '../../../worker/core/model/bytes.ts';
import {
  LIMITS,
  canonicalManifest,
  checkManifest,
  parseManifest,
} from '../../../worker/core/model/manifest.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import type { Manifest as ApiManifest } from '../../../worker/rpc/api.ts';
import { expectFailure, hex, manifestOf, valueOf } from './fixtures.ts';

const A_CID = `blake3:${'ab'.repeat(32)}`;
const canonicalText = (manifest: Manifest): string =>
  valueOf(fromUtf8(valueOf(canonicalManifest(manifest)).bytes));
const keysUpTo = <T>(count: number, value: T): { [key: string]: T } =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));

describe('canonical bytes and CID', () => {
  it('M1: the published vector of the Grove protocol gives its CID', () => {
    const manifest = valueOf(checkManifest(groveCid.manifest));
    expect(valueOf(canonicalManifest(manifest)).cid).toBe(groveCid.cid);
  });

  it('M1: a manifest that carries its cid gives the same one', () => {
    const manifest = valueOf(checkManifest({ ...groveCid.manifest, cid: groveCid.cid }));
    expect(manifest).not.toHaveProperty('cid');
    expect(valueOf(canonicalManifest(manifest)).cid).toBe(groveCid.cid);
    const withCid: Manifest & { cid: string } = { ...manifest, cid: groveCid.cid };
    expect(valueOf(canonicalManifest(withCid)).cid).toBe(groveCid.cid);
  });

  it('M1: keys go by UTF-16 code units, so that an emoji precedes U+FB33', () => {
    const context = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\ud83d\ude00': 5,
      '\u0080': 6,
      '\u00f6': 7,
    };
    expect(canonicalText(manifestOf({ context }))).toContain(
      '"context":{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('M1: the order in which keys were written does not matter, and text is not normalised', () => {
    const forward = manifestOf({ context: { a: { x: 1, y: 2 }, b: 3 } });
    const reversed = Object.fromEntries(Object.entries(forward).reverse()) as Partial<Manifest>;
    const backward = manifestOf({ ...reversed, context: { b: 3, a: { y: 2, x: 1 } } });
    expect(canonicalText(backward)).toBe(canonicalText(forward));
    expect(canonicalText(manifestOf({ summary: 'e\u0301' }))).not.toBe(
      canonicalText(manifestOf({ summary: '\u00e9' })),
    );
  });

  it.each(numbers.vectors)('M4: the double $bits is written as $text', ({ bits, text }) => {
    const value = new DataView(hex(bits).buffer).getFloat64(0);
    expect(canonicalText(manifestOf({ context: { value } }))).toContain(`"context":{"value":${text}}`);
  });

  it('M5: numbers in another notation than the canonical one are refused from outside', () => {
    const source = canonicalText(manifestOf({ context: { value: 4.5 } }));
    for (const other of ['4.50', '45e-1', '4.5e0', '04.5'])
      expectFailure(parseManifest(utf8(source.replace('4.5', other))), 'corrupt', /canonical|manifest/);
    expect(parseManifest(utf8(source)).ok).toBe(true);
  });
});

describe('limits', () => {
  it('M2: unknown fields, kinds, modes and relation types are kept and hashed', () => {
    const foreign = {
      ...manifestOf({ kind: 'benchmark', mode: 'dreaming', later: { deep: [1, null, true] } }),
      relations: [{ targetCid: A_CID, relationType: 'inspired_by', weight: 0.5 }],
    };
    const manifest = valueOf(checkManifest(foreign));
    expect(manifest).toEqual(foreign);
    expect(valueOf(canonicalManifest(manifest)).cid).not.toBe(valueOf(canonicalManifest(manifestOf())).cid);
    expect(canonicalText(manifest)).toContain('"later":{"deep":[1,null,true]}');
  });

  it('M2: a manifest at every limit is accepted', () => {
    const full = manifestOf({
      summary: 's'.repeat(256),
      description: 'd'.repeat(65_536),
      artifacts: keysUpTo(1000, A_CID),
      relations: Array.from({ length: 1000 }, () => ({ targetCid: A_CID, relationType: 'adopts' })),
      tags: Array.from({ length: 100 }, () => 't'.repeat(128)),
      scores: keysUpTo(100, { value: 1, direction: 'minimize' as const, unit: 's' }),
      context: keysUpTo(100, null),
    });
    expect(valueOf(checkManifest(full))).toEqual(full);
  });

  it.each<[string, { [field: string]: unknown }, string]>([
    ['an empty summary', { summary: '' }, 'summary: 1 to 256 characters, given 0'],
    ['a long summary', { summary: 's'.repeat(257) }, 'summary: 1 to 256 characters, given 257'],
    ['a missing summary', { summary: undefined }, 'summary: text, given undefined'],
    [
      'a long description',
      { description: 'd'.repeat(65_537) },
      'description: 0 to 65536 characters, given 65537',
    ],
    ['too many artifacts', { artifacts: keysUpTo(1001, A_CID) }, 'artifacts: at most 1000 keys, given 1001'],
    [
      'too many relations',
      { relations: new Array(1001).fill({}) },
      'relations: at most 1000 items, given 1001',
    ],
    ['too many tags', { tags: new Array(101).fill('t') }, 'tags: at most 100 items, given 101'],
    ['a long tag', { tags: ['ok', 't'.repeat(129)] }, 'tags[1]: 0 to 128 characters, given 129'],
    [
      'too many scores',
      { scores: keysUpTo(101, { value: 1, direction: 'minimize' }) },
      'scores: at most 100 keys, given 101',
    ],
    [
      'an unknown direction',
      { scores: { s: { value: 1, direction: 'up' } } },
      'scores.s.direction: minimize or maximize, given "up"',
    ],
    [
      'a score that is text',
      { scores: { s: { value: '1', direction: 'minimize' } } },
      'scores.s.value: a number, given "1"',
    ],
    ['too many context keys', { context: keysUpTo(101, 1) }, 'context: at most 100 keys, given 101'],
    ['a context that is an array', { context: [] }, 'context: an object, given an array'],
    ['an empty kind', { kind: '' }, 'kind: 1 to 64 characters, given 0'],
    ['a long mode', { mode: 'm'.repeat(65) }, 'mode: 1 to 64 characters, given 65'],
    ['a version that is text', { manifestVersion: '1' }, 'manifestVersion: an integer from 1, given "1"'],
    ['an agent without id', { agent: {} }, 'agent.agentId: text, given undefined'],
    ['an agent that is text', { agent: 'me' }, 'agent: an object, given "me"'],
    [
      'an artifact hash in capitals',
      { artifacts: { a: A_CID.toUpperCase() } },
      'artifacts.a: blake3: and 64 hex digits',
    ],
    ['a relation to nothing', { relations: [{ relationType: 'adopts' }] }, 'relations[0].targetCid: blake3:'],
    [
      'metadata that is text',
      { relations: [{ targetCid: A_CID, relationType: 'adopts', metadata: 'x' }] },
      'relations[0].metadata: an object, given "x"',
    ],
  ])('M2: %s is refused, naming field, limit and what was given', (_, change, message) => {
    const result = checkManifest(manifestOf(change));
    expectFailure(result, 'invalid', '');
    if (!result.ok) expect(result.message).toContain(message);
  });

  it('M2: canonical bytes beyond 1 MiB are refused', () => {
    const large = manifestOf({ later: 'x'.repeat(LIMITS.bytes) });
    expectFailure(canonicalManifest(large), 'too-large', /at most 1048576 canonical bytes, given \d+/);
    expectFailure(parseManifest(new Uint8Array(LIMITS.bytes + 1)), 'too-large', 'given 1048577');
  });

  it.each(['a', 'A9', 'dir/file.txt', 'my file-1_2.tar.gz', 'a..b', 'a/..b', 'x'.repeat(256)])(
    'M3: the artifact name %j is accepted',
    (name) => expect(checkManifest(manifestOf({ artifacts: { [name]: A_CID } })).ok).toBe(true),
  );

  it.each([
    '',
    '.',
    '..',
    '.env',
    '/etc',
    'a/../b',
    'a/./b',
    'a//b',
    'a/',
    'a/..',
    'é',
    'a\n',
    'a\\b',
    'a\u0000',
    'x'.repeat(257),
  ])('M3: the artifact name %j is refused', (name) => {
    expectFailure(checkManifest(manifestOf({ artifacts: { [name]: A_CID } })), 'invalid', 'artifacts key');
  });

  it('M3: an artifact named __proto__ is a name like any other bad one', () => {
    const hostile = JSON.parse(`{"__proto__":"${A_CID}"}`) as { [name: string]: string };
    expectFailure(checkManifest(manifestOf({ artifacts: hostile })), 'invalid', 'artifacts key');
  });

  it.each([NaN, Infinity, -Infinity])('M4: the number %d is refused', (value) => {
    expectFailure(
      checkManifest(manifestOf({ context: { value } })),
      'invalid',
      'manifest.context.value: a finite number',
    );
    expectFailure(canonicalManifest(manifestOf({ context: { value } })), 'invalid', 'finite');
    expectFailure(
      checkManifest(manifestOf({ scores: { s: { value, direction: 'minimize' } } })),
      'invalid',
      'finite',
    );
  });

  it('M4: lone surrogates are refused, as values and as keys', () => {
    expectFailure(checkManifest(manifestOf({ summary: 'x\ud800' })), 'invalid', 'summary: well-formed text');
    expectFailure(
      checkManifest(manifestOf({ context: { '\udc00': 1 } })),
      'invalid',
      'context key: well-formed text',
    );
    expectFailure(canonicalManifest(manifestOf({ tags: ['\ud800\ud800'] })), 'invalid', 'tags');
  });

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(3)],
    ['a hole in an array', new Array(1)],
  ])('M4: %s has no canonical bytes and is refused', (_, value) => {
    expectFailure(checkManifest(manifestOf({ later: value })), 'invalid', 'manifest.later');
    expectFailure(canonicalManifest(manifestOf({ later: value })), 'invalid', 'manifest.later');
  });

  it('M4: fields that are undefined count as absent', () => {
    expect(canonicalText(manifestOf({ later: undefined }))).toBe(canonicalText(manifestOf()));
  });

  it.each([null, undefined, 1, 'text', [], [[]]])('M2: %j is no manifest', (value) => {
    expectFailure(checkManifest(value), 'invalid', 'manifest: an object');
  });
});

describe('the type', () => {
  it('has the shape that the scripting surface shows', () => {
    expectTypeOf<Manifest>().toEqualTypeOf<ApiManifest>();
  });
});
