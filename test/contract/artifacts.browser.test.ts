// Files through a real browser: taken in from a Blob, kept in IndexedDB, read back as a Blob.
import { deleteDB } from 'idb';
import { expect, it } from 'vitest';
import { createWebCrypto } from '../../worker/adapters/crypto-web.ts';
import { createHasher } from '../../worker/adapters/hasher.ts';
import { createPause } from '../../worker/adapters/pause.ts';
import { createRandom } from '../../worker/adapters/random.ts';
import { openIdbStore } from '../../worker/adapters/store-idb.ts';
import { equalBytes } from '../../worker/core/model/bytes.ts';
import { toHash } from '../../worker/core/model/ids.ts';
import { ingest } from '../../worker/ingest.ts';
import { createReader } from '../../worker/read.ts';

it('C3: a file of many blocks survives the database, its bytes and its type as they were', async () => {
  const name = 'artifacts';
  const onClosed = (reason: string): void => expect.unreachable(reason);
  const crypto = await createWebCrypto();
  const bytes = createRandom().bytes(5_000_001);
  const store = await openIdbStore({ name, onClosed });
  const taken = await ingest(new Blob([bytes.slice()]), {
    store,
    hash: (data) => crypto.hash(data),
    createHasher,
    pause: createPause(),
  });
  expect(taken.hash).toBe(toHash(crypto.hash(bytes)));
  store.close();

  const again = await openIdbStore({ name, onClosed });
  const reader = createReader({ store: again, hash: (data) => crypto.hash(data) });
  const blob = await reader.read(taken.hash, 'application/x-test');
  expect(blob).toMatchObject({ size: bytes.length, type: 'application/x-test' });
  expect(toHash(crypto.hash(new Uint8Array(await blob.arrayBuffer())))).toBe(taken.hash);
  const part = await reader.read(taken.hash, '', { start: 1_999_999, end: 3_000_001 });
  expect(equalBytes(await part.bytes(), bytes.subarray(1_999_999, 3_000_001))).toBe(true);
  again.close();
  await deleteDB(name);
});
