// What lies between devices: who can reach whom, how long it takes, and what gets lost. Carries frames between the ends
// of connections; a connection is reliable and ordered until it breaks, and then it is gone. Knows no frame's meaning.
import type { SeededRandom } from '../../worker/core/model/random.ts';
import type { LinkId } from '../../worker/core/model/ids.ts';
import type { Lane, LinkEvent } from '../../worker/core/ports.ts';
import type { Scheduler } from './scheduler.ts';

export interface NetworkConditions {
  /** One way, simulated ms, drawn once per pair of devices. */
  latency: { min: number; max: number };
  /** Share of the latency by which it varies from frame to frame. */
  jitter: number;
  /** Bytes per simulated ms of each direction of a connection. */
  bandwidth: number;
  /** Share of frames that are late by up to `delay` ms, those behind them on the same connection too. */
  late: { share: number; delay: number };
  /** Share of frames given to the other side twice. Those of the handshake never are: a channel doesn't repeat itself. */
  duplicated: number;
  /** Until both sides of a connection notice that it carries nothing any more (DESIGN 5: dropped after 15 s). */
  noticeMs: number;
}

export const GOOD: NetworkConditions = {
  latency: { min: 10, max: 90 },
  jitter: 0.1,
  bandwidth: 1_250,
  late: { share: 0, delay: 0 },
  duplicated: 0,
  noticeMs: 15_000,
};

export interface End {
  readonly host: number;
  readonly link: LinkId;
  readonly fingerprint: string;
  emit(event: LinkEvent): void;
  other: End | null;
  /** Carries nothing any more, though nobody noticed yet. */
  silent: boolean;
  gone: boolean;
  /** The other side has proved who it is. */
  proven: boolean;
  freeAt: number;
  lastArrival: number;
  bulk: Uint8Array[];
  pumping: boolean;
}

export interface NetworkHooks {
  sent(from: number, frame: Uint8Array): void;
  /** Just before the other side is given it. False: it is dropped, as a test-only fault. */
  arrives(from: number, to: number, frame: Uint8Array, connection: string): boolean;
  /** Whether a frame may be given twice. */
  repeatable(from: number, frame: Uint8Array): boolean;
  /** Whether a frame that the other side took proves who sent it. */
  proves(frame: Uint8Array): boolean;
  connected(delay: number): void;
  /** With so many others a device has links on which they proved themselves. */
  linked(host: number, others: number): void;
}

/** More than any run has. */
const HOSTS = 2 ** 20;

export type Network = ReturnType<typeof createNetwork>;

