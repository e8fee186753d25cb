// Devices of one person between whole nodes: pairing, backup and restore, a lost device, a new key.
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { StoreError } from '../../../worker/core/ports.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
const keep = (...some: TestPeer[]): void => void peers.push(...some);
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const memberOf = async (peer: TestPeer, grove: string, of: string) =>
  (await peer.api.members(grove)).find(({ peerId }) => peerId === of);
const infoOf = async (peer: TestPeer, grove: string) =>
  (await peer.api.groves()).find(({ id }) => id === grove);

const PASS = 'seven little words';

describe('a backup', () => {
  it('A23, G12: restored elsewhere, work shows under one name, votes count once, and the old log is never written', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    keep(a, b);
    const { cid } = await b.api.contribute(id, work('by the old device'));
    await has(a, id, cid);
    await b.api.vote(id, cid, 'up');
    const file = await b.api.backup(PASS);
    const old = await idOf(b);
    expect(await b.api.backupState()).toMatchObject({ stale: false });
    await until(async () => (await a.api.contribution(id, cid)).votes?.up === 1, 'the vote is known');
    b.stop();

    const c = createPeer(hub, 'c');
    keep(c);
    await expect(c.api.restore(file, 'another')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await c.api.restore(file, PASS)).toMatchObject({ name: 'Ben', groves: [{ id, name: 'Grove' }] });
    await joined(c, id);
    await has(c, id, cid);
    expect(await idOf(c)).not.toBe(old);
    const second = await c.api.contribute(id, work('by the new one'));
    await has(a, id, second.cid);
    expect((await a.api.contribution(id, second.cid)).authorName).toBe('Ben');
    await c.api.vote(id, cid, 'up');
    const fresh = await idOf(c);
    await until(async () => (await memberOf(a, id, fresh))?.person === fresh, 'a knows whose device it is');
    expect((await memberOf(a, id, old))?.person).toBe(fresh);
    // The last word of the person, from whichever device.
    await c.api.vote(id, cid, 'down');
    await until(async () => (await a.api.contribution(id, cid)).votes?.down === 1, 'the other vote is known');
    expect((await a.api.contribution(id, cid)).votes).toMatchObject({ up: 0, down: 1 });
    // A person withdraws what it published, from any device.
    await c.api.retract(id, cid);
    await until(async () => (await a.api.contribution(id, cid)).withdrawn, 'withdrawn');
    expect((await a.api.members(id)).every(({ quarantined }) => quarantined === null)).toBe(true);
  }, 90_000);

  it('A24: brings the owner back as owner; the old device can be ended', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    keep(a, b);
    const file = await a.api.backup(PASS);
    const old = await idOf(a);
    a.stop();
    const c = createPeer(hub, 'c');
    keep(c);
    await c.api.restore(file, PASS);
    await joined(c, id);
    await until(async () => (await infoOf(c, id))?.role === 'owner', 'owner again');
    await until(async () => (await infoOf(b, id))?.owner === (await idOf(c)), 'b knows');
    await c.api.setRole(id, await idOf(b), 'moderator');
    await until(async () => (await infoOf(b, id))?.role === 'moderator', 'b moderates');
    expect((await c.api.devices()).map(({ peerId, self }) => [peerId, self])).toEqual(
      expect.arrayContaining([[old, false]]),
    );
    expect(await c.api.endDevice(old)).toEqual({ groves: 1, failed: [], kept: [] });
    await until(async () => (await memberOf(b, id, old)) === undefined, 'b knows that it is gone');
    // What it wrote stands: the grove is its.
    expect((await infoOf(b, id))?.name).toBe('Grove');
  }, 90_000);

  it('A23: of an earlier secret lets nobody in; an invite does, and the person is one all the same', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    keep(a, b);
    const file = await b.api.backup(PASS);
    const old = await idOf(b);
    await a.api.rotate(id);
    await until(async () => (await b.api.backupState()).stale, 'b has the next secret');
    b.stop();
    const url = await a.api.invite(id);
    const c = createPeer(hub, 'c');
    keep(c);
    await c.api.restore(file, PASS);
    expect((await infoOf(c, id))?.state).toBe('joining');
    await c.api.join(url);
    await joined(c, id);
    await until(async () => (await memberOf(a, id, old))?.person === (await idOf(c)), 'one person');
  }, 90_000);

  it('A23: whose write fails changed nothing, and can be tried again; calls that change one device lose nothing of each other', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    keep(a, b);
    const file = await b.api.backup(PASS);
    const inner = createMemoryStore();
    let full = false;
    const c = createPeer(hub, 'c', {
      store: {
        ...inner,
        write: (ops, durability) =>
          full ? Promise.reject(new StoreError('quota', 'full')) : inner.write(ops, durability),
      },
    });
    keep(c);
    const before = [await c.api.identity(), await c.api.settings(), await c.api.groves()];
    full = true;
    await expect(c.api.restore(file, PASS)).rejects.toMatchObject({ code: 'quota' });
    expect([await c.api.identity(), await c.api.settings(), await c.api.groves()]).toEqual(before);
    full = false;
    await Promise.all([
      c.api.restore(file, PASS),
      c.api.settings({ endpoints: ['wss://one.example'] }),
      c.api.settings({ relayOnly: true }),
      c.api.setName('Cleo'),
    ]);
    expect(await c.api.identity()).toMatchObject({ name: 'Cleo' });
    expect(await c.api.settings()).toMatchObject({
      endpoints: ['wss://one.example'],
      relayOnly: true,
    });
    await joined(c, id);
  });

  it('A23: is refused on the device it is of', async () => {
    const a = createPeer(createHub(), 'a');
    keep(a);
    const file = await a.api.backup(PASS);
    await expect(a.api.restore(file, PASS)).rejects.toMatchObject({ code: 'invalid' });
    await expect(a.api.restore(new Blob(['no']), PASS)).rejects.toMatchObject({ code: 'invalid' });
  }, 60_000);
});

