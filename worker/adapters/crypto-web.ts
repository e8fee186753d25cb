// Crypto over WebCrypto's Ed25519 and BLAKE3 in WASM, each where the platform has it and it answers as noble does.
import { toBase64Url } from '../core/model/bytes.ts';
import { isUsableKey } from '../core/model/keys.ts';
import type { Crypto, VerifyItem } from '../core/ports.ts';
import { createNobleCrypto, verifyByNoble } from './crypto-noble.ts';
import { KNOWN_CASES } from './ed25519-cases.ts';
import { hasPlainCommitment } from './ed25519-rules.ts';
import { createHasher, createHashers } from './hasher.ts';
import { createLru } from './lru.ts';

/** Authors whose keys stay imported; a key is 32 bytes and a handle. */
const CACHED_KEYS = 1024;
/** Calls under way at once: enough to fill the platform's queue without a promise per entry of a long run. */
const ITEMS_AT_ONCE = 256;

export async function createWebCrypto(): Promise<Crypto> {
  const [hasher, hashers, native] = await Promise.all([createHasher(), createHashers(), answersKnownCases()]);
  const noble = createNobleCrypto();
  return {
    hash(bytes) {
      hasher.update(bytes);
      return hasher.digest();
    },
    hasher: hashers,
    verify: native ? createNativeVerify() : (items) => noble.verify(items),
  };
}

function createNativeVerify(): Crypto['verify'] {
  const keys = createLru<string, Promise<CryptoKey | null>>(CACHED_KEYS);

  const verifyOne = async (item: VerifyItem): Promise<boolean> => {
    if (item.key.length !== 32 || !hasPlainCommitment(item.signature)) return false;
    const name = toBase64Url(item.key);
    const key = await (keys.get(name) ?? keys.set(name, importKey(item.key)));
    return key !== null && nativeVerify(key, item);
  };
  const verifyOr = (item: VerifyItem): Promise<boolean> =>
    // The platform failing is no reason to call a signature bad.
    verifyOne(item).catch(() => verifyByNoble(item));

  return async (items) => {
    const answers: boolean[] = [];
    for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) {
      answers.push(...(await Promise.all(items.slice(at, at + ITEMS_AT_ONCE).map(verifyOr))));
    }
    return answers;
  };
}

/** Whether the platform has Ed25519 and accepts and refuses exactly what noble does. */
async function answersKnownCases(): Promise<boolean> {
  try {
    for (const { item, valid } of KNOWN_CASES) {
      const key = await importKey(item.key);
      if (key === null || (await nativeVerify(key, item)) !== valid) return false;
    }
    return true;
  } catch {
    return false; // NotSupportedError, or no crypto.subtle outside secure contexts
  }
}

/** Null where the key must not be used. */
async function importKey(key: Uint8Array): Promise<CryptoKey | null> {
  if (!isUsableKey(key)) return null;
  return crypto.subtle.importKey('raw', key.slice(), { name: 'Ed25519' }, false, ['verify']);
}

const nativeVerify = (key: CryptoKey, { message, signature }: VerifyItem): Promise<boolean> =>
  crypto.subtle.verify({ name: 'Ed25519' }, key, signature.slice(), message.slice());
