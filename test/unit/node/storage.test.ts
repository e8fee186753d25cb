// Budgets over whole peers: what is let in, what goes, what stays, and what a person is told of it.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { StoreFailure, Store } from '../../../worker/core/ports.ts';
import { StoreError } from '../../../worker/core/ports.ts';
import { createHub, createPeer, has, pair, until, work, type TestPeer } from './mesh.ts';

const bytes = (seed: number, size: number): Uint8Array => createSeededRandom(seed).bytes(size);

const groveOf = async (peer: TestPeer, id: string) => {
  const info = await peer.api.storage();
  const found = info.groves.find(({ grove }) => grove === id);
  if (found === undefined) throw new Error('no such grove');
  return found;
};

const isWhole = async (peer: TestPeer, id: string, cid: string): Promise<boolean> => {
  const { body, files } = await peer.api.contribution(id, cid);
  return body && files.every(({ held }) => held);
};

/** Contributed at one peer, each with one artifact of so many bytes, in this order. */
async function contributed(peer: TestPeer, id: string, ...sizes: number[]): Promise<string[]> {
  const cids: string[] = [];
  for (const [i, size] of sizes.entries()) {
    const summary = `Of ${size}, number ${i}`;
    const artifacts = { 'x.bin': bytes(1_000 * i + size, size) };
    cids.push((await peer.api.contribute(id, work(summary, { artifacts }))).cid);
  }
  return cids;
}

const hashOf = async (peer: TestPeer, id: string, cid: string): Promise<string> => {
  const [file] = (await peer.api.contribution(id, cid)).files;
  return file?.hash.replace('blake3:', '') ?? '';
};

describe('usage', () => {
  it('C13: counts equal blocks once in all and once in each grove, also after a restart', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    const one = await a.api.createGrove({ name: 'One' });
    const two = await a.api.createGrove({ name: 'Two' });
    const same = bytes(1, 50_000);
    await a.api.contribute(
      one.id,
      work('a', { artifacts: { 'same.bin': same, 'own.bin': bytes(2, 1_000) } }),
    );
    await a.api.contribute(two.id, work('b', { artifacts: { 'same.bin': same } }));
    const expected = async (peer: TestPeer) => {
      const { ready, bytes: all, groves } = await peer.api.storage();
      const of = (id: string) => groves.find(({ grove }) => grove === id)?.bytes;
      return ready && all === 51_000 && of(one.id) === 51_000 && of(two.id) === 50_000;
    };
    await until(() => expected(a), 'counted as they came');
    a.stop();
    const again = createPeer(hub, 'a2', { store });
    await until(() => expected(again), 'counted from disk');
    again.stop();
  });
});

