import { describe, expect, it, vi } from 'vitest';
import type { Contribution, Events, StorageInfo, StoredArtifact } from '../../../worker/rpc/api.ts';
import { ConnectionState } from '../../../src/state/connection.svelte.ts';
import { KeepState, type Memory } from '../../../src/state/keep.svelte.ts';
import { RoomState } from '../../../src/state/room.svelte.ts';
import { StorageState, StoredState } from '../../../src/state/storage.svelte.ts';
import { fakePeer, settle } from './fake-peer.ts';

const info: StorageInfo = {
  ready: true,
  bytes: 0,
  budget: null,
  quota: { usage: 10, quota: 100, persisted: false },
  full: false,
  over: 0,
  left: { artifacts: 0, bytes: 0 },
  groves: [],
};
const told = (over: Partial<Events['storage']> = {}): Events['storage'] => ({
  bytes: 0,
  full: false,
  quota: { usage: 10, quota: 100, persisted: false },
  over: [],
  ...over,
});
const usage = (used: number): Events['storage']['quota'] => ({ usage: used, quota: 100, persisted: false });

describe('the room on this device', () => {
  it('is full for as long as the peer says so, also where the page opens later', async () => {
    const peer = fakePeer({ storage: () => Promise.resolve({ ...info, full: true }) });
    const room = new RoomState(peer.thicket);
    await settle();
    expect(room.full).toBe(true);
    peer.emit('storage', told());
    expect(room.full).toBe(false);
    room.close();
    expect(peer.listening()).toBe(0);
  });

  it('warns from 90 % on, until it is below 85 %', () => {
    const peer = fakePeer({ storage: () => new Promise<never>(() => undefined) });
    const room = new RoomState(peer.thicket);
    const shown = [89, 90, 86, 84, 89, 95].map((used) => {
      peer.emit('storage', told({ quota: usage(used) }));
      return room.percent;
    });
    expect(shown).toEqual([null, 90, 86, null, null, 95]);
    room.dismissPercent();
    peer.emit('storage', told({ quota: usage(97) }));
    expect(room.percent).toBeNull();
    peer.emit('storage', told({ quota: usage(80) }));
    peer.emit('storage', told({ quota: usage(92) }));
    expect(room.percent).toBe(92);
    room.close();
  });

  it('tells of a budget that is exceeded once, and again after it was kept for a while', () => {
    const peer = fakePeer({ storage: () => new Promise<never>(() => undefined) });
    const room = new RoomState(peer.thicket);
    const over = [{ grove: 'g', bytes: 5 }];
    peer.emit('storage', told({ over }));
    expect(room.over).toEqual(over);
    room.dismissOver('g');
    peer.emit('storage', told({ over: [{ grove: 'g', bytes: 6 }] }));
    expect(room.over).toEqual([]);
    peer.emit('storage', told());
    peer.emit('storage', told({ over }));
    expect(room.over).toEqual(over);
    room.close();
  });

  it('is not also told as a problem that stays when there is room again', () => {
    const peer = fakePeer({ stats: () => new Promise<never>(() => undefined) });
    const host = Object.assign(new EventTarget(), { navigator: { onLine: true } });
    const connection = new ConnectionState(peer.thicket, host);
    peer.emit('problem', { code: 'quota', message: 'full' });
    expect(connection.notices).toEqual([]);
    peer.emit('problem', { code: 'closed', message: 'gone' });
    expect(connection.notices).toHaveLength(1);
    connection.close();
  });
});

