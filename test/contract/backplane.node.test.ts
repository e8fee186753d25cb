// Two real endpoints that form one by a real redis-server, with real clients on each. Skipped where there is no
// redis-server: `npm test` installs Debian's where it may, as it does with Chromium.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createWsSignal } from '../../worker/adapters/signal-ws.ts';
import type { WsSignal } from '../../worker/adapters/signal-ws.ts';
import type { SignalEvent } from '../../worker/core/ports.ts';
import { redisBackplane } from '../../worker/signal/redis.ts';
import { startServer } from '../../worker/signal/server.ts';
import type { SignalServer } from '../../worker/signal/server.ts';
import { waitUntil } from './wait.ts';

const here = spawnSync('redis-server', ['--version']).status === 0;
if (!here)
  console.log('There is no redis-server here (Debian: apt-get install redis-server): its tests are skipped.');

const ROOM = 'a1'.repeat(32);
const OTHER = 'b2'.repeat(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const log: string[] = [];

let port = 0;
let redis: ChildProcess | null = null;
let servers: SignalServer[] = [];
let clients: WsSignal[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function startRedis(): Promise<void> {
  const child = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/tmp' },
  );
  redis = child;
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await waitUntil(() => said.includes('Ready to accept connections'), 20_000);
}

async function stopRedis(): Promise<void> {
  const child = redis;
  redis = null;
  if (child?.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function endpoint(): Promise<SignalServer> {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dir: null,
    log: (line) => log.push(line),
    backplane: redisBackplane(`redis://127.0.0.1:${port}`, (line) => log.push(line)),
  });
  servers.push(server);
  return server;
}

function peer(server: SignalServer, ...rooms: string[]) {
  const events: SignalEvent[] = [];
  const signal = createWsSignal({
    onEvent: (event) => events.push(event),
    random: () => Math.random(),
    WebSocketImpl: WebSocket,
  });
  clients.push(signal);
  signal.configure([server.url]);
  for (const room of rooms) signal.join(room);
  /** Whom it takes to be in a room with it; null before it is in. */
  const others = (room: string): string[] | null => {
    let found: Set<string> | null = null;
    for (const event of events) {
      if (event.type === 'signal-joined' && event.room === room) found = new Set(event.members);
      if (event.type === 'signal-entered' && event.room === room) found?.add(event.member);
      if (event.type === 'signal-left' && event.room === room) found?.delete(event.member);
    }
    return found && [...found];
  };
  const heard = (): string[] =>
    events.flatMap((event) =>
      event.type === 'signal-message' ? [new TextDecoder().decode(event.payload)] : [],
    );
  return { signal, events, others, heard };
}

describe.skipIf(!here)('two endpoints with one Redis', () => {
  beforeAll(async () => {
    port = await freePort();
    await startRedis();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });
  afterAll(stopRedis);

  it('E9: peers of the same room find each other and talk, whichever endpoint they are at', async () => {
    const [one, two] = [await endpoint(), await endpoint()];
    const [a, b, c, d] = [peer(one, ROOM), peer(two, ROOM), peer(one, ROOM), peer(two, OTHER)];
    await waitUntil(() => [a, b, c].every(({ others }) => others(ROOM)?.length === 2));
    await waitUntil(() => d.others(OTHER)?.length === 0);
    a.signal.send(ROOM, null, bytes('to all'));
    await waitUntil(() => [b, c].every(({ heard }) => heard().includes('to all')));
    const message = b.events.find((event) => event.type === 'signal-message');
    if (message?.type !== 'signal-message') throw new Error('b heard it');
    b.signal.send(ROOM, message.from, bytes('to a alone'));
    await waitUntil(() => a.heard().includes('to a alone'));
    b.signal.send(ROOM, null, bytes('done'));
    await waitUntil(() => [a, c].every(({ heard }) => heard().includes('done')));
    expect(c.heard()).toEqual(['to all', 'done']);
    expect(d.heard()).toEqual([]);
    expect(one.stats()).toMatchObject({ nodes: 1, members: 2, elsewhere: 1 });
  });

  it('E9: one that ends takes its peers along, and those who come back by the other are there again', async () => {
    const [one, two] = [await endpoint(), await endpoint()];
    const [a, b] = [peer(one, ROOM), peer(two, ROOM)];
    await waitUntil(() => a.others(ROOM)?.length === 1 && b.others(ROOM)?.length === 1);
    b.signal.configure([two.url, one.url]);
    await two.close();
    await waitUntil(() => a.events.some((event) => event.type === 'signal-left'));
    await waitUntil(() => a.others(ROOM)?.length === 1 && b.others(ROOM)?.length === 1);
    expect(one.stats()).toMatchObject({ members: 2, elsewhere: 0 });
  });

  it('E4, E9: nothing is stored in Redis, and no payload is told to it but as it passes', async () => {
    const [one, two] = [await endpoint(), await endpoint()];
    const [a, b] = [peer(one, ROOM), peer(two, ROOM)];
    await waitUntil(() => a.others(ROOM)?.length === 1 && b.others(ROOM)?.length === 1);
    a.signal.send(ROOM, null, bytes('passing'));
    await waitUntil(() => b.heard().length === 1);
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    await client.connect();
    expect(await client.dbSize()).toBe(0);
    expect((await client.pubSubChannels('*')).sort()).toEqual([`thicket.1.${ROOM}`, 'thicket.1.nodes']);
    for (const each of clients) each.close();
    await waitUntil(() => one.stats().members + two.stats().members === 0);
    // Unsubscribing is on its way: asked until it is there, which ends the test if it is not.
    const channels = async (): Promise<string[]> => client.pubSubChannels('*');
    while ((await channels()).length > 1);
    client.destroy();
  });

  it('E9: with Redis gone each endpoint serves its own; when it is back they are one again', async () => {
    const [one, two] = [await endpoint(), await endpoint()];
    const [a, b, c] = [peer(one, ROOM), peer(two, ROOM), peer(one, ROOM)];
    await waitUntil(() => [a, b, c].every(({ others }) => others(ROOM)?.length === 2));
    log.length = 0;
    await stopRedis();
    await waitUntil(() => log.filter((line) => line.includes('away')).length >= 2);
    a.signal.send(ROOM, null, bytes('meanwhile'));
    await waitUntil(() => c.heard().includes('meanwhile'));
    // Somebody comes and somebody goes that the other endpoint doesn't hear of.
    c.signal.leave(ROOM);
    const d = peer(two, ROOM);
    await waitUntil(() => b.others(ROOM)?.length === 3);
    await startRedis();
    await waitUntil(() => [a, b, d].every(({ others }) => others(ROOM)?.length === 2), 30_000);
    a.signal.send(ROOM, null, bytes('again'));
    await waitUntil(() => [b, d].every(({ heard }) => heard().includes('again')));
    expect(b.heard()).not.toContain('meanwhile');
    for (const line of log) expect(line).not.toMatch(/a1a1|meanwhile|again/);
  }, 60_000);

  it('E9: a Redis that is not there is an error at the start, not a server that waits', async () => {
    const nobody = await freePort();
    await expect(
      startServer({
        host: '127.0.0.1',
        port: 0,
        dir: null,
        log: (line) => log.push(line),
        backplane: redisBackplane(`redis://127.0.0.1:${nobody}`, (line) => log.push(line)),
      }),
    ).rejects.toThrow(/ECONNREFUSED/);
  });
});
