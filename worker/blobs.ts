// Blobs as wholes over the store, for the driver: taken in, hashed again, put together. Knows no grove.
import type { Hasher } from './adapters/hasher.ts';
import { blockKey } from './core/cas/keys.ts';
import { ThicketError } from './core/model/errors.ts';
import { toHash, type Hash } from './core/model/ids.ts';
import { LIMITS } from './core/model/manifest.ts';
import type { Crypto, Store } from './core/ports.ts';
import type { Blobs } from './driver.ts';
import { ingest } from './ingest.ts';
import { readArtifact } from './read.ts';

/** Blocks read at once, about 1 MiB. */
const BATCH = 16;

export function createBlobs(deps: { store: Store; crypto: Crypto; createHasher(): Promise<Hasher> }): Blobs {
  const { store, crypto, createHasher } = deps;
  const hash = (bytes: Uint8Array): Uint8Array => crypto.hash(bytes);
  return {
    ingest: (bytes) => ingest(bytes, { store, hash, createHasher }),

    async hash(blocks) {
      const hasher = await createHasher();
      for (let at = 0; at < blocks.length; at += BATCH) {
        const keys = blocks.slice(at, at + BATCH).map((block) => blockKey(block as Hash));
        for (const bytes of await store.read('blocks', keys)) {
          if (bytes === null) return null;
          hasher.update(bytes);
        }
      }
      return toHash(hasher.digest());
    },

    async assemble(artifact) {
      try {
        const blob = await readArtifact(store, artifact as Hash, '', hash);
        return blob.size > LIMITS.bytes ? null : new Uint8Array(await blob.arrayBuffer());
      } catch (error) {
        if (error instanceof ThicketError) return null;
        throw error;
      }
    },
  };
}
