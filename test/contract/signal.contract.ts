// What every Signal port must do, whatever carries it. The harness brings an endpoint that can be stopped and
// started again at the same address, and clients of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Signal, SignalEvent } from '../../worker/core/ports.ts';
import { waitUntil } from './wait.ts';

export interface SignalHarness {
  /** Where the endpoint is; stays the same over a restart. */
  url(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
  client(onEvent: (event: SignalEvent) => void): Signal & { close(): void };
}

const ROOM = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function signalContract(name: string, createHarness: () => SignalHarness): void {
  describe(`Signal port: ${name}`, () => {
    let harness: SignalHarness;
    let clients: (Signal & { close(): void })[] = [];

    beforeEach(async () => {
      harness = createHarness();
      await harness.start();
    });
    afterEach(async () => {
      for (const client of clients) client.close();
      clients = [];
      await harness.stop();
    });

    /** A client with what it heard, and questions about that. */
    function peer(...rooms: string[]) {
      const events: SignalEvent[] = [];
      const signal = harness.client((event) => events.push(event));
      clients.push(signal);
      signal.configure([harness.url()]);
      for (const room of rooms) signal.join(room);
      const up = (): boolean => events.findLast((event) => event.type === 'signal-state')?.up === true;
      const joins = (room: string) =>
        events.filter((event) => event.type === 'signal-joined' && event.room === room);
      const heard = () => events.filter((event) => event.type === 'signal-message');
      const left = () => events.filter((event) => event.type === 'signal-left');
      const inside = (room: string, times = 1) => waitUntil(() => joins(room).length >= times);
      /** Member ids of those found in a room on entering it the last time. */
      const found = (room: string): readonly string[] => {
        const event = joins(room).at(-1);
        return event?.type === 'signal-joined' ? event.members : [];
      };
      return { signal, events, up, joins, heard, left, inside, found };
    }

    it('E1: who joins a room hears who is there', async () => {
      const a = peer(ROOM);
      await a.inside(ROOM);
      const b = peer(ROOM);
      await b.inside(ROOM);
      expect(a.found(ROOM)).toEqual([]);
      expect(b.found(ROOM)).toHaveLength(1);
      expect(a.events[0]).toMatchObject({ type: 'signal-state', up: true });
      expect(a.up()).toBe(true);
    });

    it('E1: a broadcast reaches all others in the room, not the sender and not other rooms', async () => {
      const [a, b, c, d] = [peer(ROOM), peer(ROOM), peer(ROOM), peer(OTHER)];
      await Promise.all([a.inside(ROOM), b.inside(ROOM), c.inside(ROOM), d.inside(OTHER)]);
      a.signal.send(ROOM, null, bytes('to all'));
      await waitUntil(() => b.heard().length === 1 && c.heard().length === 1);
      expect(b.heard()[0]).toMatchObject({ room: ROOM, payload: bytes('to all') });
      // Order per connection: had the broadcast gone to d or back to a, it would be there before these.
      d.signal.join(ROOM);
      await d.inside(ROOM);
      b.signal.send(ROOM, null, bytes('done'));
      await waitUntil(() => a.heard().length > 0 && d.heard().length > 0);
      expect(a.heard()).toMatchObject([{ payload: bytes('done') }]);
      expect(d.heard()).toMatchObject([{ payload: bytes('done') }]);
    });

    it('E1: a directed payload reaches its member alone, who can answer to its sender', async () => {
      const a = peer(ROOM);
      await a.inside(ROOM);
      const c = peer(ROOM);
      await c.inside(ROOM);
      const b = peer(ROOM);
      await b.inside(ROOM);
      const [first] = b.found(ROOM);
      b.signal.send(ROOM, first ?? '', bytes('for a'));
      await waitUntil(() => a.heard().length === 1);
      const [message] = a.heard();
      a.signal.send(ROOM, message?.from ?? '', bytes('for b'));
      await waitUntil(() => b.heard().length === 1);
      b.signal.send(ROOM, null, bytes('for all'));
      await waitUntil(() => c.heard().length > 0);
      expect(c.heard()).toMatchObject([{ payload: bytes('for all') }]);
    });

    it('E1: any bytes pass unchanged, also none and many', async () => {
      const [a, b] = [peer(ROOM), peer(ROOM)];
      await Promise.all([a.inside(ROOM), b.inside(ROOM)]);
      const payloads = [
        new Uint8Array(),
        Uint8Array.from({ length: 256 }, (_, n) => n),
        new Uint8Array(60_000).fill(7),
      ];
      for (const payload of payloads) a.signal.send(ROOM, null, payload);
      await waitUntil(() => b.heard().length === payloads.length);
      expect(b.heard().map((event) => event.payload)).toEqual(payloads);
    });

    it('E1: one who leaves is told of and hears no more', async () => {
      const a = peer(ROOM, OTHER);
      await Promise.all([a.inside(ROOM), a.inside(OTHER)]);
      const b = peer(ROOM, OTHER);
      await Promise.all([b.inside(ROOM), b.inside(OTHER)]);
      a.signal.leave(ROOM);
      await waitUntil(() => b.left().length === 1);
      expect(b.left()).toMatchObject([{ room: ROOM, member: b.found(ROOM)[0] }]);
      b.signal.send(ROOM, null, bytes('not for a'));
      b.signal.send(OTHER, null, bytes('for a'));
      await waitUntil(() => a.heard().length > 0);
      expect(a.heard()).toMatchObject([{ room: OTHER, payload: bytes('for a') }]);
    });

    it('E1: one whose connection ends has left all its rooms', async () => {
      const a = peer(ROOM, OTHER);
      await Promise.all([a.inside(ROOM), a.inside(OTHER)]);
      const b = peer(ROOM, OTHER);
      await Promise.all([b.inside(ROOM), b.inside(OTHER)]);
      a.signal.close();
      await waitUntil(() => b.left().length === 2);
      expect(new Set(b.left().map((event) => event.room))).toEqual(new Set([ROOM, OTHER]));
    });

    it('K6: when the endpoint returns, so does every client to its rooms, by itself', async () => {
      const [a, b] = [peer(ROOM), peer(ROOM)];
      await Promise.all([a.inside(ROOM), b.inside(ROOM)]);
      await harness.stop();
      await waitUntil(() => !a.up() && !b.up());
      expect(a.events.findLast((event) => event.type === 'signal-state')?.reason).toMatch(
        /The endpoint .*Trying again/,
      );
      a.signal.send(ROOM, null, bytes('lost'));
      await harness.start();
      await Promise.all([a.inside(ROOM, 2), b.inside(ROOM, 2)]);
      a.signal.send(ROOM, null, bytes('again'));
      await waitUntil(() => b.heard().length > 0);
      expect(b.heard()).toMatchObject([{ payload: bytes('again') }]);
    });

    it('K6: an endpoint that is not there is passed over for the next', async () => {
      const events: SignalEvent[] = [];
      const signal = harness.client((event) => events.push(event));
      clients.push(signal);
      signal.configure(['ws://127.0.0.1:9/signal', harness.url()]);
      await waitUntil(() => events.some((event) => event.type === 'signal-state' && event.up));
    });

    it('no endpoint: says so, and leaves its rooms', async () => {
      const a = peer(ROOM);
      await a.inside(ROOM);
      const b = peer(ROOM);
      await b.inside(ROOM);
      a.signal.configure([]);
      await waitUntil(() => b.left().length === 1 && !a.up());
      expect(a.events.at(-1)).toEqual({
        type: 'signal-state',
        up: false,
        url: null,
        reason: 'No endpoint is set.',
      });
    });
  });
}
