// The server: the app's files and the endpoint on one port, with health and figures. Knows no room and reads no
// payload; logs neither, and writes nothing to disk (SPEC E4).
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { addressOf } from './addresses.ts';
import { joinBackplane } from './backplane.ts';
import type { ConnectBackplane, Joined } from './backplane.ts';
import { MESSAGE_BYTES, ROOM_LIMITS, SERVER } from './config.ts';
import type { RoomLimits } from './config.ts';
import type { Told } from './elsewhere.ts';
import { mayReadMetrics, METRICS_TYPE, renderMetrics } from './metrics.ts';
import type { ServerStats } from './metrics.ts';
import { allowsOrigin } from './origin.ts';
import type { Origins } from './origin.ts';
import { SUBPROTOCOL } from './protocol.ts';
import { createRooms } from './room.ts';
import { createSockets } from './sockets.ts';
import type { OnTraffic } from './sockets.ts';
import { createStatic, reply } from './static.ts';
import type { Handler } from './static.ts';

export type { ServerStats } from './metrics.ts';

export interface ServerOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Directory of the built app, or null: the endpoint alone. */
  dir: string | null;
  /** One line about the server itself. Never about who uses it. */
  log: (line: string) => void;
  limits?: RoomLimits;
  /** Origins besides the server's own whose pages may use the endpoint (SPEC E6). Default: none. */
  origins?: Origins;
  /** Proxies of one's own that append to `X-Forwarded-For`. Default: 0, the header is not believed. */
  proxies?: number;
  /** Whoever brings it as a bearer token reads `/metrics`. Default: this machine alone. */
  metricsToken?: string | null;
  /** Forms one endpoint with others. Default: alone. */
  backplane?: ConnectBackplane;
  /**
   * Sees all that the endpoint is sent and sends: `in` and `out` are WebSocket messages and close reasons, unmasked;
   * `request` is the head of any HTTP request, upgrades included.
   */
  onTraffic?: OnTraffic;
}

export interface SignalServer {
  /** `http://host:port`, with a host that this machine itself can open. */
  readonly url: string;
  readonly port: number;
  /** Idempotent. Resolves once the port is free. */
  close(): Promise<void>;
  stats(): ServerStats;
}

/**
 * Rejects where the directory is missing (`ENOENT`), the port cannot be listened on (`EADDRINUSE`, `EACCES`), or the
 * backplane cannot be reached.
 */
export async function startServer(options: ServerOptions): Promise<SignalServer> {
  const { log, onTraffic, origins = [], proxies = 0, metricsToken = null } = options;
  let joined: Joined | null = null;
  let refused = 0;
  let closing: Promise<void> | null = null;

  const files = options.dir === null ? null : await createStatic(options.dir);
  if (options.backplane)
    joined = await joinBackplane(options.backplane, { log, onTold: (told) => retell(told) });
  const rooms = createRooms({
    limits: options.limits ?? ROOM_LIMITS,
    random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
    ...(joined ? { elsewhere: joined.cluster } : {}),
  });
  const sockets = createSockets({ rooms, onTraffic, onHandled: () => joined?.flush() });
  const http = createServer({ requestTimeout: SERVER.requestTimeoutMs }, (request, response) => {
    seen(request);
    answer(request, response).catch((error: unknown) => {
      log(`A response was broken off: ${messageOf(error)}`);
      response.destroy();
    });
  });
  http.maxConnections = (options.limits ?? ROOM_LIMITS).connections + SERVER.spareSockets;
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
    if (status === null)
      ws.handleUpgrade(request, socket, head, (open) => sockets.serve(open, addressFor(request)));
    else {
      refused += 1;
      refuse(socket, status);
    }
  });
  const port = await listen(http, options).catch(async (error: unknown) => {
    await joined?.close();
    throw error;
  });
  http.on('error', (error) => log(`The server failed: ${error.message}`));
  return { url: `http://${hostOf(options.host)}:${port}`, port, close, stats };

  function retell(told: readonly Told[]): void {
    if (told.length > 0) sockets.retell(told);
  }

  async function answer(...[request, response]: Parameters<Handler>): Promise<void> {
    const path = pathOf(request);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (path === '/health' && reads)
      reply(response, closing ? 503 : 200, closing ? '{"ok":false}' : '{"ok":true}', {
        'Content-Type': 'application/json; charset=utf-8',
      });
    else if (path === '/metrics' && reads && mayRead(request))
      reply(response, 200, renderMetrics(stats(), processFigures()), { 'Content-Type': METRICS_TYPE });
    else if (path === SERVER.path)
      reply(response, 426, 'This is a WebSocket endpoint.', { Upgrade: 'websocket', Connection: 'Upgrade' });
    else if (files && path !== '/metrics') await files(request, response);
    else reply(response, 404, 'Not found.');
  }

  function mayRead(request: IncomingMessage): boolean {
    const remote = addressOf(request.socket.remoteAddress, undefined, 0);
    return mayReadMetrics(metricsToken, {
      authorization: request.headers.authorization,
      loopback: remote.startsWith('127.') || request.socket.remoteAddress === '::1',
      proxied: request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined,
    });
  }

  /** The status that refuses an upgrade, or null. */
  function refusal(request: IncomingMessage): string | null {
    if (pathOf(request) !== SERVER.path) return '404 Not Found';
    const { origin, host, 'sec-websocket-protocol': protocols = '' } = request.headers;
    if (!allowsOrigin(origins, origin, host)) return '403 Forbidden';
    const offered = protocols.split(',').map((name) => name.trim());
    return offered.includes(SUBPROTOCOL) ? null : '400 Bad Request';
  }

  function addressFor(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for'];
    return addressOf(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
      proxies,
    );
  }

  function seen(request: IncomingMessage): void {
    if (!onTraffic) return;
    const head = [`${request.method ?? ''} ${request.url ?? ''}`, ...request.rawHeaders].join('\n');
    onTraffic('request', new TextEncoder().encode(head));
  }

  function stats(): ServerStats {
    const { nodes = 0, members: elsewhere = 0 } = joined?.cluster.counts() ?? {};
    return { ...rooms.count(), ...sockets.counts(), refused, nodes, elsewhere };
  }

  function close(): Promise<void> {
    closing ??= new Promise<void>((resolve) => {
      http.close(() => resolve());
      sockets.close();
      http.closeAllConnections();
    }).then(() => joined?.close());
    return closing;
  }
}

function processFigures(): { heapUsed: number; uptime: number } {
  return { heapUsed: process.memoryUsage().heapUsed, uptime: process.uptime() };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
