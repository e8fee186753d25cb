// Who is let in with a yes, what is hidden, and who follows an owner: folded from acts in any order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Members } from '../../../worker/core/access/membership.ts';
import type { Body } from '../../../worker/core/model/body.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import {
  idBytes,
  toEntryId,
  toHash,
  toPeerId,
  type EntryId,
  type PeerId,
} from '../../../worker/core/model/ids.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { SEED } from '../model/fixtures.ts';

const peer = (name: string): PeerId => toPeerId(hash32(utf8(name)));
const id = (name: string): EntryId => toEntryId(hash32(utf8(`entry ${name}`)));
const subject = toHash(hash32(utf8('a contribution')));
const owner = peer('owner');
const none = { last: null, proof: null };

interface Act {
  source: { id: EntryId; author: PeerId; seq: number; lamport: number; at: number };
  body: Body;
}
/** Of one author seq and place grow together here. */
const act = (name: string, by: string, at: number, body: Body): Act => ({
  source: { id: id(name), author: peer(by), seq: at, lamport: at, at },
  body,
});
const contract = act('contract', 'owner', 1, {
  ...{ kind: 'contract', nonce: new Uint8Array(16), name: 'Grove', description: '', metrics: [] },
  ...{ ownerName: 'Owner', box: new Uint8Array(32) },
});
const door = act('door', 'owner', 2, {
  ...{ kind: 'invite', sealed: new Uint8Array(8), role: 'member', expiresAt: null, uses: 50 },
});
const joiner = (who: string) => ({
  ...{ invite: id('door'), key: peer(who), name: who, box: new Uint8Array(32), proof: new Uint8Array(64) },
});
const admit = (who: string, by: string, at: number): Act =>
  act(`admit ${who} ${by} ${at}`, by, at, { kind: 'admit', ...joiner(who), role: 'member' });
const request = (who: string, by: string, at: number): Act =>
  act(`request ${who} ${by} ${at}`, by, at, { kind: 'request', ...joiner(who) });
const say = (who: string, by: string, at: number, approved: boolean): Act =>
  act(`say ${who} ${by} ${at}`, by, at, {
    ...{ kind: 'approve', invite: id('door'), key: peer(who), approved, reason: 'because' },
  });
const ask = (rule: string | undefined, by: string, at: number): Act =>
  act(`rule ${by} ${at}`, by, at, { kind: 'setting', key: 'contract.join', value: rule, replaces: [] });
const role = (who: string, as: 'moderator' | 'member' | 'reader', at: number, from = 0): Act =>
  act(`role ${who} ${at}`, 'owner', at, {
    ...{ kind: 'role', target: peer(who), role: as, seq: from, ...none, replaces: [] },
  });
const ban = (who: string, by: string, at: number, from: number): Act =>
  act(`ban ${who} ${by}`, by, at, { kind: 'ban', target: peer(who), seq: from, ...none, reason: '' });
const moderate = (word: 'hide' | 'show' | 'dismiss', by: string, at: number, closes: string[] = []): Act =>
  act(`${word} ${by} ${at}`, by, at, {
    ...{ kind: 'moderate', about: 'contribution', subject, word, closes: closes.map(id), reason: 'spam' },
  });
const report = (by: string, at: number): Act =>
  act(`report ${by} ${at}`, by, at, { kind: 'report', about: 'contribution', subject, reason: 'rude' });
const elect = (by: string, to: string, at: number, seq: number, of = 'owner'): Act =>
  act(`elect ${by} ${at}`, by, at, { kind: 'elect', owner: peer(of), seq, to: peer(to) });
const succeed = (by: string, at: number, seq: number, ballots: Act[], of = 'owner'): Act =>
  act(`succeed ${by} ${at}`, by, at, {
    ...{ kind: 'succeed', owner: peer(of), seq, ballots: ballots.map(({ source }) => source.id) },
  });
const name = (to: string | null, at: number): Act =>
  act(`successor ${at}`, 'owner', at, { kind: 'successor', to: to === null ? null : peer(to) });

