// Registers the service worker and says when a newer build waits. It must not know what the app does.
import { Workbox } from 'workbox-window';
import { scriptUrl } from './trusted.ts';

export interface PwaOptions {
  /** A newer build is installed and waits. `apply` lets it take over and reloads this tab. */
  onUpdate(apply: () => void): void;
}

export async function registerPwa(options: PwaOptions): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const workbox = new Workbox(scriptUrl('/sw.js'));
  let asked = false;
  let taken = false;
  workbox.addEventListener('waiting', () => {
    options.onUpdate(() => {
      asked = true;
      // Another tab may have let it take over before.
      if (taken) location.reload();
      else workbox.messageSkipWaiting();
    });
  });
  workbox.addEventListener('controlling', () => {
    taken = true;
    if (asked) location.reload();
  });
  await workbox.register();
}
