// Who follows an owner that is gone, between whole nodes.
import { afterEach, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});
const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const owns = (peer: TestPeer, id: string, of: string): Promise<unknown> =>
  until(async () => (await peer.api.groves()).find((grove) => grove.id === id)?.owner === of, 'the owner');
const roleOf = async (peer: TestPeer, grove: string, of: string): Promise<string | undefined> =>
  (await peer.api.members(grove)).find(({ peerId }) => peerId === of)?.role;

it('A19: most moderators elect a new owner; ballots of before the owner wrote again are void', async () => {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  const [c, d] = [createPeer(hub, 'c'), createPeer(hub, 'd')];
  peers.push(a, b, c, d);
  for (const peer of [c, d]) {
    await peer.api.join(url);
    await joined(peer, id);
  }
  const [ben, cleo, dan] = [await idOf(b), await idOf(c), await idOf(d)];
  for (const each of [ben, cleo]) {
    await until(async () => roleOf(a, id, each), 'a member');
    await a.api.setRole(id, each, 'moderator');
  }
  for (const peer of [b, c, d])
    await until(async () => (await roleOf(peer, id, cleo)) === 'moderator', 'told');
  await expect(d.api.elect(id, dan)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(a.api.elect(id, dan)).rejects.toMatchObject({ code: 'invalid' });
  await expect(d.api.succeed(id)).rejects.toMatchObject({ code: 'forbidden' });
  await until(async () => roleOf(b, id, dan), 'b knows d');
  await b.api.elect(id, dan);
  // The owner is there: whoever votes now speaks of a newer entry.
  const { cid } = await a.api.contribute(id, work('I am here'));
  for (const peer of [b, c, d]) await has(peer, id, cid);
  await until(async () => (await c.api.succession(id)).ballots.length === 1, 'c sees the ballot');
  expect((await c.api.succession(id)).ballots).toMatchObject([{ by: ben, to: dan, current: false }]);
  await c.api.elect(id, dan);
  await until(async () => (await d.api.succession(id)).ballots.length === 2, 'd sees both');
  expect(await d.api.succession(id)).toMatchObject({ moderators: 2, needed: 2, mayClaim: false });
  await expect(d.api.succeed(id)).rejects.toMatchObject({ code: 'forbidden' });

  a.carrier(false);
  await b.api.elect(id, dan);
  await until(async () => (await d.api.succession(id)).mayClaim, 'd is elected');
  await d.api.succeed(id);
  for (const peer of [b, c]) await owns(peer, id, dan);
  await d.api.setRole(id, cleo, 'member');
  await until(async () => (await roleOf(b, id, cleo)) === 'member', 'what the new owner says counts');
  // The one before acts as the owner meanwhile, bans a voter, and hears of it when it is back.
  await a.api.ban(id, ben);
  await expect(a.api.ban(id, dan)).resolves.toBeNull();
  a.carrier(true);
  // Of those whom it banned it takes nothing but what others, who are none, built on.
  await c.api.contribute(id, work('somebody else'));
  await owns(a, id, dan);
  await until(async () => (await roleOf(a, id, cleo)) === 'member', 'a follows');
  for (const peer of [a, b, c, d]) {
    expect(await peer.api.bans(id)).toEqual([]);
    expect(await roleOf(peer, id, ben)).toBe('moderator');
  }
  const { cid: after } = await b.api.contribute(id, work('after'));
  for (const peer of [a, c, d]) await has(peer, id, after);
}, 120_000);

it('A19: whom the owner named takes over; where somebody else moderates, with a word of theirs', async () => {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  const c = createPeer(hub, 'c');
  peers.push(a, b, c);
  await c.api.join(url);
  await joined(c, id);
  const [ben, cleo] = [await idOf(b), await idOf(c)];
  await until(async () => roleOf(a, id, cleo), 'a knows c');
  await expect(b.api.setSuccessor(id, ben)).rejects.toMatchObject({ code: 'forbidden' });
  await a.api.setSuccessor(id, cleo);
  await until(async () => (await c.api.succession(id)).successor === cleo, 'c is named');
  expect((await c.api.succession(id)).mayClaim).toBe(true);
  await a.api.setRole(id, ben, 'moderator');
  await until(async () => !(await c.api.succession(id)).mayClaim, 'another moderates now');
  await until(async () => (await roleOf(b, id, ben)) === 'moderator', 'b moderates');
  await b.api.elect(id, cleo);
  await until(async () => (await c.api.succession(id)).mayClaim, 'b gave its word');
  await c.api.succeed(id);
  for (const peer of [a, b]) await owns(peer, id, cleo);
  expect(await roleOf(a, id, await idOf(a))).toBe('member');
}, 60_000);
