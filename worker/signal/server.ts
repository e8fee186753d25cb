// Hosts the room machine by WebSockets, on the same port as the app's files. Knows no room and reads no payload;
// logs neither, and writes nothing to disk (SPEC E4).
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { MESSAGE_BYTES, ROOM_LIMITS, SERVER } from './config.ts';
import type { RoomLimits } from './config.ts';
import { SUBPROTOCOL } from './protocol.ts';
import type { ConnId, RoomEffect, RoomInput } from './room.ts';
import { createRooms } from './room.ts';
import { createStatic, reply } from './static.ts';
import type { Handler } from './static.ts';

export interface ServerOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Directory of the built app, or null: the endpoint alone. */
  dir: string | null;
  /** One line about the server itself. Never about who uses it. */
  log: (line: string) => void;
  limits?: RoomLimits;
  /**
   * Sees all that the endpoint is sent and sends: `in` and `out` are WebSocket messages and close reasons, unmasked;
   * `request` is the head of any HTTP request, upgrades included.
   */
  onTraffic?: (direction: 'in' | 'out' | 'request', bytes: Uint8Array) => void;
}

/** Connections, rooms and members are of now, the rest since the start. */
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
}

export interface SignalServer {
  /** `http://host:port`, with a host that this machine itself can open. */
  readonly url: string;
  readonly port: number;
  /** Idempotent. Resolves once the port is free. */
  close(): Promise<void>;
  stats(): ServerStats;
}

const GOING_AWAY = 1001;

/** Rejects where the directory is missing (`ENOENT`) or the port cannot be listened on (`EADDRINUSE`, `EACCES`). */
export async function startServer(options: ServerOptions): Promise<SignalServer> {
  const { log, onTraffic } = options;
  const rooms = createRooms({
    limits: options.limits ?? ROOM_LIMITS,
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
  });
  const sockets = new Map<ConnId, WebSocket>();
  const total = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, closed: 0, slow: 0 };
  let nextConn: ConnId = 1;
  let wake: NodeJS.Timeout | undefined;
  let closing: Promise<void> | null = null;

  const files = options.dir === null ? null : await createStatic(options.dir);
  const http = createServer({ requestTimeout: SERVER.requestTimeoutMs }, (request, response) => {
    seen(request);
    answer(files, request, response).catch((error: unknown) => {
      log(`A response was broken off: ${messageOf(error)}`);
      response.destroy();
    });
  });
  const ws = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_BYTES,
    perMessageDeflate: false, // payloads are ciphertext
    handleProtocols: () => SUBPROTOCOL,
  });
  http.on('upgrade', (request, socket, head) => {
    seen(request);
    const status = refusal(request);
    if (status === null) ws.handleUpgrade(request, socket, head, serve);
    else refuse(socket, status);
  });
  const port = await listen(http, options);
  http.on('error', (error) => log(`The server failed: ${error.message}`));
  return { url: `http://${hostOf(options.host)}:${port}`, port, close, stats };

  function serve(socket: WebSocket): void {
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
      handle({ type: 'close', conn });
    });
    // `close` follows, whatever broke it. A code of the library's own means an oversized message or a bad frame.
    socket.on('error', (error) => {
      if (codeOf(error).startsWith('WS_ERR')) total.closed += 1;
    });
    handle({ type: 'open', conn });
  }

  function handle(input: RoomInput): void {
    const effects = rooms.handle(input, performance.now());
    const slow = new Set<ConnId>();
    for (const effect of effects) perform(effect, slow);
    for (const conn of slow) {
      total.slow += 1;
      sockets.get(conn)?.terminate();
    }
  }

  function perform(effect: RoomEffect, slow: Set<ConnId>): void {
    if (effect.type === 'wake') {
      clearTimeout(wake);
      const delay = Math.max(0, Math.ceil(effect.at - performance.now()));
      if (!closing) wake = setTimeout(() => handle({ type: 'tick' }), delay);
      return;
    }
    const socket = sockets.get(effect.conn);
    if (socket?.readyState !== socket?.OPEN || !socket) return;
    switch (effect.type) {
      case 'send':
        total.messagesOut += 1;
        total.bytesOut += effect.data.length;
        onTraffic?.('out', effect.data);
        socket.send(effect.data);
        if (socket.bufferedAmount > SERVER.slowBytes) slow.add(effect.conn);
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

  /** Says why, and does not wait for the answer for long. */
  function shut(socket: WebSocket, code: number, reason: string): void {
    socket.close(code, reason);
    const grace = setTimeout(() => socket.terminate(), SERVER.closeGraceMs);
    socket.once('close', () => clearTimeout(grace));
  }

  function seen(request: IncomingMessage): void {
    if (!onTraffic) return;
    const head = [`${request.method ?? ''} ${request.url ?? ''}`, ...request.rawHeaders].join('\n');
    onTraffic('request', new TextEncoder().encode(head));
  }

  function stats(): ServerStats {
    return { ...rooms.count(), ...total };
  }

  function close(): Promise<void> {
    closing ??= new Promise((resolve) => {
      clearTimeout(wake);
      http.close(() => resolve());
      for (const socket of sockets.values()) shut(socket, GOING_AWAY, 'the endpoint is closing');
      http.closeAllConnections();
    });
    return closing;
  }
}

async function answer(files: Handler | null, ...[request, response]: Parameters<Handler>): Promise<void> {
  const path = pathOf(request);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/health' && reads)
    reply(response, 200, '{"ok":true}', { 'Content-Type': 'application/json; charset=utf-8' });
  else if (path === SERVER.path)
    reply(response, 426, 'This is a WebSocket endpoint.', { Upgrade: 'websocket', Connection: 'Upgrade' });
  else if (files) await files(request, response);
  else reply(response, 404, 'Not found.');
}

/** The status that refuses an upgrade, or null. Pages of any origin may connect: there is no cookie to abuse. */
function refusal(request: IncomingMessage): string | null {
  if (pathOf(request) !== SERVER.path) return '404 Not Found';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.includes(SUBPROTOCOL) ? null : '400 Bad Request';
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pathOf(request: IncomingMessage): string {
  return /^[^?#]*/.exec(request.url ?? '')?.[0] ?? '';
}

function listen(http: Server, { port, host }: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address = http.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

/** A wildcard address can be listened on but not opened. */
function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function bytesOf(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const buffer = Array.isArray(data) ? Buffer.concat(data) : data;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
