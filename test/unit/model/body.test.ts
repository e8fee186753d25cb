import fc from 'fast-check';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/model.json' with { type: 'json' };
import { decodeBody, encodeBody } from '../../../worker/core/model/body.ts';
import { CLAIM_ACTS, OUTCOMES, VOTES } from '../../../worker/core/model/acts.ts';
import { ABOUT, MODERATE_WORDS } from '../../../worker/core/model/governing.ts';
import { SETTABLE } from '../../../worker/core/model/powers.ts';
import type { Body, ContractBody } from '../../../worker/core/model/body.ts';
import type { Json } from '../../../worker/core/model/json.ts';
import { idBytes } from '../../../worker/core/model/ids.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';
import {
  aHash,
  alice,
  anEntryId,
  anyEntryId,
  anyHash,
  anyPeerId,
  bytes32,
  check,
  damaged,
  digest,
  expectFailure,
  hex,
  textUpTo,
  uint,
  valueOf,
} from './fixtures.ts';

const contract = (change: Partial<ContractBody> = {}): ContractBody => ({
  kind: 'contract',
  nonce: new Uint8Array(16).fill(9),
  name: 'Speedrun',
  description: '',
  metrics: [{ name: 'minutes', direction: 'minimize' }],
  ownerName: 'Ada',
  box: digest('box'),
  ...change,
});
const role = fc.constantFrom('member' as const, 'reader' as const);
const metric = fc
  .record({
    name: textUpTo(64, 1),
    direction: fc.constantFrom('minimize' as const, 'maximize' as const),
    unit: fc.option(textUpTo(64), { nil: undefined }),
  })
  .map(({ unit, ...rest }) => (unit === undefined ? rest : { ...rest, unit }));

const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
const cutOff = {
  seq: uint,
  last: fc.option(anyEntryId),
  proof: fc.option(fc.uint8Array({ minLength: 64, maxLength: 64 })),
};

