// Who is linked to whom, as neighbours tell it, and what is told of links that don't come about.
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, joined, pair, until, work, has, type TestPeer } from './mesh.ts';

const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;

describe('the mesh around a device', () => {
  it('P10: neighbours tell whom they are linked to, once somebody looks, and only then', async () => {
    const hub = createHub();
    const asked: string[] = [];
    hub.tamper = (bytes, from) => {
      const decoded = decodeFrame(bytes);
      if (decoded.ok && decoded.value.type === 'want-links') asked.push(from);
      return bytes;
    };
    const { a, b, id } = await pair(hub);
    const c = createPeer(hub, 'c');
    await c.api.join(await b.api.invite(id));
    await joined(c, id);
    const [ann, ben, cem] = await Promise.all([a, b, c].map(idOf));
    await until(async () => {
      const rows = await b.api.peers(id);
      return rows.filter(({ neighbour }) => neighbour).length === 2;
    }, 'b is a neighbour of both');
    expect(asked).toEqual([]);

    const edges = await until(async () => {
      const seen = (await a.api.mesh(id)).edges.map(({ from, to }) => `${from} ${to}`);
      return seen.includes(`${ben} ${cem}`) && seen.includes(`${ann} ${ben}`) ? seen : null;
    }, 'a knows that b is linked to c');
    expect(edges).toContain(`${ben} ${ann}`);
    expect(new Set(asked)).not.toContain('c');
    const own = (await a.api.mesh(id)).edges.find(({ from, to }) => from === ann && to === ben);
    expect(own).toMatchObject({ push: 'eager', age: null });
    for (const peer of [a, b, c]) peer.stop();
  });

  it('P10: one neighbour is asked once in 5 s however often one looks, and an answer nobody waits for is dropped', async () => {
    const hub = createHub();
    let asked = 0;
    hub.tamper = (bytes) => {
      const decoded = decodeFrame(bytes);
      if (decoded.ok && decoded.value.type === 'want-links') asked += 1;
      return bytes;
    };
    const { a, b, id } = await pair(hub);
    await until(async () => (await a.api.mesh(id)).edges.length > 0, 'a is linked');
    for (let n = 0; n < 50; n += 1) await a.api.mesh(id);
    await until(async () => (await a.api.mesh(id)).edges.some(({ age }) => age !== null), 'b answered');
    expect(asked).toBe(1);

    const ben = await idOf(b);
    const [row] = (await a.api.peers(id)).filter(({ peerId }) => peerId === ben);
    const link = row?.link?.id ?? '';
    const frame = encodeFrame({ type: 'links', grove: id as never, rows: [] });
    a.driver.dispatch({ type: 'link-frame', link: link as never, frame });
    await until(
      async () => (await a.api.stats()).counters['neighbourhood.unasked'] === 1,
      'the answer is counted',
    );
    expect((await a.api.mesh(id)).edges.some(({ age }) => age !== null)).toBe(true);
    a.stop();
    b.stop();
  });

  it('P10: rows that name no member are dropped, and nobody is answered twice in 2 s', async () => {
    const hub = createHub();
    let answers = 0;
    const stranger = 'ab'.repeat(32);
    hub.tamper = (bytes) => {
      const decoded = decodeFrame(bytes);
      if (!decoded.ok || decoded.value.type !== 'links') return bytes;
      answers += 1;
      const rows = [...decoded.value.rows, { peer: stranger as never, push: 'eager' as const }];
      return encodeFrame({ ...decoded.value, rows });
    };
    const { a, b, id } = await pair(hub);
    await until(async () => (await a.api.mesh(id)).edges.some(({ age }) => age !== null), 'b answered');
    expect((await a.api.mesh(id)).edges.flatMap(({ from, to }) => [from, to])).not.toContain(stranger);
    expect((await a.api.stats()).counters['neighbourhood.unknown']).toBe(1);

    const ann = await idOf(a);
    const [row] = (await b.api.peers(id)).filter(({ peerId }) => peerId === ann);
    const frame = encodeFrame({ type: 'want-links', grove: id as never });
    for (let n = 0; n < 3; n += 1)
      b.driver.dispatch({ type: 'link-frame', link: (row?.link?.id ?? '') as never, frame: frame.slice() });
    await until(
      async () => ((await b.api.stats()).counters['neighbourhood.flood'] ?? 0) >= 3,
      'b counts what it does not answer',
    );
    expect(answers).toBe(1);
    a.stop();
    b.stop();
  });

  it('P10: what passed is counted once, news apart', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    await until(
      async () => (await a.api.mesh(id)).edges.some(({ push }) => push === 'eager'),
      'news go to b at once',
    );
    let at = (await a.api.mesh(id)).at;
    const { cid } = await a.api.contribute(id, work('News'));
    await has(b, id, cid);
    let news = 0;
    const look = async (): Promise<void> => {
      const view = await a.api.mesh(id, { since: at });
      expect(view.at).toBeGreaterThanOrEqual(at);
      at = view.at;
      for (const each of view.passed) if (each.peer === ben && each.direction === 'out') news += each.news;
    };
    await until(async () => {
      await look();
      return news > 0;
    }, 'it was counted');
    await look();
    const sent = await a.api.gossipLog({ grove: id, peer: ben, type: 'entries', direction: 'out' });
    const pushed = sent.filter(({ why }) => why === 'eager').length;
    expect(news).toBeLessThanOrEqual(sent.length);
    expect(news).toBeGreaterThanOrEqual(pushed > 0 ? 1 : 0);
    a.stop();
    b.stop();
  });
});

