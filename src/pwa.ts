// Registers the service worker and says when a newer build waits. It must not know what the app does.
import { Workbox } from 'workbox-window';
import { scriptUrl } from './trusted.ts';

/** How often a tab asks for a newer build, ms. */
const LOOK_MS = 3_600_000;

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
  // A tab that stays open for days hears of newer builds too.
  const look = (): void => void workbox.update().catch(() => undefined);
  setInterval(look, LOOK_MS);
}
