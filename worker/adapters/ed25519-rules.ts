// What platforms disagree on about Ed25519, settled before any of them is asked: a signature must be valid everywhere or
// nowhere. (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs", 2020.)
import { bytesToHex } from '@noble/hashes/utils.js';

/** The canonical encodings of the eight points of small order. */
const SMALL_ORDER = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]);

/** Whether the signature has its length and its R is not of small order, which WebCrypto's text refuses and some engines don't. */
export function hasPlainCommitment(signature: Uint8Array): boolean {
  return signature.length === 64 && !SMALL_ORDER.has(bytesToHex(signature.subarray(0, 32)));
}
