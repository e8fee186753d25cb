import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FromEndpoint, ToEndpoint } from '../../../worker/signal/protocol.ts';
import {
  encodeFromEndpoint,
  encodeToEndpoint,
  ERRORS,
  parseFromEndpoint,
  parseToEndpoint,
  PAYLOAD_BYTES,
} from '../../../worker/signal/protocol.ts';

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const room = hex(32);
const member = hex(16);
const payload = fc.uint8Array({ maxLength: 200 });

const toEndpoint: fc.Arbitrary<ToEndpoint> = fc.oneof(
  fc.record({ type: fc.constant('join' as const), room }),
  fc.record({ type: fc.constant('leave' as const), room }),
  fc.record({ type: fc.constant('send' as const), room, to: fc.option(member), payload }),
  fc.record({ type: fc.constant('ping' as const) }),
);
const fromEndpoint: fc.Arbitrary<FromEndpoint> = fc.oneof(
  fc
    .tuple(room, fc.uniqueArray(member, { minLength: 1, maxLength: 20 }))
    .map(([name, [self = '', ...members]]) => ({ type: 'joined' as const, room: name, self, members })),
  fc.record({ type: fc.constantFrom('entered' as const, 'left' as const), room, member }),
  fc.record({ type: fc.constant('message' as const), room, from: member, payload }),
  fc.record({
    type: fc.constant('error' as const),
    code: fc.constantFrom(...ERRORS),
    room: fc.option(room),
    message: fc.string({ maxLength: 60 }),
  }),
  fc.record({ type: fc.constant('pong' as const) }),
);
const seed = 20_261_120;

describe('signaling messages', () => {
  it('E1: what a peer says is read as it was written', () => {
    fc.assert(
      fc.property(toEndpoint, (message) => {
        expect(parseToEndpoint(encodeToEndpoint(message))).toEqual(message);
      }),
      { seed },
    );
  });

  it('E1: what the endpoint says is read as it was written', () => {
    fc.assert(
      fc.property(fromEndpoint, (message) => {
        expect(parseFromEndpoint(encodeFromEndpoint(message))).toEqual(message);
      }),
      { seed },
    );
  });

  it('E2: arbitrary bytes give a message that writes the same bytes, or null, and never a throw', () => {
    const bytes = fc
      .tuple(
        fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 65, max: 70 }), fc.nat(255)),
        fc.uint8Array({ maxLength: 120 }),
      )
      .map(([type, rest]) => Uint8Array.of(type, ...rest));
    fc.assert(
      fc.property(bytes, (given) => {
        const asked = parseToEndpoint(given);
        if (asked) expect(encodeToEndpoint(asked)).toEqual(given);
        const told = parseFromEndpoint(given);
        // An error's text may be any bytes; it is shown, never compared.
        if (told && told.type !== 'error') expect(encodeFromEndpoint(told)).toEqual(given);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('E2: the largest payload passes both ways, and one byte more passes neither', () => {
    const name = 'ab'.repeat(32);
    const id = 'cd'.repeat(16);
    for (const [extra, passes] of [
      [0, true],
      [1, false],
    ] as const) {
      const data = new Uint8Array(PAYLOAD_BYTES + extra);
      const sent = encodeToEndpoint({ type: 'send', room: name, to: id, payload: data });
      const received = encodeFromEndpoint({ type: 'message', room: name, from: id, payload: data });
      expect(parseToEndpoint(sent) !== null).toBe(passes);
      expect(parseFromEndpoint(received) !== null).toBe(passes);
    }
  });

  it('E2: a list of members with one twice, with oneself, or of more than a room holds is refused', () => {
    const self = 'ee'.repeat(16);
    const id = (n: number): string => n.toString(16).padStart(32, '0');
    const list = (members: string[]) =>
      parseFromEndpoint(encodeFromEndpoint({ type: 'joined', room: 'ab'.repeat(32), self, members }));
    expect(list(Array.from({ length: 255 }, (_, n) => id(n)))).not.toBeNull();
    expect(list(Array.from({ length: 256 }, (_, n) => id(n)))).toBeNull();
    expect(list([id(1), id(1)])).toBeNull();
    expect(list([self])).toBeNull();
  });
});
