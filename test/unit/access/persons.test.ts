// Devices of one person: folded from vouches and revocations in any order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Members } from '../../../worker/core/access/membership.ts';
import { openingFor } from '../../../worker/core/access/opening.ts';
import type { Body } from '../../../worker/core/model/body.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { toEntryId, toPeerId, type EntryId, type PeerId } from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { NEVER } from '../../../worker/core/model/vouch.ts';
import { SEED } from '../model/fixtures.ts';

const peer = (name: string): PeerId => toPeerId(hash32(utf8(name)));
const id = (name: string): EntryId => toEntryId(hash32(utf8(`entry ${name}`)));
const none = { last: null, proof: null };

interface Act {
  source: { id: EntryId; author: PeerId; seq: number; lamport: number; at: number };
  body: Body;
}
let serial = 0;
const act = (by: string, seq: number, lamport: number, body: Body, name = `${(serial += 1)}`): Act => ({
  source: { id: id(name), author: peer(by), seq, lamport, at: lamport },
  body,
});
const contract = act('owner', 1, 1, {
  ...{ kind: 'contract', nonce: new Uint8Array(16), name: 'Grove', description: '', metrics: [] },
  ...{ ownerName: 'Owner', box: new Uint8Array(32) },
});
const door = act(
  'owner',
  2,
  2,
  { kind: 'invite', sealed: new Uint8Array(8), role: 'member', expiresAt: null, uses: 50 },
  'door',
);
const admit = (who: string, seq: number): Act =>
  act('owner', seq, seq, {
    ...{ kind: 'admit', invite: id('door'), key: peer(who), role: 'member', name: who },
    ...{ box: new Uint8Array(32), proof: new Uint8Array(64) },
  });
const vouch = (
  carrier: string,
  seq: number,
  lamport: number,
  by: string,
  key: string,
  succeeds = false,
): Act =>
  act(carrier, seq, lamport, {
    ...{
      kind: 'vouch',
      by: peer(by),
      key: peer(key),
      box: new Uint8Array(32),
      name: `${key} device`,
      succeeds,
    },
    ...{ signature: new Uint8Array(64), accepted: new Uint8Array(64) },
  });
const revoke = (by: string, seq: number, lamport: number, target: string, last: number): Act =>
  act(by, seq, lamport, { kind: 'revoke', target: peer(target), seq: last });
const ban = (by: string, seq: number, lamport: number, who: string, from: number): Act =>
  act(by, seq, lamport, { kind: 'ban', target: peer(who), seq: from, ...none, reason: '' });

function fold(acts: readonly Act[]): Members {
  const members = new Members();
  for (const { source, body } of acts) members.apply(source, body);
  return members;
}
const start = [contract, door, admit('ann', 3), admit('bob', 4)];
const role = (members: Members, who: string) => members.role(peer(who));

