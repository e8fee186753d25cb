// Keys derived from secrets, authentication codes and sealed boxes. Knows no format and no purpose: callers pass the label.
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, uint32, utf8 } from './bytes.ts';
import { ThicketError } from './errors.ts';

const KEY = 32;
const NONCE = 24;
const PAD = 256;
const LENGTH = 4;

/** HKDF-SHA256 of a secret, for one purpose. Default 32 bytes. */
export const deriveKey = (
  secret: Uint8Array,
  label: string,
  info: Uint8Array = new Uint8Array(0),
  length = KEY,
): Uint8Array => hkdf(sha256, secret, undefined, concat(utf8(label), info), length);

/** HMAC-SHA256 over the parts, each behind its length. 32 bytes. */
export function mac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const state = hmac.create(sha256, key);
  for (const part of parts) state.update(uint32(part.length)).update(part);
  return state.digest();
}

/**
 * `nonce || XChaCha20-Poly1305(length || plaintext || zeros)`. With `pad` the plaintext is filled with zeros to a
 * multiple of 256 bytes, so that its length says little; `open` needs no such hint.
 * @throws ThicketError `invalid` on a key that is not 32 bytes or a nonce that is not 24.
 */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
  opts: { pad?: boolean } = {},
): Uint8Array {
  if (key.length !== KEY) throw new ThicketError('invalid', `seal key: 32 bytes, given ${key.length}`);
  if (nonce.length !== NONCE)
    throw new ThicketError('invalid', `seal nonce: 24 bytes, given ${nonce.length}`);
  const used = LENGTH + plaintext.length;
  const framed = new Uint8Array(opts.pad === true ? Math.ceil(used / PAD) * PAD : used);
  framed.set(uint32(plaintext.length));
  framed.set(plaintext, LENGTH);
  return concat(nonce, xchacha20poly1305(key, nonce, aad).encrypt(framed));
}

/** The plaintext, or null where anything is wrong with key, associated data or bytes. Never throws on bytes. */
export function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null {
  if (sealed.length < NONCE + LENGTH + 16) return null;
  const framed = decrypt(key, sealed, aad);
  if (framed === null) return null;
  const length = new DataView(framed.buffer, framed.byteOffset).getUint32(0);
  const end = LENGTH + length;
  if (end > framed.length || framed.subarray(end).some((byte) => byte !== 0)) return null;
  return framed.slice(LENGTH, end);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null {
  if (key.length !== KEY) throw new ThicketError('invalid', `seal key: 32 bytes, given ${key.length}`);
  const cipher = xchacha20poly1305(key, sealed.subarray(0, NONCE), aad);
  try {
    return cipher.decrypt(sealed.subarray(NONCE));
  } catch {
    return null; // the tag doesn't match
  }
}
