// Blobs as wholes over the store, for the driver: taken in, hashed again, put together. Knows no grove.
import type { Hasher } from './adapters/hasher.ts';
import { blockKey } from './core/cas/keys.ts';
import { ThicketError } from './core/model/errors.ts';
import { toHash, type Hash } from './core/model/ids.ts';
import { LIMITS } from './core/model/manifest.ts';
import type { Crypto, Store } from './core/ports.ts';
import type { Blobs } from './driver.ts';
import { ingest } from './ingest.ts';
import { createReader } from './read.ts';
import { releaseAll } from './release.ts';

/** Blocks read at once, about 1 MiB. */
const BATCH = 16;

export function createBlobs(deps: {
  store: Store;
  crypto: Crypto;
  createHasher(): Promise<Hasher>;
  /** Lets other work of this thread run. */
  pause(): Promise<void>;
}): Blobs {
  const { store, crypto, createHasher, pause } = deps;
  const hash = (bytes: Uint8Array): Uint8Array => crypto.hash(bytes);
  const reader = createReader({ store, hash });
  return {
    ingest: (bytes) => ingest(bytes, { store, hash, createHasher, pause }),

    async hash(blocks) {
      const hasher = await createHasher();
      const readFrom = (at: number): Promise<(Uint8Array | null)[]> =>
        store.read(
          'blocks',
          blocks.slice(at, at + BATCH).map((block) => blockKey(block as Hash)),
        );
      let next = readFrom(0);
      for (let at = 0; at < blocks.length; at += BATCH) {
        const batch = await next;
        // The next ones come while these are hashed.
        next = readFrom(at + BATCH);
        next.catch(() => undefined);
        for (const bytes of batch) {
          if (bytes === null) return null;
          hasher.update(bytes);
        }
        releaseAll(batch);
        await pause();
      }
      return toHash(hasher.digest());
    },

    async assemble(artifact) {
      try {
        const blob = await reader.read(artifact as Hash, '', { end: LIMITS.bytes + 1 });
        return blob.size > LIMITS.bytes ? null : new Uint8Array(await blob.arrayBuffer());
      } catch (error) {
        if (error instanceof ThicketError) return null;
        throw error;
      }
    },
  };
}
