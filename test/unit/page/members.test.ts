import { describe, expect, it, vi } from 'vitest';
import type { Ban, Invite, Role } from '../../../worker/rpc/api.ts';
import { InvitesState } from '../../../src/state/invites.svelte.ts';
import { MembersState } from '../../../src/state/members.svelte.ts';
import { bannedOf, mayLift, mayWithdraw, powersOver } from '../../../src/state/powers.ts';
import { fakePeer, settle } from './fake-peer.ts';

const member = (peerId: string, role: Role) => ({
  ...{ peerId, name: peerId, fingerprint: '', role, invitedBy: null, since: 0 },
  ...{ person: peerId, device: null, hidden: false },
  ...{ avatar: null, description: '', capabilities: [], quarantined: null },
});
const ban = (peerId: string, by: string, id = `${peerId}-${by}`): Ban => ({
  ...{ id, peerId, by, name: peerId, byName: by, fingerprint: '', reason: '', at: 0, seq: 1 },
});
const invite = (over: Partial<Invite> = {}): Invite => ({
  ...{ id: 'i', by: 'ben', byName: 'Ben', role: 'member', expiresAt: null, uses: 10, used: 0, at: 0 },
  state: 'open',
  ...over,
});

describe('whom one may act on', () => {
  it('A12: the owner on all others, a moderator on who has no power, nobody else on anybody', () => {
    const acting = (own: Role | null, role: Role): string => {
      const { roles, mayBan, mayHandOver } = powersOver(own, 'me', member('other', role));
      return [...roles, mayBan ? 'ban' : '', mayHandOver ? 'handover' : ''].filter((each) => each).join(' ');
    };
    const all = 'moderator member reader ban handover';
    expect((['moderator', 'member', 'reader'] as const).map((role) => acting('owner', role))).toEqual([
      all,
      all,
      all,
    ]);
    expect(
      (['owner', 'moderator', 'member', 'reader'] as const).map((role) => acting('moderator', role)),
    ).toEqual(['', '', 'member reader ban', 'member reader ban']);
    for (const own of ['member', 'reader', null] as const) expect(acting(own, 'reader')).toBe('');
    expect(powersOver('owner', 'me', member('me', 'owner')).mayBan).toBe(false);
    expect(powersOver('moderator', 'me', member('me', 'member')).roles).toEqual([]);
  });

  it('A12: only the owner lifts what the owner banned, also where a moderator banned as well', () => {
    const members = [member('ada', 'owner'), member('ben', 'moderator')];
    const [cleo, dan] = bannedOf([ban('cleo', 'ben'), ban('dan', 'ben'), ban('cleo', 'ada')]);
    expect([cleo?.bans.length, dan?.bans.length]).toEqual([2, 1]);
    if (cleo === undefined || dan === undefined) throw new Error('two are banned');
    const lifts = (own: Role): boolean[] => [cleo, dan].map((one) => mayLift(own, members, one));
    expect(lifts('owner')).toEqual([true, true]);
    expect(lifts('moderator')).toEqual([false, true]);
    expect(lifts('member')).toEqual([false, false]);
  });

  it('A4: an open invite is withdrawn by whoever issued it and who moderates', () => {
    expect(mayWithdraw('member', 'ben', invite())).toBe(true);
    expect(mayWithdraw('member', 'cleo', invite())).toBe(false);
    expect(mayWithdraw('moderator', 'cleo', invite())).toBe(true);
    expect(mayWithdraw('reader', 'ben', invite())).toBe(false);
    for (const state of ['expired', 'used-up', 'revoked', 'rotated'] as const)
      expect(mayWithdraw('owner', 'ben', invite({ state }))).toBe(false);
  });
});

describe('members', () => {
  it('A15: are asked for anew also where a ban stands but its rotation failed, and that is told', async () => {
    let banned: Ban[] = [];
    const peer = fakePeer({
      members: () => Promise.resolve([member('ada', 'owner')]),
      bans: () => Promise.resolve(banned),
      ban: (_, who) => {
        banned = [ban(who, 'ada')];
        return Promise.reject(Object.assign(new Error('banned, but not changed yet'), { code: 'quota' }));
      },
    });
    const state = new MembersState(peer.thicket, 'g');
    await settle();
    expect(state.value?.banned).toEqual([]);
    expect(await state.ban('cleo', '')).toBe(false);
    expect(state.busy).toBe(false);
    expect(state.failure).toEqual({ code: 'quota', message: 'banned, but not changed yet' });
    await settle();
    expect(state.value?.banned.map(({ peerId }) => peerId)).toEqual(['cleo']);
    state.close();
    expect(peer.listening()).toBe(0);
  });

  it('are banned with the reason that was typed, or none', async () => {
    const calls = vi.fn(() => Promise.resolve(null));
    const peer = fakePeer({
      members: () => Promise.resolve([]),
      bans: () => Promise.resolve([]),
      ban: calls,
    });
    const state = new MembersState(peer.thicket, 'g');
    expect(await state.ban('cleo', '  floods ')).toBe(true);
    expect(await state.ban('dan', ' ')).toBe(true);
    expect(calls.mock.calls).toEqual([
      ['g', 'cleo', { reason: 'floods' }],
      ['g', 'dan', {}],
    ]);
    state.close();
  });
});

describe('invites', () => {
  it('are told apart by whether they are open, and asked for anew as the grove changes', async () => {
    let list = [invite({ id: 'a' }), invite({ id: 'b', state: 'rotated' })];
    const peer = fakePeer({
      invites: () => Promise.resolve(list),
      revokeInvite: (_, id) => {
        list = list.map((each) => (each.id === id ? { ...each, state: 'revoked' } : each));
        return Promise.resolve(null);
      },
    });
    const state = new InvitesState(peer.thicket, 'g');
    await settle();
    const ids = (): string[][] => [state.open, state.closed].map((each) => each.map(({ id }) => id));
    expect(ids()).toEqual([['a'], ['b']]);
    expect(await state.withdraw('a')).toBe(true);
    await settle();
    expect(ids()).toEqual([[], ['a', 'b']]);
    list = [...list, invite({ id: 'c' })];
    peer.emit('changed', { grove: 'other' });
    await settle();
    expect(state.open).toEqual([]);
    peer.emit('changed', { grove: 'g' });
    await settle();
    expect(ids()[0]).toEqual(['c']);
    state.close();
  });
});
