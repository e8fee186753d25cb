// Without SharedWorker: the tab that wins a Web Lock runs the worker, the others reach it through that tab over
// BroadcastChannels, one per tab. It must not know what passes through, but for a hello's lock and a bye.
import { PING_EVERY } from '../worker/rpc/config.ts';
import { onceFree } from '../worker/rpc/locks.ts';
import { hostLock, parsePeerMessage, peerChannel, workerName } from '../worker/rpc/names.ts';
import type { PeerMessage } from '../worker/rpc/names.ts';
import { portOf } from '../worker/rpc/port.ts';
import type { Port } from '../worker/rpc/port.ts';
import type { WorkerHost, WorkerHostOptions } from './worker-host.ts';

/** The first word on a tab's channel: from here on what it posts is heard. */
const JOINED = 'joined';

export async function createDedicatedHost(
  options: WorkerHostOptions & { script: string },
): Promise<WorkerHost> {
  const { peer } = options;
  const channel = new BroadcastChannel(peerChannel(peer));
  const relays = new Map<string, () => void>();
  let worker: Worker | null = null;
  /** This tab has connected to the worker that runs now, so a silence is that worker's. */
  let used = false;
  let generation = 0;

  const say = (message: PeerMessage): void => channel.postMessage(message);

  const spawn = (): void => {
    worker?.terminate();
    for (const stop of relays.values()) stop();
    relays.clear();
    worker = new Worker(options.script, { type: 'module', name: workerName(peer, generation++) });
    worker.onerror = (event) => options.onError(event.message || 'it did not load');
    used = false;
    say({ type: 'host' });
  };

  const portTo = (target: Worker): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    target.postMessage(null, [port2]);
    return port1;
  };

  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = parsePeerMessage(event.data);
    if (message?.type === 'host' && worker === null) options.onReplaced();
    if (message?.type === 'seek' && worker !== null && !relays.has(message.channel)) {
      relays.set(message.channel, relay(message.channel, portTo(worker)));
    }
  };

  const hosting = (): Promise<never> => {
    spawn();
    return new Promise<never>(() => undefined);
  };
  const won = await new Promise<boolean>((decided, failed) => {
    navigator.locks
      .request(hostLock(peer), { ifAvailable: true }, (lock) => {
        decided(lock !== null);
        return lock ? hosting() : null;
      })
      .catch(failed);
  });
  if (!won) {
    navigator.locks
      .request(hostLock(peer), () => {
        const hosted = hosting();
        options.onReplaced();
        return hosted;
      })
      .catch((error: unknown) => options.onError(String(error)));
  }

  return {
    kind: 'dedicated',
    connect(again) {
      if (worker === null) return seek(channel, `${peerChannel(peer)}/${crypto.randomUUID()}`);
      if (again && used) spawn();
      used = true;
      return portOf(portTo(worker));
    },
    close() {
      worker?.terminate();
      for (const stop of relays.values()) stop();
      channel.close();
    },
  };
}

/** The hosting tab's half: passes messages on until the other tab says bye or is gone. */
function relay(name: string, port: MessagePort): () => void {
  const channel = new BroadcastChannel(name);
  const stop = (): void => {
    channel.close();
    port.close();
  };
  port.onmessage = (event: MessageEvent<unknown>) => channel.postMessage(event.data);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = event.data;
    port.postMessage(message);
    if (message === null || typeof message !== 'object' || !('type' in message)) return;
    if (message.type === 'bye') stop();
    if (message.type === 'hello' && 'lock' in message && typeof message.lock === 'string') {
      onceFree(message.lock, stop);
    }
  };
  channel.postMessage(JOINED);
  return stop;
}

/** The other tabs' half: asks until the hosting tab has joined, and keeps what is posted until then. */
function seek(common: BroadcastChannel, name: string): Port {
  const channel = new BroadcastChannel(name);
  let waiting: unknown[] | null = [];
  let listener: (message: unknown) => void = () => undefined;
  const ask = (): void => common.postMessage({ type: 'seek', channel: name } satisfies PeerMessage);
  const asking = setInterval(ask, PING_EVERY);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data !== JOINED) {
      listener(event.data);
      return;
    }
    clearInterval(asking);
    for (const message of waiting ?? []) channel.postMessage(message);
    waiting = null;
  };
  ask();
  return {
    post: (message) => (waiting ? void waiting.push(message) : channel.postMessage(message)),
    listen(given) {
      listener = given;
    },
    close() {
      clearInterval(asking);
      channel.close();
    },
  };
}