describe('a budget', () => {
  it('C14: beyond it the least recently used goes that others hold; what is pinned, and what is only here, stays', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const [first = '', second = '', third = ''] = await contributed(a, id, 30_000, 20_000, 10_000);
    for (const cid of [first, second, third]) await until(() => isWhole(b, id, cid), 'all is at b');
    const { cid: own } = await b.api.contribute(
      id,
      work('Own', { artifacts: { 'o.bin': bytes(9, 40_000) } }),
    );
    await b.api.pin(id, first);
    // Nobody else is to hold what b wrote.
    await a.api.policy(id, { artifacts: 'on-demand' });
    await until(async () => (await groveOf(b, id)).bytes === 100_000, 'all is counted');
    await b.api.policy(id, { budget: 85_000 });
    await until(async () => !(await isWhole(b, id, second)), 'the second goes');
    expect(await Promise.all([first, third, own].map((cid) => isWhole(b, id, cid)))).toEqual([
      true,
      true,
      true,
    ]);
    await until(async () => (await groveOf(b, id)).bytes === 80_000, 'its bytes are gone');
    expect(await b.store.read('blobs', [`blob/${await hashOf(b, id, second)}`])).toEqual([null]);
    a.stop();
    b.stop();
  });

  it('C14: what may not go is told, with what would have to, and goes when a person says so', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Alone' });
    const [old = '', young = ''] = await contributed(a, id, 20_000, 30_000);
    await a.api.policy(id, { budget: 35_000 });
    const told = await until(async () => (await groveOf(a, id)).needsRoom, 'needs room');
    const hash = await hashOf(a, id, old);
    expect(told).toMatchObject({ bytes: 15_000, artifacts: [{ hash, standing: 'only-here', cids: [old] }] });
    await until(
      () =>
        Promise.resolve(
          a.events.some(({ name, payload }) => name === 'storage' && JSON.stringify(payload).includes(id)),
        ),
      'the event says so',
    );
    expect(await isWhole(a, id, old)).toBe(true);
    expect(await a.api.evict(id, [hash])).toEqual({ bytes: 20_000, kept: [] });
    await until(async () => (await groveOf(a, id)).needsRoom === null, 'there is room');
    expect([await isWhole(a, id, old), await isWhole(a, id, young)]).toEqual([false, true]);
    expect(await groveOf(a, id)).toMatchObject({ bytes: 30_000, artifacts: 1, onlyHere: { bytes: 30_000 } });
    expect(await a.api.evict(id, [hash])).toEqual({ bytes: 0, kept: [{ hash, reason: 'not-held' }] });
    a.stop();
  });

  it('C14: what is pinned stays, whoever says that it should go', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Pinned' });
    const [cid = ''] = await contributed(a, id, 5_000);
    await until(async () => (await groveOf(a, id)).bytes === 5_000, 'counted');
    await a.api.pin(id, cid);
    const hash = await hashOf(a, id, cid);
    expect(await a.api.evict(id, [hash])).toEqual({ bytes: 0, kept: [{ hash, reason: 'pinned' }] });
    expect(await groveOf(a, id)).toMatchObject({ pinned: { artifacts: 1, bytes: 5_000 } });
    await expect(a.api.evict(id, ['ab'.repeat(32)])).rejects.toMatchObject({ code: 'not-found' });
    a.stop();
  });

  it('C15: what the policy would fetch and doesn’t fit isn’t begun, and comes once the budget allows it', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { budget: 25_000 });
    const [small = '', large = ''] = await contributed(a, id, 20_000, 30_000);
    await has(b, id, large);
    await until(() => isWhole(b, id, small), 'what fits comes');
    await until(async () => (await groveOf(b, id)).waiting.bytes === 30_000, 'what doesn’t waits');
    expect((await b.api.stats()).transfers).toEqual([]);
    expect(await isWhole(b, id, small)).toBe(true);
    await b.api.policy(id, { budget: 60_000 });
    await until(() => isWhole(b, id, large), 'now it comes');
    expect((await groveOf(b, id)).waiting).toEqual({ artifacts: 0, bytes: 0 });
    a.stop();
    b.stop();
  });

  it('C15: what is asked for makes room; where what may go doesn’t suffice it fails with quota and nothing went', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    await b.api.policy(id, { budget: 45_000 });
    const [first = '', second = '', third = ''] = await contributed(a, id, 20_000, 20_000, 30_000);
    for (const cid of [first, second]) await until(() => isWhole(b, id, cid), 'two fit');
    await has(b, id, third);
    const fetched = await b.api.fetch(id, third);
    expect(fetched.files[0]?.held).toBe(true);
    expect([await isWhole(b, id, first), await isWhole(b, id, second)]).toEqual([false, false]);
    await b.api.pin(id, third);
    await until(async () => (await groveOf(b, id)).pinned.bytes === 30_000, 'pinned');
    await expect(b.api.fetch(id, second)).rejects.toMatchObject({ code: 'quota' });
    expect(await isWhole(b, id, third)).toBe(true);
    a.stop();
    b.stop();
  });

  it('C14: the budget of the device counts all groves together', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const [cid = ''] = await contributed(a, id, 20_000);
    await until(() => isWhole(b, id, cid), 'it is at b');
    const own = await b.api.createGrove({ name: 'Own' });
    await contributed(b, own.id, 30_000);
    await b.api.settings({ budget: 35_000 });
    await until(async () => !(await isWhole(b, id, cid)), 'what a holds goes');
    await until(async () => (await b.api.storage()).bytes === 30_000, 'its bytes are gone');
    expect(await b.api.storage()).toMatchObject({ budget: 35_000, over: 0 });
    a.stop();
    b.stop();
  });

  it('C14: what a person had go isn’t fetched again by itself, and is by asking', async () => {
    const hub = createHub();
    const { a, b, id } = await pair(hub);
    const [cid = ''] = await contributed(a, id, 20_000);
    await until(() => isWhole(b, id, cid), 'it is at b');
    await until(async () => (await groveOf(b, id)).bytes === 20_000, 'counted');
    expect((await b.api.evict(id, [await hashOf(b, id, cid)])).bytes).toBe(20_000);
    await b.api.policy(id, { artifacts: 'pinned' });
    await b.api.policy(id, { artifacts: 'all' });
    const [other = ''] = await contributed(a, id, 10_000);
    await until(() => isWhole(b, id, other), 'what came later is here');
    expect(await isWhole(b, id, cid)).toBe(false);
    await b.api.fetch(id, cid);
    expect(await isWhole(b, id, cid)).toBe(true);
    expect(new Uint8Array(await (await b.api.artifact(id, cid, 'x.bin')).arrayBuffer())).toEqual(
      bytes(20_000, 20_000),
    );
    a.stop();
    b.stop();
  });
});