const anyBodyOf: { [K in Body['kind']]: fc.Arbitrary<Extract<Body, { kind: K }>> } = {
  contract: fc.record({
    kind: fc.constant('contract' as const),
    nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    name: textUpTo(120, 1),
    description: textUpTo(400),
    metrics: fc.uniqueArray(metric, { selector: (each) => each.name, maxLength: 5 }),
    ownerName: textUpTo(80, 1),
    box: bytes32,
  }),
  invite: fc.record({
    kind: fc.constant('invite' as const),
    sealed: fc.uint8Array({ maxLength: 300 }),
    role,
    expiresAt: fc.option(uint),
    uses: fc.integer({ min: 1, max: 1_000_000 }),
  }),
  admit: fc.record({
    kind: fc.constant('admit' as const),
    invite: anyEntryId,
    key: anyPeerId,
    role,
    name: textUpTo(80, 1),
    box: bytes32,
    proof: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  }),
  profile: fc.record(
    {
      kind: fc.constant('profile' as const),
      name: textUpTo(80, 1),
      avatar: anyHash,
      description: textUpTo(300, 1),
      capabilities: fc.array(textUpTo(64, 1), { maxLength: 4 }),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
  claim: fc
    .record({
      target: anyHash,
      of: anyEntryId,
      note: textUpTo(300),
      lease: fc.integer({ min: 1, max: 86_400_000 }),
      first: fc.boolean(),
      act: fc.constantFrom(...CLAIM_ACTS),
    })
    .map(({ target, of, note, lease, first, act }) => ({
      ...{ kind: 'claim' as const, target, act, note },
      of: first && act === 'claim' ? null : of,
      lease: act === 'claim' || act === 'renew' ? lease : 0,
    })),
  outcome: fc.record({
    kind: fc.constant('outcome' as const),
    target: anyHash,
    outcome: fc.constantFrom(...OUTCOMES),
    reason: textUpTo(300),
  }),
  vote: fc.record({ kind: fc.constant('vote' as const), target: anyHash, vote: fc.constantFrom(...VOTES) }),
  setting: fc.record({
    kind: fc.constant('setting' as const),
    key: textUpTo(128, 1),
    value: fc.constantFrom<Json | undefined>(undefined, null, false, 7, 'seven', [1, 'a'], {
      a: { b: [] },
      c: 'ü',
    }),
    replaces: fc.uniqueArray(anyEntryId, { maxLength: 5 }),
  }),
  retract: fc.record({ kind: fc.constant('retract' as const), target: anyHash }),
  leave: fc.record({ kind: fc.constant('leave' as const) }),
  'revoke-invite': fc.record(
    {
      kind: fc.constant('revoke-invite' as const),
      invite: anyEntryId,
      keeps: fc.array(anyEntryId, { maxLength: 4 }),
    },
    { requiredKeys: ['kind', 'invite'] },
  ),
  role: fc.record({
    ...{
      kind: fc.constant('role' as const),
      target: anyPeerId,
      role: fc.constantFrom(...SETTABLE),
      ...cutOff,
    },
    replaces: fc.uniqueArray(anyEntryId, { maxLength: 5 }),
  }),
  ban: fc.record({
    ...{ kind: fc.constant('ban' as const), target: anyPeerId, ...cutOff, reason: textUpTo(300) },
  }),
  unban: fc.record({
    ...{ kind: fc.constant('unban' as const), target: anyPeerId, reason: textUpTo(300) },
    lifts: fc.uniqueArray(anyEntryId, { minLength: 1, maxLength: 5 }),
  }),
  request: fc.record({
    ...{ kind: fc.constant('request' as const), invite: anyEntryId, key: anyPeerId },
    ...{ name: textUpTo(80, 1), box: bytes32 },
    proof: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  }),
  approve: fc.record({
    ...{ kind: fc.constant('approve' as const), invite: anyEntryId, key: anyPeerId },
    ...{ approved: fc.boolean(), reason: textUpTo(300) },
  }),
  report: fc.record({
    ...{ kind: fc.constant('report' as const), about: fc.constantFrom(...ABOUT) },
    ...{ subject: anyHash, reason: textUpTo(300) },
  }),
  moderate: fc.record({
    ...{ kind: fc.constant('moderate' as const), about: fc.constantFrom(...ABOUT), subject: anyHash },
    ...{ word: fc.constantFrom(...MODERATE_WORDS), reason: textUpTo(300) },
    closes: fc.uniqueArray(anyEntryId, { maxLength: 5 }),
  }),
  successor: fc.record({ kind: fc.constant('successor' as const), to: fc.option(anyPeerId) }),
  elect: fc.record({ kind: fc.constant('elect' as const), owner: anyPeerId, seq: uint, to: anyPeerId }),
  succeed: fc.record({
    ...{ kind: fc.constant('succeed' as const), owner: anyPeerId, seq: uint },
    ballots: fc.uniqueArray(anyEntryId, { maxLength: 5 }),
  }),
  vouch: fc
    .record({
      ...{ kind: fc.constant('vouch' as const), by: anyPeerId, key: anyPeerId, box: bytes32 },
      ...{ name: textUpTo(80, 1), succeeds: fc.boolean(), signature: bytes64, accepted: bytes64 },
    })
    .filter(({ by, key }) => by !== key),
  revoke: fc.record({ kind: fc.constant('revoke' as const), target: anyPeerId, seq: uint }),
  handover: fc.record({ kind: fc.constant('handover' as const), to: anyPeerId, seq: uint }),
  rotate: fc.record({
    ...{ kind: fc.constant('rotate' as const), epoch: fc.integer({ min: 1, max: 1000 }), commit: anyHash },
    key: bytes32,
    boxes: fc.array(fc.record({ peer: anyPeerId, sealed: fc.uint8Array({ maxLength: 96 }) }), {
      maxLength: 5,
    }),
  }),
};
const anyBody: fc.Arbitrary<Body> = fc.oneof(...Object.values<fc.Arbitrary<Body>>(anyBodyOf));

describe('bodies', () => {
  it('M9: every kind decodes to what was encoded', () => {
    for (const arbitrary of Object.values<fc.Arbitrary<Body>>(anyBodyOf))
      check(arbitrary, (body) => expect(valueOf(decodeBody(body.kind, encodeBody(body)))).toEqual(body), 60);
  });

  it('M9: the frozen contract reads as it was written', () => {
    const body = valueOf(decodeBody('contract', hex(vectors.contract.body)));
    expect(body).toMatchObject({
      name: 'Speedrun',
      metrics: [{ name: 'minutes', direction: 'minimize', unit: 'min' }],
    });
    if (body.kind === 'unknown') throw new Error('a contract is known');
    expect(bytesToHex(encodeBody(body))).toBe(vectors.contract.body);
  });

  it('M9: keys of a later version are left alone', () => {
    const later = encode({ name: 'Ada', pronouns: 'she', colours: [1, { deep: true }] });
    expect(valueOf(decodeBody('profile', later))).toEqual({ kind: 'profile', name: 'Ada' });
  });

  it.each(['vouched', 'snapshot', 'contribution', 'toString', '__proto__'])(
    'M6: a body of kind %s is unknown and not looked into',
    (kind) => expect(valueOf(decodeBody(kind, Uint8Array.of(0xff)))).toEqual({ kind: 'unknown' }),
  );

  it.each<[string, Body]>([
    ['an empty grove name', contract({ name: '' })],
    ['a grove name of 121 characters', contract({ name: 'n'.repeat(121) })],
    ['a long description', contract({ description: 'd'.repeat(4097) })],
    [
      '51 metrics',
      contract({ metrics: Array.from({ length: 51 }, (_, n) => ({ name: `m${n}`, direction: 'minimize' })) }),
    ],
    [
      'a metric twice',
      contract({
        metrics: [
          { name: 'm', direction: 'minimize' },
          { name: 'm', direction: 'maximize' },
        ],
      }),
    ],
    ['a metric without name', contract({ metrics: [{ name: '', direction: 'minimize' }] })],
    ['a nonce of 15 bytes', contract({ nonce: new Uint8Array(15) })],
    ['an empty name', { kind: 'profile', name: '' }],
    ['a name of 81 characters', { kind: 'profile', name: 'n'.repeat(81) }],
    ['no uses', { kind: 'invite', sealed: digest('s'), role: 'member', expiresAt: null, uses: 0 }],
    [
      'an expiry before the epoch',
      { kind: 'invite', sealed: digest('s'), role: 'member', expiresAt: -1, uses: 1 },
    ],
    [
      'a sealed key of 513 bytes',
      { kind: 'invite', sealed: new Uint8Array(513), role: 'member', expiresAt: null, uses: 1 },
    ],
    [
      'a short proof',
      {
        kind: 'admit',
        invite: anEntryId('i'),
        key: alice.id,
        role: 'member',
        name: 'Bob',
        box: digest('b'),
        proof: digest('p'),
      },
    ],
  ])('M9: %s cannot be written', (_, body) => {
    expect(() => encodeBody(body)).toThrow(/body: not what|beyond/);
  });

  it('M4: a name with a lone surrogate cannot be written', () => {
    expect(() => encodeBody({ kind: 'profile', name: '\ud800' })).toThrow('well-formed');
  });

  it.each<[string, Body['kind'], unknown]>([
    ['an array', 'leave', []],
    ['a missing field', 'retract', {}],
    [
      'an owner by invitation',
      'admit',
      {
        invite: idBytes(anEntryId('i')),
        key: idBytes(alice.id),
        role: 'owner',
        name: 'Eve',
        box: digest('b'),
        proof: new Uint8Array(64),
      },
    ],
    ['a target that is text', 'retract', { target: aHash('x') }],
    ['metrics that are a map', 'contract', { ...contract(), kind: 1, metrics: {} }],
    ['an expiry that is missing', 'invite', { sealed: digest('s'), role: 'member', uses: 1 }],
  ])('M9: %s is refused', (_, kind, raw) => {
    expectFailure(decodeBody(kind, encode(raw)), 'corrupt', `body: not what ${kind} needs`);
  });

  it('M9: a body over 64 KiB is refused', () => {
    expectFailure(decodeBody('leave', new Uint8Array(65_537)), 'too-large', 'given 65537');
  });

  it('W1: damaged and arbitrary bodies never throw', () => {
    const tagged = anyBody.chain((body) =>
      fc.tuple(fc.constant(body.kind), damaged(fc.constant(encodeBody(body)))),
    );
    check(tagged, ([kind, bytes]) => expect(typeof decodeBody(kind, bytes).ok).toBe('boolean'), 2000);
    const kinds = fc.constantFrom(...Object.keys(anyBodyOf));
    check(
      fc.tuple(kinds, fc.uint8Array({ maxLength: 200 })),
      ([kind, bytes]) => {
        const decoded = decodeBody(kind, bytes);
        if (decoded.ok) expect(kind).toBe('leave');
      },
      2000,
    );
  });
});
