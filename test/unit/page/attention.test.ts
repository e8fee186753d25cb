import { describe, expect, it, vi } from 'vitest';
import type { Contribution, GroveInfo, Member, PeerInfo } from '../../../worker/rpc/api.ts';
import { connectionWords } from '../../../src/components/connection-words.ts';
import { Attention, type News, type Teller } from '../../../src/state/attention.svelte.ts';
import { Draft } from '../../../src/state/draft.svelte.ts';
import { PeersState } from '../../../src/state/peers.svelte.ts';
import { PendingWork } from '../../../src/state/pending.ts';
import { fakePeer, settle } from './fake-peer.ts';

const SELF = 'aa'.repeat(32);
const NOW = Date.parse('2026-11-21T12:00:00Z');
const CONTRIBUTIONS: Record<string, Partial<Contribution>> = {
  mine: { summary: 'Mine', publishers: [SELF] },
  theirs: { summary: 'Theirs', publishers: ['bb'] },
  child: { summary: 'Child', outgoing: [{ cid: 'mine', relationType: 'derives_from', summary: 'Mine' }] },
  cousin: { summary: 'Cousin', outgoing: [{ cid: 'theirs', relationType: 'derives_from', summary: 'T' }] },
  review: { summary: 'Review', outgoing: [{ cid: 'mine', relationType: 'reviews', summary: 'Mine' }] },
  old: { summary: 'Old', createdAt: '2026-11-01T00:00:00Z' },
  question: { summary: 'Which seed?' },
};

interface Given {
  looked?: boolean;
  permission?: ReturnType<Teller['permission']>;
}
function open({ looked = false, permission = 'granted' }: Given = {}) {
  const contribution = vi.fn((_grove: string, cid: string) => {
    const defaults = { authorName: 'Ben', body: true, outgoing: [], createdAt: '2026-11-21T11:00:00Z' };
    return Promise.resolve({
      ...defaults,
      cid,
      ...CONTRIBUTIONS[cid],
    } as Partial<Contribution> as Contribution);
  });
  const members = () => Promise.resolve([{ peerId: 'bb', name: 'Ben' } as Partial<Member> as Member]);
  const peer = fakePeer({ contribution, members });
  const told: News[] = [];
  let badge = 0;
  const kept = new Map<string, string>();
  const teller: Teller = {
    permission: () => permission,
    ask: vi.fn(() => Promise.resolve(true)),
    tell: (news) => void told.push(news),
    badge: () => void (badge += 1),
    isLookedAt: () => Promise.resolve(looked),
  };
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, v: string) => void kept.set(key, v),
  };
  const attention = new Attention({
    thicket: peer.thicket,
    teller,
    isOwn: (peer) => peer === SELF,
    memory,
    now: () => NOW,
  });
  const entry = (cid: string, local = false): void =>
    peer.emit('entry', { grove: 'g', id: cid, kind: 'contribution', author: 'bb', cid, local });
  return { attention, peer, teller, told, entry, contribution, badge: () => badge };
}

describe('what a person is told of', () => {
  it('is answers, questions, and what others derive from own work, while nobody looks', async () => {
    const { attention, peer, told, entry, badge } = open();
    peer.emit('answered', { grove: 'g', cid: 'q', response: 'theirs' });
    peer.emit('asked', { grove: 'g', cid: 'question', author: 'bb' });
    for (const cid of ['child', 'cousin', 'review', 'question']) entry(cid);
    entry('child', true);
    await settle();
    expect(told.map(({ type, cid }) => [type, cid])).toEqual([
      ['answer', 'theirs'],
      ['question', 'question'],
      ['derived', 'child'],
    ]);
    expect(told[2]).toMatchObject({ by: 'Ben', summary: 'Child' });
    expect(badge()).toBe(3);
    attention.close();
    expect(peer.listening()).toBe(0);
  });

  it('A17, A18: is who asks to be let in and what was reported, to whoever may answer', async () => {
    const { attention, peer, told } = open();
    peer.emit('join-request', { grove: 'g', peer: 'cc', name: 'Cleo' });
    peer.emit('reported', { grove: 'g', by: 'bb' });
    await settle();
    expect(told).toEqual([
      { type: 'asks', grove: 'g', cid: '', by: 'Cleo', summary: '' },
      { type: 'reported', grove: 'g', cid: '', by: 'Ben', summary: '' },
    ]);
    attention.close();
  });

  it('is nothing while the page is in view, nor history that arrives late, nor more at once than can be read', async () => {
    const seen = open({ looked: true });
    seen.entry('child');
    await settle();
    expect([seen.told, seen.badge()]).toEqual([[], 0]);
    const late = open();
    late.peer.emit('asked', { grove: 'g', cid: 'old', author: 'bb' });
    await settle();
    expect(late.told).toEqual([]);
    for (let n = 0; n < 1000; n += 1) late.entry('cousin');
    await settle();
    expect(late.contribution.mock.calls.length).toBeLessThan(50);
  });

  it('is asked for when there is first something to tell, and once', async () => {
    const { attention, teller, entry, told } = open({ looked: true, permission: 'default' });
    expect(attention.offered).toBe(false);
    entry('child');
    await settle();
    expect(attention.offered).toBe(true);
    await attention.accept();
    expect(teller.ask).toHaveBeenCalledTimes(1);
    entry('child');
    await settle();
    expect([attention.offered, told]).toEqual([false, []]);
  });
});

describe('work that is pending', () => {
  it('is what anybody says is, for as long as it is', () => {
    const pending = new PendingWork();
    let busy = false;
    const stop = pending.add(() => busy);
    expect(pending.any).toBe(false);
    busy = true;
    expect(pending.any).toBe(true);
    stop();
    expect(pending.any).toBe(false);
  });

  it('is a draft with something in it', () => {
    const draft = new Draft(
      { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
      'g',
      [],
    );
    expect(draft.isBegun).toBe(false);
    draft.description = 'x';
    expect(draft.isBegun).toBe(true);
    draft.description = ' ';
    draft.files = [{ name: 'a', file: new File([], 'a') }];
    expect(draft.isBegun).toBe(true);
  });
});

describe('catching up', () => {
  const peers = async (...rows: Pick<PeerInfo, 'sync' | 'backfill'>[]) => {
    const none = () => Promise.reject(new Error('not asked'));
    const state = new PeersState(
      fakePeer({ peers: () => Promise.resolve(rows as PeerInfo[]), members: none, stats: none, policy: none })
        .thicket,
      'g',
    );
    await settle();
    const { catchUp } = state;
    state.close();
    return catchUp;
  };

  it('is told where much is on its way, of several neighbours once', async () => {
    const much = { sync: 'backfilling' as const, backfill: { done: 1203, total: 4827 } };
    expect(await peers(much, much, { sync: 'active', backfill: null })).toEqual({ done: 1203, total: 4827 });
    expect(await peers({ sync: 'backfilling', backfill: { done: 1, total: 9 } })).toBeNull();
    const grove = { state: 'active', links: 1, members: 2, unsent: 0 } as GroveInfo;
    const words = connectionWords(grove, 1, true, { done: 1203, total: 4827 });
    expect(words).toEqual({ text: 'Catching up: 1,203 of 4,827 entries', tone: 'busy' });
    expect(connectionWords(grove, 1, true).tone).toBe('good');
  });
});
