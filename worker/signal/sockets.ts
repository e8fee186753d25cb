// Hosts the room machine by WebSockets: sockets in, effects out, slow ones dropped (SPEC E7). Knows no room and reads no
// payload; logs neither.
import { performance } from 'node:perf_hooks';
import type { RawData, WebSocket } from 'ws';
import { createBacklog } from './backlog.ts';
import { SERVER } from './config.ts';
import type { Told } from './elsewhere.ts';
import type { ConnId, RoomEffect, RoomInput, Rooms } from './room-types.ts';

export type OnTraffic = (direction: 'in' | 'out' | 'request', bytes: Uint8Array) => void;

export interface Sockets {
  /** Takes over a socket that is open. `address`: its key, see addresses.ts. */
  serve(socket: WebSocket, address: string): void;
  /** What happened in rooms at other endpoints. */
  retell(told: readonly Told[]): void;
  counts(): {
    messagesIn: number;
    messagesOut: number;
    bytesIn: number;
    bytesOut: number;
    closed: number;
    slow: number;
    backlog: number;
  };
  /** Says goodbye to all. Idempotent. */
  close(): void;
}

const GOING_AWAY = 1001;

/** `onHandled` is called whenever the machine may have something for other endpoints. */
export function createSockets(options: {
  rooms: Rooms;
  onTraffic: OnTraffic | undefined;
  onHandled: () => void;
}): Sockets {
  const { rooms, onTraffic, onHandled } = options;
  const sockets = new Map<ConnId, WebSocket>();
  const backlog = createBacklog<ConnId>({ each: SERVER.slowBytes, all: SERVER.backlogBytes });
  const total = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, closed: 0, slow: 0 };
  let nextConn: ConnId = 1;
  let wake: NodeJS.Timeout | undefined;
  let closing = false;

  return { serve, retell, counts: () => ({ ...total, backlog: backlog.total() }), close };

  function serve(socket: WebSocket, address: string): void {
    const conn = nextConn++;
    sockets.set(conn, socket);
    socket.on('message', (data, isBinary) => {
      const bytes = bytesOf(data);
      total.messagesIn += 1;
      total.bytesIn += bytes.length;
      onTraffic?.('in', bytes);
      handle({ type: 'message', conn, data: isBinary ? bytes : new TextDecoder().decode(bytes) });
    });
    socket.on('pong', () => handle({ type: 'pong', conn }));
    socket.on('close', (_code, reason) => {
      onTraffic?.('in', reason);
      sockets.delete(conn);
      backlog.forget(conn);
      handle({ type: 'close', conn });
    });
    // `close` follows, whatever broke it. A code of the library's own means an oversized message or a bad frame.
    socket.on('error', (error) => {
      if (codeOf(error).startsWith('WS_ERR')) total.closed += 1;
    });
    handle({ type: 'open', conn, address });
  }

  function retell(told: readonly Told[]): void {
    for (const one of told) handle({ type: 'elsewhere', told: one });
  }

  function handle(input: RoomInput): void {
    const effects = rooms.handle(input, performance.now());
    // Dropped afterwards: their end is an input of its own.
    const slow = new Set<ConnId>();
    for (const effect of effects) perform(effect, slow);
    for (const conn of slow) {
      total.slow += 1;
      sockets.get(conn)?.terminate();
    }
    onHandled();
  }

  function perform(effect: RoomEffect, slow: Set<ConnId>): void {
    if (effect.type === 'wake') {
      clearTimeout(wake);
      const delay = Math.max(0, Math.ceil(effect.at - performance.now()));
      if (!closing) wake = setTimeout(() => handle({ type: 'tick' }), delay);
      return;
    }
    const { conn } = effect;
    const socket = sockets.get(conn);
    if (socket?.readyState !== socket?.OPEN || !socket) return;
    switch (effect.type) {
      case 'send':
        total.messagesOut += 1;
        total.bytesOut += effect.data.length;
        onTraffic?.('out', effect.data);
        socket.send(effect.data, () => {
          if (sockets.get(conn) === socket) backlog.note(conn, socket.bufferedAmount);
        });
        for (const behind of backlog.note(conn, socket.bufferedAmount)) slow.add(behind);
        return;
      case 'ping':
        socket.ping();
        return;
      case 'close':
        total.closed += 1;
        shut(socket, effect.code, effect.reason);
        return;
    }
  }

  function close(): void {
    if (closing) return;
    closing = true;
    clearTimeout(wake);
    for (const socket of sockets.values()) shut(socket, GOING_AWAY, 'the endpoint is closing');
  }
}

/** Says why, and does not wait for the answer for long. */
function shut(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const grace = setTimeout(() => socket.terminate(), SERVER.closeGraceMs);
  socket.once('close', () => clearTimeout(grace));
}

function bytesOf(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const buffer = Array.isArray(data) ? Buffer.concat(data) : data;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
