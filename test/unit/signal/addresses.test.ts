import { describe, expect, it } from 'vitest';
import { addressKey, addressOf, createAddresses } from '../../../worker/signal/addresses.ts';
import { ROOM_LIMITS } from '../../../worker/signal/config.ts';
import type { RoomLimits } from '../../../worker/signal/config.ts';
import { encodeToEndpoint, parseFromEndpoint } from '../../../worker/signal/protocol.ts';
import type { FromEndpoint, ToEndpoint } from '../../../worker/signal/protocol.ts';
import { createRooms } from '../../../worker/signal/room.ts';
import type { RoomEffect } from '../../../worker/signal/room.ts';
import { seededRandom } from './seeded.ts';

const ROOM = 'a1'.repeat(32);

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', 'unknown'],
  ['not an address', 'unknown'],
  ['<script>', 'unknown'],
])('E5: the address %s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

it.each([
  [0, '198.51.100.1', '10.0.0.1'],
  [1, '198.51.100.1', '198.51.100.1'],
  [1, 'spoofed, 198.51.100.1', '198.51.100.1'],
  [2, 'spoofed, 198.51.100.1, 192.0.2.7', '198.51.100.1'],
  [2, '198.51.100.1', '198.51.100.1'],
  [1, undefined, 'unknown'],
])('E5: behind %i proxies of one’s own, "%s" means %s', (proxies, forwarded, address) => {
  expect(addressOf('10.0.0.1', forwarded, proxies)).toBe(address);
});

describe('addresses', () => {
  const limits = { ...ROOM_LIMITS, addresses: 3, opensPerAddress: { burst: 2, perSecond: 1 } };

  it('E5: are remembered within a bound, those without a connection going first', () => {
    const addresses = createAddresses(limits);
    for (let n = 0; n < 1000; n += 1) {
      expect(addresses.open(`10.0.0.${n}`, 0)).toBeNull();
      addresses.close(`10.0.0.${n}`);
      expect(addresses.count()).toBeLessThanOrEqual(3);
    }
  });

  it('E5: one that opens and closes as fast as it can is refused until its bucket drips', () => {
    const addresses = createAddresses(limits);
    const open = (now: number): boolean => {
      const refusal = addresses.open('a', now);
      if (refusal === null) addresses.close('a');
      return refusal === null;
    };
    expect([open(0), open(0), open(0), open(900), open(1000), open(1000)]).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

describe('one address with many connections', () => {
  function setup(limits: Partial<RoomLimits>) {
    const rooms = createRooms({ limits: { ...ROOM_LIMITS, ...limits }, random: seededRandom(9) });
    const open = (conn: number, address: string, now = 0) =>
      rooms.handle({ type: 'open', conn, address }, now);
    const say = (conn: number, message: ToEndpoint, now = 0): (FromEndpoint | null)[] =>
      sent(rooms.handle({ type: 'message', conn, data: encodeToEndpoint(message) }, now));
    return { rooms, open, say };
  }
  const sent = (effects: readonly RoomEffect[]): (FromEndpoint | null)[] =>
    effects.flatMap((effect) => (effect.type === 'send' ? [parseFromEndpoint(effect.data)] : []));

  it('E5: has a limit of its own, told by a close that asks to come later, and others still get in', () => {
    const { rooms, open } = setup({ connectionsPerAddress: 2 });
    open(1, 'a');
    open(2, 'a');
    expect(open(3, 'a')).toEqual([
      { type: 'close', conn: 3, code: 1013, reason: 'at most 2 connections from one address' },
    ]);
    expect(open(4, 'b')).toEqual([]);
    rooms.handle({ type: 'close', conn: 1 }, 0);
    expect(open(5, 'a')).toEqual([]);
    expect(rooms.count().connections).toBe(3);
  });

  it('E5: shares one bucket of messages, which leaves those of other addresses alone', () => {
    const { open, say } = setup({ address: { burst: 4, perSecond: 1 } });
    open(1, 'a');
    open(2, 'a');
    open(3, 'b');
    for (const conn of [1, 2, 1, 2]) expect(say(conn, { type: 'ping' })).toEqual([{ type: 'pong' }]);
    expect(say(1, { type: 'ping' })).toMatchObject([{ type: 'error', code: 'too-fast' }]);
    expect(say(2, { type: 'ping' })).toMatchObject([{ type: 'error', code: 'too-fast' }]);
    expect(say(3, { type: 'ping' })).toEqual([{ type: 'pong' }]);
    expect(say(1, { type: 'ping' }, 1500)).toEqual([{ type: 'pong' }]);
  });

  it('E5: a room in which too much is said drops it, whoever says it, and other rooms go on', () => {
    const { open, say } = setup({ room: { burst: 2, perSecond: 1 } });
    const other = 'b2'.repeat(32);
    for (const conn of [1, 2, 3]) {
      open(conn, `address ${conn}`);
      say(conn, { type: 'join', room: ROOM });
      say(conn, { type: 'join', room: other });
    }
    const payload = new Uint8Array(32_768);
    expect(say(1, { type: 'send', room: ROOM, to: null, payload })).toHaveLength(2);
    expect(say(2, { type: 'send', room: ROOM, to: null, payload })).toMatchObject([
      { type: 'error', code: 'too-fast', room: ROOM },
    ]);
    expect(say(2, { type: 'send', room: other, to: null, payload })).toHaveLength(2);
    expect(say(2, { type: 'send', room: ROOM, to: null, payload }, 4000)).toHaveLength(2);
  });
});
