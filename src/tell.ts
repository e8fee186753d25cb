// What the browser has to tell a person who isn't looking: notifications and a number on the app's icon. Knows no grove.
import type { News, Teller } from './state/attention.svelte.ts';
import { strings } from './strings.ts';
import { brief } from './text.ts';

/** Held, shared, by each tab of the app that is in view. */
const LOOKED_AT = 'thicket/looked-at';

export interface TellerOptions {
  host: Window & typeof globalThis;
  open(news: News): void;
}

export function createTeller({ host, open }: TellerOptions): Teller & { close(): void } {
  const { document, navigator } = host;
  const api = 'Notification' in host ? host.Notification : null;
  let release: (() => void) | null = null;
  let badged = 0;

  function look(): void {
    release?.();
    release = null;
    if (document.visibilityState !== 'visible') return;
    badge(0);
    void navigator.locks.request(LOOKED_AT, { mode: 'shared' }, () => {
      // It may be out of view again before the lock is there.
      if (document.visibilityState !== 'visible') return null;
      return new Promise<void>((resolve) => (release = resolve));
    });
  }
  /** What was told is seen once the page is in view. */
  function badge(count: number): void {
    if (!('setAppBadge' in navigator) || (count === 0 && badged === 0)) return;
    badged = count;
    // Refused where the app isn't installed: then there is no icon to mark.
    (count === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(count)).catch(() => undefined);
  }
  document.addEventListener('visibilitychange', look);
  look();

  return {
    permission: () => api?.permission ?? 'none',
    ask: async () => (await api?.requestPermission()) === 'granted',
    tell(news) {
      if (api === null) return;
      try {
        const words = strings.tell;
        const by = brief(news.by, 40) || strings.app.unnamed;
        // The same from several tabs is one.
        const shown = new api(words[news.type](by), {
          body: brief(news.summary, 160),
          tag: news.cid === '' ? `${news.grove}/${news.type}` : news.cid,
        });
        shown.onclick = () => {
          host.focus();
          shown.close();
          open(news);
        };
      } catch {
        // Phones let only a service worker show one, and ours knows nothing of groves: the number has to do.
        return;
      }
    },
    badge: () => badge(badged + 1),
    async isLookedAt() {
      if (document.visibilityState === 'visible') return true;
      const { held = [] } = await navigator.locks.query();
      return held.some(({ name }) => name === LOOKED_AT);
    },
    close() {
      document.removeEventListener('visibilitychange', look);
      release?.();
      release = null;
    },
  };
}
