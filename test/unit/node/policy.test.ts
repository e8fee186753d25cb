// What a device fetches of a grove by its policy, and what isolation keeps in and out; over whole peers.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const loss = (value: number) => ({ scores: { loss: { value, direction: 'minimize' as const } } });
const bodyOf = async (peer: TestPeer, id: string, cid: string) => (await peer.api.contribution(id, cid)).body;
const counter = async (peer: TestPeer, name: string) => (await peer.api.stats()).counters[name] ?? 0;

describe('policies', () => {
  it('Y1, H4: on-demand: headers come, bodies don’t; the frontier shows by digest who holds what', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { bodies: 'on-demand', artifacts: 'on-demand' });
    const { cid } = await a.api.contribute(
      id,
      work('Best of all', { ...loss(0.5), artifacts: { 'a.txt': 'by a' } }),
    );
    await has(b, id, cid);
    const entry = await until(
      async () => (await b.api.frontier(id)).byMetric['loss']?.entries[0],
      'the frontier by digest',
    );
    expect(entry).toMatchObject({ cid, value: 0.5, summary: 'Best of all', held: false, holders: 1 });
    expect((await b.api.frontier(id)).byRecency[0]).toMatchObject({ cid, held: false });
    expect((await b.api.frontier(id, { metric: 'loss', tags: ['none'] })).byMetric['loss']?.entries).toEqual(
      [],
    );
    expect(await bodyOf(b, id, cid)).toBe(false);
    expect(await b.store.read('bodies', [cid.slice(7)])).toEqual([null]);

    const fetched = await b.api.fetch(id, cid);
    expect(fetched).toMatchObject({ summary: 'Best of all', body: true, files: [{ held: true }] });
    expect((await b.api.frontier(id)).byMetric['loss']?.entries[0]).toMatchObject({ held: true });
    a.stop();
    b.stop();
  });

  it('Y1: what a device doesn’t store it passes on: C gets the body by way of B', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    hub.apart = (x, y) => [x, y].includes('a') && [x, y].includes('c');
    await b.api.policy(id, { bodies: 'on-demand' });
    const c = createPeer(hub, 'c');
    await c.api.join(await b.api.invite(id));
    await joined(c, id);
    await until(async () => (await c.api.peers(id)).some(({ neighbour }) => neighbour), 'a neighbour');
    const { cid } = await a.api.contribute(id, work('Through b'));
    await until(() => bodyOf(c, id, cid), 'the body at c');
    expect(await bodyOf(b, id, cid)).toBe(false);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('Y1: the policy survives a restart; back to all, what was left out comes', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    b.stop();
    const store = createMemoryStore();
    const first = createPeer(hub, 'c', { store });
    await first.api.join(url);
    await joined(first, id);
    const policy = { bodies: 'on-demand', artifacts: 'on-demand', thresholds: { loss: 3 } } as const;
    expect(await first.api.policy(id, policy)).toEqual({
      ...policy,
      gossip: 'on',
      budget: null,
      adopt: true,
    });
    const { cid } = await a.api.contribute(id, work('Left out', { artifacts: { 'a.txt': 'by a' } }));
    await has(first, id, cid);
    first.stop();
    const again = createPeer(hub, 'c2', { store });
    await joined(again, id);
    expect(await again.api.policy(id)).toEqual({ ...policy, gossip: 'on', budget: null, adopt: true });
    expect(await bodyOf(again, id, cid)).toBe(false);
    await until(async () => (await again.api.groves())[0]?.links, 'a link');
    await again.api.policy(id, { bodies: 'all', artifacts: 'all' });
    await until(async () => (await again.api.contribution(id, cid)).files[0]?.held, 'the artifact');
    a.stop();
    again.stop();
  });

  it('Y2: frontier: the first five by direction come, nothing worse than the threshold, and of it the artifacts', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { bodies: 'frontier', artifacts: 'frontier', thresholds: { loss: 4 } });
    const cids: string[] = [];
    for (let n = 1; n <= 7; n += 1) {
      // None is recent: they stand in the ranking by metric alone.
      const extra = { ...loss(n), createdAt: 'long ago', artifacts: { 'a.txt': `by ${n}` } };
      cids.push((await a.api.contribute(id, work(`Run ${n}`, extra))).cid);
    }
    await until(async () => {
      const items = await Promise.all(cids.map((cid) => b.api.contribution(id, cid)));
      return items.slice(0, 4).every(({ files }) => files[0]?.held);
    }, 'the best at b');
    const items = await Promise.all(cids.map((cid) => b.api.contribution(id, cid)));
    expect(items.map(({ body }) => body)).toEqual([true, true, true, true, false, false, false]);
    a.stop();
    b.stop();
  });

  it('Y1: what is pinned comes whatever the policy, and stays pinned over a restart', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { bodies: 'on-demand', artifacts: 'pinned' });
    const one = await a.api.contribute(id, work('Pinned', { artifacts: { 'a.txt': 'one' } }));
    const two = await a.api.contribute(id, work('Not pinned', { artifacts: { 'a.txt': 'two' } }));
    await has(b, id, two.cid);
    await b.api.pin(id, one.cid);
    await until(async () => (await b.api.contribution(id, one.cid)).files[0]?.held, 'the pinned artifact');
    expect(await bodyOf(b, id, two.cid)).toBe(false);
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    expect(await again.api.pins(id)).toEqual([one.cid]);
    await again.api.unpin(id, one.cid);
    expect(await again.api.pins(id)).toEqual([]);
    a.stop();
    again.stop();
  });
});

describe('isolation', () => {
  it('Y3: off: nothing of the grove goes out and nothing changes it, also after a restart; on: both catch up', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const sentOf = new Set<string>();
    await b.api.policy(id, { gossip: 'off' });
    await until(async () => (await a.api.groves())[0]?.links === 0, 'closed at a as well');
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from.startsWith('b') && decoded.ok && 'grove' in decoded.value) sentOf.add(decoded.value.type);
      return frame;
    };
    const byA = await a.api.contribute(id, work('By a'));
    const byB = await b.api.contribute(id, work('By b'));
    expect((await b.api.groves())[0]).toMatchObject({ links: 0, unsent: expect.any(Number) as number });
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    await until(async () => (await again.api.groves())[0]?.role, 'the grove at b');
    await again.api.contribute(id, work('By b again'));
    // A third peer shows that time enough passed for something to travel.
    const c = createPeer(hub, 'c');
    await c.api.join(await a.api.invite(id));
    await has(c, id, byA.cid);
    await expect(again.api.contribution(id, byA.cid)).rejects.toMatchObject({ code: 'not-found' });
    await expect(a.api.contribution(id, byB.cid)).rejects.toMatchObject({ code: 'not-found' });
    expect([...sentOf]).toEqual([]);
    expect((await again.api.policy(id)).gossip).toBe('off');

    await again.api.policy(id, { gossip: 'on' });
    await has(again, id, byA.cid);
    await has(a, id, byB.cid);
    for (const peer of [a, c, again]) peer.stop();
  });

  it('Y3: frames of an isolated grove are dropped, whatever the other side believes', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    // The other side never hears that the grove was closed.
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      return from === 'b' && decoded.ok && decoded.value.type === 'tags' ? null : frame;
    };
    await b.api.policy(id, { gossip: 'off' });
    const { cid } = await a.api.contribute(id, work('Unheard'));
    await until(async () => (await counter(b, 'frames.isolated')) > 0, 'a frame that was dropped');
    await expect(b.api.contribution(id, cid)).rejects.toMatchObject({ code: 'not-found' });
    a.stop();
    b.stop();
  });
});
