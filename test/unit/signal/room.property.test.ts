import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ROOM_LIMITS } from '../../../worker/signal/config.ts';
import { encodeToEndpoint, parseFromEndpoint, parseToEndpoint } from '../../../worker/signal/protocol.ts';
import type { ToEndpoint } from '../../../worker/signal/protocol.ts';
import type { RoomInput } from '../../../worker/signal/room.ts';
import { createRooms } from '../../../worker/signal/room.ts';
import { seededRandom } from './seeded.ts';

const LIMITS = {
  ...ROOM_LIMITS,
  connections: 4,
  roomsPerConnection: 3,
  membersPerRoom: 3,
  messageBytes: 512,
};
const CONNS = [1, 2, 3, 4, 5];

const conn = fc.constantFrom(...CONNS);
const room = fc.integer({ min: 0, max: 3 }).map((n) => `${n}`.repeat(64));
const payload = fc.uint8Array({ maxLength: 40 });
const message: fc.Arbitrary<ToEndpoint> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('join' as const), room }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), room }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('send' as const), room, to: fc.constant(null), payload }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ping' as const) }) },
);
const data = fc.oneof(
  { weight: 6, arbitrary: message.map(encodeToEndpoint) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }) },
  // The right types with arbitrary rests: nearly right is where parsers break.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 90 }))
      .map(([type, rest]) => Uint8Array.of(type, ...rest)),
  },
  { weight: 1, arbitrary: fc.string() },
);
const step: fc.Arbitrary<{ input: RoomInput; later: number }> = fc.record({
  input: fc.oneof(
    { weight: 30, arbitrary: fc.record({ type: fc.constant('message' as const), conn, data }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('open' as const), conn }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), conn }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('pong' as const), conn }) },
    { weight: 1, arbitrary: fc.constant({ type: 'tick' as const }) },
  ),
  later: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40_000) }),
});

it('E1, E2: whatever is sent, the machine never throws, stays within its limits, and a payload reaches exactly the others in its room', () => {
  let forwarded = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const rooms = createRooms({ limits: LIMITS, random: seededRandom(3) });
      const open = new Set<number>();
      /** Who is in which room, told by the answers alone. The bucket is too large to run dry here. */
      const inside = new Map<string, Set<number>>();
      const leaves = (conn: number): void => {
        open.delete(conn);
        for (const members of inside.values()) members.delete(conn);
      };
      let now = 0;
      const start = CONNS.map((conn) => ({ input: { type: 'open' as const, conn }, later: 0 }));
      for (const { input, later } of [...start, ...steps]) {
        now += later;
        if (input.type === 'open') {
          if (open.has(input.conn)) continue; // the host never names two sockets the same
          open.add(input.conn);
        }
        const effects = rooms.handle(input, now);
        if (input.type === 'close') leaves(input.conn);
        for (const effect of effects) if (effect.type === 'close') leaves(effect.conn);
        const said =
          input.type === 'message' && typeof input.data !== 'string' ? parseToEndpoint(input.data) : null;
        if (said?.type === 'leave' && input.type === 'message') inside.get(said.room)?.delete(input.conn);

        const reached: number[] = [];
        for (const effect of effects) {
          if (effect.type !== 'send') continue;
          const heard = parseFromEndpoint(effect.data);
          expect(heard).not.toBeNull();
          if (heard?.type === 'joined')
            inside.set(heard.room, (inside.get(heard.room) ?? new Set()).add(effect.conn));
          if (heard?.type === 'message') reached.push(effect.conn);
          if (heard && heard.type !== 'pong' && heard.type !== 'error')
            expect(inside.get(heard.room)?.has(effect.conn)).toBe(true);
        }
        const audience =
          input.type === 'message' && said?.type === 'send' ? inside.get(said.room) : undefined;
        const expected =
          audience && input.type === 'message' && audience.has(input.conn)
            ? [...audience].filter((conn) => conn !== input.conn)
            : [];
        expect(reached.sort()).toEqual(expected.sort());
        forwarded += reached.length;

        const count = rooms.count();
        expect(count.connections).toBeLessThanOrEqual(LIMITS.connections);
        expect(count.members).toBeLessThanOrEqual(count.connections * LIMITS.roomsPerConnection);
        expect(count.rooms).toBeLessThanOrEqual(count.members);
      }
      for (const conn of open) rooms.handle({ type: 'close', conn }, now);
      expect(rooms.count()).toEqual({ connections: 0, rooms: 0, members: 0 });
    }),
    { seed: 20_261_120, numRuns: 100 },
  );
  expect(forwarded).toBeGreaterThan(100);
}, 30_000);