function fold(acts: readonly Act[], personOf?: (peer: PeerId) => PeerId): Members {
  const members = new Members(personOf);
  for (const { source, body } of acts) members.apply(source, body);
  return members;
}
const people = ['mod', 'ann', 'bob', 'cid', 'dan'];
const start = [contract, door, ...people.map((who, at) => admit(who, 'owner', 3 + at))];
const moderators = [role('mod', 'moderator', 20), role('ann', 'moderator', 21), role('bob', 'moderator', 22)];
const isIn = (members: Members, who: string): boolean => members.isMember(peer(who));

/** The same whatever the order in which acts arrive. */
function alike(acts: readonly Act[]): void {
  const told = fold(acts).told();
  fc.assert(
    fc.property(fc.shuffledSubarray([...acts], { minLength: acts.length }), (shuffled) => {
      expect(fold(shuffled).told()).toBe(told);
    }),
    { seed: SEED, numRuns: 60 },
  );
}

describe('a yes before an admission', () => {
  const asked = [...start, ask('approval', 'owner', 20), request('eve', 'ann', 30)];

  it('A17: an admission without one is a request, and counts from the yes on', () => {
    const unasked = fold([...asked, admit('eve', 'ann', 31)]);
    expect(isIn(unasked, 'eve')).toBe(false);
    expect(unasked.mayPublish(peer('eve'))).toBe(false);
    expect(unasked.asking().map(({ request: { body } }) => body.key)).toEqual([peer('eve')]);
    const late = [...asked, admit('eve', 'ann', 31), say('eve', 'bob', 40, true)];
    expect(isIn(fold(late), 'eve')).toBe(true);
    expect(fold(late).asking()).toEqual([]);
    expect(isIn(fold([...asked, say('eve', 'bob', 31, true), admit('eve', 'cid', 32)]), 'eve')).toBe(true);
    alike(late);
  });

  it('A17: who was in before a yes was asked for stays in, and what was let in then needs none', () => {
    const acts = [...start, admit('fay', 'ann', 15), ask('moderated', 'owner', 20), admit('eve', 'ann', 31)];
    expect([isIn(fold(acts), 'fay'), isIn(fold(acts), 'eve')]).toEqual([true, false]);
    const open = [...acts, ask('open', 'owner', 40), admit('gil', 'ann', 41)];
    // What was asked for then holds for what came then.
    expect([isIn(fold(open), 'gil'), isIn(fold(open), 'eve')]).toEqual([true, false]);
    alike(open);
  });

  it('A17: the word of a reader, of a stranger and, where moderators are asked, of a member says nothing', () => {
    const reader = [
      ...asked,
      role('dan', 'reader', 25),
      say('eve', 'dan', 40, true),
      admit('eve', 'ann', 41),
    ];
    const cut = fold(reader);
    expect([cut.admits(peer('dan'), 'approve', 40), isIn(cut, 'eve')]).toEqual([false, false]);
    const stranger = [...asked, say('eve', 'eve', 40, true), admit('eve', 'ann', 41)];
    expect([isIn(fold(stranger), 'eve'), fold(asked).admits(peer('eve'), 'approve', 1)]).toEqual([
      false,
      false,
    ]);
    const strict = [...start, ...moderators, ask('moderated', 'owner', 23), request('eve', 'cid', 30)];
    const byMember = [...strict, say('eve', 'cid', 31, true), admit('eve', 'cid', 32)];
    expect(isIn(fold(byMember), 'eve')).toBe(false);
    expect(isIn(fold([...byMember, say('eve', 'ann', 40, true)]), 'eve')).toBe(true);
    for (const acts of [reader, stranger, byMember]) alike(acts);
  });

  it('A17: the owner’s word stands before moderators’, theirs before members’, of equals the last', () => {
    const both = [...asked, ...moderators.map((each) => each)];
    const last = [
      ...both,
      say('eve', 'cid', 40, true),
      say('eve', 'dan', 41, false),
      admit('eve', 'ann', 50),
    ];
    expect(isIn(fold(last), 'eve')).toBe(false);
    const mods = [...last.slice(0, -1), say('eve', 'mod', 39, true), admit('eve', 'ann', 50)];
    expect(isIn(fold(mods), 'eve')).toBe(true);
    const owners = [...mods, say('eve', 'owner', 38, false)];
    expect(isIn(fold(owners), 'eve')).toBe(false);
    // A no to one who is in does nothing.
    expect(isIn(fold([...mods, say('eve', 'owner', 60, false)]), 'eve')).toBe(true);
    for (const acts of [last, mods, owners]) alike(acts);
  });

  it('A17: a no holds where invites are enough again; only owner and moderators say what is asked for', () => {
    const no = [...asked, say('eve', 'bob', 31, false), ask(undefined, 'owner', 40), admit('eve', 'ann', 50)];
    expect(isIn(fold(no), 'eve')).toBe(false);
    expect(fold([...asked, ask('open', 'ann', 40)]).joinRule).toBe('approval');
    expect(fold([...asked, ask('nonsense', 'owner', 40)]).joinRule).toBe('approval');
    alike(no);
  });

  it('A17: who counted once and left needs no new yes', () => {
    const left = act('left', 'ann', 40, { kind: 'leave' });
    const acts = [...asked, left, admit('ann', 'bob', 50)];
    expect(
      fold(acts)
        .list()
        .find((each) => each.peer === peer('ann'))?.left,
    ).toBe(false);
    alike(acts);
  });
});

