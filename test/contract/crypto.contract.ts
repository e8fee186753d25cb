// What every Crypto does. Knows no implementation.
import { Point, etc } from '@noble/ed25519';
import { blake3 } from '@noble/hashes/blake3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_CASES } from '../../worker/adapters/ed25519-cases.ts';
import { concat, utf8 } from '../../worker/core/model/bytes.ts';
import { keypairFromSeed, nobleSignatures, sign, signedMessage } from '../../worker/core/model/keys.ts';
import { LABEL } from '../../worker/core/model/labels.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import type { Crypto, VerifyItem } from '../../worker/core/ports.ts';

const random = createSeededRandom(11);
const ORDER = Point.CURVE().n;
const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);
const scalarBytes = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, '0')).reverse();
const scalar = (): bigint => etc.mod(littleEndian(random.bytes(32)), ORDER);

/** Signs without the rules: any point as R and A = aB + torsion, so that [S]B = R + [k](A - torsion). */
function signBadly(torsion: Point, r: bigint, rTorsion: Point): VerifyItem {
  const a = scalar();
  const key = Point.BASE.multiply(a).add(torsion).toBytes();
  const commitment = (r === 0n ? Point.ZERO : Point.BASE.multiply(r)).add(rTorsion).toBytes();
  const message = random.bytes(20);
  const k = etc.mod(littleEndian(sha512(concat(commitment, key, message))), ORDER);
  return { key, message, signature: concat(commitment, scalarBytes(etc.mod(r + k * a, ORDER))) };
}

function signed(message: Uint8Array = random.bytes(32)): VerifyItem {
  const pair = keypairFromSeed(random.bytes(32));
  return {
    key: pair.publicKey,
    message: signedMessage(LABEL.entry, message),
    signature: sign(nobleSignatures, pair, LABEL.entry, message),
  };
}
const flip = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((value, i) => (i === bit >> 3 ? value ^ (1 << (bit & 7)) : value));

const ORDER_8 = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
const SMALL = Array.from({ length: 8 }, (_, i) =>
  i === 0 ? Point.ZERO : ORDER_8.multiply(BigInt(i), false),
);

export function describeCrypto(name: string, create: () => Promise<Crypto>): void {
  describe(`Crypto: ${name}`, () => {
    let crypto: Crypto;
    beforeAll(async () => {
      crypto = await create();
    });
    const verifyOne = async (item: VerifyItem): Promise<boolean | undefined> =>
      (await crypto.verify([item]))[0];

    it('hashes as the reference does, at every length around the edges of chunks and of wasm memory', () => {
      const edges = [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 4096, 16_383, 16_384, 16_385, 65_536, 300_001];
      for (const length of edges) {
        const around = random.bytes(length + 8);
        const bytes = around.subarray(3, 3 + length);
        expect(bytesToHex(crypto.hash(bytes)), `${length} bytes`).toBe(bytesToHex(blake3(bytes)));
      }
    });

    it('hashes what comes in parts as the reference does, several at once', () => {
      const hashers = [0, 1, 2].flatMap(() => crypto.hasher?.() ?? []);
      expect(hashers).toHaveLength(3);
      const parts = hashers.map((_, i) => [random.bytes(1000 * i), random.bytes(70_000), random.bytes(i)]);
      for (const turn of [0, 1, 2])
        hashers.forEach((hasher, i) => hasher.update(parts[i]?.[turn] ?? new Uint8Array()));
      for (const [i, hasher] of hashers.entries()) {
        expect(bytesToHex(hasher.digest())).toBe(bytesToHex(blake3(concat(...(parts[i] ?? [])))));
        expect(bytesToHex(hasher.digest())).toBe(bytesToHex(blake3(new Uint8Array())));
      }
    });

    it('gives a hash of its own memory each time', () => {
      const first = crypto.hash(utf8('a'));
      const copy = first.slice();
      crypto.hash(utf8('b'));
      expect(first).toEqual(copy);
      expect(first).toHaveLength(32);
    });

    it('M7: answers the known cases', async () => {
      expect(await crypto.verify(KNOWN_CASES.map((each) => each.item))).toEqual(
        KNOWN_CASES.map((each) => each.valid),
      );
    });

    it('M7: verifies in order, one answer per item, over more items than it takes at once', async () => {
      const good = Array.from({ length: 6 }, () => signed());
      const items = Array.from({ length: 300 }, (_, i): VerifyItem => {
        const item = good[i % good.length] ?? signed();
        return i % 7 === 3 ? { ...item, message: flip(item.message, i % 64) } : item;
      });
      expect(await crypto.verify(items)).toEqual(items.map((_, i) => i % 7 !== 3));
      expect(await crypto.verify([])).toEqual([]);
    });

    it('M7: refuses a signature with any one bit changed', async () => {
      const item = signed();
      const bits = [0, 7, 100, 254, 255, 256, 300, 500, 508, 509, 510, 511];
      const changed = bits.map((bit) => ({ ...item, signature: flip(item.signature, bit) }));
      expect(await crypto.verify(changed)).toEqual(bits.map(() => false));
    });

    it('M7: keys and signatures of other lengths do not verify and do not throw', async () => {
      const item = signed();
      const bad: VerifyItem[] = [
        { ...item, key: new Uint8Array(0) },
        { ...item, key: item.key.subarray(0, 31) },
        { ...item, key: concat(item.key, Uint8Array.of(0)) },
        { ...item, signature: new Uint8Array(0) },
        { ...item, signature: item.signature.subarray(0, 63) },
        { ...item, signature: concat(item.signature, Uint8Array.of(0)) },
        { ...item, key: new Uint8Array(32).fill(255) },
        { ...item, key: new Uint8Array(32).fill(2) },
      ];
      expect(await crypto.verify(bad)).toEqual(bad.map(() => false));
    });

    it('M7: a signature by a small-order key is refused, whatever its message', async () => {
      const items = SMALL.map((key): VerifyItem => {
        const s = scalar();
        return {
          key: key.toBytes(),
          message: random.bytes(4),
          signature: concat(Point.BASE.multiply(s).toBytes(), scalarBytes(s)),
        };
      });
      // With the neutral element as key [S]B = R + [k]A always holds, so only the rule refuses it.
      expect(await crypto.verify(items)).toEqual(items.map(() => false));
    });

    it('M7: a key that is no canonical encoding is refused', async () => {
      // y = p + 1 stands for y = 1 in 255 bits, x = 0 with a sign bit for x = 0.
      const encodings = [
        'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
        '0100000000000000000000000000000000000000000000000000000000000080',
      ];
      const s = scalar();
      const signature = concat(Point.BASE.multiply(s).toBytes(), scalarBytes(s));
      const items = encodings.map((hex): VerifyItem => ({
        key: hexToBytes(hex),
        message: utf8('x'),
        signature,
      }));
      expect(await crypto.verify(items)).toEqual([false, false]);
    });

    it('M7: a signature whose R is of small order is refused, though the equation holds', async () => {
      expect(await verifyOne(signBadly(Point.ZERO, 0n, Point.ZERO))).toBe(false);
    });

    it('M7: the equation is the one without cofactor, so that all platforms accept the same', async () => {
      for (const torsion of SMALL.slice(1)) {
        const inR = signBadly(Point.ZERO, scalar(), torsion);
        expect(await verifyOne(inR)).toBe(false);
      }
      expect(await verifyOne(signBadly(Point.ZERO, scalar(), Point.ZERO))).toBe(true);
    });
  });
}
