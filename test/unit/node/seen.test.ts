// What whole peers tell of each other, and what can be done to one from outside.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

/** What a peer tells of another. */
const about = async (peer: TestPeer, id: string, other: TestPeer) => {
  const { peerId } = await other.api.identity();
  return (await peer.api.peers(id)).find((each) => each.peerId === peerId);
};
const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;

/** As the worker does for its tabs. */
const hide = (peer: TestPeer, hidden: boolean): void =>
  peer.driver.dispatch({ type: 'call', id: 1_000_000, method: 'hidden', params: [hidden], requestId: null });

describe('what can be seen', () => {
  it('O1: what passed is told by type, with why and what became of it', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await until(async () => (await about(a, id, b))?.neighbour, 'b is a neighbour of a');
    const since = Date.now();
    const { cid } = await a.api.contribute(id, work('Pushed'));
    await has(b, id, cid);
    const [ann, ben] = [await idOf(a), await idOf(b)];
    const sent = await a.api.gossipLog({ type: 'entries', peer: ben, grove: id, since });
    expect(sent).toMatchObject([{ type: 'entries', direction: 'out', why: 'eager', outcome: 'sent' }]);
    const received = await b.api.gossipLog({ type: 'entries', peer: ann, since });
    expect(received).toMatchObject([
      { direction: 'in', why: 'eager', outcome: 'applied', bytes: sent[0]?.bytes, grove: id },
    ]);
    expect((await a.api.gossipLog({ limit: 3 })).length).toBe(3);
    a.stop();
    b.stop();
  });

  it('O3: per peer it is told how the grove stands with it', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const { cid } = await a.api.contribute(id, work('One'));
    await has(b, id, cid);
    const told = await until(async () => {
      const info = await about(a, id, b);
      return info?.lag === 0 && info.lastSync !== null && info.neighbour ? info : null;
    }, 'a knows that b has all of it');
    expect(told).toMatchObject({
      state: 'linked',
      sync: 'active',
      lags: [],
      backfill: null,
      source: 'endpoint',
      liveness: 'alive',
      groves: [id],
    });
    expect(await about(a, id, a)).toMatchObject({ state: 'self', sync: null, lag: null, neighbour: false });
    hide(b, true);
    await until(async () => (await about(a, id, b))?.liveness === 'frozen', 'a knows that b is hidden');
    hide(b, false);
    await until(async () => (await about(a, id, b))?.liveness === 'alive', 'and that it is seen again');
    a.stop();
    b.stop();
  });

  it('Y4: nothing of the grove goes to a paused peer or comes from it, until it is let go on', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    await a.api.pausePeer(id, ben, true);
    expect((await about(a, id, b))?.sync).toBe('paused');
    await until(async () => (await about(b, id, a))?.lag === null, 'b closed the grove too');
    const since = Date.now();
    const mine = await a.api.contribute(id, work('Kept back'));
    const theirs = await b.api.contribute(id, work('Not taken'));
    // Both went through all that follows a write; what was going to be sent has been.
    await until(async () => (await a.api.contribution(id, mine.cid)).body, 'it is here');
    const passed = await a.api.gossipLog({ peer: ben, grove: id, since: since + 1 });
    expect(passed.filter(({ outcome }) => outcome !== 'refused')).toEqual([]);
    await expect(a.api.contribution(id, theirs.cid)).rejects.toMatchObject({ code: 'not-found' });
    await a.api.pausePeer(id, ben, false);
    await has(b, id, mine.cid);
    await has(a, id, theirs.cid);
    a.stop();
    b.stop();
  });

  it('Y4: notes are compared anew with who is linked, and who is not is tried again', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    await until(async () => (await about(a, id, b))?.lastSync, 'they compared notes');
    await a.api.resyncPeer(id, ben);
    await until(
      async () => (await a.api.gossipLog({ type: 'vector', peer: ben })).length,
      'a vector in full',
    );
    b.carrier(false);
    await until(async () => (await about(a, id, b))?.state === 'away', 'b is gone');
    await expect(a.api.resyncPeer(id, ben)).rejects.toMatchObject({ code: 'offline' });
    b.carrier(true);
    await a.api.retryPeer(id, ben);
    await until(async () => (await about(a, id, b))?.state === 'linked', 'b is back');
    const nobody = '00'.repeat(32);
    await expect(a.api.retryPeer(id, nobody)).rejects.toMatchObject({ code: 'not-found' });
    await expect(a.api.pausePeer(id, await idOf(a), true)).rejects.toMatchObject({ code: 'not-found' });
    a.stop();
    b.stop();
  });
});

describe('discovery', () => {
  it('R4: two devices without an endpoint are linked by two texts, by which one joins the other', async () => {
    const hub = createHub();
    hub.setEndpoint(false);
    const [a, b] = [createPeer(hub, 'a'), createPeer(hub, 'b')];
    await b.api.settings({ discovery: 'hand' });
    const { id } = await a.api.createGrove({ name: 'Grove' });
    await b.api.join(await a.api.invite(id));
    const offer = await b.api.offer(id);
    const answer = await a.api.answer(offer);
    expect(await b.api.accept(answer)).toEqual({ grove: id, peerId: await idOf(a) });
    await joined(b, id);
    await until(async () => (await about(a, id, b))?.source === 'hand', 'a says how it came to know b');
    await expect(b.api.accept(answer)).rejects.toThrow();
    await expect(a.api.answer('hello')).rejects.toMatchObject({ code: 'invalid' });
    a.stop();
    b.stop();
  });

  it('R4: is a setting that survives restarts; each way that is off is not used', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const first = createPeer(hub, 'a', { store });
    const { id } = await first.api.createGrove({ name: 'Grove' });
    await until(async () => (await first.api.stats()).signal.state === 'up', 'the endpoint is there');
    expect((await first.api.settings()).discovery).toBe('both');
    await first.api.settings({ discovery: 'hand' });
    expect((await first.api.stats()).signal).toMatchObject({ state: 'off', url: null, reason: null });
    first.stop();
    const again = createPeer(hub, 'a2', { store });
    expect((await again.api.settings()).discovery).toBe('hand');
    expect((await again.api.stats()).signal.state).toBe('off');
    await again.api.settings({ discovery: 'endpoint' });
    await until(async () => (await again.api.stats()).signal.state === 'up', 'the endpoint is used again');
    await expect(again.api.offer(id)).rejects.toMatchObject({ code: 'forbidden' });
    again.stop();
  });
});