export function createNetwork(options: { scheduler: Scheduler; random: SeededRandom; hooks: NetworkHooks }) {
  const { scheduler, random, hooks } = options;
  const ends = new Map<string, End>();
  const pairs = new Map<number, number>();
  /** Host -> other host -> links on which that one proved itself. */
  const proven = new Map<number, Map<number, number>>();
  let conditions = GOOD;
  let parts: ReadonlyMap<number, number> | null = null;
  let serial = 0;

  /** One way, ms. */
  function latency(a: number, b: number): number {
    const key = Math.min(a, b) * HOSTS + Math.max(a, b);
    const { min, max } = conditions.latency;
    const known = pairs.get(key) ?? min + (max - min) * random.float();
    pairs.set(key, known);
    return known;
  }

  const reachable = (a: number, b: number): boolean => parts === null || parts.get(a) === parts.get(b);

  /** A newly proven link may stand beside the one that it replaces: what counts is who is at the other end. */
  function countProven({ host, other }: End, by: number): void {
    if (other === null) return;
    const others = proven.get(host) ?? new Map<number, number>();
    proven.set(host, others);
    const left = (others.get(other.host) ?? 0) + by;
    if (left > 0) others.set(other.host, left);
    else others.delete(other.host);
    hooks.linked(host, others.size);
  }

  function prove(end: End): void {
    if (end.proven || end.gone) return;
    end.proven = true;
    countProven(end, 1);
  }

  function drop(end: End, reason: string, after: number): void {
    if (end.gone) return;
    end.gone = true;
    ends.delete(end.fingerprint);
    end.bulk = [];
    if (end.proven) countProven(end, -1);
    scheduler.after(after, () => end.emit({ type: 'link-closed', link: end.link, reason }));
  }

  /** From now on nothing gets through; both sides are told once they would notice. */
  function silence(end: End): void {
    const { other } = end;
    if (end.silent || other === null) return;
    end.silent = true;
    other.silent = true;
    scheduler.after(conditions.noticeMs * (0.6 + 0.4 * random.float()), () => {
      drop(end, 'connection lost', 0);
      drop(other, 'connection lost', random.float() * 1_000);
    });
  }

  function transmit(end: End, frame: Uint8Array): void {
    const { other } = end;
    end.freeAt = Math.max(end.freeAt, scheduler.now()) + frame.length / conditions.bandwidth;
    if (other === null || end.silent) return;
    const { late, jitter } = conditions;
    const way = latency(end.host, other.host) * (1 + jitter * random.float());
    const extra = late.share > 0 && random.float() < late.share ? late.delay * random.float() : 0;
    end.lastArrival = Math.max(end.lastArrival, end.freeAt + way + extra);
    const twice =
      conditions.duplicated > 0 &&
      random.float() < conditions.duplicated &&
      hooks.repeatable(end.host, frame);
    const arrive = (): void => {
      if (end.silent || other.silent || other.gone || !reachable(end.host, other.host)) return;
      if (!hooks.arrives(end.host, other.host, frame, end.fingerprint)) return;
      other.emit({ type: 'link-frame', link: other.link, frame });
      if (hooks.proves(frame)) prove(other);
    };
    scheduler.after(end.lastArrival - scheduler.now(), arrive);
    if (twice) scheduler.after(end.lastArrival - scheduler.now(), arrive);
  }

  /** Bulk goes when the line is free; control frames need not wait for it. */
  function pump(end: End): void {
    if (end.pumping) return;
    end.pumping = true;
    scheduler.after(end.freeAt - scheduler.now(), () => {
      end.pumping = false;
      const busy = end.freeAt > scheduler.now();
      const frame = busy ? undefined : end.bulk.shift();
      if (frame !== undefined) {
        transmit(end, frame);
        scheduler.after(end.freeAt - scheduler.now(), () => {
          if (!end.gone) end.emit({ type: 'link-drained', link: end.link, bytes: frame.length });
        });
      }
      if (end.bulk.length > 0) pump(end);
    });
  }

  return {
    latency,
    reachable,
    conditions: (): NetworkConditions => conditions,
    setConditions(change: Partial<NetworkConditions>): void {
      conditions = { ...conditions, ...change };
    },

    createEnd(host: number, link: LinkId, emit: (event: LinkEvent) => void): End {
      serial += 1;
      const digits = `${host.toString(16).padStart(8, '0')}${serial.toString(16).padStart(56, '0')}`;
      const fingerprint = `sha-256 ${(digits.toUpperCase().match(/../g) ?? []).join(':')}`;
      const end: End = {
        host,
        link,
        fingerprint,
        emit,
        other: null,
        silent: false,
        gone: false,
        proven: false,
        freeAt: 0,
        lastArrival: 0,
        bulk: [],
        pumping: false,
      };
      ends.set(fingerprint, end);
      return end;
    },

    /** The answer arrived: the two connect, if they can reach each other. */
    connect(end: End, fingerprint: string): void {
      const other = ends.get(fingerprint);
      if (other === undefined || end.other !== null || other.other !== null) return;
      if (!reachable(end.host, other.host)) return;
      const way = latency(end.host, other.host);
      scheduler.after(4 * way, () => {
        if (end.gone || other.gone || end.other !== null || other.other !== null) return;
        if (!reachable(end.host, other.host)) return;
        end.other = other;
        other.other = end;
        hooks.connected(way * (1 + conditions.jitter / 2));
        end.emit({ type: 'link-open', link: end.link, local: end.fingerprint, remote: other.fingerprint });
        other.emit({
          type: 'link-open',
          link: other.link,
          local: other.fingerprint,
          remote: end.fingerprint,
        });
      });
    },

    send(end: End, frame: Uint8Array, lane: Lane): void {
      if (end.gone || end.other === null) return;
      hooks.sent(end.host, frame);
      if (lane === 'control') return transmit(end, frame);
      end.bulk.push(frame);
      pump(end);
    },

    /** This side closes; the other hears of it, if it can. */
    close(end: End, reason: string): void {
      const { other } = end;
      drop(end, reason, 0);
      if (other === null || other.gone) return;
      const heard = !end.silent && reachable(end.host, other.host);
      // What was sent before goes first.
      const way = Math.max(latency(end.host, other.host), end.lastArrival - scheduler.now());
      scheduler.after(heard ? way : conditions.noticeMs, () => drop(other, 'the other side closed', 0));
    },

    /** The device is gone without a word. */
    vanish(host: number): void {
      for (const end of [...ends.values()]) {
        if (end.host !== host) continue;
        const { other } = end;
        end.emit = () => undefined;
        drop(end, 'gone', 0);
        if (other === null) continue;
        end.silent = true;
        other.silent = true;
        scheduler.after(conditions.noticeMs * (0.6 + 0.4 * random.float()), () =>
          drop(other, 'connection lost', 0),
        );
      }
    },

    /** Open connections, each once. */
    connections: (): End[] => [...ends.values()].filter((end) => end.other !== null && !end.silent),
    silence,

    /** Whether each of these devices can reach each other over open connections. */
    isConnected(hosts: readonly number[]): boolean {
      const next = new Map<number, number[]>(hosts.map((host) => [host, []]));
      for (const { host, other } of ends.values())
        if (other !== null && !other.silent) next.get(host)?.push(other.host);
      const seen = new Set(hosts.slice(0, 1));
      for (const host of seen) for (const other of next.get(host) ?? []) if (next.has(other)) seen.add(other);
      return seen.size === hosts.length;
    },

    /** Devices in different parts can't reach each other; null: all can. */
    partition(next: ReadonlyMap<number, number> | null): void {
      parts = next;
      for (const end of [...ends.values()]) {
        if (end.other !== null && !reachable(end.host, end.other.host)) silence(end);
      }
    },
  };
}
