// A member whose build was changed puts entries on its link that are not its own, not of this grove, or not new: the one it
// is linked with applies none, passes none on, accuses nobody, and goes on with the others.
import { expect, it } from 'vitest';
import { hexToBytes } from '@noble/hashes/utils.js';
import { encodeBody } from '../../../worker/core/model/body.ts';
import { decodeEntry } from '../../../worker/core/model/entry.ts';
import { toGroveId } from '../../../worker/core/model/ids.ts';
import { keypairFromSeed } from '../../../worker/core/model/keys.ts';
import { decodeFrame, type WireEntry } from '../../../worker/core/wire/frame.ts';
import { headOf, inject, keypairOf, made, rowsOf } from './attacker.ts';
import { createHub, createPeer, has, joined, until, work, type TestPeer } from './mesh.ts';

const counters = async (peer: TestPeer) => (await peer.api.stats()).counters;
const idsOf = async (peer: TestPeer, grove: string): Promise<string[]> =>
  (await peer.api.changes(grove)).items.map(({ id }) => id).sort();
const idsIn = (frame: Uint8Array): string[] => {
  const decoded = decodeFrame(frame);
  if (!decoded.ok || decoded.value.type !== 'entries') return [];
  return decoded.value.entries.flatMap(({ header }) => {
    const entry = decodeEntry(header);
    return entry.ok ? [entry.value.id] : [];
  });
};

/** b attacks a; c, linked with a only, would get what a passes on. `other`: b is no member there, nor c in `own`. */
async function setUp() {
  const hub = createHub();
  hub.apart = (x, y) => [x, y].sort().join() === 'b,c';
  const [a, b, c] = [createPeer(hub, 'a'), createPeer(hub, 'b'), createPeer(hub, 'c')];
  const create = async (name: string, members: TestPeer[]): Promise<string> => {
    const { id } = await a.api.createGrove({ name });
    const url = await a.api.invite(id);
    for (const peer of members) {
      await peer.api.join(url);
      await joined(peer, id);
    }
    for (const peer of [a, ...members]) {
      const { cid } = await peer.api.contribute(id, work('honest'));
      for (const each of [a, ...members]) await has(each, id, cid);
    }
    return id;
  };
  const id = await create('Grove', [b, c]);
  const [other, own] = [await create('Other', [c]), await create('Own', [b])];
  return { hub, a, b, c, id, other, own };
}

it('S4, S8, A2, A7: forged, re-signed, replayed and cross-grove entries: none is applied, none forwarded, nobody accused', async () => {
  const { hub, a, b, c, id, other, own } = await setUp();
  const grove = toGroveId(hexToBytes(id));
  const otherGrove = toGroveId(hexToBytes(other));
  const [keyA, keyB, keyC] = await Promise.all([a, b, c].map(({ store }) => keypairOf(store)));
  if (keyA === undefined || keyB === undefined || keyC === undefined) throw new Error('no keys');
  const stranger = keypairFromSeed(new Uint8Array(32).fill(77));
  const profile = encodeBody({ kind: 'profile', name: 'Mallory' });
  const [headA, headB, headC] = await Promise.all([
    headOf(a.store, id, keyA.id),
    headOf(b.store, id, keyB.id),
    headOf(c.store, id, keyC.id),
  ]);
  const next = (head: typeof headA) => ({
    ...{ grove: head.grove, author: head.author, seq: head.seq + 1, prev: head.id, parents: [] },
    ...{ lamport: head.lamport + 1, kind: 'profile' },
  });
  // In the names of others, signed by the attacker.
  const forged = [made(keyB, profile, next(headA)), made(keyB, profile, next(headC))];
  // By nobody that was let in, signed rightly.
  const begun = (head: typeof headA) => ({ ...next(head), seq: 1, prev: null, parents: [head.id] });
  const outsider = made(stranger, profile, { ...begun(headB), author: stranger.id });
  // What all hold, as it was and with the attacker's signature.
  const rows = (await rowsOf(b.store, id)).filter(({ entry }) => entry.author === keyB.id);
  const bodies = await b.store.read('bodies', rows.map(({ entry }) => entry.body)); // prettier-ignore
  const replayed = rows.map(({ entry, signature, table }, at): WireEntry => {
    return { header: entry.header, signature, table, body: bodies[at] ?? null };
  });
  const signedAnew = made(keyB, profile, next(headA)).signature;
  const resigned = replayed.map((entry) => ({ ...entry, signature: signedAnew }));
  // Of another grove of the same two, as if it were of this one; and one that goes on from there.
  const headOwn = await headOf(b.store, own, keyB.id);
  const strayed = made(keyB, profile, next(headOwn));
  const onto = { ...next(headB), prev: headOwn.id, seq: headB.seq + 1 };
  const crossed = made(keyB, profile, onto);
  // Right in all, of a grove that b is not in.
  const headOther = await headOf(c.store, other, keyC.id);
  const foreign = made(keyC, profile, next(headOther));

  const [before, beforeOther] = [await idsOf(a, id), await idsOf(a, other)];
  const applied = (await counters(a))['entries.applied'];
  const sent: string[] = [];
  hub.tamper = (frame, from) => {
    if (from === 'a') sent.push(...idsIn(frame));
    return frame;
  };
  const give = (entries: WireEntry[], into = grove, why: 'push' | 'sync' | 'want' = 'push'): void =>
    inject(hub, 'b', 'a', {
      ...{ type: 'entries', grove: into, why, hops: 0 },
      entries: entries.map(({ header, signature, body, table }) => ({ header, signature, body, table })),
    });
  for (const why of ['push', 'sync', 'want'] as const) {
    for (const entry of [...forged, outsider, strayed, crossed]) give([entry], grove, why);
    give(replayed, grove, why);
    give(resigned, grove, why);
    give([foreign], otherGrove, why);
  }
  // The same again counts once while it waits for its signature to be verified.
  const least = {
    ...{ 'entries.badSignature': 2, 'entries.notMember': 1, 'entries.malformed': 3, 'frames.closed': 3 },
    'entries.duplicate': 6 * replayed.length,
  };
  await until(async () => {
    const now = await counters(a);
    return Object.entries(least).every(([name, count]) => (now[name] ?? 0) >= count);
  }, 'all were refused');
  expect(await idsOf(a, id)).toEqual(before);
  expect(await idsOf(a, other)).toEqual(beforeOther);
  expect((await counters(a))['entries.applied']).toBe(applied);
  const hostile = [...forged, outsider, strayed, crossed, foreign].map((entry) => entry.id);
  const old = rows.map(({ entry }) => entry.id as string);
  expect(sent.filter((each) => hostile.includes(each) || old.includes(each))).toEqual([]);

  // What was forged in their names keeps nobody from writing at that place, and what follows reaches all.
  for (const peer of [a, b, c]) {
    const { cid } = await peer.api.contribute(id, work('after'));
    for (const each of [a, b, c]) await has(each, id, cid);
  }
  expect(sent.filter((each) => hostile.includes(each) || old.includes(each))).toEqual([]);
  for (const peer of [a, b, c]) {
    const all = await idsOf(peer, id);
    expect(all.filter((each) => hostile.includes(each))).toEqual([]);
    expect((await peer.api.members(id)).map(({ quarantined }) => quarantined)).toEqual([null, null, null]);
    expect((await peer.api.members(id)).some(({ name }) => name === 'Mallory')).toBe(false);
    expect((await counters(peer))['entries.forked'] ?? 0).toBe(0);
    peer.stop();
  }
}, 60_000);
