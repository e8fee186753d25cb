import { describe, expect, it } from 'vitest';
import type { Frontier, Glance, Methods } from '../../../worker/rpc/api.ts';
import { FrontierState } from '../../../src/state/frontier.svelte.ts';
import { ListState } from '../../../src/state/list.svelte.ts';
import { fakePeer, settle } from './fake-peer.ts';

const frontier = (name: string): Frontier => ({
  byMetric: { [name]: { direction: 'minimize', entries: [] } },
  ...{ byAdoption: [], byRecency: [], byReviewScore: [], byReproduction: [] },
});
const GLANCE: Glance = {
  ...{ reading: { done: 1, total: 9 }, at: 1, name: 'G', entries: 9, contributions: 9 },
  ...{ frontier: frontier('before'), items: [] },
};
const ALL = { metric: '', kind: '', mode: '', tags: [] };
const LIST = { text: '', kind: '', mode: '', tag: '' };

/** An answer that is given when the test says so. */
function later<T>(): { answer: Promise<T>; give: (value: T) => void } {
  let give: (value: T) => void = () => undefined;
  const answer = new Promise<T>((resolve) => (give = resolve));
  return { answer, give };
}

describe('a grove that is being read back', () => {
  it('G28: shows its rankings as they were last time, until they answer', async () => {
    const { answer, give } = later<Frontier>();
    const { thicket } = fakePeer({ glance: () => Promise.resolve(GLANCE), frontier: () => answer });
    const state = new FrontierState(thicket, 'g', () => [], ALL, false);
    await settle();
    expect([state.value, state.metric]).toEqual([GLANCE.frontier, 'before']);
    state.narrow({ ...ALL, kind: 'work' });
    expect(state.value).toBeNull(); // nothing was noted under a filter
    state.narrow(ALL);
    give(frontier('now'));
    await settle();
    expect([state.value, state.metric]).toEqual([frontier('now'), 'now']);
    state.close();
  });

  it('G28: shows its list as it was last time, under no filter, until it answers', async () => {
    const { answer, give } = later<Methods['contributions']['result']>();
    const { thicket } = fakePeer({ glance: () => Promise.resolve(GLANCE), contributions: () => answer });
    const state = new ListState(thicket, 'g', LIST, false);
    expect(state.items).toBeNull();
    await settle();
    expect(state.items).toBe(GLANCE.items);
    state.narrow({ ...LIST, tag: 'a' });
    expect(state.items).toBeNull();
    give({ items: [] });
    await settle();
    expect(state.items).toEqual([]);
    expect(state.items).not.toBe(GLANCE.items);
    state.close();
  });

  it('G28: is not glanced at where it is read', async () => {
    // The peer has no `glance`: asking for it would throw.
    const { thicket } = fakePeer({ contributions: () => Promise.resolve({ items: [] }) });
    const state = new ListState(thicket, 'g', LIST);
    await settle();
    expect([state.items, state.problem]).toEqual([[], null]);
    state.close();
  });
});
