import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThicketError } from '../../../worker/rpc/client.ts';
import type { Contribution, Stats, Transfer } from '../../../worker/rpc/api.ts';
import { Titles } from '../../../src/state/titles.svelte.ts';
import { TransferList } from '../../../src/state/transfer-list.ts';
import { TransfersState } from '../../../src/state/transfers.svelte.ts';
import { fakePeer, settle } from './fake-peer.ts';

const transfer = (hash: string, over: Partial<Transfer> = {}): Transfer => ({
  grove: 'g',
  hash,
  size: 100,
  received: 0,
  rate: 0,
  timeLeft: null,
  sources: 0,
  state: 'queued',
  cids: [`cid-${hash}`],
  ...over,
});
const complete = (hash: string): Transfer => transfer(hash, { state: 'complete', received: 100 });
const hashes = (list: TransferList, limit = 10): string[] => list.rows(limit).map(({ hash }) => hash);

describe('the list of transfers', () => {
  it('lists what is under way in the order it came, then what ended, the newest first', () => {
    const list = new TransferList();
    for (const hash of ['a', 'b', 'c', 'd']) list.take(transfer(hash));
    list.take(complete('b'));
    list.take(complete('a'));
    list.take(transfer('d', { state: 'receiving', received: 10 }));
    expect(hashes(list)).toEqual(['c', 'd', 'a', 'b']);
    expect(hashes(list, 1)).toEqual(['c', 'a', 'b']);
  });

  it('counts the bytes of a batch with what of it is complete, and begins anew with the next', () => {
    const list = new TransferList();
    list.take(transfer('a'));
    list.take(transfer('b', { state: 'receiving', received: 50 }));
    list.take(complete('a'));
    expect(list.totals()).toMatchObject({ open: 1, complete: 1, received: 150, size: 200 });
    list.take(complete('b'));
    expect(list.totals()).toMatchObject({ open: 0, complete: 2, received: 200, size: 200 });
    list.take(transfer('c', { state: 'receiving', received: 1 }));
    expect(list.totals()).toMatchObject({ open: 1, received: 1, size: 100 });
  });

  it('tells what was stopped by hand from what failed', () => {
    const list = new TransferList();
    list.take(transfer('a', { state: 'failed', reason: 'cancelled' }));
    list.take(transfer('b', { state: 'failed', reason: 'its bytes are not what its hash says' }));
    list.take(transfer('c', { state: 'stalled', reason: 'nobody here has it now' }));
    list.take(transfer('d', { state: 'paused' }));
    expect(list.totals()).toMatchObject({ open: 2, moving: 0, stalled: 1, failed: 1 });
  });

  it('keeps fifty that ended, and failures longest', () => {
    const list = new TransferList();
    list.take(transfer('bad', { state: 'failed', reason: 'x' }));
    for (let n = 0; n < 80; n += 1) list.take(complete(String(n)));
    const kept = hashes(list);
    expect(kept).toHaveLength(50);
    expect(kept[0]).toBe('79');
    expect(kept.at(-1)).toBe('bad');
  });

  it('forgets what ended unheard, and keeps the name of what came without one', () => {
    const list = new TransferList();
    list.take(transfer('a'));
    list.take(transfer('b'));
    list.reset([transfer('b', { cids: [] })]);
    expect(list.rows(10)).toMatchObject([{ hash: 'b', cid: 'cid-b' }]);
  });

  it('shows one that begins again once', () => {
    const list = new TransferList();
    list.take(transfer('a', { state: 'failed', reason: 'cancelled' }));
    list.take(transfer('a'));
    expect(list.rows(10)).toMatchObject([{ hash: 'a', state: 'queued' }]);
  });
});

