// Getting at the worker: the SharedWorker of this peer's newest generation, or the dedicated one of some tab. It must
// not know what is said to it.
import { onceFree } from '../worker/rpc/locks.ts';
import {
  generationLock,
  newestGeneration,
  parsePeerMessage,
  peerChannel,
  workerName,
} from '../worker/rpc/names.ts';
import type { PeerMessage } from '../worker/rpc/names.ts';
import { portOf } from '../worker/rpc/port.ts';
import type { Port } from '../worker/rpc/port.ts';
import { scriptUrl } from './trusted.ts';
import { createDedicatedHost } from './worker-relay.ts';

export interface WorkerHost {
  /** A new way to the worker. `again`: the one before is silent, so it may have to be a new worker. */
  connect(again: boolean): Port;
  readonly kind: 'shared' | 'dedicated';
  close(): void;
}

export interface WorkerHostOptions {
  /** `?peer=NAME`. */
  peer: string;
  /** Address of the built worker. */
  url: string;
  /** `?worker=dedicated` asks for it; without SharedWorker there is no choice. */
  dedicated: boolean;
  /** The worker is gone, or was replaced by another tab's doing: connect again. */
  onReplaced(): void;
  /** The worker's script did not load or threw while starting. */
  onError(message: string): void;
}

export function openWorkerHost(options: WorkerHostOptions): Promise<WorkerHost> {
  const script = scriptUrl(options.url);
  return options.dedicated || typeof SharedWorker === 'undefined'
    ? createDedicatedHost({ ...options, script })
    : createSharedHost({ ...options, script });
}

async function createSharedHost(options: WorkerHostOptions & { script: string }): Promise<WorkerHost> {
  const { peer, script } = options;
  const { held = [] } = await navigator.locks.query();
  let generation =
    newestGeneration(
      peer,
      held.map((lock) => lock.name),
    ) ?? 0;
  /** Connections in a row that heard nothing. */
  let silent = 0;
  let unwatch = (): void => undefined;

  const channel = new BroadcastChannel(peerChannel(peer));
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = parsePeerMessage(event.data);
    if (message?.type !== 'generation' || message.generation <= generation) return;
    generation = message.generation;
    silent = 0;
    options.onReplaced();
  };

  return {
    kind: 'shared',
    connect(again) {
      // A killed worker is replaced under its own name; one that hangs keeps that name, so another is needed.
      if (again && ++silent > 1) {
        generation++;
        channel.postMessage({ type: 'generation', generation } satisfies PeerMessage);
      }
      const worker = new SharedWorker(script, { type: 'module', name: workerName(peer, generation) });
      worker.onerror = (event) =>
        options.onError(event instanceof ErrorEvent ? event.message : 'it did not load');
      const port = portOf(worker.port);
      const lock = generationLock(peer, generation);
      let heard = false;
      unwatch();
      return {
        ...port,
        listen: (listener) =>
          port.listen((message) => {
            silent = 0;
            // It holds the lock before its first word, so a free one tells of its death long before its silence does.
            if (!heard) unwatch = onceFree(lock, options.onReplaced);
            heard = true;
            listener(message);
          }),
      };
    },
    close() {
      unwatch();
      channel.close();
    },
  };
}
