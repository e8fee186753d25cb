// The real endpoint on a port of its own, with the real client in Node.
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createWsSignal } from '../../worker/adapters/signal-ws.ts';
import type { FromEndpoint, ToEndpoint } from '../../worker/signal/protocol.ts';
import { encodeToEndpoint, parseFromEndpoint, SUBPROTOCOL } from '../../worker/signal/protocol.ts';
import { startServer } from '../../worker/signal/server.ts';
import type { ServerOptions, SignalServer } from '../../worker/signal/server.ts';
import { signalContract } from './signal.contract.ts';
import { waitUntil } from './wait.ts';

const ROOM = 'a1'.repeat(32);
const log: string[] = [];
const local = { host: '127.0.0.1', dir: null, log: (line: string) => log.push(line) };

signalContract('WebSocket client and endpoint', () => {
  let server: SignalServer | null = null;
  let port = 0;
  return {
    url: () => `http://127.0.0.1:${port}`,
    async start() {
      server = await startServer({ ...local, port });
      port = server.port;
    },
    async stop() {
      await server?.close();
    },
    client: (onEvent) => createWsSignal({ onEvent, random: () => 0, WebSocketImpl: WebSocket }),
  };
});

describe('signaling endpoint', () => {
  let server: SignalServer;
  let sockets: WebSocket[] = [];
  const traffic: { direction: string; bytes: Uint8Array }[] = [];
  const start = async (options: Partial<ServerOptions> = {}): Promise<void> => {
    server = await startServer({
      ...local,
      port: 0,
      onTraffic: (direction, bytes) => traffic.push({ direction, bytes: bytes.slice() }),
      ...options,
    });
  };
  afterEach(async () => {
    for (const socket of sockets) socket.terminate();
    sockets = [];
    traffic.length = 0;
    await server.close();
    await server.close();
  });

  /** A client that keeps to no rule but those of WebSocket. */
  async function raw(): Promise<{
    socket: WebSocket;
    heard: (FromEndpoint | null)[];
    say(message: ToEndpoint): void;
    closed: Promise<{ code: number; reason: string }>;
  }> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/signal`, SUBPROTOCOL);
    sockets.push(socket);
    const heard: (FromEndpoint | null)[] = [];
    socket.on('message', (data: Buffer) => heard.push(parseFromEndpoint(new Uint8Array(data))));
    socket.on('error', (error) => log.push(error.message));
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    await new Promise((resolve) => socket.once('open', resolve));
    return { socket, heard, say: (message) => socket.send(encodeToEndpoint(message)), closed };
  }

  it('E2: a flood is answered with an error, then the connection is closed and its room told', async () => {
    await start();
    const [flooder, other] = [await raw(), await raw()];
    flooder.say({ type: 'join', room: ROOM });
    await waitUntil(() => flooder.heard.length === 1);
    other.say({ type: 'join', room: ROOM });
    await waitUntil(() => other.heard.length === 1);
    for (let n = 0; n < 2000; n++) flooder.say({ type: 'ping' });
    expect(await flooder.closed).toEqual({ code: 1008, reason: 'too many messages' });
    expect(flooder.heard).toContainEqual(expect.objectContaining({ type: 'error', code: 'too-fast' }));
    await waitUntil(() => other.heard.some((message) => message?.type === 'left'));
    expect(server.stats()).toMatchObject({ connections: 1, rooms: 1, members: 1, closed: 1 });
  });

  it('E2: an oversized message closes the connection', async () => {
    await start();
    const client = await raw();
    client.socket.send(new Uint8Array(65_537));
    expect((await client.closed).code).toBe(1009);
    await waitUntil(() => server.stats().connections === 0);
  });

  it('E2: the 257th member of a room is refused with a clear error', async () => {
    await start();
    const clients = await Promise.all(Array.from({ length: 257 }, () => raw()));
    for (const client of clients.slice(0, 256)) client.say({ type: 'join', room: ROOM });
    await waitUntil(() => server.stats().members === 256);
    const last = clients.at(-1);
    last?.say({ type: 'join', room: ROOM });
    await waitUntil(() => last?.heard.length === 1);
    expect(last?.heard).toEqual([
      { type: 'error', code: 'room-full', room: ROOM, message: 'a room has at most 256 members' },
    ]);
    expect(server.stats().members).toBe(256);
  });

  it('E2: one who does not read is dropped, and the others go on', async () => {
    await start();
    const [deaf, sender] = [await raw(), await raw()];
    deaf.say({ type: 'join', room: ROOM });
    sender.say({ type: 'join', room: ROOM });
    await waitUntil(() => server.stats().members === 2);
    deaf.socket.pause();
    // More than the socket buffers of both sides and the limit of ours hold together, at the rate allowed.
    const payload = new Uint8Array(60_000);
    await waitUntil(() => {
      sender.say({ type: 'send', room: ROOM, to: null, payload });
      return server.stats().slow === 1;
    }, 30_000);
    await waitUntil(() => sender.heard.some((message) => message?.type === 'left'));
    expect(sender.socket.readyState).toBe(sender.socket.OPEN);
  }, 40_000);

  it('E3: a connection that answers no ping is closed, one that answers stays', async () => {
    const { ROOM_LIMITS } = await import('../../worker/signal/config.ts');
    await start({ limits: { ...ROOM_LIMITS, heartbeatMs: 50 } });
    const [silent, alive] = [await raw(), await raw()];
    let pings = 0;
    alive.socket.on('ping', () => (pings += 1));
    silent.socket.pause();
    await waitUntil(() => server.stats().connections === 1);
    await waitUntil(() => pings >= 8);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('E4: the recording hook sees every byte, and nothing of it is logged', async () => {
    await start();
    log.length = 0;
    const [a, b] = [await raw(), await raw()];
    a.say({ type: 'join', room: ROOM });
    b.say({ type: 'join', room: ROOM });
    await waitUntil(() => server.stats().members === 2);
    a.say({ type: 'send', room: ROOM, to: null, payload: new TextEncoder().encode('canary-payload') });
    await waitUntil(() => b.heard.some((message) => message?.type === 'message'));
    const seen = (direction: string): string =>
      Buffer.concat(
        traffic.filter((part) => part.direction === direction).map((part) => part.bytes),
      ).toString('latin1');
    expect(seen('in')).toContain('canary-payload');
    expect(seen('out')).toContain('canary-payload');
    expect(seen('in')).toContain(Buffer.from(ROOM, 'hex').toString('latin1'));
    expect(seen('request')).toContain('GET /signal');
    expect(seen('in').length).toBe(server.stats().bytesIn);
    expect(seen('out').length).toBe(server.stats().bytesOut);
    expect(log).toEqual([]);
  });

  it('upgrades elsewhere, or without the subprotocol, are refused', async () => {
    await start();
    const refused = (path: string, protocol?: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, protocol);
        socket.on('error', (error) => resolve(error.message));
        socket.on('open', () => resolve('open'));
      });
    expect(await refused('/elsewhere', SUBPROTOCOL)).toContain('404');
    expect(await refused('/signal')).toContain('400');
    expect(await refused('/signal', 'thicket.signal.99')).toContain('400');
  });

  it('a port that is taken is an error with its code, and the first server goes on', async () => {
    await start();
    await expect(startServer({ ...local, port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect((await raw()).socket.readyState).toBe(1);
  });
});
