// Incremental BLAKE3-256 of bulk data, in WASM where it may run. Knows nothing of blocks.
import { blake3 } from '@noble/hashes/blake3.js';
import { createBLAKE3 } from 'hash-wasm';

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 32 bytes; the hasher starts over. */
  digest(): Uint8Array;
}

/** WASM is 4 to 25 times as fast as noble at every length from 32 bytes on; noble serves where WASM may not run. */
export async function createHasher(): Promise<Hasher> {
  return createWasmHasher().catch(createNobleHasher);
}

export async function createWasmHasher(): Promise<Hasher> {
  const state = (await createBLAKE3()).init();
  return {
    update(bytes) {
      state.update(bytes);
    },
    digest() {
      const digest = state.digest('binary');
      state.init();
      return digest;
    },
  };
}

export function createNobleHasher(): Hasher {
  let state = blake3.create({});
  return {
    update(bytes) {
      state.update(bytes);
    },
    digest() {
      const digest = state.digest();
      state = blake3.create({});
      return digest;
    },
  };
}
