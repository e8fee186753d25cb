import * as nodeCrypto from 'node:crypto';
import { Point } from '@noble/ed25519';
import { x25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import rfc8032 from '../../vectors/rfc8032.json' with { type: 'json' };
import { concat, utf8 } from '../../../worker/core/model/bytes.ts';
import { toPeerId } from '../../../worker/core/model/ids.ts';
import {
  fingerprint,
  hash32,
  isUsableKey,
  keypairFromSeed,
  nobleSignatures,
  sign,
  signedMessage,
  verify,
  verifyMessage,
} from '../../../worker/core/model/keys.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { alice, bob, check, digest, hex } from './fixtures.ts';

const ORDER = Point.CURVE().n;

/** Node's own Ed25519, which like WebCrypto checks the equation without cofactor. */
function nodeVerifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(key).toString('base64url');
  const publicKey = nodeCrypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return nodeCrypto.verify(null, message, publicKey, signature);
}
const scalarBytes = (scalar: bigint): Uint8Array => hex(scalar.toString(16).padStart(64, '0')).reverse();
const scalarOf = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);

/** All eight points whose order divides the cofactor. */
function torsionPoints(): Point[] {
  const point = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const multiples = [Point.ZERO];
  for (let i = 1; i < 8; i++) multiples.push((multiples[i - 1] ?? Point.ZERO).add(point));
  return multiples;
}

