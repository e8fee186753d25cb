// Composition root of the page: opens the worker, offers to carry links, exposes window.thicket, mounts the app.
import { mount } from 'svelte';
import { createClient } from '../worker/rpc/client.ts';
import { workerUrl } from '../worker/rpc/entry.ts';
import { holdLock } from '../worker/rpc/locks.ts';
import { asPeerName, DEFAULT_PEER, tabLock } from '../worker/rpc/names.ts';
import { portLater } from '../worker/rpc/port.ts';
import { createThicket } from './api.ts';
import { followAppearance } from './appearance.ts';
import App from './App.svelte';
import { isPhone } from './device.ts';
import { followErasing } from './erase.ts';
import { createChannel } from './links/channel.ts';
import { createLinkHost } from './links/host.ts';
import { receiveLaunches } from './launch.ts';
import { registerPwa } from './pwa.ts';
import { Router } from './router.svelte.ts';
import { href } from './routes.ts';
import { Incoming } from './state/incoming.svelte.ts';
import { KeyWatch } from './state/key-watch.svelte.ts';
import { KnownKey } from './state/known-key.ts';
import { UpdateState } from './state/update.svelte.ts';
import { asksDedicated } from './reduced.ts';
import { openWorkerHost } from './worker-host.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id app');

if (!isSecureContext) {
  target.textContent = 'Thicket needs a secure address: https, or http on localhost.';
  throw new Error(target.textContent);
}

followAppearance(window);

// First of all: an invite's secret leaves the address bar at once.
const router = new Router(window);

const isVisible = (): boolean => document.visibilityState === 'visible';
const query = new URLSearchParams(location.search);
const peer = asPeerName(query.get('peer') ?? DEFAULT_PEER) ?? DEFAULT_PEER;
const tab = crypto.randomUUID();
const lock = tabLock(peer, tab);

// The lock is held before the worker hears of this tab: to find it free means that the tab is gone.
const worker = holdLock(lock).then(() =>
  openWorkerHost({
    peer,
    url: workerUrl,
    dedicated: asksDedicated(location.search),
    onReplaced: () => client.reconnect(),
    onError: (message) => console.error(`Thicket's worker: ${message}`),
  }),
);
let kind: 'shared' | 'dedicated' | 'unknown' = 'unknown';
void worker.then((host) => (kind = host.kind));
const links = createLinkHost({
  post: (message, transfer) => client.carry(message, transfer),
  createChannel,
});
const client = createClient({
  connect: (again) => portLater(worker.then((host) => host.connect(again))),
  tab,
  lock,
  since: Math.round(performance.timeOrigin),
  origin: location.origin,
  visible: isVisible(),
  phone: isPhone(),
  onCarrier: (message) => links.handle(message),
  now: () => Date.now(),
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
  uuid: () => crypto.randomUUID(),
});

document.addEventListener('visibilitychange', () => client.setVisible(isVisible()));
function stop(): void {
  // Goodbye first: a worker that still took this page for the carrier would ask others for new links.
  client.close();
  links.close();
  void worker.then((host) => host.close());
}
addEventListener('pagehide', stop);
followErasing({ host: window, stop });
// Back from the back/forward cache everything above is closed; a fresh page is the plain way on.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

const thicket = createThicket({
  ...{ client, version: __BUILD__, linkStats: () => links.inspect() },
  // Whoever asked, a script too: the next start finds the key that it expects.
  onRenewed: ({ peerId }) => key.keep(peerId),
});
const key = new KeyWatch(thicket, new KnownKey({ peer, memory: localStorage, caches }));
Object.defineProperty(window, 'thicket', { value: thicket, enumerable: true });

const incoming = new Incoming();
void receiveLaunches({ host: window, incoming, go: (fragment) => router.go(fragment), place: href.new });

const update = new UpdateState(() => client.written());
registerPwa({ onUpdate: (apply) => update.offer(apply) }).catch((error: unknown) => {
  // Without it the app works all the same, but for a cold start offline.
  console.error('Thicket is not installed for offline use:', error);
});
mount(App, {
  target,
  props: {
    ...{ thicket, key, router, update, incoming },
    isWriting: () => client.isWriting(),
    stop,
    here: () => ({ tab, worker: kind }),
  },
});
