// Ed25519 at the speed of a lookup: what was signed in this process is remembered, and verifies by being found. What is
// unknown is verified for real. Signatures are deterministic, so a run is the same whoever made them before.
import { createPrivateKey, createPublicKey, sign as signNative, type KeyObject } from 'node:crypto';
import { verifyByNoble } from '../../../worker/adapters/crypto-noble.ts';
import { equalBytes } from '../../../worker/core/model/bytes.ts';
import type { Signatures } from '../../../worker/core/ports.ts';
import { textOf } from './bytes.ts';

/** Signatures remembered. The oldest are forgotten, and verified for real when they turn up again. */
const REMEMBERED = 2 ** 19;
/** PKCS #8 of an Ed25519 secret, up to its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Signer {
  key: KeyObject;
  publicKey: Uint8Array;
}
interface Known {
  publicKey: Uint8Array;
  message: Uint8Array;
  holds: boolean;
}

/** The 32 bytes at the end of its SubjectPublicKeyInfo (RFC 8410). */
const publicKeyOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));

export function createSimSignatures(): Signatures {
  const signers = new Map<string, Signer>();
  const known = new Map<string, Known>();

  function signerOf(seed: Uint8Array): Signer {
    const name = textOf(seed);
    const before = signers.get(name);
    if (before !== undefined) return before;
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const signer = { key, publicKey: publicKeyOf(key) };
    signers.set(name, signer);
    return signer;
  }

  function remember(signature: Uint8Array, what: Known): void {
    known.set(textOf(signature), what);
    if (known.size <= REMEMBERED) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }

  return {
    sign(message, seed) {
      const { key, publicKey } = signerOf(seed);
      const signature = new Uint8Array(signNative(null, message, key));
      remember(signature, { publicKey, message, holds: true });
      return signature;
    },
    verify(publicKey, message, signature) {
      const before = known.get(textOf(signature));
      if (before && equalBytes(before.publicKey, publicKey) && equalBytes(before.message, message))
        return before.holds;
      const holds = verifyByNoble({ key: publicKey, message, signature });
      // Never in the place of one that holds: a replay under another message must not make the true one slow.
      if (before?.holds !== true) remember(signature, { publicKey, message, holds });
      return holds;
    },
  };
}
