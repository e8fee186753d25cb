// What every Store does. Knows no implementation.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError, TABLES } from '../../worker/core/ports.ts';
import type { Row, Store, WriteOp } from '../../worker/core/ports.ts';

export interface StoreUnderTest {
  store: Store;
  /** Another store over the same data, as after a restart. */
  reopen(): Promise<Store>;
  /** Frees what the test took. */
  dispose(): Promise<void>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: string, value: Uint8Array, table: 'meta' | 'log' = 'log'): WriteOp => ({
  op: 'put',
  table,
  key,
  value,
});
/** What a store rejected with, or `nothing`. */
export const failureOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof StoreError ? error.failure : String(error)),
  );

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`Store: ${name}`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.dispose());

    const keysIn = async (table: 'meta' | 'log', prefix = ''): Promise<string[]> =>
      (await store.scan(table, prefix, null, 1000)).map((row) => row.key);

    it('reads values in the order asked for, null where absent, the same key twice', async () => {
      await store.write([put('a', bytes(1)), put('b', bytes(2))], 'relaxed');
      expect(await store.read('log', ['b', 'none', 'a', 'b'])).toEqual([bytes(2), null, bytes(1), bytes(2)]);
      expect(await store.read('log', [])).toEqual([]);
    });

    it('keeps each table apart', async () => {
      await store.write(
        TABLES.map((table, i) => ({ op: 'put', table, key: 'same', value: bytes(i) })),
        'strict',
      );
      const found = await Promise.all(TABLES.map((table) => store.read(table, ['same'])));
      expect(found).toEqual(TABLES.map((_, i) => [bytes(i)]));
    });

    it('gives back exactly the bytes of a view, not those around it, and empty values as empty', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.write([put('view', all.subarray(3, 7)), put('none', bytes()), put('all', all)], 'relaxed');
      const [view, none, whole] = await store.read('log', ['view', 'none', 'all']);
      expect(view).toEqual(bytes(3, 4, 5, 6));
      expect(view?.buffer.byteLength).toBe(4);
      expect(none).toEqual(bytes());
      expect(whole).toEqual(all);
      expect(view).toBeInstanceOf(Uint8Array);
    });

    it('shares no memory with those who write and read', async () => {
      const value = bytes(1, 2, 3);
      await store.write([put('a', value)], 'relaxed');
      value.fill(9);
      const [first] = await store.read('log', ['a']);
      first?.fill(8);
      const [row] = await store.scan('log', 'a', null, 1);
      row?.value.fill(7);
      expect(await store.read('log', ['a'])).toEqual([bytes(1, 2, 3)]);
    });

    it('applies the operations of a batch in order', async () => {
      await store.write(
        [
          put('p/1', bytes(1)),
          put('p/1', bytes(2)),
          { op: 'delete', table: 'log', key: 'p/1' },
          put('p/2', bytes(3)),
          { op: 'clear', table: 'log', prefix: 'p/' },
          put('p/3', bytes(4)),
          { op: 'delete', table: 'log', key: 'absent' },
        ],
        'relaxed',
      );
      expect(await store.scan('log', '', null, 10)).toEqual([{ key: 'p/3', value: bytes(4) }]);
    });

    it('takes an empty batch', async () => {
      await store.write([], 'strict');
      expect(await keysIn('log')).toEqual([]);
    });

    it('scans a prefix in the order of UTF-16 code units, after a key exclusively, up to a limit', async () => {
      const keys = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a/\u{1F600}', 'a/\uffff', 'a/\uffff\uffff', 'a0', 'b'];
      await store.write(
        keys.toReversed().map((key) => put(key, bytes(1))),
        'relaxed',
      );
      const scan = async (prefix: string, after: string | null, limit = 100): Promise<string[]> =>
        (await store.scan('log', prefix, after, limit)).map((row) => row.key);
      expect(await scan('', null)).toEqual(keys);
      expect(await scan('a/', null)).toEqual(keys.slice(1, 8));
      expect(await scan('a/', 'a/1')).toEqual(keys.slice(3, 8));
      expect(await scan('a/', 'a/15')).toEqual(keys.slice(4, 8));
      expect(await scan('a/', 'a/', 2)).toEqual(['a/1', 'a/10']);
      expect(await scan('a/', 'a')).toEqual(keys.slice(1, 8));
      expect(await scan('a/', 'b')).toEqual([]);
      expect(await scan('a/', 'a/\uffff\uffff')).toEqual([]);
      expect(await scan('c', null)).toEqual([]);
      expect(await scan('', 'a0')).toEqual(['b']);
      expect(await scan('\uffff', null)).toEqual([]);
      expect(await scan('a/', null, 0)).toEqual([]);
    });

    it('clears every key of a prefix and no neighbour', async () => {
      const keys = ['a', 'a/', 'a/1', 'a/\uffff', 'a0', 'b', '`'];
      await store.write([...keys.map((key) => put(key, bytes(1))), put('a/1', bytes(2), 'meta')], 'relaxed');
      await store.write([{ op: 'clear', table: 'log', prefix: 'a/' }], 'strict');
      expect(await keysIn('log')).toEqual(['`', 'a', 'a0', 'b']);
      expect(await keysIn('meta')).toEqual(['a/1']);
      await store.write([{ op: 'clear', table: 'log', prefix: '' }], 'strict');
      expect(await keysIn('log')).toEqual([]);
      expect(await keysIn('meta')).toEqual(['a/1']);
    });

    it('pages through 10,000 rows, each once and in order', async () => {
      const keyOf = (i: number): string => `row/${String(i).padStart(6, '0')}`;
      for (let from = 0; from < 10_000; from += 2_500) {
        const ops = Array.from({ length: 2_500 }, (_, i) => put(keyOf(from + i), bytes((from + i) & 255)));
        await store.write(ops, 'relaxed');
      }
      await store.write([put('row.', bytes(0)), put('row0', bytes(0))], 'relaxed');
      const rows: Row[] = [];
      let after: string | null = null;
      for (;;) {
        const page = await store.scan('log', 'row/', after, 999);
        rows.push(...page);
        after = page.at(-1)?.key ?? null;
        if (page.length < 999) break;
      }
      expect(rows.map((row) => row.key)).toEqual(Array.from({ length: 10_000 }, (_, i) => keyOf(i)));
      expect(rows.every((row, i) => row.value.length === 1 && row.value[0] === (i & 255))).toBe(true);
    });

    it('S1: a batch whose expectation fails is a conflict, and nothing of it is written', async () => {
      await store.write([put('head', bytes(1)), put('empty', bytes())], 'strict');
      const batches: WriteOp[][] = [
        [
          put('x', bytes(1)),
          { op: 'expect', table: 'log', key: 'head', value: bytes(2) },
          put('y', bytes(1)),
        ],
        [put('x', bytes(1)), { op: 'expect', table: 'log', key: 'head', value: null }],
        [put('x', bytes(1)), { op: 'expect', table: 'log', key: 'head', value: bytes() }],
        [put('x', bytes(1)), { op: 'expect', table: 'meta', key: 'head', value: bytes(1) }],
        [
          { op: 'clear', table: 'log', prefix: '' },
          { op: 'expect', table: 'log', key: 'empty', value: null },
        ],
      ];
      for (const batch of batches) expect(await failureOf(store.write(batch, 'strict'))).toBe('conflict');
      expect(await keysIn('log')).toEqual(['empty', 'head']);
    });

    it('S1: an expectation looks at what was there before the batch', async () => {
      await store.write([put('head', bytes(1))], 'strict');
      await store.write(
        [
          put('head', bytes(2)),
          { op: 'expect', table: 'log', key: 'head', value: bytes(1) },
          { op: 'expect', table: 'log', key: 'new', value: null },
          put('new', bytes(3)),
        ],
        'strict',
      );
      expect(await store.read('log', ['head', 'new'])).toEqual([bytes(2), bytes(3)]);
    });

    it('S1: of batches that race for one head, one wins', async () => {
      await store.write([put('head', bytes(0))], 'strict');
      const race = Array.from({ length: 8 }, (_, i) =>
        failureOf(
          store.write(
            [
              { op: 'expect', table: 'log', key: 'head', value: bytes(0) },
              put('head', bytes(i + 1)),
              put(`by/${i}`, bytes(1)),
            ],
            'strict',
          ),
        ),
      );
      const outcomes = await Promise.all(race);
      expect(outcomes.toSorted()).toEqual([...Array<string>(7).fill('conflict'), 'nothing']);
      const winner = outcomes.indexOf('nothing');
      expect(await store.read('log', ['head'])).toEqual([bytes(winner + 1)]);
      expect(await keysIn('log', 'by/')).toEqual([`by/${winner}`]);
    });

    it('lets a read that follows a write see it, awaited or not', async () => {
      const writing = store.write([put('a', bytes(1))], 'relaxed');
      expect(await store.read('log', ['a'])).toEqual([bytes(1)]);
      await writing;
    });

    it('C16: reads and writes take effect in the order of the calls, whatever tables they name', async () => {
      const seen: Promise<(Uint8Array | null)[]>[] = [];
      const writes: Promise<void>[] = [];
      for (let i = 0; i < 20; i += 1) {
        const both = [put('k', bytes(i)), put('k', bytes(i), 'meta')];
        writes.push(store.write(i % 2 === 0 ? both : both.slice(0, 1), 'relaxed'));
        seen.push(store.read('log', ['k']));
        writes.push(store.write([{ op: 'delete', table: 'log', key: 'k' }], 'relaxed'));
        seen.push(store.read('log', ['k']));
        seen.push(store.scan('meta', 'k', null, 1).then((rows) => rows.map(({ value }) => value)));
      }
      await Promise.all(writes);
      const values = (await Promise.all(seen)).map(([value]) => value?.[0] ?? null);
      const expected = Array.from({ length: 20 }, (_, i) => [i, null, i - (i % 2)]).flat();
      expect(values).toEqual(expected);
    });

    it('S10: holds after a restart what was written', async () => {
      await store.write([put('a', bytes(1))], 'strict');
      await store.write([put('b', bytes(2))], 'relaxed');
      store.close();
      const again = await under.reopen();
      expect(await again.read('log', ['a', 'b'])).toEqual([bytes(1), bytes(2)]);
      again.close();
    });

    it('D5: rejects every call after close with `closed`, and closes twice without complaint', async () => {
      store.close();
      store.close();
      expect(await failureOf(store.read('log', ['a']))).toBe('closed');
      expect(await failureOf(store.scan('log', '', null, 1))).toBe('closed');
      expect(await failureOf(store.write([put('a', bytes(1))], 'strict'))).toBe('closed');
      expect(await failureOf(store.write([], 'strict'))).toBe('closed');
    });
  });
}
