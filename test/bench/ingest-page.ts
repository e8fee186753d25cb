// Runs in the page of ingest.ts: where the time of taking artifacts in goes, each part by itself and all of them together.
import { createHasher, type Hasher } from '../../worker/adapters/hasher.ts';
import { createPause } from '../../worker/adapters/pause.ts';
import { openIdbStore } from '../../worker/adapters/store-idb.ts';
import { createCutter } from '../../worker/core/cas/cut.ts';
import type { Store } from '../../worker/core/ports.ts';
import { ingest, ingestAll, type IngestDeps } from '../../worker/ingest.ts';

const MIB = 1024 * 1024;
const SMALL = 1024;

export type Figures = Record<string, number>;

/** `size` bytes in one artifact, and 10,000 small ones. */
export async function run(round: number, size: number): Promise<Figures> {
  const bytes = noise(size);
  const blob = new Blob([bytes]);
  const hasher = await createHasher();
  const figures: Figures = {};
  const clock = { hashing: 0, hashed: 0 };
  const timed = <T>(length: number, work: () => T): T => {
    const begun = performance.now();
    const value = work();
    clock.hashing += performance.now() - begun;
    clock.hashed += length;
    return value;
  };
  const deps = (store: Store): IngestDeps => ({
    store,
    pause: createPause(),
    hash: (data) =>
      timed(data.length, () => {
        hasher.update(data);
        return hasher.digest();
      }),
    async createHasher(): Promise<Hasher> {
      const inner = await createHasher();
      return {
        update: (data) => timed(data.length, () => inner.update(data)),
        digest: () => timed(0, () => inner.digest()),
      };
    },
  });
  const speed = async (name: string, work: () => unknown): Promise<void> => {
    clock.hashing = 0;
    clock.hashed = 0;
    const begun = performance.now();
    await work();
    figures[`${name} MB/s`] = Math.round(size / 1000 / (performance.now() - begun));
    if (clock.hashing > 0)
      figures[`hashing in ${name} MB/s`] = Math.round(clock.hashed / 1000 / clock.hashing);
  };

  await speed('hash alone', () => {
    for (let at = 0; at < size; at += MIB) hasher.update(bytes.subarray(at, at + MIB));
    hasher.digest();
  });
  await speed('cut alone', () => {
    const cutter = createCutter();
    for (let at = 0; at < size; at += MIB) cutter.push(bytes.subarray(at, at + MIB));
  });
  await speed('read alone', async () => {
    for (let at = 0; at < size; at += MIB) await blob.slice(at, at + MIB).arrayBuffer();
  });
  await speed('ingest, stored nowhere', () => ingest(blob, deps(nowhere)));
  const store = await openIdbStore({ name: `bench ${round}`, onClosed: () => undefined });
  await speed('ingest', () => ingest(blob, deps(store)));

  const small = Array.from({ length: 10 }, () => Array.from({ length: 1000 }, () => noise(SMALL)));
  for (const [name, sources] of [
    ['as bytes', small],
    // Of other content, or they would be held already.
    ['as files', small.map((each) => each.map((content) => new Blob(['file', content])))],
  ] as const) {
    const begun = performance.now();
    for (const thousand of sources) await ingestAll(thousand, deps(store));
    figures[`artifacts of 1 KiB ${name} /s`] = Math.round(10_000_000 / (performance.now() - begun));
  }
  store.close();
  indexedDB.deleteDatabase(`bench ${round}`);
  return figures;
}

function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

const nowhere: Store = {
  read: (_table, keys) => Promise.resolve(keys.map(() => null)),
  scan: () => Promise.resolve([]),
  write: () => Promise.resolve(),
  close: () => undefined,
};
