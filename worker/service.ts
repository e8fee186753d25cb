// The service worker: serves the shell offline, and hands on what another app shares. It never sees grove data.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import type { PrecacheEntry } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { layAside, SHARE_PATH } from './rpc/shared.ts';

declare const self: ServiceWorkerGlobalScope;
/** The build's own files with their revisions, put in by vite.config.ts. */
declare const __PRECACHE__: PrecacheEntry[];

cleanupOutdatedCaches();
precacheAndRoute(__PRECACHE__);
// Every address of the app is the one page; what names a file, and the endpoint, go to the network.
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/signal/, /\/[^/?]+\.[^/]+$/],
  }),
);

// A share arrives as a form that no server is to see: it is laid aside for the page, which asks where it goes.
registerRoute(
  ({ url }) => url.pathname === SHARE_PATH,
  async ({ request }) => {
    await layAside(caches, await request.formData());
    return Response.redirect('/#/new', 303);
  },
  'POST',
);

// A waiting version takes over only when a person says so: two versions never share a page.
self.addEventListener('message', (event) => {
  const data: unknown = event.data;
  if (data !== null && typeof data === 'object' && 'type' in data && data.type === 'SKIP_WAITING') {
    void self.skipWaiting();
  }
});
