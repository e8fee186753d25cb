// Crypto in plain JavaScript: the fallback where the platform lacks Ed25519, and the oracle in tests.
import { hash32, verifyMessage } from '../core/model/keys.ts';
import type { Crypto, VerifyItem } from '../core/ports.ts';
import { hasPlainCommitment } from './ed25519-rules.ts';
import { createNobleHasher } from './hasher.ts';

/** About 20 ms of verifying, after which other work gets its turn. */
const ITEMS_PER_TURN = 16;

export function createNobleCrypto(): Crypto {
  return {
    hash: (bytes) => hash32(bytes),
    hasher: createNobleHasher,
    async verify(items) {
      const answers: boolean[] = [];
      for (const item of items) {
        if (answers.length > 0 && answers.length % ITEMS_PER_TURN === 0) await turn();
        answers.push(verifyByNoble(item));
      }
      return answers;
    },
  };
}

export function verifyByNoble({ key, message, signature }: VerifyItem): boolean {
  return hasPlainCommitment(signature) && verifyMessage(key, message, signature);
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
