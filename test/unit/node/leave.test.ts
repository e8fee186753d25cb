// Leaving, and the feed of changes over restarts, with whole peers.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, joined, pair, until, work } from './mesh.ts';

const members = async (peer: Awaited<ReturnType<typeof pair>>['a'], id: string): Promise<number> =>
  (await peer.api.members(id)).length;

describe('leave', () => {
  it('A10: all that was written has reached another member before it is erased, the last word too', async () => {
    const { a, b, id } = await pair(createHub());
    // Over 4 KiB: told of first, and fetched by whoever wants it.
    const summaries = Array.from({ length: 12 }, (_, i) => `Number ${i}`);
    await Promise.all(
      summaries.map((summary) => b.api.contribute(id, work(summary, { description: 'x'.repeat(9_000) }))),
    );
    await b.api.leave(id, { erase: true });
    expect(await b.api.groves()).toEqual([]);
    b.stop();
    await until(async () => (await members(a, id)) === 1, 'b is gone');
    const there = (await a.api.contributions(id)).items.map(({ summary }) => summary);
    expect(there.sort()).toEqual(summaries.sort());
    a.stop();
  });

  it('A10: the last word is acknowledged, so that leaving takes no longer than that', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const { cid } = await b.api.contribute(id, work('Here'));
    await has(a, id, cid);
    const acknowledged: string[] = [];
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from === 'a' && decoded.ok && decoded.value.type === 'held') acknowledged.push(decoded.value.entry);
      return frame;
    };
    await b.api.leave(id, { erase: true });
    const last = (await a.api.changes(id)).items.at(-1);
    expect(last?.kind).toBe('leave');
    expect(acknowledged).toContain(last?.id);
    expect(await members(a, id)).toBe(1);
    a.stop();
    b.stop();
  });

  it('A10: with nobody there it says what would be lost, and the grove is as it was', async () => {
    const { a, b, id } = await pair(createHub());
    a.stop();
    await until(async () => (await b.api.groves())[0]?.links === 0, 'nobody is linked');
    for (const summary of ['One', 'Two']) await b.api.contribute(id, work(summary));
    await expect(b.api.leave(id, { erase: true })).rejects.toMatchObject({
      code: 'offline',
      message: expect.stringContaining('2 entries') as string,
    });
    expect(await b.api.contribute(id, work('Three'))).toHaveProperty('cid');
    expect((await b.api.changes(id)).items.filter(({ kind }) => kind === 'leave')).toEqual([]);
    await b.api.leave(id, { erase: true, force: true });
    expect(await b.api.groves()).toEqual([]);
    expect(await b.store.scan('log', id, null, 10)).toEqual([]);
    b.stop();
  });

  it('A10: who takes nothing is waited for no longer than that, and what is kept is never refused', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    hub.tamper = (frame, from) => (from === 'b' ? null : frame);
    await b.api.contribute(id, work('Unheard'));
    await expect(b.api.leave(id, { erase: true, timeout: 50 })).rejects.toMatchObject({ code: 'timeout' });
    await b.api.leave(id, { timeout: 50 });
    expect(await b.api.groves()).toEqual([]);
    expect((await b.store.scan('log', id, null, 10)).length).toBeGreaterThan(2);
    a.stop();
    b.stop();
  });

  it('A10: a grove in which nothing was made yet is erased without a word', async () => {
    const a = createPeer(createHub(), 'a');
    const { id } = await a.api.createGrove({ name: 'Empty' });
    await a.api.invite(id);
    await a.api.leave(id, { erase: true });
    expect(await a.api.groves()).toEqual([]);
    a.stop();
  });
});

describe('changes', () => {
  it('S10: a place in the feed outlives a restart, and tells a log that was begun anew', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const first = createPeer(hub, 'b', { store });
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const url = await a.api.invite(id);
    await first.api.join(url);
    await joined(first, id);
    const one = await a.api.contribute(id, work('One'));
    await has(first, id, one.cid);
    const before = await first.api.changes(id);
    expect((await first.api.changes(id, { since: before.next })).items).toEqual([]);
    const part = await first.api.changes(id, { limit: 2 });
    first.stop();

    const b = createPeer(hub, 'b', { store });
    await joined(b, id);
    expect(await b.api.changes(id, { since: part.next })).toEqual({
      items: before.items.slice(2),
      next: before.next,
    });
    const two = await a.api.contribute(id, work('Two'));
    await has(b, id, two.cid);
    const more = await b.api.changes(id, { since: before.next });
    expect(more.items.map(({ cid }) => cid)).toContain(two.cid);
    expect(more.items).toHaveLength((await b.api.changes(id)).items.length - before.items.length);

    await b.api.leave(id, { erase: true });
    await b.api.join(url);
    await joined(b, id);
    await expect(b.api.changes(id, { since: `${'9'.repeat(9)}.${'0'.repeat(16)}` })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(b.api.changes(id, { since: '1.0000000000000000' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(b.api.changes(id, { since: 'nowhere' })).rejects.toMatchObject({ code: 'invalid' });
    a.stop();
    b.stop();
  });
});