describe('why no link comes about', () => {
  it('O5: an attempt that found no path is told as such, with how often', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    const before = await a.api.network(id);
    expect(before).toMatchObject({
      gossip: 'on',
      carrier: true,
      members: 2,
      open: [ben],
      attempts: [],
      room: { joined: true, others: 1 },
      signal: { state: 'up', lastError: null },
    });
    expect(before.links.up).toBe(1);
    expect(before.signal.since).not.toBeNull();

    hub.setEndpoint(false);
    const down = await a.api.network(id);
    expect(down.room).toMatchObject({ joined: false });
    expect(down.signal).toMatchObject({ state: 'down', lastError: { reason: 'the endpoint is gone' } });
    hub.setEndpoint(true);
    await until(async () => (await a.api.network(id)).signal.state === 'up', 'the endpoint is back');
    // What went wrong is told on.
    expect((await a.api.network(id)).signal.lastError).toMatchObject({ reason: 'the endpoint is gone' });

    b.carrier(false);
    const told = await until(async () => {
      const { open, ended } = await a.api.network(id);
      return open.length === 0 && ended.length > 0 ? ended : null;
    }, 'the link ended');
    expect(told.at(-1)).toMatchObject({ peer: ben });
    a.stop();
    b.stop();
  });

  it('O5: where no channel opens between two, the attempts say how far they came', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    hub.apart = () => true;
    b.carrier(false);
    await until(async () => (await a.api.network(id)).open.length === 0, 'the link ended');
    b.carrier(true);
    const [attempt] = await until(
      async () => {
        const { attempts } = await a.api.network(id);
        return attempts.length > 0 ? attempts : null;
      },
      'an attempt failed',
      40_000,
    );
    expect(attempt).toMatchObject({ peer: ben });
    expect(attempt?.attempts).toBeGreaterThan(0);
    expect(['path', 'call', 'answer']).toContain(attempt?.stage);
    a.stop();
    b.stop();
  }, 60_000);

  it('O5, Y4: a member that is linked while the grove is closed to it is told with why', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const ben = await idOf(b);
    await a.api.pausePeer(id, ben, true);
    const { open, closed } = await a.api.network(id);
    expect(open).toEqual([]);
    expect(closed).toEqual([{ peer: ben, why: 'paused' }]);
    a.stop();
    b.stop();
  });

  it('O5, H4: what another holds and offers is told as far as it said so', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const { cid } = await a.api.contribute(id, work('Offered'));
    await has(b, id, cid);
    const ben = await idOf(b);
    const told = await until(async () => {
      const held = await a.api.heldBy(id, ben);
      return held.entries === held.of ? held : null;
    }, 'a knows what b holds');
    expect(told.of).toBeGreaterThan(0);
    const ann = await idOf(a);
    const offers = await until(async () => {
      const held = await b.api.heldBy(id, ann);
      return held.offers.length > 0 ? held.offers : null;
    }, 'b heard what a offers');
    expect(offers[0]).toMatchObject({ cid, kind: 'work', summary: 'Offered' });
    expect(offers[0]?.rankings).toContain('recency');
    expect((await b.api.heldBy(id, ann)).whole).toBe(1);
    a.stop();
    b.stop();
  });
});
