// An invite that was revoked lets nobody in through a peer that knows; whom one let in that did not know is void for all
// once it hears.
import { afterEach, expect, it } from 'vitest';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

const isMember = async (peer: TestPeer, grove: string, of: TestPeer): Promise<boolean> => {
  const { peerId } = await of.api.identity();
  return (await peer.api.members(grove)).some((each) => each.peerId === peerId);
};
const stateOf = async (peer: TestPeer, grove: string): Promise<string | undefined> =>
  (await peer.api.invites(grove))[0]?.state;
const cidsOf = async (peer: TestPeer, grove: string): Promise<string[]> =>
  (await peer.api.contributions(grove)).items.map(({ cid }) => cid).sort();

async function revocable() {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  peers.push(a, b);
  const [invite] = await a.api.invites(id);
  if (invite === undefined) throw new Error('no invite');
  await until(async () => (await stateOf(b, id)) === 'open', 'b knows the invite');
  return { hub, a, b, id, url, invite: invite.id };
}
const newcomer = (hub: ReturnType<typeof createHub>, name: string): TestPeer => {
  const peer = createPeer(hub, name);
  peers.push(peer);
  return peer;
};

it('A4, A5: a revoked invite lets nobody in through a peer that knows, its author or another', async () => {
  const { hub, a, b, id, url, invite } = await revocable();
  await a.api.revokeInvite(id, invite);
  await until(async () => (await stateOf(b, id)) === 'revoked', 'b knows that it is revoked');
  // Of two newcomers each finds one of the two who could let it in.
  for (const [name, knows] of [
    ['c', 'a'],
    ['d', 'b'],
  ] as const) {
    hub.apart = (x, y) => [x, y].includes(name) && ![x, y].includes(knows);
    const late = newcomer(hub, name);
    await late.api.join(url);
    const refused = await until(
      async () => (await late.api.groves()).find(({ state }) => state === 'refused'),
      'refused',
    );
    expect(refused.reason).toMatch(/withdrawn/);
    await expect(late.api.contribute(id, work('no'))).rejects.toMatchObject({ code: 'not-member' });
  }
  for (const peer of [a, b]) {
    expect((await peer.api.members(id)).length).toBe(2);
    expect((await peer.api.invites(id))[0]).toMatchObject({ state: 'revoked', used: 1 });
  }
}, 60_000);

it('A4, A6: whom a peer let in that had not heard of it is void on merge, with what it wrote; who came before stays', async () => {
  const { hub, a, b, id, url, invite } = await revocable();
  const { cid: honest } = await b.api.contribute(id, work('honest'));
  await has(a, id, honest);
  hub.apart = (x, y) => x === 'a' || y === 'a';
  a.carrier(false);
  await until(async () => (await b.api.groves())[0]?.links === 0, 'apart');
  await a.api.revokeInvite(id, invite);
  const c = newcomer(hub, 'c');
  await c.api.join(url);
  await joined(c, id);
  const { cid: late } = await c.api.contribute(id, work('late'));
  await has(b, id, late);
  expect(await isMember(b, id, c)).toBe(true);

  hub.apart = null;
  a.carrier(true);
  await until(async () => !(await isMember(b, id, c)), 'b hears that it was revoked');
  const { cid: after } = await b.api.contribute(id, work('after'));
  await has(a, id, after);
  for (const peer of [a, b]) {
    expect(await isMember(peer, id, b)).toBe(true);
    expect(await isMember(peer, id, c)).toBe(false);
    expect(await cidsOf(peer, id)).toEqual([honest, after].sort());
    expect((await peer.api.stats()).counters['views.differ'] ?? 0).toBe(0);
  }
}, 60_000);
