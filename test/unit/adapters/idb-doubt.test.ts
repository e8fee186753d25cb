import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksWritten } from '../../../worker/adapters/idb-doubt.ts';
import { createMemoryStore } from '../../../worker/adapters/store-memory.ts';
import type { WriteOp } from '../../../worker/core/ports.ts';

const key = fc.constantFrom('a', 'a/', 'a/1', 'a/2', 'b');
const op: fc.Arbitrary<WriteOp> = fc.oneof(
  fc.record({
    op: fc.constant('put' as const),
    table: fc.constantFrom('log' as const, 'blocks' as const),
    key,
    value: fc.uint8Array({ maxLength: 2 }),
  }),
  fc.record({ op: fc.constant('delete' as const), table: fc.constant('log' as const), key }),
  fc.record({ op: fc.constant('clear' as const), table: fc.constant('log' as const), prefix: key }),
);
const rowsOf = async (store: ReturnType<typeof createMemoryStore>): Promise<unknown> => [
  await store.scan('log', '', null, 100),
  await store.scan('blocks', '', null, 100),
];

describe('A batch of unknown end', () => {
  it('D5: counts as written exactly where writing it changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(op, { maxLength: 6 }),
        fc.array(op, { maxLength: 4 }),
        async (before, batch) => {
          const store = createMemoryStore();
          await store.write(before, 'strict');
          const held = await rowsOf(store);
          const judged = await looksWritten(store, batch);
          await store.write(batch, 'strict');
          expect(judged).toEqual(JSON.stringify(held) === JSON.stringify(await rowsOf(store)));
          expect(await looksWritten(store, batch)).toBe(true);
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});
