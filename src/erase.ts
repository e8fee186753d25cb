// Takes everything of this site off this device: databases, caches, service workers, what pages remember. Every tab lets go
// first. It must not know what was stored.
import { asPeerName, peerChannel, type PeerMessage } from '../worker/rpc/names.ts';

const CHANNEL = 'thicket/erase';
const PREFIX = 'thicket/';
/** Above every generation in use: each worker that hears of it ends. Its name has at most nine digits. */
const LAST_GENERATION = 999_999_999;
/** How long a database may be held by somebody, ms. */
const PATIENCE = 15_000;

type Word = 'begin' | 'end';

export interface ErasingOptions {
  host: Window;
  /** This tab lets go of its worker for good. */
  stop: () => void;
}

/** Lets go when another tab erases, and starts anew once that is done. */
export function followErasing({ host, stop }: ErasingOptions): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'begin') stop();
    if (data === 'end') startAnew(host);
  };
}

/** Rejects where something could not be deleted; what could be is gone. */
export async function eraseEverything({ host, stop }: ErasingOptions): Promise<void> {
  const channel = new BroadcastChannel(CHANNEL);
  const say = (word: Word): void => channel.postMessage(word);
  say('begin');
  stop();
  try {
    const databases = await host.indexedDB.databases();
    const names = databases.flatMap(({ name }) => (name === undefined ? [] : [name]));
    for (const name of names) endWorkers(name);
    const erased = await Promise.allSettled([
      ...names.map((name) => eraseDatabase(host.indexedDB, name)),
      eraseCaches(host),
      leaveServiceWorkers(host),
    ]);
    host.localStorage.clear();
    host.sessionStorage.clear();
    const failed = erased.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    say('end');
    channel.close();
  }
}

/** At the first page, as someone who was never here. */
export function startAnew(host: Window): void {
  host.history.replaceState(null, '', '/');
  host.location.reload();
}

/** Those of the peer whose database this is. */
function endWorkers(database: string): void {
  const peer = database.startsWith(PREFIX) ? asPeerName(database.slice(PREFIX.length)) : null;
  if (peer === null) return;
  const channel = new BroadcastChannel(peerChannel(peer));
  channel.postMessage({ type: 'generation', generation: LAST_GENERATION } satisfies PeerMessage);
  channel.close();
}

const eraseDatabase = (databases: IDBFactory, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = databases.deleteDatabase(name);
    const late = setTimeout(() => reject(new Error(`${name} is still in use`)), PATIENCE);
    request.onsuccess = () => {
      clearTimeout(late);
      resolve();
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(request.error ?? new Error(`${name} could not be deleted`));
    };
  });

async function eraseCaches({ caches }: Window): Promise<void> {
  for (const name of await caches.keys()) await caches.delete(name);
}

async function leaveServiceWorkers({ navigator }: Window): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  for (const registration of await navigator.serviceWorker.getRegistrations())
    await registration.unregister();
}
