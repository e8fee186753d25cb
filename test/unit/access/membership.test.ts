// Who is in a grove: folded from entries in any order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Members } from '../../../worker/core/access/membership.ts';
import { openingFor } from '../../../worker/core/access/opening.ts';
import type { AdmitBody, Body, InvitedRole } from '../../../worker/core/model/body.ts';
import { toEntryId, toPeerId, type EntryId, type PeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { SEED } from '../model/fixtures.ts';

const peer = (name: string): PeerId => toPeerId(hash32(utf8(name)));
const id = (name: string): EntryId => toEntryId(hash32(utf8(`entry ${name}`)));
const owner = peer('owner');

interface Act {
  source: { id: EntryId; author: PeerId; seq: number; lamport: number; at: number };
  body: Body;
}
const act = (name: string, author: PeerId, lamport: number, body: Body): Act => ({
  source: { id: id(name), author, seq: lamport, lamport, at: 1_000 + lamport },
  body,
});
const contract: Act = act('contract', owner, 1, {
  kind: 'contract',
  nonce: new Uint8Array(16),
  name: 'Grove',
  description: '',
  metrics: [],
  ownerName: 'Owner',
  box: new Uint8Array(32),
});
const invite = (
  name: string,
  author: PeerId,
  lamport: number,
  options: { uses?: number; role?: InvitedRole; expiresAt?: number | null } = {},
): Act => {
  const { uses = 5, role = 'member', expiresAt = null } = options;
  return act(name, author, lamport, { kind: 'invite', sealed: new Uint8Array(8), role, expiresAt, uses });
};
const admit = (
  who: string,
  by: PeerId,
  lamport: number,
  through: string,
  role: InvitedRole = 'member',
): Act =>
  act(`admit ${who} by ${by} at ${lamport}`, by, lamport, {
    kind: 'admit',
    invite: id(through),
    key: peer(who),
    role,
    name: who,
    box: new Uint8Array(32),
    proof: new Uint8Array(64),
  } satisfies AdmitBody);

function fold(acts: readonly Act[]): Members {
  const members = new Members();
  for (const { source, body } of acts) members.apply(source, body);
  return members;
}
const summary = (members: Members) => ({
  members: members.list().sort((x, y) => (x.peer < y.peer ? -1 : 1)),
  invites: members
    .invites()
    .map(({ source, used, revoked }) => ({ id: source.id, used, revoked }))
    .sort((x, y) => (x.id < y.id ? -1 : 1)),
});

describe('membership', () => {
  it('A6: is the same whatever the order in which the acts come', () => {
    const acts = [
      invite('wide', owner, 2),
      invite('once', owner, 3, { uses: 1 }),
      admit('ann', owner, 4, 'wide'),
      admit('bob', owner, 5, 'once'),
      admit('cid', peer('ann'), 5, 'once'),
      invite('anns', peer('ann'), 6, { role: 'reader' }),
      admit('dan', peer('ann'), 7, 'anns', 'reader'),
      admit('eve', peer('dan'), 8, 'wide'),
      act('revoke', peer('bob'), 9, { kind: 'revoke-invite', invite: id('anns') }),
      act('revoke own', peer('ann'), 9, { kind: 'revoke-invite', invite: id('anns') }),
      act('leave', peer('ann'), 10, { kind: 'leave' }),
      admit('ann', owner, 11, 'wide'),
      act('name', peer('ann'), 12, { kind: 'profile', name: 'Ann 2' }),
      act('older name', peer('ann'), 3, { kind: 'profile', name: 'Ann 1' }),
    ];
    const expected = summary(fold([contract, ...acts]));
    const names = expected.members.map(({ name }) => name).sort();
    // Of bob and cid, whose admissions share a lamport, the lower id used the invite up; dan is a reader, who admits nobody.
    expect(names).toHaveLength(4);
    expect(names).toContain('Ann 2');
    expect(names).not.toContain('eve');
    expect(expected.members.find(({ name }) => name === 'Ann 2')?.left).toBe(false);
    fc.assert(
      fc.property(fc.shuffledSubarray(acts, { minLength: acts.length }), (order) => {
        const folded = fold([contract, ...order]);
        expect(summary(folded)).toEqual(expected);
        expect(folded.told()).toBe(fold([contract, ...acts]).told());
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('O4: whatever changes who is in, as what and by which name, changes what is told', () => {
    const steps = [
      contract,
      invite('door', owner, 2),
      admit('ann', owner, 3, 'door'),
      act('name', peer('ann'), 4, { kind: 'profile', name: 'Anna' }),
      act('gone', peer('ann'), 5, { kind: 'leave' }),
    ];
    const told = steps.map((_, index) => fold(steps.slice(0, index + 1)).told());
    expect(new Set(told).size).toBe(steps.length);
  });

  it('A6: an admission that was written after its invite expired is void, unless its key had asked in time', () => {
    const expiresAt = 1_000_000;
    const late = (given: Act, at: number): Act => ({ ...given, source: { ...given.source, at } });
    const acts = (at: number): Act[] => [
      contract,
      invite('week', owner, 2, { expiresAt }),
      late(admit('ann', owner, 5, 'week'), at),
    ];
    const { invite: through, key, name, box, proof } = admit('ann', owner, 4, 'week').body as AdmitBody;
    const said = { invite: through, key, name, box, proof };
    const asked = (at: number): Act => late(act('ask', owner, 4, { ...said, kind: 'request' }), at);
    const isIn = (given: readonly Act[]): boolean => fold(given).isMember(peer('ann'));
    expect(isIn(acts(expiresAt - 1))).toBe(true);
    expect(isIn(acts(expiresAt + 60_000))).toBe(false);
    expect(isIn([...acts(expiresAt + 60_000), asked(expiresAt - 1)])).toBe(true);
    expect(isIn([asked(expiresAt + 60_000), ...acts(expiresAt + 60_001)])).toBe(false);
    // It uses nothing up, and whoever it names may come by another.
    const by = [invite('other', owner, 3), admit('ann', owner, 9, 'other')];
    expect(isIn([...acts(expiresAt + 60_000), ...by])).toBe(true);
  });

  it('A6: admissions beyond the uses are void, the earliest by (lamport, id) count', () => {
    const members = fold([
      contract,
      invite('twice', owner, 2, { uses: 2 }),
      admit('third', owner, 9, 'twice'),
      admit('first', owner, 3, 'twice'),
      admit('second', owner, 4, 'twice'),
    ]);
    expect(['first', 'second', 'third'].map((who) => members.isMember(peer(who)))).toEqual([
      true,
      true,
      false,
    ]);
    const [known] = members.invites();
    expect(known && members.refusal(known, 0)).toBe('used-up');
    // What is void for the views may still be in the log: that must not depend on what comes later.
    expect(members.admits(peer('third'), 'contribution', 1)).toBe(true);
    expect(members.mayPublish(peer('third'))).toBe(false);
  });

  it('A6: an admission can’t raise the role that its invite grants', () => {
    const members = fold([
      contract,
      invite('read', owner, 2, { role: 'reader' }),
      admit('ann', owner, 3, 'read'),
    ]);
    expect(members.role(peer('ann'))).toBe('reader');
    expect(members.mayPublish(peer('ann'))).toBe(false);
  });

  it('A7: a reader writes its own profile and leave, a stranger nothing, and nobody a second contract', () => {
    const members = fold([
      contract,
      invite('read', owner, 2, { role: 'reader' }),
      admit('ann', owner, 3, 'read', 'reader'),
    ]);
    const kinds = ['profile', 'leave', 'contribution', 'retract', 'invite', 'admit', 'later-kind'];
    const may = (who: PeerId) => kinds.filter((kind) => members.admits(who, kind, 1));
    expect(may(peer('ann'))).toEqual(['profile', 'leave']);
    expect(may(peer('stranger'))).toEqual([]);
    expect(may(owner)).toEqual(kinds);
    expect(members.admits(owner, 'contract', 2)).toBe(false);
    expect(new Members().admits(owner, 'contract', 2)).toBe(true);
    expect(new Members().admits(owner, 'profile', 2)).toBe(false);
  });

  it('A4, A5: an invite is refused once expired or revoked by its author or the owner, and by nobody else', () => {
    const acts = [
      contract,
      invite('wide', owner, 2),
      admit('ann', owner, 3, 'wide'),
      admit('bob', owner, 4, 'wide'),
    ];
    const anns = invite('anns', peer('ann'), 5, { expiresAt: 5_000 });
    const refusalAfter = (by: PeerId | null, now = 0) => {
      const revocation = act('revoke', by ?? owner, 6, { kind: 'revoke-invite', invite: id('anns') });
      const members = fold([...acts, anns, ...(by === null ? [] : [revocation])]);
      const found = members.invites().find(({ source }) => source.id === id('anns'));
      return found && members.refusal(found, now);
    };
    expect(refusalAfter(null)).toBeNull();
    expect(refusalAfter(null, 4_999)).toBeNull();
    expect(refusalAfter(null, 5_000)).toBe('expired');
    expect(refusalAfter(peer('bob'))).toBeNull();
    expect(refusalAfter(peer('ann'))).toBe('revoked');
    expect(refusalAfter(owner)).toBe('revoked');
  });

  it('A2, A3: a grove opens fully to members, inward to others, and to whoever proves it before one is a member oneself', () => {
    const none = new Members();
    const members = fold([contract, invite('wide', owner, 2), admit('ann', owner, 3, 'wide')]);
    expect(openingFor(false, members, owner, peer('ann'))).toBe('closed');
    expect(openingFor(true, members, owner, peer('ann'))).toBe('full');
    expect(openingFor(true, members, owner, peer('eve'))).toBe('inward');
    expect(openingFor(true, none, peer('eve'), owner)).toBe('full');
    expect(openingFor(false, none, peer('eve'), owner)).toBe('closed');
  });
});
