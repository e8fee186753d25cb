// What several whole peers do together: who gets what from whom, and what survives whose absence.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import type { Store } from '../../../worker/core/ports.ts';
import type { Events } from '../../../worker/rpc/api.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

describe('peers of one grove', () => {
  it('S4, C3: C, invited by B, gets what A left behind from B, with A as its signer', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const { cid } = await a.api.contribute(id, work('Left behind', { artifacts: { 'a.txt': 'by a' } }));
    await has(b, id, cid);
    await until(async () => (await b.api.contribution(id, cid)).files[0]?.held, 'the artifact at b');
    const author = (await a.api.identity()).peerId;
    a.stop();

    const url = await b.api.invite(id);
    const c = createPeer(hub, 'c');
    await c.api.join(url);
    await has(c, id, cid);
    expect(await (await c.api.artifact(id, cid, 'a.txt')).text()).toBe('by a');
    expect((await c.api.contribution(id, cid)).author).toBe(author);
    b.stop();
    c.stop();
  });

  it('A3: C, whom only B admitted, and A, who was away then, find each other without B', async () => {
    const hub = createHub();
    const storeA = createMemoryStore();
    const first = createPeer(hub, 'a', { store: storeA });
    const { id } = await first.api.createGrove({ name: 'Grove' });
    const b = createPeer(hub, 'b');
    await b.api.join(await first.api.invite(id));
    await joined(b, id);
    first.stop();
    const c = createPeer(hub, 'c');
    await c.api.join(await b.api.invite(id));
    await joined(c, id);
    const { cid } = await c.api.contribute(id, work('By c'));
    b.stop();

    const a = createPeer(hub, 'a2', { store: storeA });
    await has(a, id, cid);
    const answer = await a.api.contribute(id, work('By a'));
    await has(c, id, answer.cid);
    a.stop();
    c.stop();
  });

  it('A8: an invite opened while nobody is there is kept over a restart and completes by itself', async () => {
    const hub = createHub();
    const storeA = createMemoryStore();
    const storeB = createMemoryStore();
    const a = createPeer(hub, 'a', { store: storeA });
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const url = await a.api.invite(id);
    a.stop();

    const waiting = createPeer(hub, 'b', { store: storeB });
    await waiting.api.join(url);
    expect(await waiting.api.groves()).toMatchObject([{ id, state: 'joining', name: 'Grove' }]);
    waiting.stop();

    const b = createPeer(hub, 'b2', { store: storeB });
    expect(await b.api.groves()).toMatchObject([{ id, state: 'joining' }]);
    const back = createPeer(hub, 'a2', { store: storeA });
    await joined(b, id);
    back.stop();
    b.stop();
  });

  it('S10: what was written offline is there after a restart and goes out on return', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const b = createPeer(hub, 'b');
    await b.api.join(await a.api.invite(id));
    await joined(b, id);
    a.carrier(false);
    const { cid } = await a.api.contribute(
      id,
      work('Offline', { artifacts: { 'x.bin': new Uint8Array(200_000).fill(7) } }),
    );
    expect((await a.api.groves())[0]?.unsent).toBeGreaterThan(0);
    a.stop();

    const again = createPeer(hub, 'a2', { store });
    expect(await again.api.contribution(id, cid)).toMatchObject({
      summary: 'Offline',
      files: [{ held: true }],
    });
    await has(b, id, cid);
    expect((await b.api.artifact(id, cid, 'x.bin')).size).toBe(200_000);
    await until(async () => (await again.api.groves())[0]?.unsent === 0, 'nothing unsent');
    again.stop();
    b.stop();
  });

  it('K6: new contributions flow while the endpoint is down, and joining works once it is back', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const url = await a.api.invite(id);
    hub.setEndpoint(false);
    expect((await a.api.stats()).signal.state).toBe('down');
    const { cid } = await a.api.contribute(id, work('While it is down'));
    await has(b, id, cid);
    const c = createPeer(hub, 'c');
    await c.api.join(url);
    hub.setEndpoint(true);
    await has(c, id, cid);
    for (const peer of [a, b, c]) peer.stop();
  });

  it('K5, S5: links that drop come back, and what was missed is caught up', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    b.carrier(false);
    const { cid } = await a.api.contribute(id, work('Missed'));
    b.carrier(true);
    await has(b, id, cid);
    const linked = (await a.api.peers(id)).filter(({ state }) => state === 'linked');
    expect(linked).toHaveLength(1);
    a.stop();
    b.stop();
  });

  it('S5: two peers with hundreds of entries each end with the same log', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    b.carrier(false);
    for (let i = 0; i < 150; i += 1) {
      await a.api.contribute(id, work(`a${i}`));
      await b.api.contribute(id, work(`b${i}`));
    }
    b.carrier(true);
    await until(async () => (await a.api.groves())[0]?.contributions === 300, 'all at a');
    await until(async () => (await b.api.groves())[0]?.contributions === 300, 'all at b');
    const feeds = await Promise.all([a, b].map((peer) => peer.api.changes(id)));
    const [left, right] = feeds.map(({ items }) => items.map((item) => item.id).sort());
    expect(left).toEqual(right);
    a.stop();
    b.stop();
  });

  it('a name that changes reaches the others', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await a.api.setName('Ada L.');
    await until(async () => (await b.api.members(id)).some(({ name }) => name === 'Ada L.'), 'the new name');
    a.stop();
    b.stop();
  });

  it('M10, C3: a manifest over 64 KiB travels as a blob and keeps its CID', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const context = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`key${i}`, 'v'.repeat(2_000)]));
    const { cid } = await a.api.contribute(
      id,
      work('Large', { context, artifacts: { 'a.txt': 'beside it' } }),
    );
    await until(async () => (await b.api.contribution(id, cid)).body, 'the body at b');
    expect((await b.api.contribution(id, cid)).summary).toBe('Large');
    expect(await (await b.api.artifact(id, cid, 'a.txt')).text()).toBe('beside it');
    a.stop();
    b.stop();
  });

  it('leaving with erase leaves nothing of the grove on this device, and keeps what another grove needs', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    const kept = await a.api.createGrove({ name: 'Kept' });
    const gone = await a.api.createGrove({ name: 'Gone' });
    const shared = { 'same.txt': 'in both' };
    const { cid } = await a.api.contribute(kept.id, work('Kept', { artifacts: shared }));
    await a.api.contribute(gone.id, work('Gone', { artifacts: { ...shared, 'own.txt': 'only here' } }));
    await a.api.leave(gone.id, { erase: true, force: true });
    expect((await a.api.groves()).map(({ name }) => name)).toEqual(['Kept']);
    expect(await (await a.api.artifact(kept.id, cid, 'same.txt')).text()).toBe('in both');
    expect(await store.scan('log', gone.id, null, 10)).toEqual([]);
    await until(async () => (await store.scan('blocks', '', null, 10)).length === 1, 'its blocks are gone');
    expect(await store.scan('blobs', 'blob/', null, 10)).toHaveLength(1);
    a.stop();
  });

  it('S13: what is taken of a forked log because others name it is told to nobody as a new entry', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const storeB = createMemoryStore();
    const [b, c, d] = [createPeer(hub, 'b', { store: storeB }), createPeer(hub, 'c'), createPeer(hub, 'd')];
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const url = await a.api.invite(id);
    for (const peer of [b, c, d]) {
      await peer.api.join(url);
      await joined(peer, id);
    }
    const shared = await b.api.contribute(id, work('Shared'));
    for (const peer of [a, c, d]) await has(peer, id, shared.cid);
    for (const peer of [a, b]) peer.stop();

    // One device, twice: what each wrote is known to one of the others.
    const copies = [0, 1].map(() => createMemoryStore({ data: structuredClone(storeB.data) }));
    const author = (await d.api.contribution(id, shared.cid)).author;
    const writeTo = async (reader: TestPeer, other: TestPeer, store: Store, name: string) => {
      other.carrier(false);
      reader.carrier(true);
      const writer = createPeer(hub, name, { store });
      await until(async () => (await writer.api.peers(id)).filter(({ link }) => link).length === 1, 'a link');
      const { cid } = await writer.api.contribute(id, work(`By ${name}`));
      await has(reader, id, cid);
      writer.stop();
    };
    await writeTo(c, d, copies[0] ?? storeB, 'b1');
    await writeTo(d, c, copies[1] ?? storeB, 'b2');
    const naming = await d.api.contribute(id, work('Names the second branch'));
    const told = (peer: TestPeer) =>
      peer.events.flatMap(({ name, payload }) => {
        const entry = name === 'entry' ? (payload as Events['entry']) : null;
        return entry?.author === author ? [entry.id] : [];
      });
    const before = told(c);
    const second = told(d).at(-1);
    expect(before).not.toContain(second);

    c.carrier(true);
    await has(c, id, naming.cid);
    expect(told(c)).toEqual(before);
    for (const peer of [c, d]) peer.stop();
  });

  it('S11: who erased a grove and comes back goes on where its log ended, and forks nothing', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    const first = await b.api.contribute(id, work('Before'));
    await has(a, id, first.cid);
    await b.api.leave(id, { erase: true });
    await b.api.join(url);
    // Asked over and over: the first that is accepted must come after what b wrote before.
    const { cid } = await until(() => b.api.contribute(id, work('After')), 'b may write again');
    await has(a, id, cid);
    const own = (await b.api.identity()).peerId;
    const kinds = async (peer: typeof a) =>
      (await peer.api.changes(id)).items.filter(({ author }) => author === own).map(({ kind }) => kind);
    expect(await kinds(a)).toEqual(['contribution', 'leave', 'contribution']);
    expect(await kinds(b)).toEqual(await kinds(a));
    expect((await a.api.stats()).counters['entries.forked'] ?? 0).toBe(0);
    expect((await a.api.members(id)).length).toBe(2);
    a.stop();
    b.stop();
  });
});
