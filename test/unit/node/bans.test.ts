// Roles, bans and what follows from them between whole nodes.
import { afterEach, describe, expect, it } from 'vitest';
import { decodeEntry } from '../../../worker/core/model/entry.ts';
import { decodeFrame } from '../../../worker/core/wire/frame.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
const keep = <T extends TestPeer[]>(...some: T): T => (peers.push(...some), some);
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const roleOf = async (peer: TestPeer, grove: string, of: string): Promise<string | null> =>
  (await peer.api.members(grove)).find(({ peerId }) => peerId === of)?.role ?? null;
const cidsOf = async (peer: TestPeer, grove: string): Promise<string[]> =>
  (await peer.api.contributions(grove)).items.map(({ cid }) => cid).sort();
const counterOf = async (peer: TestPeer, name: string): Promise<number> =>
  (await peer.api.stats()).counters[name] ?? 0;
const linksOf = async (peer: TestPeer, grove: string): Promise<number> =>
  (await peer.api.groves()).find(({ id }) => id === grove)?.links ?? 0;

/** The ban as who bans hands it to the banned one. */
function isHanded(frame: Uint8Array): boolean {
  const decoded = decodeFrame(frame);
  if (!decoded.ok || decoded.value.type !== 'entries' || decoded.value.why !== 'want') return false;
  return decoded.value.entries.some(({ header }) => {
    const entry = decodeEntry(header);
    return entry.ok && entry.value.kind === 'ban';
  });
}

async function third(
  hub: ReturnType<typeof createHub>,
  name: string,
  url: string,
  id: string,
): Promise<TestPeer> {
  const [c] = keep(createPeer(hub, name));
  await c.api.setName(name);
  await c.api.join(url);
  await joined(c, id);
  return c;
}

describe('roles', () => {
  it('A11, A12: the owner makes a moderator, who makes a reader; a member may do neither', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    keep(a, b);
    const c = await third(hub, 'c', url, id);
    const [ben, cleo] = [await idOf(b), await idOf(c)];
    await until(async () => roleOf(b, id, cleo), 'b knows c');
    await expect(b.api.setRole(id, cleo, 'reader')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(b.api.ban(id, cleo)).rejects.toMatchObject({ code: 'forbidden' });
    await a.api.setRole(id, ben, 'moderator');
    await until(async () => (await roleOf(b, id, ben)) === 'moderator', 'b moderates');
    await b.api.setRole(id, cleo, 'reader');
    await until(async () => (await roleOf(c, id, cleo)) === 'reader', 'c reads');
    await expect(c.api.contribute(id, work('no'))).rejects.toMatchObject({ code: 'forbidden' });
    await b.api.setRole(id, cleo, 'member');
    await until(async () => (await roleOf(c, id, cleo)) === 'member', 'c is back');
    const { cid } = await c.api.contribute(id, work('yes'));
    await has(a, id, cid);
  }, 60_000);
});