describe('a grove that is gone', () => {
  it('C17: left and not erased, its artifacts stay until they are discarded; what another grove names stays then', async () => {
    const hub = createHub();
    const store = createMemoryStore();
    const a = createPeer(hub, 'a', { store });
    const left = await a.api.createGrove({ name: 'Left' });
    const kept = await a.api.createGrove({ name: 'Kept' });
    const same = { 'same.bin': bytes(3, 4_000) };
    await a.api.contribute(left.id, work('l', { artifacts: { ...same, 'own.bin': bytes(4, 6_000) } }));
    await a.api.contribute(kept.id, work('k', { artifacts: same }));
    await until(async () => (await a.api.storage()).bytes === 10_000, 'counted');
    await a.api.leave(left.id);
    const total = { artifacts: 1, bytes: 6_000 };
    await until(async () => (await a.api.storage()).left.bytes === 6_000, 'left behind');
    a.stop();
    const again = createPeer(hub, 'a2', { store });
    await until(async () => (await again.api.storage()).ready, 'counted again');
    expect((await again.api.storage()).left).toEqual(total);
    expect(await again.api.discardLeft()).toEqual({ bytes: 6_000 });
    expect(await again.api.storage()).toMatchObject({ bytes: 4_000, left: { artifacts: 0 } });
    expect(await store.scan('blocks', '', null, 10)).toHaveLength(1);
    again.stop();
  });
});

/** A store that fails writes of blocks when told, as a full disk does. */
function fallible() {
  const inner = createMemoryStore();
  const state: { failing: StoreFailure | null } = { failing: null };
  const store: Store = {
    ...inner,
    async write(ops, durability) {
      const grows = ops.some(({ op, table }) => op === 'put' && (table === 'blocks' || table === 'log'));
      if (state.failing !== null && grows) throw new StoreError(state.failing, 'forced');
      await inner.write(ops, durability);
    },
  };
  return { store, state };
}

describe('a full disk', () => {
  it('C18: is told, has what others hold go, and fetching goes on once something went', async () => {
    const hub = createHub();
    const { store, state } = fallible();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Full' });
    const b = createPeer(hub, 'b', { store });
    await b.api.join(await a.api.invite(id));
    const [first = ''] = await contributed(a, id, 20_000);
    await until(() => isWhole(b, id, first), 'it is at b');
    state.failing = 'quota';
    const second = (await a.api.contribute(id, work('Two', { artifacts: { 'y.bin': bytes(77, 15_000) } })))
      .cid;
    await until(
      () =>
        Promise.resolve(
          b.events.some(
            ({ name, payload }) => name === 'problem' && JSON.stringify(payload).includes('"quota"'),
          ),
        ),
      'the problem is told',
    );
    await until(async () => (await b.api.contribution(id, first)).files[0]?.held === false, 'the first goes');
    state.failing = null;
    await until(() => isWhole(b, id, second), 'the second comes', 40_000);
    a.stop();
    b.stop();
  }, 60_000);

  it('C18: contributing to it does nothing at all and says so', async () => {
    const hub = createHub();
    const { store, state } = fallible();
    const a = createPeer(hub, 'a', { store });
    const { id } = await a.api.createGrove({ name: 'Full' });
    await until(async () => (await a.api.storage()).ready, 'counted');
    state.failing = 'quota';
    await expect(contributed(a, id, 9_000)).rejects.toMatchObject({ code: 'quota' });
    expect(await a.api.storage()).toMatchObject({ full: true, bytes: 0 });
    expect((await a.api.contributions(id)).items).toEqual([]);
    state.failing = null;
    const [cid = ''] = await contributed(a, id, 9_000);
    expect(await isWhole(a, id, cid)).toBe(true);
    a.stop();
  });

  it('C19: above 90 % a person is told and nothing goes for it; above 95 % nothing is fetched by itself', async () => {
    const hub = createHub();
    const a = createPeer(hub, 'a');
    const { id } = await a.api.createGrove({ name: 'Nearly full' });
    const says = { usage: 0, quota: 1_000_000, persisted: true };
    const b = createPeer(hub, 'b', { disk: { estimate: () => Promise.resolve({ ...says }) } });
    await b.api.join(await a.api.invite(id));
    const [first = ''] = await contributed(a, id, 20_000);
    await until(() => isWhole(b, id, first), 'it is at b');
    says.usage = 930_000;
    expect((await b.api.storage()).quota).toEqual(says);
    const warnings = b.events.filter(({ name }) => name === 'problem').map(({ payload }) => payload);
    expect(warnings).toMatchObject([{ code: 'quota', message: expect.stringContaining('93 %') as string }]);
    const [second = ''] = await contributed(a, id, 40_000);
    await has(b, id, second);
    await until(async () => (await groveOf(b, id)).waiting.bytes === 40_000, 'it waits');
    expect(await b.api.storage()).toMatchObject({ full: false, bytes: 20_000 });
    says.usage = 100_000;
    await b.api.storage();
    await b.api.policy(id, { artifacts: 'all' });
    await until(() => isWhole(b, id, second), 'now it comes');
    a.stop();
    b.stop();
  });
});
