// Device keys, signatures and hashes of small things, synchronous. Bulk goes through the Crypto port.
import { Point, getPublicKey, hashes, sign as signRaw } from '@noble/ed25519';
import { x25519 } from '@noble/curves/ed25519.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes, uint32, utf8 } from './bytes.ts';
import type { Signatures } from '../ports.ts';
import { ThicketError } from './errors.ts';
import { idBytes, isHex32, toPeerId } from './ids.ts';
import type { PeerId } from './ids.ts';
import { deriveKey } from './secrets.ts';
import { LABEL } from './labels.ts';

export { deriveKey, mac, open, seal } from './secrets.ts';

hashes.sha512 = sha512;
const GROUP_ORDER = Point.CURVE().n;

export interface Keypair {
  id: PeerId;
  /** Ed25519, 32 bytes. */
  publicKey: Uint8Array;
  /** RFC 8032 secret, 32 bytes. */
  seed: Uint8Array;
  /** X25519 pair derived from the seed, 32 bytes each. */
  boxPublic: Uint8Array;
  boxSecret: Uint8Array;
}

/** @throws ThicketError `invalid` unless the seed has 32 bytes. */
export function keypairFromSeed(seed: Uint8Array): Keypair {
  if (seed.length !== 32) throw new ThicketError('invalid', `seed: 32 bytes, given ${seed.length}`);
  const publicKey = getPublicKey(seed);
  const boxSecret = deriveKey(seed, LABEL.boxKey);
  return { id: toPeerId(publicKey), publicKey, seed, boxPublic: x25519.getPublicKey(boxSecret), boxSecret };
}

/** What is signed for a purpose: the label, then each part behind its length. An entry's is label || id (M7). */
export function signedMessage(label: string, ...parts: Uint8Array[]): Uint8Array {
  if (label === LABEL.entry) return concat(utf8(label), ...parts);
  return concat(utf8(label), ...lengthPrefixed(parts));
}

/** Parts joined so that no two lists of parts give the same bytes. */
export const lengthPrefixed = (parts: readonly Uint8Array[]): Uint8Array[] =>
  parts.flatMap((part) => [uint32(part.length), part]);

/** 64 bytes, Ed25519. */
export const sign = (
  signatures: Signatures,
  keypair: Keypair,
  label: string,
  ...parts: Uint8Array[]
): Uint8Array => signatures.sign(signedMessage(label, ...parts), keypair.seed);

/** Never throws: whatever is malformed doesn't verify. */
export function verify(
  signatures: Signatures,
  key: PeerId | Uint8Array,
  signature: Uint8Array,
  label: string,
  ...parts: Uint8Array[]
): boolean {
  if (typeof key === 'string' && !isHex32(key)) return false;
  const publicKey = typeof key === 'string' ? idBytes(key) : key;
  return signatures.verify(publicKey, signedMessage(label, ...parts), signature);
}

/**
 * Strict RFC 8032 over a whole message (M7). The equation is the one without cofactor, as in WebCrypto, and a
 * commitment of small order is refused, as WebCrypto asks: otherwise a hostile signer could make signatures that some
 * peers accept and others refuse. Never throws.
 */
export function verifyMessage(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const key = usablePoint(publicKey);
  if (key === null) return false;
  const commitment = signature.subarray(0, 32);
  const response = littleEndian(signature.subarray(32));
  if (response >= GROUP_ORDER) return false;
  const challenge = littleEndian(sha512(concat(commitment, publicKey, message))) % GROUP_ORDER;
  const expected = Point.BASE.multiply(response, false).subtract(key.multiply(challenge, false));
  return !expected.isSmallOrder() && equalBytes(expected.toBytes(), commitment);
}

/** Signatures in plain JavaScript, about 0.5 ms to sign and 1 ms to verify. */
export const nobleSignatures: Signatures = { sign: signRaw, verify: verifyMessage };

/** 32 bytes that decode canonically to a point that is not of small order. */
export const isUsableKey = (key: Uint8Array): boolean => usablePoint(key) !== null;

function usablePoint(key: Uint8Array): Point | null {
  if (key.length !== 32) return null;
  try {
    const point = Point.fromBytes(key, false);
    return point.isSmallOrder() ? null : point;
  } catch {
    return null; // not on the curve, or not its canonical encoding
  }
}

/** BLAKE3-256 of the concatenation. */
export function hash32(...parts: Uint8Array[]): Uint8Array {
  const state = blake3.create({});
  for (const part of parts) state.update(part);
  return state.digest();
}

/** The first half of the key in eight groups of four hex digits, for people to compare. */
export const fingerprint = (id: PeerId): string => (id.slice(0, 32).match(/.{4}/g) ?? []).join(' ');

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}
