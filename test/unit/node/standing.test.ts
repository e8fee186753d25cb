// Whole nodes, one of whose builds was changed: it is refused for what it does, the others go on, and it is let go on again
// when the person says so (SPEC P11, P12).
import { expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../worker/core/wire/frame.ts';
import { STANDING_KEY } from '../../../worker/core/standing-keeper.ts';
import { createHub, createPeer, has, joined, until, work, type TestPeer } from './mesh.ts';

const idOf = async (peer: TestPeer): Promise<string> => (await peer.api.identity()).peerId;
const seenBy = async (peer: TestPeer, id: string) =>
  (await peer.api.peers()).find(({ peerId }) => peerId === id)?.standing ?? null;
const isLinked = async (peer: TestPeer, id: string): Promise<boolean> =>
  (await peer.api.peers()).find(({ peerId }) => peerId === id)?.state === 'linked';

/** b and c joined a's grove; all are linked. */
async function setUp() {
  const hub = createHub();
  const [a, b, c] = [createPeer(hub, 'a'), createPeer(hub, 'b'), createPeer(hub, 'c')];
  const { id } = await a.api.createGrove({ name: 'Grove' });
  const url = await a.api.invite(id);
  for (const peer of [b, c]) {
    await peer.api.join(url);
    await joined(peer, id);
  }
  const [ben, cleo] = [await idOf(b), await idOf(c)];
  await until(() => isLinked(a, ben), 'a is linked with b');
  await until(() => isLinked(a, cleo), 'a is linked with c');
  /** What b sends of a type is changed on its way out. */
  const spoil = (type: string, change: (bytes: Uint8Array) => Uint8Array): void => {
    hub.tamper = (frame, from) => {
      const decoded = decodeFrame(frame);
      if (from !== 'b' || !decoded.ok || decoded.value.type !== type) return frame;
      return change(frame);
    };
  };
  return { hub, a, b, c, id, ben, cleo, spoil };
}

/** The last bit of a block, which ends its frame. */
const flipped = (frame: Uint8Array): Uint8Array =>
  frame.map((byte, at) => byte ^ Number(at === frame.length - 1));

it('P11, P12: whoever sends blocks that do not match is left for others, then refused; forgiven, it is linked again', async () => {
  const { a, b, c, id, ben, cleo, spoil } = await setUp();
  spoil('block', flipped);
  // Nobody else brings it.
  await c.api.policy(id, { artifacts: 'on-demand' });
  const bad = async (): Promise<number> => (await a.api.stats()).counters['blocks.bad'] ?? 0;
  for (let n = 0; (await seenBy(a, ben))?.state !== 'refused'; n++) {
    const before = await bad();
    const { cid } = await b.api.contribute(id, work(`file ${n}`, { artifacts: { file: `only at b: ${n}` } }));
    await has(a, id, cid);
    void a.api.fetch(id, cid).catch(() => null);
    await until(async () => (await bad()) > before, 'a bad block came');
    if (n === 0) expect(await seenBy(a, ben)).toMatchObject({ state: 'doubtful', until: null });
  }
  await until(async () => !(await isLinked(a, ben)), 'the link is gone');
  expect(await seenBy(a, ben)).toMatchObject({ seen: [{ deed: 'bad-block' }] });
  expect((await seenBy(a, ben))?.until).toBeGreaterThan(Date.now());
  expect(await seenBy(a, cleo)).toEqual({ state: 'good', seen: [], until: null });
  expect((await a.api.stats()).counters['peers.refused']).toBe(1);
  // Local: c, who saw nothing, brings what b writes, and neither is b banned.
  const { cid } = await b.api.contribute(id, work('by way of c'));
  await has(c, id, cid);
  await has(a, id, cid);
  expect((await a.api.members(id)).find(({ peerId }) => peerId === ben)?.role).toBe('member');

  await until(async () => (await a.store.read('meta', [STANDING_KEY]))[0], 'it is on the disk');
  await a.api.forgivePeer(ben);
  expect(await seenBy(a, ben)).toEqual({ state: 'good', seen: [], until: null });
  await until(() => isLinked(a, ben), 'they are linked again', 60_000);
  for (const peer of [a, b, c]) peer.stop();
}, 120_000);

it('P11: it is remembered over a restart, and by no other link', async () => {
  const { hub, a, b, c, id, ben } = await setUp();
  // Garbled on its way out: each link ends after some of them, and each time counts.
  hub.tamper = (frame, from) => {
    const decoded = decodeFrame(frame);
    return from === 'b' && decoded.ok && decoded.value.type === 'entries' ? new Uint8Array([1, 2, 3]) : frame;
  };
  const write = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) await b.api.contribute(id, work(`${n}`));
  };
  await until(
    async () => {
      if (await isLinked(a, ben)) await write();
      return ((await seenBy(a, ben))?.seen.length ?? 0) > 0;
    },
    'b was seen to garble',
    60_000,
  );
  const before = await until(async () => {
    const stored = (await a.store.read('meta', [STANDING_KEY]))[0];
    return stored == null ? null : seenBy(a, ben);
  }, 'it is on the disk');
  a.stop();
  hub.tamper = null;
  const again = createPeer(hub, 'a', { store: a.store });
  await until(async () => (await seenBy(again, ben))?.seen.length, 'it is remembered');
  expect((await seenBy(again, ben))?.seen[0]?.deed).toBe(before.seen[0]?.deed);
  for (const peer of [again, b, c]) peer.stop();
}, 120_000);

it('P11: an honest relay, whose neighbour wrote what is wrong, is held nothing against', async () => {
  const { hub, a, b, c, id, ben, cleo } = await setUp();
  // b and a are not linked any more: what b says comes by way of c.
  hub.tamper = (frame, from) => {
    const decoded = decodeFrame(frame);
    if (from !== 'b' || !decoded.ok) return frame;
    const { value } = decoded;
    if (value.type !== 'digest') return frame;
    // Rows that are not what was signed.
    return encodeFrame({
      ...value,
      rows: value.rows.map((row) => ({ ...row, signature: row.signature.map((n) => n ^ 1) })),
    });
  };
  for (let n = 0; n < 5; n++) {
    const { cid } = await b.api.contribute(
      id,
      work(`digest ${n}`, { scores: { loss: { value: n, direction: 'minimize' } } }),
    );
    await has(c, id, cid);
  }
  await until(async () => (await seenBy(c, ben))?.seen.length, 'c saw b', 60_000);
  expect(await seenBy(a, cleo)).toEqual({ state: 'good', seen: [], until: null });
  expect(await seenBy(b, cleo)).toEqual({ state: 'good', seen: [], until: null });
  for (const peer of [a, b, c]) peer.stop();
}, 120_000);