describe('bans', () => {
  it('A13-A15: what the banned one wrote stays, it gets nothing more, and invites of before let nobody in', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    keep(a, b);
    const c = await third(hub, 'c', url, id);
    const cleo = await idOf(c);
    const { cid: before } = await c.api.contribute(id, work('before'));
    await has(a, id, before);
    await has(b, id, before);
    // It never hears of the ban, and writes on.
    hub.tamper = (frame, from) => (from === 'a' && isHanded(frame) ? null : frame);
    await a.api.ban(id, cleo, { reason: 'spam' });
    await until(async () => (await b.api.bans(id)).length === 1, 'b knows the ban');
    expect(await a.api.bans(id)).toMatchObject([{ peerId: cleo, reason: 'spam' }]);
    expect(await roleOf(b, id, cleo)).toBeNull();
    const { cid: after } = await a.api.contribute(id, work('after'));
    await has(b, id, after);
    await until(async () => (await linksOf(c, id)) === 0, 'c has no link in the grove');
    const { cid: alone } = await c.api.contribute(id, work('alone'));
    await until(async () => (await a.api.invites(id))[0]?.state === 'rotated', 'invites are of before');
    const [d] = keep(createPeer(hub, 'd'));
    await d.api.join(url);
    await until(() => Promise.resolve(d.events.some(({ name }) => name === 'refused')), 'd is refused');
    expect(await cidsOf(c, id)).not.toContain(after);
    for (const peer of [a, b]) {
      expect(await cidsOf(peer, id)).toEqual([before, after].sort());
      expect(await cidsOf(peer, id)).not.toContain(alone);
    }
    // Whoever comes now gets the new secret, and all that counts.
    const e = await third(hub, 'e', await a.api.invite(id), id);
    await has(e, id, after);
    await has(e, id, before);
  }, 60_000);

  it('A14: the banned one that is linked with who bans is told by whom and why, keeps its copy, and is back once that is lifted', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    keep(a, b);
    const c = await third(hub, 'c', url, id);
    const [ada, cleo] = [await idOf(a), await idOf(c)];
    const { cid: before } = await c.api.contribute(id, work('before'));
    for (const peer of [a, b]) await has(peer, id, before);
    await until(async () => (await linksOf(a, id)) === 2, 'a is linked with c');
    expect((await c.api.groves())[0]?.banned).toBeUndefined();
    await a.api.ban(id, cleo, { reason: 'spam' });
    const told = await until(async () => {
      const [grove] = await c.api.groves();
      return grove?.banned && grove;
    }, 'c is told');
    expect(told).toMatchObject({ state: 'active', role: null });
    expect(told.banned).toMatchObject({ by: ada, byName: 'Ada', reason: 'spam' });
    expect((await a.api.bans(id)).map((ban) => ban.id)).toEqual([told.banned?.id]);
    await expect(c.api.contribute(id, work('no'))).rejects.toMatchObject({ code: 'forbidden' });
    const { cid: after } = await a.api.contribute(id, work('after'));
    await has(b, id, after);
    await until(async () => (await linksOf(c, id)) === 0, 'c has no link in the grove');
    expect(await cidsOf(c, id)).toEqual([before]);
    for (const peer of [a, b]) expect((await peer.api.groves())[0]?.banned).toBeUndefined();
    await a.api.unban(id, cleo);
    c.carrier(false);
    c.carrier(true);
    await has(c, id, after);
    expect((await c.api.groves())[0]).toMatchObject({ state: 'active', role: 'member' });
    expect((await c.api.groves())[0]?.banned).toBeUndefined();
  }, 60_000);

  it('A13, S16: banned on one side of a partition while it writes on the other, all come to the same', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    keep(a, b);
    const c = await third(hub, 'c', url, id);
    const d = await third(hub, 'd', url, id);
    const cleo = await idOf(c);
    const { cid: before } = await c.api.contribute(id, work('before'));
    for (const peer of [a, b, d]) await has(peer, id, before);
    const side = (name: string): boolean => name === 'a' || name === 'b';
    hub.apart = (x, y) => side(x) !== side(y);
    for (const peer of [c, d]) peer.carrier(false);
    await until(async () => (await linksOf(a, id)) <= 1 && (await linksOf(b, id)) <= 1, 'apart');
    for (const peer of [c, d]) peer.carrier(true);
    await a.api.ban(id, cleo);
    await until(async () => (await b.api.bans(id)).length === 1, 'b knows');
    const { cid: beyond } = await c.api.contribute(id, work('beyond'));
    await has(d, id, beyond);
    // Honest, and built on what does not count on the other side.
    const { cid: built } = await d.api.contribute(
      id,
      work('built on it', { relations: [{ targetCid: beyond, relationType: 'derives_from' }] }),
    );
    await has(c, id, built);
    hub.apart = null;
    c.carrier(false);
    await until(async () => (await d.api.bans(id)).length === 1, 'd hears of the ban', 30_000);
    for (const peer of [a, b]) await has(peer, id, built);
    const expected = [before, built].sort();
    for (const peer of [a, b, d])
      await until(
        async () => JSON.stringify(await cidsOf(peer, id)) === JSON.stringify(expected),
        'equal views',
      );
    const { cid: later } = await d.api.contribute(id, work('later'));
    await has(a, id, later);
    for (const peer of [a, b, d]) {
      expect(await counterOf(peer, 'views.differ')).toBe(0);
      expect(peer.events.filter(({ name }) => name === 'problem')).toEqual([]);
    }
    // Lifted, it is back with all that it wrote, without an invite.
    await a.api.unban(id, cleo);
    c.carrier(true);
    for (const peer of [a, b, d]) await has(peer, id, beyond);
    await until(
      async () => (await roleOf(c, id, cleo)) === 'member' && (await linksOf(c, id)) > 0,
      'c is back',
    );
    await has(c, id, later);
  }, 120_000);

  it('A15: who was away as the secret changed returns without an invite, the banned one does not', async () => {
    const hub = createHub();
    const { a, b, id, url } = await pair(hub);
    keep(a, b);
    const c = await third(hub, 'c', url, id);
    const cleo = await idOf(c);
    await until(async () => roleOf(b, id, cleo), 'b knows c');
    for (const peer of [b, c]) peer.carrier(false);
    await until(async () => (await linksOf(a, id)) === 0, 'alone');
    await a.api.ban(id, cleo);
    const { cid } = await a.api.contribute(id, work('while away'));
    for (const peer of [b, c]) peer.carrier(true);
    await has(b, id, cid);
    expect(await cidsOf(c, id)).toEqual([]);
    const { cid: more } = await b.api.contribute(id, work('back'));
    await has(a, id, more);
  }, 60_000);
});
