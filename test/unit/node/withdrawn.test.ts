// What all publishers withdrew: its body goes from the disk, its artifacts may, and the log goes on as before.
import { afterEach, describe, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

async function together() {
  const hub = createHub();
  const made = await pair(hub);
  peers.push(made.a, made.b);
  return { hub, ...made };
}
const onDisk = async (peer: TestPeer, cid: string): Promise<boolean> =>
  (await peer.store.read('bodies', [cid.slice(7)]))[0] != null;
const goneFrom = (peer: TestPeer, cid: string) =>
  until(async () => !(await onDisk(peer, cid)), 'its body is gone from the disk');
const manifestOf = (summary: string) => ({
  manifestVersion: 1,
  kind: 'work',
  mode: 'evaluation',
  summary,
  artifacts: {},
  relations: [],
  tags: [],
  agent: { agentId: 'agent' },
  createdAt: '2026-01-01T00:00:00Z',
});
/** What others derive from the log too: told by no `views-differ` on either side once both have all. */
const differs = (peer: TestPeer) => peer.events.filter(({ name }) => name === 'views-differ');

describe('what all have withdrawn', () => {
  it('G25: its body goes from every disk; the header stays, verifies after a restart, and syncs to who comes later', async () => {
    const { hub, a, b, id, url } = await together();
    const { cid } = await a.api.contribute(id, work('a mistake'));
    const { cid: stays } = await a.api.contribute(id, work('stays'));
    await has(b, id, cid);
    expect(await onDisk(b, cid)).toBe(true);
    await a.api.retract(id, cid);
    await goneFrom(a, cid);
    await goneFrom(b, cid);
    expect([await onDisk(a, stays), await onDisk(b, stays)]).toEqual([true, true]);

    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    peers.push(again);
    const told = await until(() => again.api.contribution(id, cid), 'the header is read back');
    expect(told).toMatchObject({ body: false, summary: '', signature: 'verified' });
    expect((await again.api.contributions(id)).items.map((item) => item.cid)).toEqual([stays]);

    const c = createPeer(hub, 'c');
    peers.push(c);
    await c.api.join(url);
    await joined(c, id);
    await has(c, id, cid);
    await has(c, id, stays);
    await c.api.contribute(id, work('by c'));
    const count = async (peer: TestPeer) => (await peer.api.groves())[0]?.entries;
    await until(
      async () => (await count(c)) === (await count(a)) && (await count(again)) === (await count(a)),
      'all have all',
    );
    expect([a, again, c].flatMap(differs)).toEqual([]);
    expect((await c.api.contribution(id, cid)).body).toBe(false);
  });

  it('G25: a body stays where it is pinned, where something that stands has a relation to it, and where another stands by it', async () => {
    const { a, b, id } = await together();
    const [{ cid: pinned }, { cid: named }, { cid: shared }, { cid: last }] = await Promise.all([
      a.api.contribute(id, work('pinned')),
      a.api.contribute(id, work('named')),
      a.api.publish(id, manifestOf('shared')),
      a.api.contribute(id, work('last')),
    ]);
    await a.api.pin(id, pinned);
    await a.api.contribute(
      id,
      work('next', { relations: [{ targetCid: named, relationType: 'derives_from' }] }),
    );
    await has(b, id, shared);
    await b.api.publish(id, manifestOf('shared'));
    const both = async () => (await a.api.contribution(id, shared)).publishers.length === 2;
    await until(both, 'both publish it');
    for (const cid of [pinned, named, shared, last]) await a.api.retract(id, cid);
    // The last is retracted last: once its body went, all were looked at.
    await goneFrom(a, last);
    expect(await Promise.all([pinned, named, shared].map((cid) => onDisk(a, cid)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('G25: who publishes it anew has its body again, on every disk', async () => {
    const { a, b, id } = await together();
    const { cid } = await a.api.publish(id, manifestOf('back again'));
    await has(b, id, cid);
    await a.api.retract(id, cid);
    await goneFrom(a, cid);
    await goneFrom(b, cid);
    await b.api.publish(id, manifestOf('back again'));
    await until(async () => (await onDisk(a, cid)) && (await onDisk(b, cid)), 'its body is back');
    const told = await a.api.contribution(id, cid);
    expect(told).toMatchObject({
      withdrawn: false,
      body: true,
      summary: 'back again',
      publishers: [(await b.api.identity()).peerId],
    });
  });

  it('G25, C14: its artifacts may go though nobody else holds them, unless they are pinned or named by what stands', async () => {
    const a = createPeer(createHub(), 'a');
    peers.push(a);
    const { id } = await a.api.createGrove({ name: 'Grove' });
    const put = async (summary: string, ...texts: string[]) =>
      (
        await a.api.contribute(
          id,
          work(summary, { artifacts: Object.fromEntries(texts.map((text, i) => [`${i}.txt`, text])) }),
        )
      ).cid;
    const mistakes = [await put('a mistake', 'mine', 'shared'), await put('another', 'pinned')];
    await put('keeps one', 'shared');
    await a.api.pin(id, mistakes[1] ?? '');
    const hashes = await Promise.all(
      ['mine', 'shared', 'pinned'].map(async (text) => (await a.api.hash(text)).slice(7)),
    );
    const standings = async () => {
      const stored = await a.api.stored(id);
      return hashes.map((hash) => stored.find((each) => each.hash === hash)?.standing);
    };
    await until(async () => (await standings()).every((each) => each !== undefined), 'all are counted');
    expect(await standings()).toEqual(['only-here', 'only-here', 'pinned']);
    for (const cid of mistakes) await a.api.retract(id, cid);
    expect(await standings()).toEqual(['evictable', 'only-here', 'pinned']);
    // A budget has go what may, and nothing else.
    await a.api.policy(id, { budget: 0 });
    await until(async () => (await standings())[0] === undefined, 'it went');
    expect(await standings()).toEqual([undefined, 'only-here', 'pinned']);
  });

  it('G25: what is withdrawn is not fetched by itself; asked for by a person it is', async () => {
    const { hub, a, b, id } = await together();
    hub.apart = () => true;
    b.carrier(false);
    const { cid } = await a.api.contribute(id, work('kept by a', { artifacts: { 'a.txt': 'bytes of a' } }));
    await a.api.pin(id, cid);
    await a.api.retract(id, cid);
    hub.apart = null;
    b.carrier(true);
    await has(b, id, cid);
    await until(async () => (await b.api.contribution(id, cid)).withdrawn, 'the retraction came');
    const told = await b.api.contribution(id, cid);
    expect(told.files.some(({ held }) => held)).toBe(false);
    const fetched = await b.api.fetch(id, cid);
    expect(fetched).toMatchObject({ body: true, summary: 'kept by a', files: [{ held: true }] });
  });
});
