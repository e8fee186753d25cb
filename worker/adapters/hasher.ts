// Incremental BLAKE3-256 of bulk data, in WASM where it may run. Knows nothing of blocks.
import { blake3 } from '@noble/hashes/blake3.js';
import { createBLAKE3 } from 'hash-wasm';
import type { Hasher } from '../core/ports.ts';

export type { Hasher };

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

/** As many hashers as are wanted that share one instance: whose turn it is has its state (2 KiB) put into it. */
export async function createHashers(): Promise<() => Hasher> {
  return createWasmHashers().catch(() => createNobleHasher);
}

export async function createWasmHashers(): Promise<() => Hasher> {
  const state = (await createBLAKE3()).init();
  const empty = state.save();
  interface Turn {
    saved: Uint8Array;
  }
  let at: Turn | null = null;
  const turnTo = (turn: Turn): void => {
    if (at === turn) return;
    if (at !== null) at.saved = state.save();
    state.load(turn.saved);
    at = turn;
  };
  return () => {
    const turn: Turn = { saved: empty };
    return {
      update(bytes) {
        turnTo(turn);
        state.update(bytes);
      },
      digest() {
        turnTo(turn);
        const digest = state.digest('binary');
        turn.saved = empty;
        at = null;
        return digest;
      },
    };
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
