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
  workbox.addEventListener('waiting', () => {
    options.onUpdate(() => {
      workbox.addEventListener('controlling', () => location.reload());
      workbox.messageSkipWaiting();
    });
  });
  await workbox.register();
}