describe('devices of one person', () => {
  it('A20: a vouched device is let in as what the other is, under one name, and may write', () => {
    const members = fold([...start, vouch('bob', 1, 10, 'ann', 'phone')]);
    expect([role(members, 'phone'), members.nameOf(peer('phone'))]).toEqual(['member', 'ann']);
    expect(members.persons.of(peer('phone'))).toBe(peer('ann'));
    expect(members.admits(peer('phone'), 'contribution', 1)).toBe(true);
    expect(members.mayPublish(peer('phone'))).toBe(true);
    expect(fold(start).admits(peer('phone'), 'contribution', 1)).toBe(false);
  });

  it('A20: a vouch by a stranger, or carried by one who may not admit, lets nobody in', () => {
    const stranger = fold([...start, vouch('bob', 1, 10, 'stranger', 'phone')]);
    expect([role(stranger, 'phone'), stranger.admits(peer('phone'), 'contribution', 1)]).toEqual([
      null,
      false,
    ]);
    const reader: Act = act('owner', 5, 5, {
      ...{ kind: 'invite', sealed: new Uint8Array(8), role: 'reader', expiresAt: null, uses: 5 },
    });
    const admitReader = act('owner', 6, 6, {
      ...{ kind: 'admit', invite: reader.source.id, key: peer('eve'), role: 'reader', name: 'eve' },
      ...{ box: new Uint8Array(32), proof: new Uint8Array(64) },
    });
    const carried = fold([...start, reader, admitReader, vouch('eve', 1, 10, 'ann', 'phone')]);
    expect(role(carried, 'phone')).toBeNull();
    const own = fold([...start, reader, admitReader, vouch('eve', 1, 10, 'eve', 'phone')]);
    expect(role(own, 'phone')).toBe('reader');
  });

  it('A20: a person has at most 16 devices', () => {
    const many = Array.from({ length: 20 }, (_, at) => vouch('ann', 1 + at, 10 + at, 'ann', `d${at}`));
    const members = fold([...start, ...many]);
    expect(members.persons.devices(peer('ann')).length).toBe(16);
    expect([role(members, 'd14'), role(members, 'd15')]).toEqual(['member', null]);
  });

  it('A21: a device that who bans did not know is void, one that it named keeps what it wrote', () => {
    const before = [...start, vouch('bob', 1, 10, 'ann', 'phone')];
    const unknown = fold([...before, ban('owner', 20, 20, 'ann', 3)]);
    expect([role(unknown, 'phone'), unknown.cuts.get(peer('phone'))?.seq]).toEqual([null, 1]);
    const both = fold([...before, ban('owner', 20, 20, 'phone', 5), ban('owner', 21, 21, 'ann', 3)]);
    expect([both.isBanned(peer('phone')), both.cuts.get(peer('phone'))?.seq]).toEqual([true, 6]);
    expect(both.mayPublish(peer('phone'))).toBe(true);
    // Banned alone, it is one's device all the same.
    const alone = fold([...before, ban('owner', 20, 20, 'phone', 5)]);
    expect([role(alone, 'ann'), role(alone, 'phone'), alone.mayPublish(peer('phone'))]).toEqual([
      'member',
      null,
      true,
    ]);
  });

  it('A22: an ended device is no member, what it wrote before stays, what it lets in stays', () => {
    const members = fold([...start, vouch('bob', 1, 10, 'ann', 'phone'), revoke('phone', 1, 11, 'ann', 7)]);
    expect([role(members, 'ann'), role(members, 'phone')]).toEqual([null, 'member']);
    expect([members.publishes(peer('ann'), 7), members.publishes(peer('ann'), 8)]).toEqual([true, false]);
    expect(members.admits(peer('ann'), 'contribution', 8)).toBe(true);
    expect(openingFor(true, members, peer('bob'), peer('ann'))).toBe('closed');
    const back = fold([
      ...[...start, vouch('bob', 1, 10, 'ann', 'phone'), revoke('phone', 1, 11, 'ann', 7)],
      revoke('phone', 2, 12, 'ann', NEVER),
    ]);
    expect(role(back, 'ann')).toBe('member');
  });

  it('A22: of two that end each other the senior stands, whoever was first', () => {
    const before = [...start, vouch('bob', 1, 10, 'ann', 'phone')];
    for (const [first, second] of [
      [11, 12],
      [12, 11],
    ] as const) {
      const acts = [revoke('ann', 5, first, 'phone', 0), revoke('phone', 1, second, 'ann', 4)];
      const members = fold([...before, ...acts]);
      expect([role(members, 'ann'), role(members, 'phone')]).toEqual(['member', null]);
    }
    // Who stands in another's place is its senior.
    const after = [...start, vouch('bob', 1, 10, 'ann', 'new', true)];
    const members = fold([...after, revoke('ann', 5, 11, 'new', 0), revoke('new', 1, 12, 'ann', 4)]);
    expect([role(members, 'ann'), role(members, 'new')]).toEqual([null, 'member']);
  });

  it('A22: nobody ends another person’s device', () => {
    const members = fold([...start, revoke('bob', 1, 10, 'ann', 0)]);
    expect([role(members, 'ann'), members.publishes(peer('ann'), 1)]).toEqual(['member', true]);
  });

  it('A20: what was ended vouches for nobody after that', () => {
    const acts = [...start, vouch('bob', 1, 10, 'ann', 'phone'), revoke('phone', 1, 11, 'ann', 7)];
    expect(role(fold([...acts, vouch('bob', 2, 12, 'ann', 'thief')]), 'thief')).toBeNull();
    expect(role(fold([...acts, vouch('bob', 2, 12, 'phone', 'laptop')]), 'laptop')).toBe('member');
  });

  it('A24: who succeeds the owner owns; an owner that handed over is succeeded by nobody', () => {
    const succeeds = vouch('bob', 1, 30, 'owner', 'restored', true);
    const members = fold([...start, succeeds]);
    expect([members.owner, role(members, 'restored'), role(members, 'owner')]).toEqual([
      peer('restored'),
      'owner',
      'owner',
    ]);
    expect(members.admits(peer('restored'), 'ban', 2)).toBe(true);
    const ended = fold([...start, succeeds, revoke('restored', 1, 31, 'owner', 10)]);
    expect([ended.roleAt(peer('owner'), 10), ended.roleAt(peer('owner'), 11)]).toEqual(['owner', null]);
    const handed = act('owner', 9, 40, { kind: 'handover', to: peer('ann'), seq: 0 });
    const late = fold([...start, succeeds, revoke('restored', 1, 31, 'owner', 3), handed]);
    expect([late.owner, late.admits(peer('owner'), 'contribution', 20)]).toEqual([peer('ann'), true]);
    expect(role(late, 'restored')).toBe('member');
    // A plain second device is a member, and no owner.
    expect(role(fold([...start, vouch('bob', 1, 30, 'owner', 'phone')]), 'phone')).toBe('member');
  });

  it('A20-A24: any order, any repetition, the same', () => {
    const names = ['owner', 'ann', 'bob', 'p', 'q', 'r'];
    const who = fc.constantFrom(...names);
    const anyAct = fc.oneof(
      fc
        .record({
          by: who,
          key: who,
          carrier: who,
          succeeds: fc.boolean(),
          seq: fc.nat(9),
          lamport: fc.nat(30),
        })
        .filter(({ by, key }) => by !== key)
        .map(({ by, key, carrier, succeeds, seq, lamport }) =>
          vouch(carrier, 10 + seq, 10 + lamport, by, key, succeeds),
        ),
      fc
        .record({ by: who, target: who, seq: fc.nat(9), lamport: fc.nat(30), last: fc.nat(20) })
        .map(({ by, target, seq, lamport, last }) => revoke(by, 10 + seq, 10 + lamport, target, last)),
      fc
        .record({ who, lamport: fc.nat(30), seq: fc.nat(20) })
        .map((each) => ban('owner', 10 + each.lamport, 10 + each.lamport, each.who, each.seq)),
    );
    const told = (acts: readonly Act[]): string => {
      const members = fold(acts);
      const cuts = [...members.cuts].map(([key, { seq }]) => `${key} ${seq}`).sort();
      return JSON.stringify([members.told(), cuts, names.map((name) => members.nameOf(peer(name)))]);
    };
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 12 }), fc.nat(), (acts, turn) => {
        const all = [...start, ...acts];
        const at = turn % all.length;
        expect(told([...all.slice(at), ...all.slice(0, at)].reverse())).toBe(told(all));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
