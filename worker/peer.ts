// The peer's process: a SharedWorker, or a dedicated one whose ports a page hands in. Builds the adapters once it may
// write, starts the driver, and serves the pages. The only file that joins them; it decides nothing itself.
import { createClock } from './adapters/clock.ts';
import { createWebCrypto } from './adapters/crypto-web.ts';
import { createDisk } from './adapters/disk.ts';
import { createHasher } from './adapters/hasher.ts';
import { createPortLinks } from './adapters/links-port.ts';
import type { PortLinks } from './adapters/links-port.ts';
import { createPause } from './adapters/pause.ts';
import { createRandom } from './adapters/random.ts';
import { testEndpoint } from './adapters/signal-test.ts';
import { createWsSignal } from './adapters/signal-ws.ts';
import { openIdbStore } from './adapters/store-idb.ts';
import { createBlobs } from './blobs.ts';
import type { Input } from './core/io.ts';
import { nobleSignatures } from './core/model/keys.ts';
import { createDriver } from './driver.ts';
import { hashSource, ingestAll } from './ingest.ts';
import { createPaths } from './paths.ts';
import { createReader } from './read.ts';
import type { EventName, Settings } from './rpc/api.ts';
import { BUSY_AFTER } from './rpc/config.ts';
import { createDeferred } from './rpc/deferred.ts';
import { holdLock, onceFree } from './rpc/locks.ts';
import {
  DEFAULT_PEER,
  generationLock,
  parsePeerMessage,
  parseWorkerName,
  peerChannel,
  writerLock,
} from './rpc/names.ts';
import { createNodeCalls } from './rpc/node-calls.ts';
import { portOf } from './rpc/port.ts';
import { createServer } from './rpc/server.ts';
import type { Server } from './rpc/server.ts';
import { createTabs } from './tabs.ts';
import type { PostToCarrier } from './tabs.ts';

declare const self: SharedWorkerGlobalScope | DedicatedWorkerGlobalScope;

const BUSY =
  'another process of this browser still holds the data of this peer: close its other tabs, then reload';

const { peer, generation } = parseWorkerName(self.name) ?? { peer: DEFAULT_PEER, generation: 0 };
/** Calls of pages wait here until the store is open, or fail with why it is not. */
const opened = createDeferred<Server>();
const firstTab = createDeferred<{ origin: string; phone: boolean }>();
let hidden = false;
let tellHidden = (_hidden: boolean): void => undefined;
let dispatch = (_input: Input): void => undefined;
let busy = false;

/** ms: time for the answer to reach the page. */
const RESTART_AFTER = 50;
/** Pages ask the next one again what this one leaves unanswered: it would still say who it was. */
let ending = false;

let links: PortLinks | null = null;
const paths = createPaths((ms, callback) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
});
let carrier: PostToCarrier | null = null;
const tabs = createTabs({
  build: __BUILD__,
  now: () => Date.now(),
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
  onceFree,
  // What is being written ends as with a crash: its tab is gone, and nobody was told that it is done.
  onOutlived: () => self.close(),
  onJoined(tab) {
    firstTab.resolve(tab);
    if (busy) tabs.broadcast('problem', { code: 'busy', message: BUSY });
  },
  onHidden(now) {
    hidden = now;
    tellHidden(now);
  },
  async call({ method, params, requestId }) {
    const server = await opened.promise;
    return ending ? new Promise<never>(() => undefined) : server.handle(method, params, requestId);
  },
  onCarrier(post) {
    carrier = post;
    links?.setCarrier(post);
    paths.setCarrier(post);
  },
  onLink(message) {
    if (message.type === 'link-paths') paths.receive(message.n, message.paths);
    else links?.receive(message);
  },
});

if ('onconnect' in self) {
  // The lock comes before the first word: a page that heard us and finds it free knows that we are gone.
  const held = holdLock(generationLock(peer, generation));
  held.catch((error: unknown) => console.error(error));
  self.onconnect = ({ ports: [port] }) => port && void held.then(() => tabs.add(portOf(port)));
} else {
  self.onmessage = ({ ports: [port] }) => port && tabs.add(portOf(port));
}

