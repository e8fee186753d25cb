// Real cryptography at simulated speed. A verdict is a function of its item, so all peers of a process share verdicts.
import { bytesToHex } from '@noble/hashes/utils.js';
import { verifyByNoble } from '../../../worker/adapters/crypto-noble.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import type { Crypto, VerifyItem } from '../../../worker/core/ports.ts';
import type { Scheduler } from '../scheduler.ts';

/** ms per signature and per request, about what WebCrypto takes on a laptop. */
const PER_ITEM = 0.15;
const PER_REQUEST = 0.3;

export interface Verdicts {
  verify(item: VerifyItem): boolean;
}

export function createVerdicts(): Verdicts {
  const known = new Map<string, boolean>();
  return {
    verify(item) {
      const key = bytesToHex(hash32(item.key, item.signature, item.message));
      const before = known.get(key);
      if (before !== undefined) return before;
      const verdict = verifyByNoble(item);
      known.set(key, verdict);
      return verdict;
    },
  };
}

/** Answers come in the order of requests: there is one worker, and it does one thing after the other. */
export function createSimCrypto(scheduler: Scheduler, verdicts: Verdicts): Crypto {
  let freeAt = 0;
  return {
    hash: (bytes) => hash32(bytes),
    verify(items) {
      freeAt = Math.max(freeAt, scheduler.now()) + PER_REQUEST + PER_ITEM * items.length;
      return scheduler.answer(freeAt - scheduler.now(), () => items.map((item) => verdicts.verify(item)));
    },
  };
}
