import { describe, expect, it } from 'vitest';
import { ACT_LIMITS } from '../../../worker/core/model/acts.ts';
import { decodeBody, encodeBody } from '../../../worker/core/model/body.ts';
import { idBytes } from '../../../worker/core/model/ids.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import { aHash as hashOf, anEntryId } from './fixtures.ts';

const aHash = hashOf('a contribution');
const target = idBytes(aHash);
const of = idBytes(anEntryId('a claim'));
const claim = { target, act: 'claim', of: null, lease: 1, note: '' };
const outcome = { target, outcome: 'accepted', reason: '' };
const vote = { target, vote: 'up' };
const reads = (kind: string, fields: object): boolean => decodeBody(kind, encode(fields)).ok;

describe('bodies of acts', () => {
  it.each<[string, object]>([
    ['a first claim', claim],
    ['a claim that ends an act', { ...claim, of }],
    ['the longest lease', { ...claim, lease: ACT_LIMITS.lease }],
    ['the longest note', { ...claim, note: 'n'.repeat(4_096) }],
    ['a renewal', { ...claim, act: 'renew', of }],
    ['a release', { ...claim, act: 'release', of, lease: 0 }],
    ['a completion', { ...claim, act: 'complete', of, lease: 0 }],
    ['keys of a later version', { ...claim, budget: 7 }],
  ])('M14: a claim is read: %s', (_, fields) => expect(reads('claim', fields)).toBe(true));

  it.each<[string, object]>([
    ['no lease', { ...claim, lease: 0 }],
    ['a lease of more than a day', { ...claim, lease: ACT_LIMITS.lease + 1 }],
    ['a lease below zero', { ...claim, lease: -1 }],
    ['a renewal without a lease', { ...claim, act: 'renew', of, lease: 0 }],
    ['a release with a lease', { ...claim, act: 'release', of }],
    ['a completion with a lease', { ...claim, act: 'complete', of }],
    ['a renewal of nothing', { ...claim, act: 'renew' }],
    ['a release of nothing', { ...claim, act: 'release', lease: 0 }],
    ['another act', { ...claim, act: 'seize' }],
    ['a short target', { ...claim, target: target.slice(1) }],
    ['a short name of an act', { ...claim, of: of.slice(1) }],
    ['no word on what it ends', { target, act: 'claim', lease: 1, note: '' }],
    ['a long note', { ...claim, note: 'n'.repeat(4_097) }],
    ['no note', { target, act: 'claim', of: null, lease: 1 }],
  ])('M14: a claim is not read: %s', (_, fields) => expect(reads('claim', fields)).toBe(false));

  it.each<[string, string, object, boolean]>([
    ['outcome', 'an outcome', outcome, true],
    ['outcome', 'the longest reason', { ...outcome, reason: 'r'.repeat(4_096) }, true],
    ['outcome', 'a long reason', { ...outcome, reason: 'r'.repeat(4_097) }, false],
    ['outcome', 'another outcome', { ...outcome, outcome: 'fine' }, false],
    ['outcome', 'no target', { outcome: 'accepted', reason: '' }, false],
    ['vote', 'a vote', vote, true],
    ['vote', 'one taken back', { ...vote, vote: 'none' }, true],
    ['vote', 'another vote', { ...vote, vote: 'maybe' }, false],
    ['vote', 'a number for a target', { ...vote, target: 7 }, false],
  ])('M14: %s: %s', (kind, _, fields, isRead) => expect(reads(kind, fields)).toBe(isRead));

  it('M14: what can’t be read is refused where it is written', () => {
    expect(() =>
      encodeBody({ kind: 'claim', target: aHash, act: 'claim', of: null, lease: 0, note: '' }),
    ).toThrow();
    expect(() =>
      encodeBody({ kind: 'outcome', target: aHash, outcome: 'accepted', reason: 'r'.repeat(4_097) }),
    ).toThrow();
  });
});
