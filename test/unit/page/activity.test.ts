import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Activity, ActivityItem, PresenceChange, PresenceInfo } from '../../../worker/rpc/api.ts';
import { ActivityState } from '../../../src/state/activity.svelte.ts';
import { deedOf } from '../../../src/state/activity-words.ts';
import { PresenceState } from '../../../src/state/presence.svelte.ts';
import { Unread } from '../../../src/state/unread.svelte.ts';
import { fakePeer, settle } from './fake-peer.ts';

const SELF = 'aa'.repeat(32);
const OTHER = 'bb'.repeat(32);
/** What was written at this time and later is no history to this device. */
const BEGAN = 1000;

const item = (place: number, over: Partial<ActivityItem> = {}): ActivityItem => ({
  id: `e${place}`,
  place,
  kind: 'contribution',
  author: OTHER,
  authorName: 'Ben',
  at: BEGAN + place,
  ...over,
});
/** A log that grows: places from 0 on. */
function logOf(...items: ActivityItem[]) {
  const log = [...items];
  const activity = (_grove: string, { limit = 50, before = log.length } = {}): Promise<Activity> => {
    const from = Math.max(0, before - limit);
    const page = log.slice(from, before).toReversed();
    return Promise.resolve({ items: page, end: log.length, ...(from === 0 ? {} : { cursor: from }) });
  };
  return { log, activity };
}
function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe('what is unread', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());
  const look = async (log: ReturnType<typeof logOf>, kept = memory()) => {
    const peer = fakePeer({ activity: log.activity });
    const self = { self: () => SELF, isOwn: (key: string) => key === SELF };
    const options = { thicket: peer.thicket, grove: 'g', ...self, memory: kept, now: () => BEGAN };
    const unread = new Unread(options);
    await settle();
    const came = async (...items: ActivityItem[]): Promise<void> => {
      log.log.push(...items);
      peer.emit('changed', { grove: 'g' });
      await vi.advanceTimersByTimeAsync(1000);
    };
    return { peer, unread, came };
  };

  it('is nothing at the first look, then what others write, until it was looked at', async () => {
    const log = logOf(item(0), item(1));
    const kept = memory();
    const first = await look(log, kept);
    expect(first.unread.count).toBe(0);
    await first.came(item(2), item(3, { author: SELF }), item(4));
    expect(first.unread.count).toBe(2);
    first.unread.close();
    expect(first.peer.listening()).toBe(0);

    const second = await look(log, kept);
    expect(second.unread.count).toBe(2);
    const page = new ActivityState(second.peer.thicket, 'g', second.unread);
    await settle();
    expect(second.unread.count).toBe(0);
    expect(page.items?.filter((each) => page.isNew(each)).map(({ place }) => place)).toEqual([4, 2]);
    page.close();
    second.unread.close();
    expect((await look(log, kept)).unread.count).toBe(0);
  });

  it('is not the history that arrives after joining', async () => {
    const { unread, came } = await look(logOf());
    await came(item(0, { at: BEGAN - 1 }), item(1, { at: BEGAN + 5 }));
    expect(unread.count).toBe(1);
  });

  it('is at most counted up to fifty, and begins anew with a grove that was joined again', async () => {
    const kept = memory();
    const { unread, came } = await look(logOf(item(0)), kept);
    await came(...Array.from({ length: 60 }, (_, i) => item(i + 1)));
    expect([unread.count, unread.more]).toEqual([50, true]);
    unread.seen(61);
    expect([unread.count, unread.more]).toEqual([0, false]);
    expect((await look(logOf(item(0), item(1)), kept)).unread.count).toBe(0);
  });

  it('is asked for once in a burst of changes', async () => {
    const log = logOf(item(0));
    const activity = vi.spyOn(log, 'activity');
    const { peer } = await look(log);
    for (let n = 0; n < 100; n += 1) peer.emit('changed', { grove: 'g' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(activity).toHaveBeenCalledTimes(2);
  });
});

describe('activity', () => {
  it('is shown page by page, and pages of which little is left are not shown as the end', async () => {
    const log = logOf(...Array.from({ length: 120 }, (_, i) => item(i)));
    const quiet: typeof log.activity = async (grove, options) => {
      const page = await log.activity(grove, options);
      return { ...page, items: page.items.filter(({ place }) => place % 2 === 0) };
    };
    const peer = fakePeer({ activity: quiet });
    const kept = memory();
    const unread = new Unread({
      thicket: peer.thicket,
      grove: 'g',
      self: () => SELF,
      isOwn: (key: string) => key === SELF,
      memory: kept,
      now: () => 0,
    });
    const state = new ActivityState(peer.thicket, 'g', unread);
    await settle();
    expect(state.items).toHaveLength(50);
    expect(state.more).toBe(true);
    state.showMore();
    await settle();
    expect(state.items).toHaveLength(60);
    expect(state.more).toBe(false);
  });

  it('is told in words, and what is not known by its kind', () => {
    const verb = (over: Partial<ActivityItem>): string => deedOf(item(0, over)).verb;
    expect(verb({ kind: 'vote', word: 'up' })).toBe('voted for');
    expect(verb({ kind: 'outcome', word: 'accepted' })).toBe('said “Accepted” of');
    expect(verb({ target: { cid: 'c', standing: 'held', kind: 'ask_user' } })).toBe('asked');
    expect(verb({ target: { cid: 'c', standing: 'held', kind: 'toString' } })).toBe('contributed');
    expect(verb({ kind: 'setting', key: 'contract.name' })).toBe('changed the grove’s name');
    expect(verb({ kind: 'constructor\u202e' })).toContain('constructor⟨U+202E⟩');
  });
});

describe('presence', () => {
  const open = async (rows: PresenceInfo[]) => {
    const presence = vi.fn((_grove: string, _change?: PresenceChange) => Promise.resolve(rows));
    const state = new PresenceState(fakePeer({ presence }).thicket, 'g');
    await settle();
    const said = () => presence.mock.calls.flatMap(([, change]) => (change === undefined ? [] : [change]));
    return { state, said };
  };
  const row = (over: Partial<PresenceInfo>): PresenceInfo => ({
    peerId: OTHER,
    name: 'Ben',
    status: 'working',
    cid: 'c',
    note: '',
    at: 0,
    self: false,
    ...over,
  });

  it('says that one is here, what one begins and what came of it', async () => {
    const { state, said } = await open([]);
    await state.begin('c');
    await state.end('d');
    await state.end(null);
    expect(said()).toEqual([
      { status: 'idle' },
      { status: 'working', cid: 'c', note: '' },
      { status: 'done', cid: 'd', note: '' },
      { status: 'idle', cid: null, note: '' },
    ]);
    state.close();
  });

  it('leaves what a script said of this device, and tells who else works on something', async () => {
    const { state, said } = await open([row({ peerId: SELF, self: true }), row({}), row({ status: 'done' })]);
    expect(said()).toEqual([]);
    expect(state.workingOn('c').map(({ peerId }) => peerId)).toEqual([OTHER]);
    expect(state.of(SELF)).toMatchObject({ self: true });
    state.close();
  });
});
