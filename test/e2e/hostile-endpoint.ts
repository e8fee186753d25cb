// The app on a server whose endpoint does to messages what a test tells it to. Honest until told otherwise.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ROOM_LIMITS } from '../../worker/signal/config.ts';
import {
  encodeFromEndpoint,
  parseFromEndpoint,
  parseToEndpoint,
  SUBPROTOCOL,
} from '../../worker/signal/protocol.ts';
import type { FromEndpoint, ToEndpoint } from '../../worker/signal/protocol.ts';
import { createRooms } from '../../worker/signal/room.ts';
import type { ConnId, RoomInput } from '../../worker/signal/room.ts';
import { createStatic } from '../../worker/signal/static.ts';
import { DIST } from './harness.ts';

export type Forwarded = Extract<FromEndpoint, { type: 'message' }>;
export type Sent = Extract<ToEndpoint, { type: 'send' }>;

export interface HostileEndpoint {
  readonly url: string;
  /** What becomes of a payload on its way to a connection: `deliver` it, now or later, changed, often, or not at all. */
  onForward: (message: Forwarded, to: ConnId, deliver: (message: Forwarded) => void) => void;
  /** Sees what a connection sends, before the room machine does. */
  onSend: (message: Sent, from: ConnId) => void;
  /** Who is in which rooms. */
  readonly rooms: ReadonlyMap<ConnId, ReadonlySet<string>>;
  /** Says anything to a connection. */
  tell(to: ConnId, message: FromEndpoint): void;
  honest(): void;
  close(): Promise<void>;
}

export async function startHostileEndpoint(): Promise<HostileEndpoint> {
  const files = await createStatic(DIST);
  const machine = createRooms({
    limits: ROOM_LIMITS,
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
  });
  const sockets = new Map<ConnId, WebSocket>();
  const rooms = new Map<ConnId, Set<string>>();
  let nextConn: ConnId = 1;

  const http = createServer((request, response) => {
    files(request, response).catch(() => response.destroy());
  });
  const server = new WebSocketServer({ server: http, path: '/signal', handleProtocols: () => SUBPROTOCOL });
  server.on('connection', (socket) => {
    const conn = nextConn++;
    sockets.set(conn, socket);
    rooms.set(conn, new Set());
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data) => {
      if (!(data instanceof ArrayBuffer)) return;
      const message = parseToEndpoint(new Uint8Array(data));
      if (message?.type === 'join') rooms.get(conn)?.add(message.room);
      if (message?.type === 'leave') rooms.get(conn)?.delete(message.room);
      if (message?.type === 'send') endpoint.onSend(message, conn);
      handle({ type: 'message', conn, data: new Uint8Array(data) });
    });
    socket.on('close', () => {
      sockets.delete(conn);
      rooms.delete(conn);
      handle({ type: 'close', conn });
    });
    handle({ type: 'open', conn });
  });

  function handle(input: RoomInput): void {
    for (const effect of machine.handle(input, performance.now())) {
      if (effect.type !== 'send') continue;
      const message = parseFromEndpoint(effect.data);
      if (message?.type === 'message')
        endpoint.onForward(message, effect.conn, (changed) => tell(effect.conn, changed));
      else sockets.get(effect.conn)?.send(effect.data);
    }
  }

  function tell(to: ConnId, message: FromEndpoint): void {
    const socket = sockets.get(to);
    if (socket?.readyState === socket?.OPEN) socket?.send(encodeFromEndpoint(message));
  }

  const endpoint: HostileEndpoint = {
    url: '',
    onForward: (message, _to, deliver) => deliver(message),
    onSend: () => undefined,
    rooms,
    tell,
    honest() {
      endpoint.onForward = (message, _to, deliver) => deliver(message);
      endpoint.onSend = () => undefined;
    },
    async close() {
      for (const socket of sockets.values()) socket.terminate();
      server.close();
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return Object.assign(endpoint, { url: `http://127.0.0.1:${port}` });
}