describe('what is stored', () => {
  it('is asked for again when it changed, not for every estimate of the browser', async () => {
    const storage = vi.fn(() => Promise.resolve(info));
    const peer = fakePeer({ storage });
    const state = new StorageState(peer.thicket);
    await settle();
    peer.emit('storage', told());
    await settle();
    const asked = storage.mock.calls.length;
    peer.emit('storage', told({ quota: usage(11) }));
    peer.emit('storage', told({ quota: usage(12) }));
    await settle();
    expect(storage.mock.calls.length).toBe(asked);
    peer.emit('storage', told({ bytes: 7 }));
    await settle();
    expect(storage.mock.calls.length).toBe(asked + 1);
    state.close();
  });

  it('goes only where it was chosen and may, and what stayed is told', async () => {
    const item = (hash: string, standing: StoredArtifact['standing']): StoredArtifact => ({
      ...{ hash, standing, size: 10, usedAt: 0, cids: [] },
    });
    const evict = vi.fn((_: string, hashes: string[]) =>
      Promise.resolve({ bytes: 10 * (hashes.length - 1), kept: [{ hash: 'a', reason: 'in-use' as const }] }),
    );
    const stored = [item('a', 'evictable'), item('b', 'only-here'), item('c', 'pinned')];
    const peer = fakePeer({ stored: () => Promise.resolve(stored), evict });
    const state = new StoredState(peer.thicket, 'g');
    await settle();
    await state.remove();
    expect(evict).not.toHaveBeenCalled();
    for (const hash of ['a', 'b', 'c', 'gone']) state.choose(hash, true);
    expect(state.going.map(({ hash }) => hash)).toEqual(['a', 'b']);
    await state.remove();
    expect(evict).toHaveBeenCalledWith('g', ['a', 'b']);
    expect(state.result).toEqual({ bytes: 10, kept: [{ hash: 'a', reason: 'in-use' }] });
    expect(state.going).toEqual([]);
    state.close();
  });
});

describe('the offer to keep what is stored', () => {
  const memoryOf = (): Memory => {
    const kept = new Map<string, string>();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  };
  const keeper = (agrees: boolean, before = false) => ({
    persist: vi.fn(() => Promise.resolve(agrees)),
    persisted: () => Promise.resolve(before),
  });
  const withFiles = (n: number) => () =>
    Promise.resolve({ files: Array.from({ length: n }, () => ({})) } as Contribution);
  const entry = { grove: 'g', id: 'e', kind: 'contribution', author: 'me', cid: 'c', local: true };

  it('comes with the first grove that is joined, asks by a press only, and remembers a refusal', async () => {
    const [memory, browser] = [memoryOf(), keeper(false)];
    const peer = fakePeer({});
    const keep = new KeepState(peer.thicket, browser, memory);
    await settle();
    expect(keep.state).toBe('quiet');
    peer.emit('joined', { grove: 'g' });
    await settle();
    expect(keep.state).toBe('offered');
    expect(browser.persist).not.toHaveBeenCalled();
    await keep.accept();
    expect(keep.state).toBe('refused');
    keep.close();

    const again = new KeepState(peer.thicket, browser, memory);
    peer.emit('joined', { grove: 'h' });
    await settle();
    expect(again.state).toBe('quiet');
    expect(browser.persist).toHaveBeenCalledTimes(1);
    again.close();
  });

  it('comes with the first contribution that has a file, and not with one of another or without', async () => {
    let files = 0;
    const peer = fakePeer({ contribution: () => withFiles(files)() });
    const keep = new KeepState(peer.thicket, keeper(true), memoryOf());
    peer.emit('entry', entry);
    await settle();
    expect(keep.state).toBe('quiet');
    files = 1;
    peer.emit('entry', { ...entry, local: false });
    await settle();
    expect(keep.state).toBe('quiet');
    peer.emit('entry', entry);
    await settle();
    expect(keep.state).toBe('offered');
    await keep.accept();
    expect(keep.state).toBe('kept');
    keep.close();
  });

  it('is made again after a reload until it is answered, and not where the browser keeps it already', async () => {
    const memory = memoryOf();
    const peer = fakePeer({});
    const first = new KeepState(peer.thicket, keeper(true), memory);
    peer.emit('joined', { grove: 'g' });
    await settle();
    first.close();
    const second = new KeepState(peer.thicket, keeper(true), memory);
    await settle();
    expect(second.state).toBe('offered');
    second.decline();
    second.close();
    const third = new KeepState(peer.thicket, keeper(true), memory);
    await settle();
    expect(third.state).toBe('quiet');
    third.close();

    const kept = new KeepState(peer.thicket, keeper(true, true), memoryOf());
    peer.emit('joined', { grove: 'g' });
    await settle();
    expect(kept.state).toBe('quiet');
    kept.close();
  });
});
