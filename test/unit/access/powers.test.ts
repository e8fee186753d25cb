// Roles, bans and what is cut off: folded by rank, from acts in any order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Members } from '../../../worker/core/access/membership.ts';
import { openingFor } from '../../../worker/core/access/opening.ts';
import type { Body } from '../../../worker/core/model/body.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { toEntryId, toPeerId, type EntryId, type PeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { SEED } from '../model/fixtures.ts';

const peer = (name: string): PeerId => toPeerId(hash32(utf8(name)));
const id = (name: string): EntryId => toEntryId(hash32(utf8(`entry ${name}`)));
const owner = peer('owner');
const none = { last: null, proof: null };

interface Act {
  source: { id: EntryId; author: PeerId; seq: number; lamport: number; at: number };
  body: Body;
}
const act = (name: string, author: PeerId, seq: number, lamport: number, body: Body): Act => ({
  source: { id: id(name), author, seq, lamport, at: lamport },
  body,
});
const contract = act('contract', owner, 1, 1, {
  ...{ kind: 'contract', nonce: new Uint8Array(16), name: 'Grove', description: '', metrics: [] },
  ...{ ownerName: 'Owner', box: new Uint8Array(32) },
});
const invite = (
  name: string,
  by: PeerId,
  seq: number,
  lamport: number,
  role: 'member' | 'reader' = 'member',
): Act =>
  act(name, by, seq, lamport, { kind: 'invite', sealed: new Uint8Array(8), role, expiresAt: null, uses: 50 });
const admit = (who: string, by: PeerId, seq: number, lamport: number, through = 'door'): Act =>
  act(`admit ${who} ${by} ${seq}`, by, seq, lamport, {
    ...{ kind: 'admit', invite: id(through), key: peer(who), role: 'member', name: who },
    ...{ box: new Uint8Array(32), proof: new Uint8Array(64) },
  });
const role = (
  name: string,
  by: PeerId,
  seq: number,
  lamport: number,
  who: string,
  as: 'moderator' | 'member' | 'reader',
  from = 0,
  replaces: string[] = [],
): Act =>
  act(name, by, seq, lamport, {
    ...{ kind: 'role', target: peer(who), role: as, seq: from, ...none, replaces: replaces.map(id) },
  });
const ban = (name: string, by: PeerId, seq: number, lamport: number, who: string, from: number): Act =>
  act(name, by, seq, lamport, { kind: 'ban', target: peer(who), seq: from, ...none, reason: '' });
const unban = (name: string, by: PeerId, seq: number, lamport: number, who: string, lifts: string[]): Act =>
  act(name, by, seq, lamport, { kind: 'unban', target: peer(who), lifts: lifts.map(id), reason: '' });

function fold(acts: readonly Act[]): Members {
  const members = new Members();
  for (const { source, body } of acts) members.apply(source, body);
  return members;
}
const people = ['mod', 'ann', 'bob', 'cid', 'dan'];
const start = [
  contract,
  invite('door', owner, 2, 2),
  ...people.map((who, at) => admit(who, owner, 3 + at, 3 + at)),
  role('mods', owner, 20, 20, 'mod', 'moderator'),
];
const cutOf = (members: Members, who: string): number | null => members.cuts.get(peer(who))?.seq ?? null;

