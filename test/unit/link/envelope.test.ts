// The format of sealed signaling, and what is read of descriptions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOM, ROOM_KEY, keypairOf, printOf, sdpOf } from './hub.ts';
import { openMessage, sealMessage } from '../../../worker/core/link/envelope.ts';
import type { Outgoing } from '../../../worker/core/link/envelope.ts';
import {
  parseFingerprint,
  parseSignalData,
  sdpFingerprint,
  toCandidate,
} from '../../../worker/core/link/sdp.ts';
import { LABEL } from '../../../worker/core/model/labels.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { nobleSignatures, open, seal, sign } from '../../../worker/core/model/keys.ts';
import { utf8 } from '../../../worker/core/model/bytes.ts';
import { encode } from '../../../worker/core/wire/cbor.ts';

const [me, other] = [keypairOf('me'), keypairOf('other')];
const room = { name: ROOM, key: ROOM_KEY };
const MAX = 65_536;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const wellFormed = fc.string({ unit: 'binary', maxLength: 300 });

const outgoing: fc.Arbitrary<Outgoing> = fc.oneof(
  fc.record({
    kind: fc.constant('announce' as const),
    nonce: bytes(16),
    links: fc.nat(),
    tags: fc.array(bytes(16), { maxLength: 64 }),
    want: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('offer' as const),
    to: fc.constant(me.id),
    nonce: bytes(16),
    echo: bytes(16),
    sdp: wellFormed,
  }),
  fc.record({
    kind: fc.constant('answer' as const),
    to: fc.constant(me.id),
    session: bytes(16),
    nonce: bytes(16),
    offerHash: bytes(32),
    sdp: wellFormed,
  }),
  fc.record({
    kind: fc.constant('candidate' as const),
    to: fc.constant(me.id),
    session: bytes(16),
    candidate: fc.record({
      candidate: fc.stringMatching(/^[a-z0-9 :.]{0,80}$/),
      sdpMid: fc.option(fc.stringMatching(/^[a-z0-9]{0,8}$/)),
      sdpMLineIndex: fc.option(fc.nat(9)),
    }),
  }),
);

/** Seals an array of fields with a true signature, whatever the fields are. */
function sealFields(fields: unknown[], label: string): Uint8Array {
  const signed = encode(fields);
  const signature = sign(nobleSignatures, other, label, Buffer.from(ROOM, 'hex'), signed);
  return seal(room.key, new Uint8Array(24), encode([signed, signature]), utf8(ROOM), { pad: true });
}

