// What the real server lets in and tells: origins, addresses, health and figures.
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ROOM_LIMITS } from '../../worker/signal/config.ts';
import { encodeToEndpoint, SUBPROTOCOL } from '../../worker/signal/protocol.ts';
import { startServer } from '../../worker/signal/server.ts';
import type { ServerOptions, SignalServer } from '../../worker/signal/server.ts';
import { waitUntil } from './wait.ts';

const ROOM = 'a1'.repeat(32);
const log: string[] = [];
let server: SignalServer;
let sockets: WebSocket[] = [];

const start = async (options: Partial<ServerOptions> = {}): Promise<void> => {
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dir: null,
    log: (line) => log.push(line),
    ...options,
  });
};
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
  await server.close();
});

/** `open`, what refused the upgrade, or why it was closed at once. */
function connect(options: { origin?: string; headers?: Record<string, string>; localAddress?: string }) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/signal`, SUBPROTOCOL, options);
  sockets.push(socket);
  return new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`));
    socket.on('open', () => {
      socket.send(encodeToEndpoint({ type: 'ping' }));
      socket.on('message', () => resolve('open'));
    });
  });
}

it('E6: a page of another site is refused, one of its own, one that is listed and no page are let in', async () => {
  await start({ origins: ['https://listed.example'] });
  expect(await connect({ origin: 'https://evil.example' })).toContain('403');
  expect(await connect({ origin: 'null' })).toContain('403');
  expect(await connect({ origin: server.url })).toBe('open');
  expect(await connect({ origin: 'http://localhost:5173' })).toBe('open');
  expect(await connect({ origin: 'https://listed.example' })).toBe('open');
  expect(await connect({})).toBe('open');
  expect(server.stats().refused).toBe(2);
});

it('E5: an address that has all its connections is asked to come later, and another is let in', async () => {
  await start({ limits: { ...ROOM_LIMITS, connectionsPerAddress: 2 } });
  expect(await connect({ localAddress: '127.0.0.2' })).toBe('open');
  expect(await connect({ localAddress: '127.0.0.2' })).toBe('open');
  expect(await connect({ localAddress: '127.0.0.2' })).toBe('1013 at most 2 connections from one address');
  expect(await connect({ localAddress: '127.0.0.3' })).toBe('open');
});

it('E5: what a client claims about its address is believed only behind proxies of one’s own', async () => {
  const limits = { ...ROOM_LIMITS, connectionsPerAddress: 1 };
  const from = (address: string) => connect({ headers: { 'X-Forwarded-For': address } });
  await start({ limits });
  expect(await from('198.51.100.1')).toBe('open');
  expect(await from('198.51.100.2')).toContain('1013');
  await server.close();
  await start({ limits, proxies: 1 });
  expect(await from('198.51.100.1')).toBe('open');
  expect(await from('spoofed, 198.51.100.1')).toContain('1013');
  expect(await from('198.51.100.2')).toBe('open');
});

it('E8: figures are sums: no room, member, address or payload is in them, and a token guards them', async () => {
  await start({ metricsToken: 'let me see' });
  expect(await connect({ localAddress: '127.0.0.7' })).toBe('open');
  const [socket] = sockets;
  socket?.send(encodeToEndpoint({ type: 'join', room: ROOM }));
  await waitUntil(() => server.stats().members === 1);
  const payload = new TextEncoder().encode('canary-payload');
  socket?.send(encodeToEndpoint({ type: 'send', room: ROOM, to: null, payload }));
  await waitUntil(() => server.stats().messagesIn === 3);

  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  const answer = await fetch(`${server.url}/metrics`, { headers: { Authorization: 'Bearer let me see' } });
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const text = await answer.text();
  expect(text).toContain('\nthicket_signal_members 1\n');
  expect(text).toContain('\nthicket_signal_messages_in_total 3\n');
  for (const secret of [ROOM, ROOM.slice(0, 8), 'canary', '127.0.0']) expect(text).not.toContain(secret);
  expect(log).toEqual([]);
});

it('E8: without a token figures are for this machine alone, and not through a proxy on it', async () => {
  await start();
  expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  const headers = { 'X-Forwarded-For': '127.0.0.1' };
  expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(404);
  expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404);
});
