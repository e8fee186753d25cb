// The signaling endpoint: the production room machine behind simulated connections. It may be down, slow, out of reach,
// and may repeat and reorder what it forwards. Looks for ids in the clear in what passes through it.
import type { SeededRandom } from '../../worker/core/model/random.ts';
import { ROOM_LIMITS } from '../../worker/signal/config.ts';
import { parseFromEndpoint, type FromEndpoint } from '../../worker/signal/protocol.ts';
import { createRooms, type RoomInput, type Rooms } from '../../worker/signal/room.ts';
import type { Scheduler, Timer } from './scheduler.ts';

export interface EndpointFaults {
  /** Share of messages given twice. */
  duplicated: number;
  /** Messages are late by up to so many ms, each on its own: order is lost. */
  delay: number;
}

/** A connection's client side. */
export interface Dialled {
  /** Alive: answers pings. A device without power doesn't. */
  alive: boolean;
  onMessage(message: FromEndpoint): void;
  onClose(): void;
}

export type Endpoint = ReturnType<typeof createEndpoint>;

/** One way, ms. */
const LATENCY = { min: 10, max: 60 };

export function createEndpoint(options: {
  scheduler: Scheduler;
  random: SeededRandom;
  /** Bytes that pass in the clear of the endpoint. */
  seen(payload: Uint8Array): void;
}) {
  const { scheduler, random } = options;
  const clients = new Map<number, { client: Dialled; latency: number; host: number }>();
  const away = new Set<number>();
  let faults: EndpointFaults = { duplicated: 0, delay: 0 };
  let rooms: Rooms = newRooms();
  let up = true;
  let serial = 0;
  let wake: Timer | null = null;

  function newRooms(): Rooms {
    return createRooms({ limits: ROOM_LIMITS, random });
  }

  const way = (latency: number): number => latency + (faults.delay > 0 ? faults.delay * random.float() : 0);

  function feed(input: RoomInput): void {
    if (!up) return;
    for (const effect of rooms.handle(input, scheduler.now())) {
      if (effect.type === 'wake') {
        wake?.cancel();
        wake = scheduler.after(effect.at - scheduler.now(), () => feed({ type: 'tick' }));
        continue;
      }
      const known = clients.get(effect.conn);
      if (known === undefined) continue;
      if (effect.type === 'send') deliver(effect.conn, effect.data, known);
      else if (effect.type === 'ping') {
        if (known.client.alive && !away.has(known.host))
          feedLater(known.latency, { type: 'pong', conn: effect.conn });
      } else {
        clients.delete(effect.conn);
        scheduler.after(known.latency, () => known.client.onClose());
      }
    }
  }

  function deliver(
    conn: number,
    data: Uint8Array,
    known: { client: Dialled; latency: number; host: number },
  ): void {
    const message = parseFromEndpoint(data);
    if (message === null) throw new Error('the endpoint said what its own protocol refuses');
    const arrive = (): void => {
      if (clients.get(conn) === known && !away.has(known.host)) known.client.onMessage(message);
    };
    // Only what peers say to each other may come late or twice: the rest is the endpoint's own order.
    const forwarded = message.type === 'message';
    scheduler.after(forwarded ? way(known.latency) : known.latency, arrive);
    if (forwarded && faults.duplicated > 0 && random.float() < faults.duplicated) {
      scheduler.after(way(known.latency), arrive);
    }
  }

  function feedLater(delay: number, input: RoomInput): void {
    scheduler.after(delay, () => feed(input));
  }

  return {
    setFaults(next: EndpointFaults): void {
      faults = next;
    },

    setUp(next: boolean): void {
      if (up === next) return;
      up = next;
      rooms = newRooms();
      for (const { client } of clients.values()) scheduler.after(1, () => client.onClose());
      clients.clear();
    },

    /** These devices can't reach it. */
    setAway(hosts: Iterable<number>): void {
      away.clear();
      for (const host of hosts) away.add(host);
      for (const [conn, { client, host }] of [...clients]) {
        if (!away.has(host)) continue;
        clients.delete(conn);
        scheduler.after(1, () => client.onClose());
        feedLater(1, { type: 'close', conn });
      }
    },

    /** Connects, or calls `onClose` a while later. */
    dial(host: number, client: Dialled, onOpen: (conn: number) => void): void {
      const latency = LATENCY.min + (LATENCY.max - LATENCY.min) * random.float();
      scheduler.after(3 * latency, () => {
        if (!up || away.has(host) || !client.alive) return client.onClose();
        serial += 1;
        clients.set(serial, { client, latency, host });
        feed({ type: 'open', conn: serial });
        onOpen(serial);
      });
    },

    send(conn: number, data: Uint8Array): void {
      const known = clients.get(conn);
      if (known === undefined || !up || away.has(known.host)) return;
      options.seen(data);
      feedLater(known.latency, { type: 'message', conn, data });
    },

    hangUp(conn: number): void {
      const known = clients.get(conn);
      if (known === undefined) return;
      clients.delete(conn);
      feedLater(known.latency, { type: 'close', conn });
    },
  };
}
