// Command line of the server: `PORT`, `HOST` and `DIR` (or the first argument) say where and what; `ORIGINS`,
// `TRUST_PROXY` and `METRICS_TOKEN` for whom, `REDIS_URL` with which others. Knows no rooms.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseOrigins } from './origin.ts';
import type { Origins } from './origin.ts';
import type { ConnectBackplane } from './backplane.ts';
import { startServer } from './server.ts';

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '127.0.0.1'; // on purpose not the network: who wants to be reached says so

class UsageError extends Error {}

async function main(): Promise<void> {
  const port = portOf(process.env['PORT']);
  const host = process.env['HOST'] ?? DEFAULT_HOST;
  const dir = dirOf(process.argv[2] ?? process.env['DIR'] ?? 'dist');
  const server = await startServer({
    port,
    host,
    dir,
    log: console.error,
    origins: originsOf(process.env['ORIGINS']),
    proxies: proxiesOf(process.env['TRUST_PROXY']),
    metricsToken: process.env['METRICS_TOKEN'] || null,
    ...(await backplaneOf(process.env['REDIS_URL'])),
  }).catch((error: unknown) => {
    throw explain(error, host, port);
  });
  console.log(`Thicket is at ${server.url}`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    void server.close();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new UsageError(`PORT is a number from 0 (any free port) to 65535, not "${text}".`);
  return port;
}

function originsOf(text: string | undefined): Origins {
  const parsed = parseOrigins(text ?? '');
  if ('bad' in parsed)
    throw new UsageError(`ORIGINS lists origins such as https://app.example, or *: "${parsed.bad}" is none.`);
  return parsed.origins;
}

function proxiesOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d$/.test(text))
    throw new UsageError(
      `TRUST_PROXY is how many proxies of yours requests come through, 0 to 9, not "${text}".`,
    );
  return Number(text);
}

/** Loaded where it is wanted: the package is no part of an endpoint on its own. */
async function backplaneOf(url: string | undefined): Promise<{ backplane?: ConnectBackplane }> {
  if (url === undefined || url === '') return {};
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url))
    throw new UsageError('REDIS_URL is an address such as redis://127.0.0.1:6379.');
  const { redisBackplane } = await import('./redis.ts');
  const connect = redisBackplane(url, console.error);
  return {
    backplane: (events) =>
      connect(events).catch((error: unknown) => {
        throw new UsageError(
          `Redis cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
        );
      }),
  };
}

/** An empty name means the endpoint alone, its app being served from elsewhere. */
function dirOf(name: string): string | null {
  if (name === '') return null;
  const dir = resolve(name);
  if (!existsSync(join(dir, 'index.html')))
    throw new UsageError(`There is no built app in ${dir}. Build it first: npm run build`);
  return dir;
}

function explain(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE')
    return new UsageError(
      `Port ${port} of ${host} is taken. Stop what uses it, or choose another: PORT=${port + 1} npm start`,
    );
  if (code === 'EACCES')
    return new UsageError(`Port ${port} of ${host} needs more rights: choose one above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UsageError(`HOST ${host} is no address of this machine.`);
  return error;
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
