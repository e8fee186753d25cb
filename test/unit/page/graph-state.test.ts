import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Contribution, GraphView } from '../../../worker/rpc/api.ts';
import { GraphState } from '../../../src/state/graph.svelte.ts';
import { grown } from '../../../src/state/graph-growth.ts';
import { fakePeer, settle } from './fake-peer.ts';

const node = (cid: string, kind = 'work'): GraphView['nodes'][number] => ({
  ...{ cid, kind, summary: cid, author: 'a', adoption: 0, createdAt: '2026-01-01T00:00:00Z' },
});
const VIEW: GraphView = { nodes: [node('one'), node('two')], edges: [], truncated: false };
const published = (cid: string, targets: string[] = []): Contribution =>
  ({
    ...{ ...node(cid), body: true, withdrawn: false, incoming: [] },
    outgoing: targets.map((target) => ({ cid: target, relationType: 'adopts' })),
  }) as Partial<Contribution> as Contribution;

function open(view = VIEW) {
  const graph = vi.fn(() => Promise.resolve(view));
  const contribution = vi.fn((_: string, cid: string) => Promise.resolve(published(cid, ['one'])));
  const peer = fakePeer({ graph, contribution });
  const state = new GraphState(peer.thicket, 'g');
  const entry = (kind: string, cid?: string): void =>
    peer.emit('entry', {
      ...{ grove: 'g', id: 'e', kind, author: 'a', local: false },
      ...(cid === undefined ? {} : { cid }),
    });
  const change = async (): Promise<void> => {
    peer.emit('changed', { grove: 'g' });
    await settle();
  };
  return { state, entry, change, graph, contribution, peer };
}

describe('the live picture', () => {
  // By its clock nothing takes any time, but where a test says so.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('asks for what was published by itself, and adds it', async () => {
    const { state, entry, change, graph, contribution } = open();
    await settle();
    entry('contribution', 'three');
    entry('contribution', 'three');
    entry('vote');
    await change();
    expect(state.layout?.nodes.map(({ node: { cid, adoption } }) => [cid, adoption])).toEqual([
      ['one', 1],
      ['two', 0],
      ['three', 0],
    ]);
    expect(state.layout?.edges).toHaveLength(1);
    expect([graph.mock.calls.length, contribution.mock.calls.length]).toEqual([1, 1]);
    await change();
    expect([graph.mock.calls.length, contribution.mock.calls.length]).toEqual([1, 1]);
    state.close();
  });

  it('asks for all where something was withdrawn, many came, a body may have come, or the peer began anew', async () => {
    const { state, entry, change, graph, peer } = open();
    await settle();
    entry('retract');
    await change();
    expect(graph).toHaveBeenCalledTimes(2);
    for (let i = 0; i < 30; i += 1) entry('contribution', `new ${i}`);
    await change();
    expect(graph).toHaveBeenCalledTimes(3);
    peer.emit('restarted', {});
    await settle();
    expect(graph).toHaveBeenCalledTimes(4);
    state.close();
    expect(peer.listening()).toBe(0);
    const bare = open({ ...VIEW, nodes: [node('one', '')] });
    await settle();
    await bare.change();
    expect(bare.graph).toHaveBeenCalledTimes(2);
    bare.state.close();
  });

  it('rests after it asked for all, in proportion to what that took, however much changes meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const peer = fakePeer({
      graph: vi.fn(() => new Promise<GraphView>((resolve) => setTimeout(() => resolve({ ...VIEW }), 100))),
    });
    const state = new GraphState(peer.thicket, 'g');
    await vi.advanceTimersByTimeAsync(100);
    expect(state.layout).not.toBeNull();
    const before = state.layout;
    const changeFor = async (ms: number): Promise<void> => {
      for (let t = 0; t < ms; t += 50) {
        peer.emit('entry', { grove: 'g', id: 'e', kind: 'retract', author: 'a', local: false });
        peer.emit('changed', { grove: 'g' });
        await vi.advanceTimersByTimeAsync(50);
      }
    };
    await changeFor(400);
    expect(state.layout).toBe(before);
    await changeFor(200);
    expect(state.layout).not.toBe(before);
    state.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes nothing in that would stand before what is there, is there already, is withdrawn, or is too much', () => {
    const [earlier, gone] = [published('three'), { ...published('three'), withdrawn: true }];
    earlier.incoming = [{ cid: 'one', relationType: 'reviews' }];
    expect(grown(VIEW, [earlier], 10)).toBeNull();
    expect(grown(VIEW, [gone], 10)).toBeNull();
    expect(grown(VIEW, [published('one')], 10)).toBeNull();
    expect(grown(VIEW, [published('three')], 2)).toBeNull();
    expect(grown(VIEW, [published('three'), published('four', ['three'])], 4)?.edges).toHaveLength(1);
  });
});