describe('what is hidden', () => {
  const hidden = (acts: readonly Act[]): string | undefined =>
    fold(acts).moderation.hidden.get(subject)?.source.id;

  it('A18: the log takes it from owner and moderators, and of nobody else', () => {
    const members = fold([...start, ...moderators]);
    expect(['owner', 'mod', 'cid'].map((who) => members.admits(peer(who), 'moderate', 30))).toEqual([
      true,
      true,
      false,
    ]);
    expect(hidden([...start, ...moderators, moderate('hide', 'cid', 30)])).toBeUndefined();
  });

  it('A18: the owner’s last word stands, else the moderators’ last', () => {
    const mods = [...start, ...moderators, moderate('hide', 'mod', 30), moderate('show', 'ann', 31)];
    expect(hidden(mods)).toBeUndefined();
    const again = [...mods, moderate('hide', 'bob', 32)];
    expect(hidden(again)).toBe(id('hide bob 32'));
    const owners = [...again, moderate('show', 'owner', 25)];
    expect(hidden(owners)).toBeUndefined();
    const both = [...owners, moderate('hide', 'owner', 40), moderate('show', 'mod', 50)];
    expect(hidden(both)).toBe(id('hide owner 40'));
    for (const acts of [mods, again, owners, both]) alike(acts);
  });

  it('A18: what a moderator hid stands after its time, what it hides later does not', () => {
    const acts = [...start, ...moderators, moderate('hide', 'mod', 30), role('mod', 'member', 40, 35)];
    expect(hidden(acts)).toBe(id('hide mod 30'));
    expect(hidden([...acts, moderate('show', 'mod', 50)])).toBe(id('hide mod 30'));
    alike([...acts, moderate('show', 'mod', 50)]);
  });

  it('A18: a report is open until an act that counts closes it, and a member’s last is one', () => {
    const reports = [report('cid', 40), report('cid', 41), report('dan', 42)];
    const acts = [...start, ...moderators, ...reports];
    expect(fold(acts).moderation.open.map(({ source }) => source.seq)).toEqual([41, 42]);
    const forged = [...acts, moderate('dismiss', 'dan', 50, ['report cid 41', 'report dan 42'])];
    expect(fold(forged).moderation.open).toHaveLength(2);
    const closed = [...acts, moderate('dismiss', 'mod', 50, ['report cid 41'])];
    expect(fold(closed).moderation.open.map(({ source }) => source.seq)).toEqual([42]);
    expect(hidden(closed)).toBeUndefined();
    for (const each of [acts, forged, closed]) alike(each);
  });

  it('A18: whose name is hidden is shown by its key, until it says another', () => {
    const profile = act('profile', 'cid', 40, { kind: 'profile', name: 'something rude' });
    const hide = act('hide name', 'mod', 50, {
      ...{ kind: 'moderate', about: 'entry', subject: toHash(idBytes(id('profile'))), word: 'hide' },
      ...{ closes: [], reason: '' },
    });
    const acts = [...start, ...moderators, profile, hide];
    expect(fold(acts).nameOf(peer('cid'))).toMatch(/^[0-9a-f]{4} [0-9a-f]{4}$/);
    const later = act('later', 'cid', 60, { kind: 'profile', name: 'Cid' });
    expect(fold([...acts, later]).nameOf(peer('cid'))).toBe('Cid');
    alike(acts);
  });
});

