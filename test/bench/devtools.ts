// The browser's own view of the app's worker: memory and CPU profiles, by the DevTools protocol. Knows no job.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/** Lets the browser be asked; it chooses a port and writes it into its profile. */
export const DEVTOOLS_ARGS = ['--remote-debugging-port=0'];

export interface Inspected {
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  close(): void;
}

/** The SharedWorker of the app in the browser with this profile, which runs with DEVTOOLS_ARGS. */
export async function inspectWorker(profile: string): Promise<Inspected> {
  const [port] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const targets = (await answer.json()) as { type: string; webSocketDebuggerUrl: string }[];
  const worker = targets.find(({ type }) => type === 'shared_worker');
  if (worker === undefined) throw new Error(`no worker among ${targets.map(({ type }) => type).join(', ')}`);
  const socket = new WebSocket(worker.webSocketDebuggerUrl, { maxPayload: 2 ** 30 });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map<number, (result: Readonly<Record<string, unknown>>) => void>();
  let last = 0;
  socket.on('message', (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString()) as { id?: number; result?: Record<string, unknown> };
    if (id === undefined) return;
    waiting.get(id)?.(result ?? {});
    waiting.delete(id);
  });
  return {
    send: (method, params = {}) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}

export interface WorkerHeap {
  /** MiB after a collection: objects; and what lies beside them, byte arrays above all. */
  heap: number;
  external: number;
}

export async function heapOf(worker: Inspected): Promise<WorkerHeap> {
  await worker.send('HeapProfiler.collectGarbage');
  const {
    usedSize = 0,
    backingStorageSize = 0,
    embedderHeapUsedSize = 0,
  } = await worker.send('Runtime.getHeapUsage');
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return {
    heap: mib(Number(usedSize)),
    external: mib(Number(backingStorageSize) + Number(embedderHeapUsedSize)),
  };
}
