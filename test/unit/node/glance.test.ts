// The first view of a grove that takes long to read back (SPEC G28), by the whole node.
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { glanceKey } from '../../../worker/core/api/glance.ts';
import type { Store } from '../../../worker/core/ports.ts';
import { grow, type Grown } from '../../bench/grown.ts';
import { createHub, createPeer, until } from './mesh.ts';

const COUNT = CONFIG.glance.from + 20;
let made: Grown | null = null;

/** A store with the grove in it; of each restart the same. */
async function stored(): Promise<{ store: Store; grown: Grown }> {
  made ??= grow({ contributions: COUNT, relations: COUNT, authors: 3 });
  const store = createMemoryStore();
  await store.write(
    made.rows.map((row) => ({ op: 'put' as const, ...row })),
    'relaxed',
  );
  return { store, grown: made };
}

/** The same store, whose bodies are given only once `open` is called. */
function slow(store: Store): { store: Store; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    store: {
      ...store,
      read: async (table, keys) => {
        if (table === 'bodies') await opened;
        return store.read(table, keys);
      },
    },
    open: () => open(),
  };
}

const noted = (store: Store, { grove }: Grown): Promise<unknown> =>
  until(async () => (await store.read('meta', [glanceKey(grove)]))[0], 'a first view is noted');

describe('a first view', () => {
  it('G28: is answered while the log is read back, marked with how far that is, and is the truth once it is', async () => {
    const { store, grown } = await stored();
    const first = createPeer(createHub(), 'a', { store });
    const truth = await first.api.glance(grown.grove);
    expect(truth).toMatchObject({ reading: null, contributions: COUNT });
    expect(truth.items).toHaveLength(50);
    expect(truth.frontier).toEqual(await first.api.frontier(grown.grove));
    await noted(store, grown);
    first.stop();

    const held = slow(store);
    const again = createPeer(createHub(), 'a', { store: held.store });
    const early = await again.api.glance(grown.grove);
    expect(early).toMatchObject({ contributions: COUNT, items: truth.items, frontier: truth.frontier });
    expect(early.reading?.done).toBe(0);
    held.open();
    await again.api.contributions(grown.grove);
    expect((await again.api.glance(grown.grove)).reading).toBeNull();
    again.stop();
  });

  it('G28: no other call is answered by it, and nothing of it enters the views', async () => {
    const { store, grown } = await stored();
    const info = { id: grown.grove, name: 'Lie', contributions: 7, entries: 9 };
    const lie = {
      at: 1,
      name: 'Lie',
      entries: 9,
      contributions: 7,
      frontier: {},
      items: [{ cid: 'none' }],
      info,
    };
    const value = new TextEncoder().encode(JSON.stringify(lie));
    await store.write([{ op: 'put', table: 'meta', key: glanceKey(grown.grove), value }], 'relaxed');
    const held = slow(store);
    const peer = createPeer(createHub(), 'a', { store: held.store });
    expect(await peer.api.glance(grown.grove)).toMatchObject({ name: 'Lie', contributions: 7 });
    let answered = false;
    const page = peer.api.contributions(grown.grove).finally(() => (answered = true));
    await peer.api.glance(grown.grove);
    expect(answered).toBe(false);
    held.open();
    expect((await page).items).toHaveLength(50);
    expect(await peer.api.glance(grown.grove)).toMatchObject({ name: 'Grown', contributions: COUNT });
    peer.stop();
  });

  it('G28: a large grove is listed as it was last noted while it is read back, marked so, and small ones as they are', async () => {
    const { store, grown } = await stored();
    const first = createPeer(createHub(), 'a', { store });
    const small = await first.api.createGrove({ name: 'Small' });
    await first.api.glance(grown.grove);
    const truth = await first.api.groves();
    expect(truth.map(({ reading }) => reading)).toEqual([undefined, undefined]);
    await noted(store, grown);
    first.stop();

    const held = slow(store);
    const again = createPeer(createHub(), 'a', { store: held.store });
    const early = again.api.groves();
    // The small one is waited for, and its bodies as well.
    let answered = false;
    void early.then(() => (answered = true));
    await again.api.glance(grown.grove);
    expect(answered).toBe(false);
    held.open();
    const listed = await early;
    expect(listed.map(({ id }) => id).sort()).toEqual([grown.grove, small.id].sort());
    await again.api.contributions(grown.grove);
    // In whichever order: they are read back by their ids.
    const byId = (groves: typeof truth): typeof truth => groves.toSorted((x, y) => (x.id < y.id ? -1 : 1));
    expect(byId(await again.api.groves())).toEqual(byId(truth));
    again.stop();
  });

  it('G28: groves are listed without waiting for a log where they were noted', async () => {
    const { store, grown } = await stored();
    const first = createPeer(createHub(), 'a', { store });
    await first.api.glance(grown.grove);
    const [truth] = await first.api.groves();
    await noted(store, grown);
    first.stop();

    const held = slow(store);
    const again = createPeer(createHub(), 'a', { store: held.store });
    const [early] = await again.api.groves();
    expect(early).toEqual({ ...truth, reading: { done: 0, total: early?.reading?.total } });
    expect(early?.contributions).toBe(COUNT);
    held.open();
    await again.api.contributions(grown.grove);
    expect(await again.api.groves()).toEqual([truth]);
    again.stop();
  });

  it('G28: what is damaged on disk is as if it were not there: the call waits for the truth', async () => {
    const { store, grown } = await stored();
    const value = new Uint8Array([0xff, 1, 2]);
    await store.write([{ op: 'put', table: 'meta', key: glanceKey(grown.grove), value }], 'relaxed');
    const peer = createPeer(createHub(), 'a', { store });
    expect(await peer.api.glance(grown.grove)).toMatchObject({ reading: null, contributions: COUNT });
    peer.stop();
  });

  it('G28: it goes with its grove', async () => {
    const { store, grown } = await stored();
    const peer = createPeer(createHub(), 'a', { store });
    await peer.api.glance(grown.grove);
    await noted(store, grown);
    await peer.api.leave(grown.grove);
    expect(await store.read('meta', [glanceKey(grown.grove)])).toEqual([null]);
    peer.stop();
  });
});
