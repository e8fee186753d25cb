import * as nodeCrypto from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../../../worker/core/model/bytes.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { deriveKey, mac, open, seal } from '../../../worker/core/model/secrets.ts';
import { check, damaged, digest } from './fixtures.ts';

const key = digest('key');
const nonce = digest('nonce').slice(0, 24);
const room = utf8('room');

describe('secrets', () => {
  it('A1: a derived key is HKDF-SHA256 with label and info, as Node computes it', () => {
    const expected = (info: string, length: number): Uint8Array =>
      new Uint8Array(nodeCrypto.hkdfSync('sha256', key, new Uint8Array(0), utf8(info), length));
    expect(deriveKey(key, LABEL.seal)).toEqual(expected(LABEL.seal, 32));
    expect(deriveKey(key, LABEL.seal, utf8('epoch'), 64)).toEqual(expected(`${LABEL.seal}epoch`, 64));
  });

  it('M13: every label derives a key of its own', () => {
    const keys = Object.values(LABEL).map((label) => deriveKey(key, label).join());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('A2: mac is HMAC-SHA256 over length-prefixed parts', () => {
    const bytes = Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 0);
    const expected = nodeCrypto.createHmac('sha256', key).update(bytes).digest();
    expect(mac(key, Uint8Array.of(7), new Uint8Array(0))).toEqual(new Uint8Array(expected));
    expect(mac(key, utf8('ab'), utf8('c'))).not.toEqual(mac(key, utf8('a'), utf8('bc')));
  });

  it('K1: what was sealed opens with the same key and associated data, padded or not', () => {
    check(fc.tuple(fc.uint8Array({ maxLength: 600 }), fc.boolean()), ([plaintext, pad]) => {
      const sealed = seal(key, nonce, plaintext, room, { pad });
      expect(open(key, sealed, room)).toEqual(plaintext);
      expect(open(digest('other'), sealed, room)).toBeNull();
      expect(open(key, sealed, utf8('elsewhere'))).toBeNull();
    });
  });

  it('K1: padding hides the length up to a multiple of 256 bytes', () => {
    const length = (size: number): number =>
      seal(key, nonce, new Uint8Array(size), room, { pad: true }).length;
    expect(new Set([0, 1, 100, 252].map(length))).toEqual(new Set([24 + 256 + 16]));
    expect(length(253)).toBe(24 + 512 + 16);
  });

  it('K1: the nonce travels in front and the rest tells nothing of the plaintext', () => {
    const sealed = seal(key, nonce, utf8('candidate:1 1 udp 192.0.2.1'), room);
    expect(sealed.subarray(0, 24)).toEqual(nonce);
    expect(Buffer.from(sealed).includes('192.0.2.1')).toBe(false);
  });

  it('K1: damaged or arbitrary bytes do not open, and do not throw', () => {
    const sealed = fc.constant(seal(key, nonce, utf8('offer'), room, { pad: true }));
    check(damaged(sealed), (bytes) => expect(open(key, bytes, room)).toBeNull(), 500);
    check(fc.uint8Array({ maxLength: 400 }), (bytes) => expect(open(key, bytes, room)).toBeNull(), 500);
  });

  it('misuse of seal throws and names what was given', () => {
    expect(() => seal(new Uint8Array(16), nonce, room, room)).toThrow('seal key: 32 bytes, given 16');
    expect(() => seal(key, concat(nonce, nonce), room, room)).toThrow('seal nonce: 24 bytes, given 48');
    expect(() => open(new Uint8Array(16), new Uint8Array(99), room)).toThrow('seal key: 32 bytes, given 16');
  });
});
