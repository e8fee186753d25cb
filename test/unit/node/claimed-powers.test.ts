// A member whose build was changed to act as a moderator: what it signs is well-formed, and nobody takes it.
import { expect, it } from 'vitest';
import { hexToBytes } from '@noble/hashes/utils.js';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { encodeBody, type Body } from '../../../worker/core/model/body.ts';
import { encodeEntry, signEntry } from '../../../worker/core/model/entry.ts';
import { toGroveId, toHash, toPeerId } from '../../../worker/core/model/ids.ts';
import { hash32, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { encodeRow, logKey } from '../../../worker/core/sync/row.ts';
import { headOf, keypairOf } from './attacker.ts';
import { createHub, createPeer, has, joined, until, work, type TestPeer } from './mesh.ts';

it('A7, A11: acts of power that a member signs are applied and forwarded by nobody', async () => {
  const hub = createHub();
  const store = createMemoryStore();
  const a = createPeer(hub, 'a');
  const c = createPeer(hub, 'c');
  let b = createPeer(hub, 'b', { store });
  const { id } = await a.api.createGrove({ name: 'Grove' });
  const url = await a.api.invite(id, { uses: 5 });
  for (const peer of [b, c]) {
    await peer.api.join(url);
    await joined(peer, id);
  }
  const { cid: honest } = await b.api.contribute(id, work('honest'));
  for (const peer of [a, c]) await has(peer, id, honest);
  const cleo = (await c.api.identity()).peerId;
  b.stop();
  await until(async () => (await a.api.groves())[0]?.links === 1, 'b is gone');

  const keypair = await keypairOf(store);
  const grove = toGroveId(hexToBytes(id));
  let last = await headOf(store, id, keypair.id);
  const [target, none] = [toPeerId(hexToBytes(cleo)), { seq: 0, last: null, proof: null }];
  const acts: Body[] = [
    { kind: 'role', target: keypair.id, role: 'moderator', ...none, replaces: [] },
    { kind: 'ban', target, ...none, reason: 'mine now' },
    { kind: 'handover', to: keypair.id, seq: 0 },
    {
      ...{ kind: 'moderate', about: 'contribution', subject: toHash(hash32(new Uint8Array(2))) },
      ...{ word: 'hide', closes: [], reason: 'mine now' },
    },
    { kind: 'successor', to: keypair.id },
    { kind: 'elect', owner: keypair.id, seq: 1, to: keypair.id },
    { kind: 'succeed', owner: keypair.id, seq: 1, ballots: [] },
    {
      kind: 'rotate',
      epoch: 9,
      commit: toHash(hash32(new Uint8Array(1))),
      key: keypair.boxPublic,
      boxes: [],
    },
  ];
  for (const [at, act] of acts.entries()) {
    const body = encodeBody(act);
    const entry = encodeEntry({
      ...last,
      ...{ kind: act.kind, grove: toHash(hexToBytes(id)), seq: last.seq + 1, prev: last.id, parents: [] },
      ...{ lamport: last.lamport + 1, body: toHash(hash32(body)), size: body.length, blobs: null },
    });
    const signature = signEntry(nobleSignatures, keypair, entry.id);
    const row = { entry, signature, table: null, index: 1_000 + at, receivedAt: 0, receivedFrom: null };
    await store.write(
      [
        { op: 'put', table: 'log', key: logKey(grove, keypair.id, entry.seq), value: encodeRow(row) },
        { op: 'put', table: 'bodies', key: entry.body, value: body },
      ],
      'strict',
    );
    last = entry;
  }

  b = createPeer(hub, 'b2', { store });
  await until(async () => ((await b.api.groves())[0]?.links ?? 0) > 0, 'b is back');
  const refused = async (peer: TestPeer): Promise<number> =>
    (await peer.api.stats()).counters['entries.notMember'] ?? 0;
  await until(async () => (await refused(a)) + (await refused(c)) > 0, 'the first was refused');
  // Whatever goes on between the others goes on.
  const { cid } = await c.api.contribute(id, work('after'));
  await has(a, id, cid);
  for (const peer of [a, c]) {
    const { items } = await peer.api.changes(id);
    const of = items.filter(({ author }) => author === keypair.id).map(({ kind }) => kind);
    expect(of.filter((kind) => acts.some((act) => act.kind === kind))).toEqual([]);
    expect(await peer.api.bans(id)).toEqual([]);
    expect(await peer.api.moderation(id)).toEqual([]);
    expect((await peer.api.members(id)).map(({ role }) => role).sort()).toEqual([
      'member',
      'member',
      'owner',
    ]);
  }
  for (const peer of [a, b, c]) peer.stop();
}, 60_000);
