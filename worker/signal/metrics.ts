// The endpoint's figures as Prometheus text, and who may read them (SPEC E8): sums alone, no room, member, address or
// payload. Knows no sockets.
import { createHash, timingSafeEqual } from 'node:crypto';

/** Connections, rooms, members and backlog are of now, the rest since the start. */
export interface ServerStats {
  connections: number;
  rooms: number;
  members: number;
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Connections that the endpoint closed: over a limit, silent, or not speaking the protocol. */
  closed: number;
  /** Connections dropped because they read too slowly. */
  slow: number;
  /** Upgrades refused: of another origin, elsewhere, without the subprotocol. */
  refused: number;
  /** Bytes that wait to be read by slow clients. */
  backlog: number;
  /** Other endpoints that form one with this, and their members in rooms of its own. */
  nodes: number;
  elsewhere: number;
}

const METRICS: Readonly<Record<keyof ServerStats, readonly [kind: 'gauge' | 'counter', help: string]>> = {
  connections: ['gauge', 'WebSocket connections that are open.'],
  rooms: ['gauge', 'Rooms with somebody in them.'],
  members: ['gauge', 'Memberships of rooms.'],
  messagesIn: ['counter', 'Messages received.'],
  messagesOut: ['counter', 'Messages sent.'],
  bytesIn: ['counter', 'Bytes of messages received.'],
  bytesOut: ['counter', 'Bytes of messages sent.'],
  closed: ['counter', 'Connections closed by the endpoint: over a limit, silent or malformed.'],
  slow: ['counter', 'Connections dropped because they read too slowly.'],
  refused: ['counter', 'Upgrades refused: origin, path or subprotocol.'],
  backlog: ['gauge', 'Bytes that wait for slow clients.'],
  nodes: ['gauge', 'Other endpoints that form one with this.'],
  elsewhere: ['gauge', 'Members at other endpoints of rooms that are open here.'],
};

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function renderMetrics(stats: ServerStats, process: { heapUsed: number; uptime: number }): string {
  const rows = (Object.keys(METRICS) as (keyof ServerStats)[]).map((key) => {
    const [kind, help] = METRICS[key];
    return row(`${snake(key)}${kind === 'counter' ? '_total' : ''}`, kind, help, stats[key]);
  });
  rows.push(row('heap_used_bytes', 'gauge', 'JavaScript heap in use.', process.heapUsed));
  rows.push(row('uptime_seconds', 'gauge', 'Since the start.', Math.floor(process.uptime)));
  return rows.join('');
}

function row(name: string, kind: string, help: string, value: number): string {
  const full = `thicket_signal_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} ${kind}\n${full} ${value}\n`;
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Figures of a small endpoint tell when its few users are at it. So they are for who brings the token; without one set,
 * for this machine alone, and not through a proxy on it.
 */
export function mayReadMetrics(
  token: string | null,
  asked: { authorization: string | undefined; loopback: boolean; proxied: boolean },
): boolean {
  if (token === null) return asked.loopback && !asked.proxied;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(asked.authorization ?? ''), digest(`Bearer ${token}`));
}
