// A real TURN server (coturn) on loopback, for one test file. Knows nothing of browsers.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './harness.ts';

/** Whether there is one on this machine: `npm test` installs Debian's where it may and nothing would start it. */
export const hasTurnServer = spawnSync('turnserver', ['--version']).error === undefined;

const USER = 'reed';
const PASSWORD = 'between-the-ponds';
/** STUN: a binding request, and the mark of the protocol in it. */
const COOKIE = 0x2112a442;
const BINDING = Buffer.alloc(20);
BINDING.writeUInt16BE(1, 0);
BINDING.writeUInt32BE(COOKIE, 4);

export interface TurnServer {
  port: number;
  /** As `settings` takes it. */
  iceServer: { urls: string[]; username: string; credential: string };
  /** Ends the process at once, with all that it relays. */
  kill(): Promise<void>;
  /** Kills it and takes its files away. */
  close(): Promise<void>;
}

/** With credentials, over UDP, on a free port. Resolves once it answers. */
export async function startTurnServer(): Promise<TurnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'thicket-turn-'));
  const port = await freePort();
  const child = spawn(
    'turnserver',
    [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--no-tcp-relay'],
      ...['--listening-ip', '127.0.0.1', '--listening-port', `${port}`],
      // Only here: a server that others reach must not relay to its own machine.
      ...['--relay-ip', '127.0.0.1', '--allow-loopback-peers'],
      ...['--lt-cred-mech', '--realm', 'thicket.test', '--user', `${USER}:${PASSWORD}`],
      ...['--userdb', join(folder, 'turndb'), '--pidfile', join(folder, 'pid')],
      ...['--log-file', join(folder, 'log'), '--simple-log'],
    ],
    { stdio: 'ignore', cwd: folder },
  );
  const exited = once(child, 'exit');
  const turn: TurnServer = {
    port,
    iceServer: { urls: [`turn:127.0.0.1:${port}?transport=udp`], username: USER, credential: PASSWORD },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async close() {
      await turn.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await until(() => answers(port), 'the TURN server answers');
  return turn;
}

/** Whether a binding request to this port comes back. One that is lost is asked again by `until`. */
async function answers(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    const told = new Promise<boolean>((resolve) => {
      socket.once('message', (message) =>
        resolve(message.length >= 20 && message.readUInt32BE(4) === COOKIE),
      );
      // Nobody listens there yet.
      socket.once('error', () => resolve(false));
      setTimeout(() => resolve(false), 500).unref();
    });
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send(BINDING);
    return await told;
  } finally {
    socket.close();
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
