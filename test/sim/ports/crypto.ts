// Real cryptography at simulated speed: a verdict comes when a laptop would have it.
import type { Crypto, Signatures } from '../../../worker/core/ports.ts';
import type { Scheduler } from '../scheduler.ts';

/** ms per signature and per request, about what WebCrypto takes on a laptop. */
const PER_ITEM = 0.15;
const PER_REQUEST = 0.3;

/** Answers come in the order of requests: there is one worker, and it does one thing after the other. */
export function createSimCrypto(scheduler: Scheduler, signatures: Signatures, hash: Crypto['hash']): Crypto {
  let freeAt = 0;
  return {
    hash,
    verify(items) {
      freeAt = Math.max(freeAt, scheduler.now()) + PER_REQUEST + PER_ITEM * items.length;
      return scheduler.answer(freeAt - scheduler.now(), () =>
        items.map(({ key, message, signature }) => signatures.verify(key, message, signature)),
      );
    },
  };
}
