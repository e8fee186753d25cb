// What the list of members tells of each beside its role: what its profile says, and that its log is forked.
import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import type { Member } from '../../../worker/rpc/api.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const memberOf = async (peer: TestPeer, grove: string, peerId: string): Promise<Member | undefined> =>
  (await peer.api.members(grove)).find((each) => each.peerId === peerId);

it('G11: members tells what the profile of each says, and says nothing for those who said nothing', async () => {
  const { a, b, id } = await pair(createHub());
  const [{ peerId: ada }, { peerId: ben }] = [await a.api.identity(), await b.api.identity()];
  const avatar = await a.api.hash('an image');
  await a.api.setProfile(id, { avatar, description: 'Runs sweeps', capabilities: ['cuda'] });
  const told = { name: 'Ada', role: 'owner', avatar, description: 'Runs sweeps', capabilities: ['cuda'] };
  await until(async () => (await memberOf(b, id, ada))?.avatar, 'the profile of a');
  expect(await memberOf(b, id, ada)).toMatchObject({ ...told, invitedBy: null, quarantined: null });
  const nothing = { avatar: null, description: '', capabilities: [], quarantined: null };
  expect(await memberOf(a, id, ben)).toMatchObject({
    name: 'Ben',
    role: 'member',
    invitedBy: ada,
    ...nothing,
  });
  await a.api.setProfile(id, { avatar: null, description: '', capabilities: [] });
  expect(await memberOf(a, id, ada)).toMatchObject({ name: 'Ada', ...nothing });
  for (const peer of [a, b]) peer.stop();
});

it('S8, S13: members tells of a forked log from which seq and the two ids that prove it, alike at all and after a restart', async () => {
  const hub = createHub();
  const a = createPeer(hub, 'a');
  const [storeB, storeC] = [createMemoryStore(), createMemoryStore()];
  const b = createPeer(hub, 'b', { store: storeB });
  const c = createPeer(hub, 'c', { store: storeC });
  const { id } = await a.api.createGrove({ name: 'Grove' });
  const url = await a.api.invite(id);
  for (const peer of [b, c]) {
    await peer.api.join(url);
    await joined(peer, id);
  }
  const { peerId: ben } = await b.api.identity();
  const before = await b.api.contribute(id, work('Before'));
  for (const peer of [a, c]) await has(peer, id, before.cid);
  b.stop();

  // One device, twice: each copy writes while nobody hears it.
  const copies = [0, 1].map(() => createMemoryStore({ data: structuredClone(storeB.data) }));
  hub.apart = (x, y) => x.startsWith('b') || y.startsWith('b');
  const branches: string[] = [];
  for (const [at, store] of copies.entries()) {
    const copy = createPeer(hub, `b${at}`, { store });
    const { cid } = await copy.api.contribute(id, work(`Branch ${at}`));
    const { items } = await copy.api.changes(id);
    branches.push(...items.filter((each) => each.cid === cid).map((each) => each.id));
    copy.stop();
  }
  expect(new Set(branches).size).toBe(2);
  hub.apart = null;
  const first = createPeer(hub, 'b0', { store: copies[0] ?? storeB });
  await until(
    async () => (await a.api.changes(id)).items.some((each) => each.id === branches[0]),
    'one came',
  );
  first.stop();
  const second = createPeer(hub, 'b1', { store: copies[1] ?? storeB });
  const readers = [a, c];
  const toldBy = (peer: TestPeer) =>
    until(async () => (await memberOf(peer, id, ben))?.quarantined, 'the fork is known');
  const told = await Promise.all(readers.map(toldBy));
  for (const each of told) expect(each.ids).toEqual(branches.toSorted());
  const seqs = (await a.api.changes(id)).items.filter(({ author }) => author === ben);
  expect(told.map(({ seq }) => seq)).toEqual([seqs.length + 1, seqs.length + 1]);
  expect((await a.api.members(id)).filter(({ quarantined }) => quarantined !== null)).toHaveLength(1);
  c.stop();
  const again = createPeer(hub, 'c2', { store: storeC });
  expect(await toldBy(again)).toEqual(told[1]);
  for (const peer of [a, again, second]) peer.stop();
}, 60_000);