describe('keys', () => {
  it.each(rfc8032.vectors)('M7: RFC 8032 vector of key $key verifies', (vector) => {
    const [key, message, signature] = [hex(vector.key), hex(vector.message), hex(vector.signature)];
    expect(keypairFromSeed(hex(vector.seed)).id).toBe(vector.key);
    expect(verifyMessage(key, message, signature)).toBe(true);
    expect(verifyMessage(key, concat(message, Uint8Array.of(0)), signature)).toBe(false);
  });

  it('M7: what we sign over a text is the RFC 8032 signature of its bytes', () => {
    for (const vector of rfc8032.vectors.slice(0, 2)) {
      const label = Buffer.from(vector.message, 'hex').toString();
      expect(bytesToHex(sign(nobleSignatures, keypairFromSeed(hex(vector.seed)), label))).toBe(
        vector.signature,
      );
    }
  });

  it('M7: our signatures verify in another implementation, and any changed bit does not', () => {
    const message = digest('message');
    const signature = sign(nobleSignatures, alice, LABEL.link, message);
    expect(nodeVerifies(alice.publicKey, signedMessage(LABEL.link, message), signature)).toBe(true);
    expect(verify(nobleSignatures, alice.id, signature, LABEL.link, message)).toBe(true);
    check(
      fc.nat({ max: 511 }),
      (bit) => {
        const changed = signature.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(verify(nobleSignatures, alice.id, changed, LABEL.link, message)).toBe(false);
      },
      60,
    );
  });

  it('M13: a signature for one label or key is none for another', () => {
    const signature = sign(nobleSignatures, alice, LABEL.offer, digest('x'));
    expect(verify(nobleSignatures, alice.publicKey, signature, LABEL.answer, digest('x'))).toBe(false);
    expect(verify(nobleSignatures, bob.publicKey, signature, LABEL.offer, digest('x'))).toBe(false);
  });

  it('M13: labels are distinct and none is a prefix of another', () => {
    const labels = Object.values(LABEL);
    expect(labels.flatMap((a) => labels.filter((b) => b.startsWith(a)))).toEqual(labels);
  });

  it('M13: parts cannot be shifted across their border, and an entry signs label || id', () => {
    const [a, b] = [utf8('ab'), utf8('c')];
    expect(signedMessage(LABEL.offer, a, b)).not.toEqual(signedMessage(LABEL.offer, utf8('a'), utf8('bc')));
    expect(signedMessage(LABEL.offer, a)).toEqual(concat(utf8(LABEL.offer), Uint8Array.of(0, 0, 0, 2), a));
    expect(signedMessage(LABEL.entry, digest('id'))).toEqual(concat(utf8('thicket/entry/1'), digest('id')));
  });

  it('M7: a signature by a small-order key is refused, whatever the message', () => {
    for (const point of torsionPoints()) {
      const key = point.toBytes();
      expect(isUsableKey(key)).toBe(false);
      const forged = concat(Point.ZERO.toBytes(), new Uint8Array(32));
      for (let n = 0; n < 8; n++) expect(verifyMessage(key, Uint8Array.of(n), forged)).toBe(false);
    }
    expect(isUsableKey(alice.publicKey)).toBe(true);
  });

  it('M7: S of the group order or more is refused, though the equation holds', () => {
    const message = digest('malleable');
    const signature = sign(nobleSignatures, alice, 'label', message);
    const shifted = scalarOf(signature.subarray(32)) + ORDER;
    const malleable = concat(signature.subarray(0, 32), scalarBytes(shifted));
    expect(verify(nobleSignatures, alice.id, malleable, 'label', message)).toBe(false);
    expect(verify(nobleSignatures, alice.id, signature, 'label', message)).toBe(true);
  });

  it('M7: keys that are not canonical encodings, or no points, are refused', () => {
    const prime = 2n ** 255n - 19n;
    // y = p + 3 encodes the same point as y = 3, which is on the curve.
    expect(isUsableKey(scalarBytes(3n))).toBe(true);
    expect(isUsableKey(scalarBytes(prime + 3n))).toBe(false);
    expect(isUsableKey(scalarBytes(2n))).toBe(false);
    expect(isUsableKey(new Uint8Array(31))).toBe(false);
    expect(isUsableKey(new Uint8Array(33))).toBe(false);
  });

  it('M7: a signature that holds only up to the cofactor is refused, as WebCrypto does, so that peers agree', () => {
    const message = utf8('split the network');
    const secret = 12_345_678_901_234_567_890n;
    const torsion = torsionPoints()[1] ?? Point.ZERO;
    const key = Point.BASE.multiply(secret).toBytes();
    const commitment = Point.BASE.multiply(77n).add(torsion).toBytes();
    const challenge = scalarOf(sha512(concat(commitment, key, message))) % ORDER;
    const crafted = concat(commitment, scalarBytes((77n + challenge * secret) % ORDER));
    expect(nodeVerifies(key, message, crafted)).toBe(false);
    expect(verifyMessage(key, message, crafted)).toBe(false);
  });

  it('M7: a signature whose commitment R is of small order is refused, as WebCrypto may', () => {
    const [message, secret] = [utf8('no nonce'), 12_345_678_901_234_567_890n];
    const key = Point.BASE.multiply(secret).toBytes();
    const commitment = Point.ZERO.toBytes();
    const challenge = scalarOf(sha512(concat(commitment, key, message))) % ORDER;
    const crafted = concat(commitment, scalarBytes((challenge * secret) % ORDER));
    expect(nodeVerifies(key, message, crafted)).toBe(true);
    expect(verifyMessage(key, message, crafted)).toBe(false);
  });

  it('M7: any bytes as key and signature give false, never a throw', () => {
    check(
      fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 70 })),
      ([key, signature]) => expect(verify(nobleSignatures, key, signature, 'label', key)).toBe(false),
      500,
    );
    expect(verify(nobleSignatures, 'not hex' as typeof alice.id, new Uint8Array(64), 'label')).toBe(false);
  });

  it('a keypair follows from its seed: Ed25519 and an X25519 pair apart from it', () => {
    expect(alice.id).toBe('8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c');
    expect(alice.boxPublic).toEqual(x25519.getPublicKey(alice.boxSecret));
    expect(alice.boxSecret).not.toEqual(alice.seed);
    expect(x25519.getSharedSecret(alice.boxSecret, bob.boxPublic)).toEqual(
      x25519.getSharedSecret(bob.boxSecret, alice.boxPublic),
    );
    expect(() => keypairFromSeed(new Uint8Array(31))).toThrow('seed: 32 bytes, given 31');
  });

  it('hash32 is BLAKE3-256 of the concatenation', () => {
    const empty = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262';
    expect(bytesToHex(hash32())).toBe(empty);
    expect(hash32(utf8('ab'), utf8('c'))).toEqual(hash32(utf8('abc')));
  });

  it('a fingerprint is eight groups of four hex digits of the key', () => {
    const id = toPeerId(hex('00112233445566778899aabbccddeeff'.repeat(2)));
    expect(fingerprint(id)).toBe('0011 2233 4455 6677 8899 aabb ccdd eeff');
  });
});
