// Values that the tests of model and wire share: fixed seeds, ids and a seeded fast-check.
import fc from 'fast-check';
import { hexToBytes } from '@noble/hashes/utils.js';
import { expect, vi } from 'vitest';
import type { EntryFields } from '../../../worker/core/model/entry.ts';
import type { ErrorCode, Result } from '../../../worker/core/model/errors.ts';
import { toEntryId, toGroveId, toHash, toPeerId } from '../../../worker/core/model/ids.ts';
import { hash32, keypairFromSeed } from '../../../worker/core/model/keys.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';

/** Properties do a second's work; on a machine that is busy with other things it may take longer. */
vi.setConfig({ testTimeout: 30_000 });

/** Every property runs with this seed, so that a failure repeats. */
export const SEED = 20_260_101;
export const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 200): void =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      property(value);
    }),
    { seed: SEED, numRuns },
  );

export const hex = (text: string): Uint8Array => hexToBytes(text);
/** 32 bytes that differ by name. */
export const digest = (name: string): Uint8Array => hash32(utf8(name));
export const aHash = (name: string) => toHash(digest(name));
export const anEntryId = (name: string) => toEntryId(digest(name));
export const aGroveId = (name: string) => toGroveId(digest(name));
export const aPeerId = (name: string) => toPeerId(digest(name));
export const alice = keypairFromSeed(new Uint8Array(32).fill(1));
export const bob = keypairFromSeed(new Uint8Array(32).fill(2));

export const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const anyHash = bytes32.map(toHash);
export const anyEntryId = bytes32.map(toEntryId);
export const anyGroveId = bytes32.map(toGroveId);
export const anyPeerId = bytes32.map(toPeerId);
export const uint = fc.maxSafeNat();
/** Well-formed text of any script, of at most so many UTF-16 code units. */
export const textUpTo = (max: number, min = 0): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', minLength: min, maxLength: Math.floor(max / 2) });

export const fieldsOf = (change: Partial<EntryFields> = {}): EntryFields => ({
  version: 1,
  grove: aHash('grove'),
  author: alice.id,
  seq: 2,
  prev: anEntryId('first'),
  parents: [anEntryId('tip')],
  lamport: 7,
  at: 1_767_225_600_000,
  kind: 'contribution',
  body: aHash('body'),
  size: 321,
  blobs: null,
  ...change,
});

export const manifestOf = (change: Partial<Manifest> & { [field: string]: unknown } = {}): Manifest => ({
  manifestVersion: 1,
  kind: 'work',
  mode: 'evaluation',
  summary: 'A faster run',
  artifacts: {},
  relations: [],
  tags: [],
  agent: { agentId: 'tester' },
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}
export function expectFailure(result: Result<unknown>, code: ErrorCode, message: RegExp | string): void {
  expect(result).toMatchObject({ ok: false, code });
  if (!result.ok) expect(result.message).toMatch(message);
}
/** Damages bytes in one of the ways that a disk or a hostile peer does. */
export const damaged = (original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(original, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat({ max: 3 }))
    .map(([bytes, where, mask, how]) => {
      const at = bytes.length === 0 ? 0 : where % bytes.length;
      if (how === 0) return bytes.slice(0, at);
      if (how === 1) return Uint8Array.of(...bytes.slice(0, at), mask, ...bytes.slice(at));
      if (how === 2) return Uint8Array.of(...bytes, mask);
      return bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
    });