describe('sealed signaling', () => {
  it('K1: what is sealed opens to the same message, with its sender', () => {
    fc.assert(
      fc.property(outgoing, fc.nat(), (message, seed) => {
        const { payload, hash } = sealMessage(
          nobleSignatures,
          other,
          room,
          createSeededRandom(seed),
          message,
        );
        expect(openMessage(nobleSignatures, me.id, room, payload, MAX)).toEqual({
          ok: true,
          message: { ...message, from: other.id },
          hash,
          box: null,
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('A16: sealed to one box key it opens for that one, and whoever holds but the room’s key learns nothing of it', () => {
    fc.assert(
      fc.property(
        outgoing,
        fc.nat(),
        fc.uint8Array({ minLength: 100, maxLength: 300 }),
        (message, seed, noise) => {
          const random = createSeededRandom(seed);
          const { payload, hash } = sealMessage(nobleSignatures, other, room, random, message, me.boxPublic);
          expect(openMessage(nobleSignatures, me.id, room, payload, MAX, me.boxSecret)).toEqual({
            ok: true,
            message: { ...message, from: other.id },
            hash,
            box: other.boxPublic,
          });
          const third = keypairOf('third');
          for (const [id, secret] of [
            [third.id, third.boxSecret],
            [me.id, null],
          ] as const)
            expect(openMessage(nobleSignatures, id, room, payload, MAX, secret)).toEqual({
              ok: false,
              why: 'foreign',
            });
          const outer = open(room.key, payload, utf8(ROOM)) ?? new Uint8Array(0);
          expect(Buffer.from(outer).includes(Buffer.from(other.publicKey))).toBe(false);
          const forged = encode(['boxed', noise.slice(0, 32), noise.slice(32)]);
          const garbled = seal(room.key, new Uint8Array(24), forged, utf8(ROOM), { pad: true });
          expect(openMessage(nobleSignatures, me.id, room, garbled, MAX, me.boxSecret).ok).toBe(false);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });

  it('K1: a message for somebody else, or by oneself, is not for us', () => {
    const offer: Outgoing = {
      kind: 'offer',
      to: me.id,
      nonce: new Uint8Array(16),
      echo: new Uint8Array(16),
      sdp: '',
    };
    const { payload } = sealMessage(nobleSignatures, other, room, createSeededRandom(1), offer);
    expect(openMessage(nobleSignatures, keypairOf('third').id, room, payload, MAX)).toEqual({
      ok: false,
      why: 'foreign',
    });
    const announce: Outgoing = { kind: 'announce', nonce: new Uint8Array(16), links: 0, tags: [], want: 5 };
    const own = sealMessage(nobleSignatures, me, room, createSeededRandom(1), announce).payload;
    expect(openMessage(nobleSignatures, me.id, room, own, MAX)).toEqual({ ok: false, why: 'foreign' });
  });

  it('K1: arbitrary bytes, arbitrary fields and other labels are refused without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (payload) => {
        expect(openMessage(nobleSignatures, me.id, room, payload, MAX).ok).toBe(false);
        const sealed = seal(room.key, new Uint8Array(24), payload, utf8(ROOM));
        expect(openMessage(nobleSignatures, me.id, room, sealed, MAX).ok).toBe(false);
      }),
      { numRuns: 200, seed: 2 },
    );
    const field = fc.oneof(
      fc.nat(),
      fc.string({ unit: 'binary' }),
      bytes(16),
      bytes(32),
      fc.constant(null),
      fc.constant([]),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('announce' as const, 'offer' as const, 'answer' as const, 'candidate' as const),
        fc.array(field, { maxLength: 6 }),
        (kind, fields) => {
          const sealed = sealFields([1, kind, other.publicKey, ...fields], LABEL[kind]);
          const opened = openMessage(nobleSignatures, me.id, room, sealed, MAX);
          expect(opened.ok ? opened.message.kind : opened.why).toBeOneOf([kind, 'refused', 'foreign']);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
    const announce = [1, 'announce', other.publicKey, new Uint8Array(16), 0, []];
    expect(openMessage(nobleSignatures, me.id, room, sealFields(announce, LABEL.offer), MAX)).toEqual({
      ok: false,
      why: 'refused',
    });
    expect(
      openMessage(nobleSignatures, me.id, room, sealFields(announce, LABEL.announce), MAX),
    ).toMatchObject({ ok: true });
  });

  it('W2: further fields are ignored; later formats and kinds are told apart from rubbish', () => {
    const more = [1, 'announce', other.publicKey, new Uint8Array(16), 0, [], 'more'];
    expect(openMessage(nobleSignatures, me.id, room, sealFields(more, LABEL.announce), MAX)).toMatchObject({
      ok: true,
    });
    for (const fields of [
      [2, 'announce', other.publicKey],
      [1, 'seance', other.publicKey],
    ]) {
      expect(openMessage(nobleSignatures, me.id, room, sealFields(fields, LABEL.announce), MAX)).toEqual({
        ok: false,
        why: 'unknown',
      });
    }
  });
});

describe('descriptions', () => {
  it('K4: the fingerprint of a description is its one SHA-256 fingerprint', () => {
    const print = printOf('x');
    const read = parseFingerprint(print);
    expect(read).toHaveLength(32);
    expect(sdpFingerprint(sdpOf('s', print))).toEqual(read);
    expect(sdpFingerprint(sdpOf('s', print.toLowerCase()) + sdpOf('s', print))).toEqual(read);
    for (const sdp of [
      '',
      'v=0\r\n',
      sdpOf('s', print) + sdpOf('s', printOf('y')),
      sdpOf('s', print.replace('sha-256', 'sha-1')),
      sdpOf('s', print.slice(0, -3)),
      `${sdpOf('s', print)}a=fingerprint:sha-1 AA:BB\r\n`,
    ]) {
      expect(sdpFingerprint(sdp)).toBeNull();
    }
  });

  it('K3: only plain candidates within bounds are taken', () => {
    expect(toCandidate('candidate:1', '0', 0)).toEqual({
      candidate: 'candidate:1',
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    expect(toCandidate('', undefined, undefined)).toEqual({
      candidate: '',
      sdpMid: null,
      sdpMLineIndex: null,
    });
    for (const [line, mid, index] of [
      [1, '0', 0],
      ['x'.repeat(1025), '0', 0],
      ['a\r\nb', '0', 0],
      ['\ud800', '0', 0],
      ['x', 5, 0],
      ['x', '0', -1],
      ['x', '0', 1.5],
      ['x', '0', '0'],
    ]) {
      expect(toCandidate(line, mid, index)).toBeNull();
    }
  });

  it('K3: signal data of any shape parses to a description, a candidate or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['offer', 'answer', 'candidate', undefined]).toContain(parseSignalData(text, 100)?.type);
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(parseSignalData(JSON.stringify({ type: 'offer', sdp: 'x'.repeat(101) }), 100)).toBeNull();
  });
});
