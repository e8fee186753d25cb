// `--full`: the real endpoint with as many connections as it takes, and a thousand real clients of one that restarts.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createWsSignal } from '../../worker/adapters/signal-ws.ts';
import type { WsSignal } from '../../worker/adapters/signal-ws.ts';
import { ROOM_LIMITS } from '../../worker/signal/config.ts';
import { startServer } from '../../worker/signal/server.ts';
import type { SignalServer } from '../../worker/signal/server.ts';
import { memoryInUse } from '../collect.ts';
import { waitUntil } from './wait.ts';

const full = process.env['THICKET_FULL'] === '1';
const MIB = 1_048_576;
/** File descriptors that a process may have: one for each connection, on either side. */
const descriptors = Number(
  spawnSync('sh', ['-c', 'ulimit -Hn']).stdout.toString().trim().replace('unlimited', '1000000'),
);

let server: SignalServer;
let child: ChildProcess | null = null;
let clients: WsSignal[] = [];
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  for (const client of clients) client.close();
  clients = [];
  await server.close();
});

/** Runs in a process of its own, so that its memory is not the server's: bare sockets, each in two rooms of a hundred. */
const CROWD = `
import { connect } from 'node:net';
const [port, count] = process.argv.slice(1).map(Number);
const join = (n) => {
  const frame = Buffer.alloc(6 + 33);
  frame[0] = 0x82; frame[1] = 0x80 | 33; frame[6] = 1;
  frame.writeUInt32BE(n, 7);
  return frame;
};
let open = 0;
function dial(n) {
  if (n >= count) return;
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.1.' + (n >> 7) + '.' + (1 + (n & 127)) });
  socket.on('error', (error) => { console.error(error.message); process.exit(1); });
  socket.once('data', () => {
    socket.resume();
    socket.write(Buffer.concat([join(Math.floor(n / 100)), join(100000 + n % 100)]));
    open += 1;
    if (open === count) console.log('all');
    dial(n + 200);
  });
  socket.write('GET /signal HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' +
    'Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n' +
    'Sec-WebSocket-Protocol: thicket.signal.1\\r\\n\\r\\n');
}
for (let n = 0; n < 200; n++) dial(n);
`;

function crowd(port: number, count: number): ChildProcess {
  const made = spawn(process.execPath, ['--input-type=module', '-e', CROWD, '--', `${port}`, `${count}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child = made;
  return made;
}

describe('a full endpoint', () => {
  const count = full ? ROOM_LIMITS.connections : 300;
  it.skipIf(descriptors < count + 500)(
    `E2, E7: ${count} connections cost a bounded amount of memory, one more is refused, and all of it is free again`,
    async () => {
      server = await startServer({
        port: 0,
        host: '127.0.0.1',
        dir: null,
        log: () => undefined,
        // The crowd's sockets are bare: they answer no pings.
        limits: { ...ROOM_LIMITS, connections: count, heartbeatMs: 600_000 },
      });
      const before = memoryInUse();
      const others = crowd(server.port, count);
      await waitUntil(() => server.stats().members === 2 * count, 280_000);
      expect(server.stats()).toMatchObject({ connections: count, slow: 0, closed: 0 });
      const each = (memoryInUse() - before) / count;
      console.log(`${count} connections: ${(each / 1024).toFixed(1)} KiB each`);
      expect(each).toBeLessThan(40 * 1024);

      const late = new WebSocket(`${server.url.replace('http', 'ws')}/signal`, 'thicket.signal.1');
      const code = await new Promise((resolve) => late.on('close', resolve));
      expect(code).toBe(1013);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);

      others.kill('SIGKILL');
      await waitUntil(() => server.stats().connections === 0, 60_000);
      expect(server.stats()).toMatchObject({ rooms: 0, members: 0, backlog: 0 });
      // What the runtime keeps for reuse does not grow with the number.
      expect(memoryInUse() - before).toBeLessThan(24 * MIB);
    },
    300_000,
  );
});

describe('a restarted endpoint', () => {
  const count = full ? 1000 : 100;
  /** As from machines of their own. */
  class Elsewhere extends WebSocket {
    static made = 0;
    constructor(url: string, protocol: string) {
      const n = Elsewhere.made++;
      super(url, protocol, { localAddress: `127.2.${(n >> 7) & 127}.${1 + (n & 127)}` });
    }
  }

  it(`E10: ${count} real clients are all back in their rooms within 60 s`, async () => {
    const options = { host: '127.0.0.1', dir: null, log: () => undefined };
    server = await startServer({ ...options, port: 0 });
    const { port } = server;
    clients = Array.from({ length: count }, (_, n) => {
      const client = createWsSignal({
        onEvent: () => undefined,
        random: () => Math.random(),
        WebSocketImpl: Elsewhere,
      });
      client.join((n % 20).toString(16).padStart(64, '0'));
      client.configure([`http://127.0.0.1:${port}`]);
      return client;
    });
    await waitUntil(() => server.stats().members === count, 60_000);
    await server.close();
    const start = performance.now();
    server = await startServer({ ...options, port });
    await waitUntil(() => server.stats().members === count, 60_000);
    console.log(`${count} clients were back after ${((performance.now() - start) / 1000).toFixed(1)} s`);
    expect(server.stats()).toMatchObject({ connections: count, closed: 0, slow: 0 });
  }, 150_000);
});