describe('who follows an owner', () => {
  const three = [...start, ...moderators];
  const ownerOf = (acts: readonly Act[], personOf?: (peer: PeerId) => PeerId): PeerId | null =>
    fold(acts, personOf).owner;

  it('A19: whom most moderators elect takes over, what it writes then is the owner’s', () => {
    const [one, two] = [elect('mod', 'cid', 30, 22), elect('ann', 'cid', 31, 22)];
    expect(ownerOf([...three, one, succeed('cid', 40, 22, [one])])).toBe(owner);
    const acts = [...three, one, two, succeed('cid', 40, 22, [one, two])];
    const members = fold(acts);
    expect([members.owner, members.role(owner)]).toEqual([peer('cid'), 'member']);
    expect(members.admits(peer('cid'), 'ban', 41)).toBe(true);
    expect(fold([...acts, ban('mod', 'cid', 41, 35)]).isBanned(peer('mod'))).toBe(true);
    // What the one before writes beyond the place is no owner's.
    expect(fold([...acts, role('dan', 'moderator', 50)]).role(peer('dan'))).toBe('member');
    alike(acts);
  });

  it('A19: ballots of members, of an older place, for another or for another owner say nothing', () => {
    const one = elect('mod', 'cid', 30, 22);
    const others = [
      elect('dan', 'cid', 31, 22),
      elect('ann', 'cid', 32, 21),
      elect('bob', 'dan', 33, 22),
      elect('bob', 'cid', 34, 22, 'ann'),
    ];
    const acts = [...three, one, ...others, succeed('cid', 40, 22, [one, ...others])];
    expect(ownerOf(acts)).toBe(owner);
    alike(acts);
  });

  it('A19: the log takes a claim of whom a ballot or the owner named, and of nobody else', () => {
    const one = elect('mod', 'cid', 30, 22);
    const members = fold([...three, one]);
    expect(['cid', 'dan', 'mod'].map((who) => members.admits(peer(who), 'succeed', 40))).toEqual([
      true,
      false,
      // It had power, and what it claims doesn't count.
      true,
    ]);
    expect(fold(start).admits(peer('cid'), 'succeed', 40)).toBe(false);
    expect(fold([...start, name('cid', 20)]).admits(peer('cid'), 'succeed', 40)).toBe(true);
    expect(ownerOf([...three, one, succeed('mod', 40, 22, [one])])).toBe(owner);
  });

  it('A19: persons are counted, not devices', () => {
    const [one, two] = [elect('mod', 'cid', 30, 22), elect('ann', 'cid', 31, 22)];
    const acts = [...three, one, two, succeed('cid', 40, 22, [one, two])];
    const same = (first: string, second: string) => (each: PeerId) =>
      each === peer(second) ? peer(first) : each;
    // Two devices of one of two persons are half of them.
    expect(ownerOf(acts, same('mod', 'ann'))).toBe(owner);
    expect(ownerOf(acts, same('ann', 'bob'))).toBe(peer('cid'));
    // A device of the owner's own is no elector.
    expect(ownerOf(acts, same('owner', 'bob'))).toBe(peer('cid'));
  });

  it('A19: whom the owner named needs one other moderator, or nobody where none is', () => {
    const named = [...start, name('cid', 20)];
    expect(ownerOf([...named, succeed('cid', 40, 20, [])])).toBe(peer('cid'));
    expect(ownerOf([...named, name(null, 21), succeed('cid', 40, 21, [])])).toBe(owner);
    expect(ownerOf([...start, succeed('cid', 40, 7, [])])).toBe(owner);
    const moderated = [...three, name('mod', 23)];
    expect(ownerOf([...moderated, succeed('mod', 40, 23, [])])).toBe(owner);
    const own = elect('mod', 'mod', 30, 23);
    expect(ownerOf([...moderated, own, succeed('mod', 40, 23, [own])])).toBe(owner);
    const one = elect('ann', 'mod', 30, 23);
    const acts = [...moderated, one, succeed('mod', 40, 23, [one])];
    expect(ownerOf(acts)).toBe(peer('mod'));
    alike(acts);
  });

  it('A19: of concurrent claims the lowest stands, and a handover before the place comes before them', () => {
    const ballots = [
      elect('mod', 'cid', 30, 22),
      elect('ann', 'cid', 31, 22),
      elect('ann', 'dan', 32, 22),
      elect('bob', 'dan', 33, 22),
    ];
    const [a, b, c, d] = ballots;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four');
    const both = [...three, ...ballots, succeed('cid', 41, 22, [a, b]), succeed('dan', 40, 22, [c, d])];
    expect(ownerOf(both)).toBe(peer('dan'));
    const handed = act('handed', 'owner', 22.5, { kind: 'handover', to: peer('bob'), seq: 0 });
    expect(ownerOf([...both, handed])).toBe(peer('dan'));
    const before = act('before', 'owner', 21.5, { kind: 'handover', to: peer('bob'), seq: 0 });
    expect(ownerOf([...both, before])).toBe(peer('bob'));
    for (const acts of [both, [...both, handed], [...both, before]]) alike(acts);
  });

  it('A19: cut-offs since change nothing of it, whichever is known first', () => {
    const [one, two] = [elect('mod', 'cid', 30, 22), elect('ann', 'cid', 31, 22)];
    const claim = succeed('cid', 40, 22, [one, two]);
    // The owner bans a voter and the claimant beyond the place; the new one cuts a voter off below its ballot.
    const acts = [
      ...three,
      ...[one, two, claim],
      ban('mod', 'owner', 50, 25),
      ban('cid', 'owner', 51, 25),
      ban('ann', 'cid', 52, 25),
    ];
    const members = fold(acts);
    expect([members.owner, members.isBanned(peer('mod')), members.isBanned(peer('ann'))]).toEqual([
      peer('cid'),
      false,
      true,
    ]);
    expect(members.cuts.get(peer('ann'))?.seq).toBe(32);
    alike(acts);
    // Where the owner's ban was known first, ballot and claim lie beyond a cut-off as they come.
    const late = fold([...three, ban('mod', 'owner', 50, 25), ban('cid', 'owner', 51, 25), two]);
    for (const { source, body } of [one, claim]) late.void(source, body);
    expect(late.owner).toBe(peer('cid'));
  });

  it('A19: the new owner is followed in turn', () => {
    const [one, two] = [elect('mod', 'cid', 30, 22), elect('ann', 'cid', 31, 22)];
    const raise = act('raise', 'cid', 41, {
      ...{ kind: 'role', target: peer('dan'), role: 'moderator', seq: 0, ...none, replaces: [] },
    });
    const acts = [...three, one, two, succeed('cid', 40, 22, [one, two]), raise];
    const four = ['mod', 'ann', 'dan'].map((who, at) => elect(who, 'bob', 50 + at, 41, 'cid'));
    const next = [...acts, ...four, succeed('bob', 60, 41, four, 'cid')];
    expect(ownerOf(next)).toBe(peer('bob'));
    expect(ownerOf([...acts, ...four.slice(0, 2), succeed('bob', 60, 41, four.slice(0, 2), 'cid')])).toBe(
      peer('cid'),
    );
    alike(next);
  });
});