async function open(): Promise<Server> {
  const waiting = setTimeout(() => {
    busy = true;
    tabs.broadcast('problem', { code: 'busy', message: BUSY });
  }, BUSY_AFTER);
  await holdLock(writerLock(peer));
  clearTimeout(waiting);
  busy = false;

  const store = await openIdbStore({
    name: `thicket/${peer}`,
    onClosed: (reason) => tabs.broadcast('problem', { code: 'closed', message: reason }),
    onBlocked: () => tabs.broadcast('problem', { code: 'busy', message: BUSY }),
  });
  const crypto = await createWebCrypto();
  const pause = createPause();
  const hash = (bytes: Uint8Array): Uint8Array => crypto.hash(bytes);
  const reader = createReader({ store, hash });
  const calls = createNodeCalls((input) => dispatch(input));
  const signal = createWsSignal({ onEvent: (event) => dispatch(event), random: Math.random });
  self.addEventListener('online', () => signal.retry());
  const portLinks = createPortLinks({ onEvent: (event) => dispatch(event) });
  const driver = createDriver({
    clock: createClock(),
    random: createRandom(),
    crypto,
    signatures: nobleSignatures,
    store,
    blobs: createBlobs({ store, crypto, createHasher, pause }),
    disk: createDisk(navigator.storage),
    links: portLinks,
    signal,
    hooks: {
      reply: (id, value) => calls.reply(id, value),
      refuse: (id, code, message) => calls.refuse(id, code, message),
      // The node's events are those of rpc/api.ts, name and payload.
      event: (name, payload) => tabs.broadcast(name as EventName, payload as never),
    },
  });
  dispatch = (input) => driver.dispatch(input);
  const onSettings = (settings: Settings): void => portLinks.setIce(settings);
  const { origin, phone } = await firstTab.promise;
  await calls.call('boot', [{ origin, form: phone ? 'phone' : 'desktop' }], null);
  tellHidden = (now) =>
    void calls.call('hidden', [now], null).catch((error: unknown) => console.error(error));
  if (hidden) tellHidden(hidden);
  onSettings((await calls.call('settings', [], null)) as Settings);
  links = portLinks;
  links.setCarrier(carrier);
  return createServer({
    node: (method, params, requestId) => calls.call(method, params, requestId),
    ingest: (sources) => ingestAll(sources, { store, hash, createHasher, pause }),
    read: (artifact, mediaType, range) => reader.read(artifact, mediaType, range),
    hash: (source) => hashSource(source, { createHasher, pause }),
    loadSample,
    process: () => ({ build: __BUILD__, peer, carrier: tabs.info() }),
    testEndpoint: (url) => testEndpoint(url, { now: () => performance.now() }),
    paths: () => paths.ask(),
    onSettings,
    uuid: () => globalThis.crypto.randomUUID(),
    // Pages find its lock free and start another: which reads who it is now.
    restart() {
      ending = true;
      setTimeout(() => self.close(), RESTART_AFTER);
    },
  });
}

async function loadSample(): Promise<unknown> {
  const response = await fetch('/sample.json');
  if (!response.ok) throw new Error(`/sample.json: ${response.status}`);
  return response.json();
}

// A page found this worker hanging and started one of a higher generation, which must get the database.
new BroadcastChannel(peerChannel(peer)).onmessage = ({ data }: MessageEvent<unknown>) => {
  const message = parsePeerMessage(data);
  if (message?.type === 'generation' && message.generation > generation) self.close();
};

open().then(
  (server) => opened.resolve(server),
  (error: unknown) => {
    console.error(error);
    opened.reject(error instanceof Error ? error : new Error(String(error)));
    tabs.broadcast('problem', { code: 'internal', message: String(error) });
  },
);
