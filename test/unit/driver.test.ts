// The only loop: one input at a time, effects in order, and a port that fails costs nothing but its own answer.
import { describe, expect, it } from 'vitest';
import { createNobleCrypto } from '../../worker/adapters/crypto-noble.ts';
import { createMemoryStore } from '../../worker/adapters/store-memory.ts';
import { nobleSignatures } from '../../worker/core/model/keys.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import { StoreError, type Store } from '../../worker/core/ports.ts';
import { createDriver, type Driver } from '../../worker/driver.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(change: (store: Store) => Partial<Store> = () => ({}), failing: { links?: boolean } = {}) {
  const memory = createMemoryStore();
  const log: string[] = [];
  const told: { id: number; value?: unknown; code?: string }[] = [];
  const events: { name: string; payload: unknown }[] = [];
  let wakes: (() => void)[] = [];
  let inside = 0;
  const nothing = (): void => undefined;
  const driver: Driver = createDriver({
    clock: {
      now() {
        inside += 1;
        log.push(`input ${inside}`);
        return 1_000_000;
      },
      wake: (at, callback) => void (wakes = at === null ? [] : [callback]),
    },
    random: createSeededRandom(1),
    crypto: createNobleCrypto(),
    signatures: nobleSignatures,
    store: { ...memory, ...change(memory) },
    blobs: {
      ingest: () => Promise.reject(new Error('no')),
      hash: () => Promise.resolve(null),
      assemble: () => Promise.resolve(null),
    },
    links: { open: nothing, signal: nothing, send: nothing, close: nothing },
    signal: {
      configure() {
        if (failing.links === true) throw new Error('no endpoint');
        log.push('configure');
      },
      join: () => void log.push('join'),
      leave: nothing,
      send: nothing,
    },
    hooks: {
      reply(id, value) {
        log.push(`reply ${id}`);
        told.push({ id, value });
      },
      refuse: (id, code) => void told.push({ id, code }),
      event: (name, payload) => void events.push({ name, payload }),
    },
  });
  const call = (id: number, method: string, params: unknown[], requestId: string | null = null): void =>
    driver.dispatch({ type: 'call', id, method, params, requestId });
  const settled = async (until: () => boolean): Promise<void> => {
    for (let i = 0; i < 1_000 && !until(); i += 1) await turn();
    expect(until()).toBe(true);
  };
  return { driver, log, told, events, call, settled, wakes: () => wakes };
}

describe('the driver', () => {
  it('D1: carries out the effects of an input in order, before the next input', async () => {
    const { log, told, call, settled } = setUp();
    call(1, 'boot', [{ origin: 'http://x.test', form: 'desktop' }]);
    call(2, 'identity', []);
    await settled(() => told.length === 2);
    const at = log.indexOf('configure');
    expect(log[at + 1]).toBe('reply 1');
    expect(log.indexOf('reply 2')).toBeGreaterThan(at);
    expect(told.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('D5: what a port rejects becomes an answer with its code', async () => {
    let fail = false;
    const { told, call, settled } = setUp((store) => ({
      write: (ops, durability) =>
        fail ? Promise.reject(new StoreError('quota', 'full')) : store.write(ops, durability),
    }));
    call(1, 'identity', []);
    await settled(() => told.length === 1);
    fail = true;
    call(2, 'createGrove', [{ name: 'G' }]);
    await settled(() => told.length === 2);
    expect(told[1]).toEqual({ id: 2, code: 'quota' });
  });

  it('D1, D5: a port that throws at once is told of, and the effects after it are carried out', async () => {
    let fail = false;
    const { told, events, call, settled } = setUp(
      (store) => ({
        write(ops, durability) {
          if (fail) throw new StoreError('closed', 'gone');
          return store.write(ops, durability);
        },
      }),
      { links: true },
    );
    call(1, 'boot', [{ origin: 'http://x.test', form: 'desktop' }]);
    await settled(() => told.length === 1);
    expect(events).toContainEqual({
      name: 'problem',
      payload: { code: 'internal', message: 'signal-configure: no endpoint' },
    });
    fail = true;
    call(2, 'setName', ['Ada']);
    await settled(() => told.length === 2);
    expect(told[1]).toEqual({ id: 2, code: 'closed' });
  });

  it('S2: one request id asked twice at once is done once, and both are answered', async () => {
    const { told, call, settled } = setUp();
    call(1, 'createGrove', [{ name: 'G' }], 'r');
    call(2, 'createGrove', [{ name: 'G' }], 'r');
    call(3, 'groves', []);
    await settled(() => told.length === 3);
    call(4, 'groves', []);
    await settled(() => told.length === 4);
    const [first, second] = told.filter(({ id }) => id < 3);
    expect(first?.value).toEqual(second?.value);
    expect(told.find(({ id }) => id === 4)?.value).toHaveLength(1);
  });

  it('S2: where it can’t be read whether a request was done, it is not done again', async () => {
    let fail = false;
    const { told, call, settled } = setUp((store) => ({
      read: (table, keys) =>
        fail && table === 'requests'
          ? Promise.reject(new StoreError('closed', 'gone'))
          : store.read(table, keys),
    }));
    call(1, 'identity', []);
    await settled(() => told.length === 1);
    fail = true;
    call(2, 'createGrove', [{ name: 'G' }], 'r');
    await settled(() => told.length === 2);
    expect(told[1]).toEqual({ id: 2, code: 'closed' });
    call(3, 'groves', []);
    await settled(() => told.length === 3);
    expect(told[2]?.value).toEqual([]);
  });

  it('names what is wrong: a method, a grove, a contribution that there is not', async () => {
    const { told, call, settled } = setUp();
    call(1, 'nonsense', []);
    call(2, 'contributions', ['0'.repeat(64), {}]);
    call(3, 'createGrove', [{ name: 'G' }]);
    await settled(() => told.length === 3);
    const created = told.find(({ id }) => id === 3)?.value as { id: string };
    const cid = `blake3:${'0'.repeat(64)}`;
    call(4, 'contribution', [created.id, cid]);
    call(5, 'fetch', [created.id, cid]);
    call(6, 'retract', [created.id, cid]);
    call(7, 'changes', [created.id, { since: 'x' }]);
    await settled(() => told.length === 7);
    const codes = Object.fromEntries(told.map(({ id, code }) => [id, code]));
    expect(codes).toMatchObject({
      1: 'unsupported',
      2: 'not-found',
      4: 'not-found',
      5: 'not-found',
      6: 'not-found',
      7: 'invalid',
    });
  });

  it('takes nothing in once it is closed', async () => {
    const { driver, told, call, settled, wakes } = setUp();
    call(1, 'identity', []);
    await settled(() => told.length === 1);
    driver.close();
    driver.close();
    call(2, 'identity', []);
    await turn();
    expect(told).toHaveLength(1);
    expect(wakes()).toEqual([]);
  });
});
