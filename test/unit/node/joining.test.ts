// Joining a grove whose contract wants a yes beside the invite, between whole nodes.
import { afterEach, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { encodeBody } from '../../../worker/core/model/body.ts';
import { toEntryId, toGroveId } from '../../../worker/core/model/ids.ts';
import { decodeFrame, type Frame } from '../../../worker/core/wire/frame.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { headOf, inject, keypairOf, made } from './attacker.ts';
import { createHub, createPeer, has, joined, pair, until, work, type TestPeer } from './mesh.ts';

const peers: TestPeer[] = [];
const keep = <T extends TestPeer[]>(...some: T): T => (peers.push(...some), some);
afterEach(() => {
  for (const peer of peers.splice(0)) peer.stop();
});

const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const groveAt = async (peer: TestPeer, id: string) =>
  (await peer.api.groves()).find((grove) => grove.id === id);
const counterOf = async (peer: TestPeer, name: string): Promise<number> =>
  (await peer.api.stats()).counters[name] ?? 0;

async function asking(rule: 'approval' | 'moderated') {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  keep(a, b);
  await a.api.contract(id, { join: rule });
  await until(async () => (await b.api.contract(id)).join === rule, 'b knows that a yes is wanted');
  return { hub, a, b, id, url };
}
const waits = (peer: TestPeer, id: string): Promise<unknown> =>
  until(async () => (await groveAt(peer, id))?.waiting, 'told to wait');

it('A17: who has an invite waits for a yes; the one who says it may have been away, and another lets in', async () => {
  const { hub, a, b, id, url } = await asking('moderated');
  const { cid } = await a.api.contribute(id, work('members only'));
  await has(b, id, cid);
  // The owner is away as it asks.
  a.carrier(false);
  await until(async () => (await groveAt(b, id))?.links === 0, 'a is away');
  const sent: Frame['type'][] = [];
  hub.tamper = (frame, from) => {
    const decoded = decodeFrame(frame);
    if (from === 'b' && decoded.ok) sent.push(decoded.value.type);
    return frame;
  };
  const [c] = keep(createPeer(hub, 'c'));
  await c.api.setName('Cleo');
  await c.api.join(url);
  await waits(c, id);
  expect(await groveAt(c, id)).toMatchObject({ state: 'joining', waiting: true, role: null });
  expect(sent).toContain('waiting');
  expect(sent).not.toContain('admitted');
  expect(sent).not.toContain('entries');
  hub.tamper = null;

  const cleo = await idOf(c);
  const [request] = await b.api.joinRequests(id);
  expect(request).toMatchObject({ peerId: cleo, name: 'Cleo', role: 'member', state: 'waiting' });
  expect(request).toMatchObject({ by: await idOf(b), inviter: await idOf(a) });
  // It sees who asks, and has no say.
  expect((await groveAt(b, id))?.asking).toBeUndefined();
  await expect(b.api.approveJoin(id, cleo)).rejects.toMatchObject({ code: 'forbidden' });

  hub.apart = (x, y) => [x, y].sort().join() === 'a,c';
  a.carrier(true);
  await until(async () => (await groveAt(a, id))?.asking === 1, 'the owner hears of it');
  expect(a.events.filter(({ name }) => name === 'join-request')).toHaveLength(1);
  await a.api.approveJoin(id, cleo);
  await joined(c, id);
  await has(c, id, cid);
  // The owner has no link to it: the member let it in.
  const member = (await a.api.members(id)).find(({ peerId }) => peerId === cleo);
  expect(member?.invitedBy).toBe(await idOf(b));
  expect((await groveAt(a, id))?.asking).toBeUndefined();
  expect(await a.api.joinRequests(id)).toEqual([]);
  expect((await groveAt(c, id))?.waiting).toBeUndefined();
}, 90_000);

it('A17: any member may say yes where the contract says so; a no is told with its reason, and can be taken back', async () => {
  const { hub, a, b, id, url } = await asking('approval');
  const [c] = keep(createPeer(hub, 'c'));
  await c.api.join(url);
  await waits(c, id);
  const cleo = await idOf(c);
  await until(async () => (await groveAt(b, id))?.asking === 1, 'b may answer');
  await b.api.declineJoin(id, cleo, { reason: 'who are you?' });
  const refused = await until(async () => {
    const grove = await groveAt(c, id);
    return grove?.state === 'refused' && grove;
  }, 'told no');
  expect(refused.reason).toMatch(/who are you\?/);
  await until(async () => (await a.api.joinRequests(id))[0]?.state === 'declined', 'a knows');
  await a.api.approveJoin(id, cleo);
  await until(async () => (await b.api.joinRequests(id))[0]?.state === 'approved', 'b knows');
  await c.api.join(url);
  await joined(c, id);
  const { cid } = await c.api.contribute(id, work('in at last'));
  for (const peer of [a, b]) await has(peer, id, cid);
}, 90_000);

it('A7, A17: a yes that a reader or the one who waits signs is taken by nobody, and gets it nothing', async () => {
  const hub = createHub();
  const { a, b, id, url } = await pair(hub);
  const store = createMemoryStore();
  const [r] = keep(createPeer(hub, 'r', { store }), a, b);
  await r.api.join(await a.api.invite(id, { role: 'reader' }));
  await joined(r, id);
  await r.api.setProfile(id, { name: 'Rea' });
  await a.api.contract(id, { join: 'approval' });
  await until(async () => (await b.api.contract(id)).join === 'approval', 'b knows');
  const waiting = createMemoryStore();
  const [c] = keep(createPeer(hub, 'c', { store: waiting }));
  await c.api.join(url);
  await waits(c, id);
  const [own, reader] = [await keypairOf(waiting), await keypairOf(store)];
  const [request] = await until(async () => {
    const all = await a.api.joinRequests(id);
    return all.length > 0 && all;
  }, 'a knows who asks');
  if (request === undefined) throw new Error('no request');
  const invite = (await a.api.invites(id)).find(({ role }) => role === 'member');
  const body = encodeBody({
    ...{ kind: 'approve', invite: toEntryId(hexToBytes(invite?.id ?? '')), key: own.id },
    ...{ approved: true, reason: 'let me in' },
  });
  const grove = toGroveId(hexToBytes(id));
  const last = await headOf(store, id, reader.id);
  const fields = { grove: last.grove, kind: 'approve', parents: [] };
  const forged = [
    made(reader, body, {
      ...fields,
      ...{ author: reader.id, seq: last.seq + 1, prev: last.id, lamport: last.lamport + 1 },
    }),
    made(own, body, { ...fields, author: own.id, seq: 1, prev: null, lamport: 1 }),
  ];
  const before = await counterOf(a, 'entries.notMember');
  await until(
    () =>
      Promise.resolve(
        [...hub.ends.values()].some(({ name, other, open }) => name === 'r' && open && other?.name === 'a'),
      ),
    'r is linked with a',
  );
  inject(hub, 'r', 'a', { type: 'entries', grove, why: 'push', hops: 1, entries: forged });
  await until(async () => (await counterOf(a, 'entries.notMember')) > before, 'refused');
  for (const peer of [a, b]) {
    expect((await peer.api.changes(id)).items.filter(({ kind }) => kind === 'approve')).toEqual([]);
    expect((await peer.api.joinRequests(id)).map(({ state }) => state)).toEqual(['waiting']);
  }
  // What it asks for again and again gets it a place in the waiting room, and nothing else.
  expect(await groveAt(c, id)).toMatchObject({ state: 'joining', entries: 0, waiting: true });
  await b.api.approveJoin(id, own.id);
  await joined(c, id);
}, 90_000);