describe('acts of power', () => {
  it('A11: the log takes them from owner and moderators, of nobody else', () => {
    const members = fold(start);
    for (const kind of ['role', 'ban', 'unban', 'rotate', 'handover']) {
      expect(members.admits(owner, kind, 30)).toBe(true);
      expect(members.admits(peer('mod'), kind, 30)).toBe(true);
      expect(members.admits(peer('ann'), kind, 30)).toBe(false);
      expect(members.admits(peer('stranger'), kind, 30)).toBe(false);
      // Before anybody was made a moderator there is the owner alone.
      expect(fold(start.slice(0, -1)).admits(peer('mod'), kind, 30)).toBe(false);
    }
  });

  it('A12: a moderator bans members, neither owner nor moderators, and makes no moderators', () => {
    const members = fold([
      ...start,
      role('second', owner, 21, 21, 'ann', 'moderator'),
      ban('on mod', peer('ann'), 5, 30, 'mod', 0),
      act('on owner', peer('ann'), 6, 31, { kind: 'ban', target: owner, seq: 0, ...none, reason: '' }),
      role('raise', peer('ann'), 7, 32, 'bob', 'moderator'),
      ban('on cid', peer('ann'), 8, 33, 'cid', 4),
    ]);
    expect([members.role(peer('mod')), members.role(owner), members.role(peer('bob'))]).toEqual([
      'moderator',
      'owner',
      'member',
    ]);
    expect(members.role(peer('cid'))).toBeNull();
    expect([...members.cuts.keys()]).toEqual([peer('cid')]);
  });

  it('A12: what a demoted moderator wrote as one stands, what it writes after does not', () => {
    const members = fold([
      ...start,
      ban('before', peer('mod'), 10, 30, 'ann', 3),
      role('demoted', owner, 21, 31, 'mod', 'member', 10, ['mods']),
      ban('after', peer('mod'), 11, 32, 'bob', 3),
    ]);
    expect([members.isBanned(peer('ann')), members.isBanned(peer('bob'))]).toEqual([true, false]);
    expect(members.role(peer('mod'))).toBe('member');
    // Partitioned, it may have written it in good faith: its log goes on.
    expect(members.admits(peer('mod'), 'ban', 11)).toBe(true);
    expect(members.admits(peer('mod'), 'contribution', 12)).toBe(true);
  });

  it('A12: of concurrent role acts the owner’s stands, and one that replaces it', () => {
    const owners = role('to reader', owner, 21, 30, 'ann', 'reader', 5);
    const concurrent = role('to member', peer('mod'), 5, 40, 'ann', 'member', 6);
    const after = role('anew', peer('mod'), 6, 41, 'ann', 'member', 6, ['to reader', 'to member']);
    expect(fold([...start, owners, concurrent]).role(peer('ann'))).toBe('reader');
    expect(fold([...start, owners, concurrent, after]).role(peer('ann'))).toBe('member');
  });

  it('A13: the least seq of standing bans cuts off, an unban gives back what it lifts', () => {
    const bans = [ban('one', peer('mod'), 5, 30, 'ann', 9), ban('two', owner, 21, 31, 'ann', 7)];
    expect(cutOf(fold([...start, ...bans]), 'ann')).toBe(8);
    const byMod = unban('lift', peer('mod'), 6, 32, 'ann', ['one', 'two']);
    expect(cutOf(fold([...start, ...bans, byMod]), 'ann')).toBe(8);
    const byOwner = unban('lift all', owner, 22, 33, 'ann', ['one', 'two']);
    const lifted = fold([...start, ...bans, byOwner]);
    expect([cutOf(lifted, 'ann'), lifted.role(peer('ann'))]).toEqual([null, 'member']);
  });

  it('A13: what was written before stays: it counts as publisher, in no list, and admits no more', () => {
    const members = fold([
      ...start,
      admit('eve', peer('ann'), 4, 25),
      admit('fay', peer('ann'), 9, 26),
      admit('gil', peer('fay'), 1, 27),
      ban('it', owner, 21, 30, 'ann', 6),
    ]);
    expect(members.mayPublish(peer('ann'))).toBe(true);
    expect(members.isMember(peer('ann'))).toBe(false);
    expect(members.isMember(peer('eve'))).toBe(true);
    // Whom it let in beyond the cut-off, and whom these let in, are void from their first entry on.
    expect([cutOf(members, 'eve'), cutOf(members, 'fay'), cutOf(members, 'gil')]).toEqual([null, 1, 1]);
    expect(members.isMember(peer('gil'))).toBe(false);
    expect(openingFor(true, members, owner, peer('ann'))).toBe('closed');
    expect(openingFor(true, members, owner, peer('stranger'))).toBe('inward');
  });

  it('A13: a moderator’s ban does not cut what its target wrote as moderator', () => {
    const members = fold([
      ...start,
      ban('by mod', peer('mod'), 8, 28, 'bob', 2),
      role('demoted', owner, 21, 30, 'mod', 'member', 10, ['mods']),
      role('second', owner, 22, 31, 'ann', 'moderator'),
      ban('deep', peer('ann'), 4, 32, 'mod', 3),
    ]);
    expect(cutOf(members, 'mod')).toBe(11);
    expect(members.isBanned(peer('bob'))).toBe(true);
    expect(cutOf(fold([...start, ban('own', owner, 21, 30, 'mod', 3)]), 'mod')).toBe(4);
  });

  it('A13: a demotion to reader cuts off, and keeps the member', () => {
    const members = fold([...start, role('quiet', peer('mod'), 5, 30, 'ann', 'reader', 6)]);
    expect([members.role(peer('ann')), cutOf(members, 'ann')]).toEqual(['reader', 7]);
    expect(members.admits(peer('ann'), 'contribution', 6)).toBe(true);
    expect(members.admits(peer('ann'), 'contribution', 7)).toBe(false);
  });

  it('A12: an owner hands over once; what it wrote as owner stays', () => {
    const members = fold([
      ...start,
      ban('early', owner, 21, 30, 'bob', 1),
      act('over', owner, 22, 31, { kind: 'handover', to: peer('ann'), seq: 3 }),
      act('again', owner, 23, 32, { kind: 'handover', to: peer('cid'), seq: 3 }),
      ban('late', owner, 24, 33, 'dan', 1),
      ban('by ann', peer('ann'), 4, 34, 'mod', 2),
      ban('too early', peer('ann'), 3, 34, 'dan', 2),
    ]);
    expect([members.owner, members.role(owner), members.role(peer('ann'))]).toEqual([
      peer('ann'),
      'member',
      'owner',
    ]);
    expect(['bob', 'dan', 'mod'].map((who) => members.isBanned(peer(who)))).toEqual([true, false, true]);
  });

  it('A5: an admission that a revocation does not list is void, whatever its place', () => {
    const acts = [
      ...start,
      act('shut', owner, 30, 30, {
        kind: 'revoke-invite',
        invite: id('door'),
        keeps: start.slice(2, 7).map(({ source }) => source.id),
      }),
      admit('late', peer('bob'), 9, 8),
    ];
    const members = fold(acts);
    expect([members.isMember(peer('late')), members.isMember(peer('ann'))]).toEqual([false, true]);
    expect(members.invites().map(({ revoked }) => revoked)).toEqual([true]);
  });

  const authors = ['owner', ...people];
  const anyAct = fc
    .record({
      by: fc.constantFrom(...authors),
      who: fc.constantFrom(...people),
      seq: fc.integer({ min: 10, max: 30 }),
      from: fc.integer({ min: 0, max: 30 }),
      kind: fc.constantFrom('moderator', 'member', 'reader', 'ban', 'unban', 'handover', 'admit'),
      of: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 3 }),
    })
    .map((made) => ({ ...made, lamport: made.seq + 20 }));
  const history = fc.array(anyAct, { maxLength: 12 }).map((made) =>
    made.map(({ by, who, seq, from, kind, of, lamport }, at): Act => {
      const [author, name] = [peer(by), `any ${at}`];
      const named = of.filter((each) => each < at).map((each) => `any ${each}`);
      if (kind === 'ban') return ban(name, author, seq, lamport, who, from);
      if (kind === 'unban') return unban(name, author, seq, lamport, who, named);
      if (kind === 'admit')
        return {
          ...admit(`new ${who}`, author, seq, lamport),
          source: { ...admit('x', author, seq, lamport).source, id: id(name) },
        };
      if (kind === 'handover') return act(name, author, seq, lamport, { kind, to: peer(who), seq: from });
      return role(name, author, seq, lamport, who, kind, from, named);
    }),
  );
  const told = (members: Members): unknown => [
    members.told(),
    [...members.cuts].map(([who, { seq }]) => `${who} ${seq}`).sort(),
    [...members.publishers()].sort(),
  ];

  it('A12: any order and any duplication give the same', () => {
    fc.assert(
      fc.property(
        history.chain((acts) =>
          fc.tuple(
            fc.constant(acts),
            fc.shuffledSubarray([...start.slice(1), ...acts], { minLength: start.length - 1 + acts.length }),
            fc.subarray(acts),
          ),
        ),
        ([acts, order, twice]) => {
          const expected = told(fold([...start, ...acts]));
          expect(
            told(fold([contract, ...order, ...twice.filter(({ body }) => body.kind !== 'admit')])),
          ).toEqual(expected);
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('A13: what is cut off changes nothing, whoever holds it', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const all = fold([...start, ...acts]);
        const counted = [...start, ...acts].filter(
          ({ source }) => source.seq < (all.cuts.get(source.author)?.seq ?? Infinity),
        );
        const without = fold(counted);
        expect([without.told(), [...without.publishers()].sort()]).toEqual([
          all.told(),
          [...all.publishers()].sort(),
        ]);
        // Those that only void admissions let in are known by them alone, and whoever holds no void one refuses them too.
        for (const [who, { seq }] of all.cuts)
          expect(without.cuts.get(who)?.seq ?? (without.admits(who, 'contribution', 1) ? null : 1)).toBe(seq);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
