// What is reported and hidden, between whole nodes.
import { afterEach, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});
const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const isHidden = (peer: TestPeer, id: string, cid: string): Promise<unknown> =>
  until(async () => (await peer.api.contribution(id, cid)).hidden, 'it is hidden');

it('A18: a report reaches who moderates, what it hides counts for nobody, and is shown again', async () => {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  const c = createPeer(hub, 'c');
  peers.push(a, b, c);
  await c.api.join(url);
  await joined(c, id);
  const ben = await idOf(b);
  await a.api.setRole(id, ben, 'moderator');
  const scores = { loss: { value: 1, direction: 'minimize' as const } };
  const { cid: good } = await a.api.contribute(
    id,
    work('a good start', { scores: { loss: { value: 2, direction: 'minimize' } } }),
  );
  await has(c, id, good);
  const { cid } = await c.api.contribute(
    id,
    work('buy this wonderful watch', {
      scores,
      relations: [{ targetCid: good, relationType: 'adopts' }],
    }),
  );
  for (const peer of [a, b]) await has(peer, id, cid);
  const { cid: reply } = await a.api.contribute(id, {
    ...{ kind: 'discussion', summary: 'what is that?' },
    relations: [{ targetCid: cid, relationType: 'responds_to' }],
  });
  for (const peer of [a, b, c]) await has(peer, id, reply);
  expect((await b.api.frontier(id)).byMetric['loss']?.entries.map((each) => each.cid)).toEqual([cid, good]);
  expect((await b.api.contribution(id, good)).lifecycle).toBe('adopted');

  await expect(c.api.hide(id, good, { reason: 'I want to' })).rejects.toMatchObject({ code: 'forbidden' });
  await a.api.report(id, cid, 'advertising');
  await until(async () => (await b.api.groves())[0]?.reports === 1, 'b hears of it');
  expect(b.events.filter(({ name }) => name === 'reported')).toHaveLength(1);
  expect((await c.api.groves())[0]?.reports).toBeUndefined();
  expect(await b.api.reports(id)).toMatchObject([
    {
      about: 'contribution',
      subject: cid,
      total: 1,
      reports: [{ reason: 'advertising', by: await idOf(a) }],
    },
  ]);
  await b.api.hide(id, cid, { reason: 'no advertising here' });
  for (const peer of [a, b, c]) {
    await isHidden(peer, id, cid);
    const told = { by: ben, byName: 'Ben', reason: 'no advertising here' };
    expect(await peer.api.contribution(id, cid)).toMatchObject({ hidden: told, summary: /watch/ as never });
    expect((await peer.api.frontier(id)).byMetric['loss']?.entries.map((each) => each.cid)).toEqual([good]);
    expect((await peer.api.frontier(id)).byRecency.map((each) => each.cid)).not.toContain(cid);
    expect((await peer.api.contribution(id, good)).lifecycle).toBe('published');
    expect((await peer.api.contributions(id, { text: 'watch' })).items).toEqual([]);
    const listed = (await peer.api.contributions(id)).items.find((each) => each.cid === cid);
    expect(listed?.hidden).toMatchObject(told);
    expect((await peer.api.graph(id)).nodes.map((each) => each.cid)).not.toContain(cid);
    const [root, answer] = (await peer.api.thread(id, cid)).items;
    expect(root).toMatchObject({ standing: 'hidden', hidden: told });
    expect(root?.summary).toBeUndefined();
    expect(answer?.cid).toBe(reply);
    expect(await peer.api.reports(id)).toEqual([]);
  }
  expect(await c.api.moderation(id)).toMatchObject([
    { word: 'hide', by: ben, subject: cid, reason: 'no advertising here', stands: true },
  ]);
  // All derive the same, also what reads it back.
  await until(async () => (await a.api.contribution(id, cid)).holders === 2, 'all hold it');
  expect((await a.api.stats()).counters['views.differ'] ?? 0).toBe(0);

  await a.api.unhide(id, cid, { reason: 'it is a joke' });
  for (const peer of [a, b, c]) {
    await until(async () => !(await peer.api.contribution(id, cid)).hidden, 'it is shown');
    expect((await peer.api.frontier(id)).byMetric['loss']?.entries.map((each) => each.cid)).toEqual([
      cid,
      good,
    ]);
    expect((await peer.api.contributions(id, { text: 'watch' })).items).toHaveLength(1);
    expect((await peer.api.contribution(id, good)).lifecycle).toBe('adopted');
  }
  // The owner said so: a moderator hides it no more.
  await b.api.hide(id, cid, { reason: 'it is not' });
  await until(async () => (await c.api.moderation(id)).length === 3, 'c has all acts');
  expect((await c.api.contribution(id, cid)).hidden).toBeUndefined();
}, 90_000);

it('A18: reports are dismissed, and what a member says of itself is hidden until it says something else', async () => {
  const hub = createHub();
  const { a, b, id } = await pair(hub);
  peers.push(a, b);
  const ben = await idOf(b);
  await b.api.setProfile(id, { name: 'Rude word', description: 'ruder words' });
  await until(async () => (await a.api.members(id)).some(({ name }) => name === 'Rude word'), 'a sees it');
  await b.api.report(id, await idOf(a), 'just because');
  await until(async () => (await a.api.reports(id)).length === 1, 'a hears of it');
  await a.api.dismissReports(id, await idOf(a));
  expect(await a.api.reports(id)).toEqual([]);
  await a.api.hide(id, ben, { reason: 'rude' });
  const member = async (of: TestPeer) => (await of.api.members(id)).find(({ peerId }) => peerId === ben);
  for (const peer of [a, b]) {
    const hidden = await until(async () => {
      const found = await member(peer);
      return found?.hidden === true && found;
    }, 'hidden');
    expect(hidden).toMatchObject({ description: '' });
    expect(hidden.name).toBe(hidden.fingerprint.slice(0, 9));
  }
  await b.api.setProfile(id, { name: 'Ben', description: '' });
  await until(async () => (await member(a))?.name === 'Ben', 'a sees the new name');
  expect((await member(a))?.hidden).toBe(false);
}, 60_000);