describe('the state of the tray', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const stats = (transfers: Transfer[]) => () => Promise.resolve({ transfers } as Stats);

  it('begins with what is under way already, and shows a burst of events at once', async () => {
    const peer = fakePeer({ stats: stats([transfer('a', { received: 20 })]) });
    const state = new TransfersState(peer.thicket);
    await settle();
    expect(state.rows).toMatchObject([{ hash: 'a' }]);
    expect(state.percent).toBe(20);
    const before = state.rows;
    for (let n = 0; n < 1000; n += 1) peer.emit('transfer', transfer(`h${n}`));
    expect(state.rows).toBe(before);
    vi.advanceTimersByTime(100);
    expect(state.totals.open).toBe(1001);
    expect(state.rows).toHaveLength(50);
    expect(state.more).toBe(951);
    state.close();
    expect(peer.listening()).toBe(0);
  });

  it('asks again while something is under way, so that a rate sinks where nothing comes', async () => {
    const answers = vi.fn(stats([transfer('a', { state: 'receiving', rate: 0 })]));
    const peer = fakePeer({ stats: answers });
    const state = new TransfersState(peer.thicket);
    await settle();
    peer.emit('transfer', transfer('a', { state: 'receiving', rate: 500 }));
    vi.advanceTimersByTime(100);
    expect(state.rows).toMatchObject([{ rate: 500 }]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(state.rows).toMatchObject([{ rate: 0 }]);
    peer.emit('transfer', complete('a'));
    vi.advanceTimersByTime(100);
    const asked = answers.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answers.mock.calls.length).toBe(asked);
    state.close();
  });

  it('says why what was asked of a transfer was not done, until it is asked again', async () => {
    const pauseTransfer = vi
      .fn<(hash: string) => Promise<null>>()
      .mockRejectedValueOnce(new ThicketError('not-found', 'nothing by that hash'))
      .mockResolvedValueOnce(null);
    const peer = fakePeer({ stats: stats([transfer('a')]), pauseTransfer });
    const state = new TransfersState(peer.thicket);
    await state.pause('a');
    expect(state.problems['a']).toMatchObject({ code: 'not-found' });
    await state.pause('a');
    expect(state.problems).toEqual({});
    state.close();
  });

  it('fetches the contribution of what is tried again, and leaves what takes long to itself', async () => {
    const fetch = vi.fn(() => Promise.reject(new ThicketError('timeout', 'goes on')));
    const peer = fakePeer({ stats: stats([]), fetch });
    const state = new TransfersState(peer.thicket);
    peer.emit('transfer', transfer('a', { state: 'failed', reason: 'cancelled' }));
    vi.advanceTimersByTime(100);
    const [row] = state.rows;
    if (row !== undefined) await state.retry(row);
    expect(fetch).toHaveBeenCalledWith('g', 'cid-a', { artifacts: true });
    expect(state.problems).toEqual({});
    state.dismiss('a');
    expect(state.rows).toEqual([]);
    state.close();
  });
});

describe('titles', () => {
  it('name a transfer by the contributions that name it, asked for once', async () => {
    const contribution = vi.fn(() =>
      Promise.resolve({
        ...({ summary: 'Weights', body: true } as Contribution),
        files: [{ name: 'a.bin', hash: 'blake3:ff', size: 1, mediaType: '', held: false, received: 0 }],
      }),
    );
    const titles = new Titles(fakePeer({ contribution }).thicket);
    expect(titles.of('g', null, 'ff')).toBeNull();
    expect(titles.of('g', 'blake3:cc', 'ff')).toBeNull();
    expect(titles.of('g', 'blake3:cc', 'ff')).toBeNull();
    await settle();
    expect(titles.of('g', 'blake3:cc', 'ff')).toEqual({ summary: 'Weights', file: 'a.bin', isBody: false });
    expect(titles.of('g', 'blake3:cc', 'cc')).toEqual({ summary: 'Weights', file: null, isBody: true });
    expect(contribution).toHaveBeenCalledTimes(1);
    titles.close();
  });

  it('are asked for again once there may be a text', async () => {
    const contribution = vi
      .fn<() => Promise<Contribution>>()
      .mockRejectedValueOnce(new ThicketError('not-found', 'not here'))
      .mockResolvedValueOnce({
        summary: 'Now',
        body: true,
        files: [] as Contribution['files'],
      } as Contribution);
    const peer = fakePeer({ contribution });
    const titles = new Titles(peer.thicket);
    titles.of('g', 'blake3:cc', 'ff');
    await settle();
    expect(titles.of('g', 'blake3:cc', 'ff')).toMatchObject({ summary: '' });
    peer.emit('changed', { grove: 'g' });
    titles.of('g', 'blake3:cc', 'ff');
    await settle();
    expect(titles.of('g', 'blake3:cc', 'ff')).toMatchObject({ summary: 'Now' });
    titles.close();
  });
});