describe('a second device', () => {
  it('A20, A21: is added by texts, shows under one name, and is banned with its person', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const phone = createPeer(hub, 'phone');
    keep(a, b, phone);
    const ask = await b.api.deviceAsk();
    const answer = await phone.api.deviceAnswer(ask.text, 'Phone');
    const check = await b.api.deviceCheck(answer.text);
    expect(check).toMatchObject({ name: 'Phone', code: answer.code, peerId: await idOf(phone) });
    await expect(a.api.deviceAdd(answer.text)).rejects.toMatchObject({ code: 'invalid' });
    const given = await b.api.deviceAdd(answer.text);
    expect(given.groves).toBe(1);
    await phone.api.deviceAccept(given.text);
    await joined(phone, id);
    const { cid } = await phone.api.contribute(id, work('from the phone'));
    await has(a, id, cid);
    expect((await a.api.contribution(id, cid)).authorName).toBe('Ben');
    expect(await memberOf(a, id, await idOf(phone))).toMatchObject({
      person: await idOf(b),
      device: 'Phone',
    });

    await a.api.ban(id, await idOf(b), { reason: 'spam' });
    await until(async () => (await infoOf(phone, id))?.banned !== undefined, 'the phone is banned as well');
    expect((await a.api.bans(id)).map(({ peerId }) => peerId).sort()).toEqual(
      [await idOf(b), await idOf(phone)].sort(),
    );
    // What it wrote before stays.
    expect((await a.api.contribution(id, cid)).withdrawn).toBe(false);
    await a.api.unban(id, await idOf(phone));
    await until(async () => (await memberOf(a, id, await idOf(b))) !== undefined, 'both are back');
  }, 90_000);

  it('A22: a lost one is ended from the other, and what it writes then counts nowhere', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const phone = createPeer(hub, 'phone');
    keep(a, b, phone);
    const answer = await phone.api.deviceAnswer((await b.api.deviceAsk()).text, 'Phone');
    await phone.api.deviceAccept((await b.api.deviceAdd(answer.text)).text);
    await joined(phone, id);
    const { cid } = await phone.api.contribute(id, work('before'));
    await has(b, id, cid);
    const lost = await idOf(phone);
    expect(await b.api.endDevice(lost)).toEqual({ groves: 1, failed: [], kept: [id] });
    await until(async () => (await memberOf(a, id, lost)) === undefined, 'a knows');
    expect((await a.api.contribution(id, cid)).withdrawn).toBe(false);
    await until(async () => (await infoOf(phone, id))?.ended !== undefined, 'it is told');
    await expect(phone.api.contribute(id, work('after'))).rejects.toMatchObject({ code: 'forbidden' });
  }, 90_000);
});

describe('a new key', () => {
  it('A23: is vouched for by the old one, which ends with its last entry', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    keep(a, b);
    const { cid } = await b.api.contribute(id, work('by the old key'));
    await has(a, id, cid);
    const old = await idOf(b);
    const { peerId } = await b.api.renewKey();
    // Until it starts again: neither its name nor what it was given may bring the old key back.
    await expect(b.api.setName('Somebody')).rejects.toMatchObject({ code: 'busy' });
    await expect(b.api.backup(PASS)).rejects.toMatchObject({ code: 'busy' });
    await expect(b.api.renewKey()).rejects.toMatchObject({ code: 'busy' });
    b.stop();
    const again = createPeer(hub, 'b2', { store: b.store });
    keep(again);
    expect(await idOf(again)).toBe(peerId);
    await joined(again, id);
    await until(async () => (await memberOf(a, id, old)) === undefined, 'the old key is ended');
    const second = await again.api.contribute(id, work('by the new key'));
    await has(a, id, second.cid);
    expect((await a.api.contribution(id, second.cid)).authorName).toBe('Ben');
    expect((await a.api.contribution(id, cid)).authorName).toBe('Ben');
  }, 90_000);
});
