// The simulator's signatures are the real ones, only remembered.
import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { keypairFromSeed, nobleSignatures } from '../../../worker/core/model/keys.ts';
import { createSimSignatures } from '../../sim/ports/signatures.ts';

const random = createSeededRandom(1);

describe('signatures of the simulator', () => {
  it('M7: have the bytes that noble makes, and verify there and here', () => {
    const signatures = createSimSignatures();
    for (let n = 0; n < 50; n += 1) {
      const seed = random.bytes(32);
      const message = random.bytes(n * 7);
      const signature = signatures.sign(message, seed);
      const { publicKey } = keypairFromSeed(seed);
      expect(signature).toEqual(nobleSignatures.sign(message, seed));
      expect(nobleSignatures.verify(publicKey, message, signature)).toBe(true);
      expect(signatures.verify(publicKey, message, signature)).toBe(true);
    }
  });

  it('M7: verify what others made, and refuse what is garbled, of another key or another message', () => {
    const signatures = createSimSignatures();
    const [seed, other, message] = [random.bytes(32), random.bytes(32), random.bytes(40)];
    const { publicKey } = keypairFromSeed(seed);
    for (const signature of [nobleSignatures.sign(message, seed), signatures.sign(message, seed)]) {
      expect(signatures.verify(publicKey, message, signature)).toBe(true);
      for (let again = 0; again < 2; again += 1) {
        expect(signatures.verify(keypairFromSeed(other).publicKey, message, signature)).toBe(false);
        expect(signatures.verify(publicKey, message.slice(1), signature)).toBe(false);
        expect(
          signatures.verify(
            publicKey,
            message,
            signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
          ),
        ).toBe(false);
        expect(signatures.verify(publicKey, message, signature.slice(1))).toBe(false);
      }
      expect(signatures.verify(publicKey, message, signature)).toBe(true);
    }
  });
});
