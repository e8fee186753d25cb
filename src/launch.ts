// How the app was started: with files opened in it, at an address, or with what another app shared. Knows no grove.
import type { Incoming } from './state/incoming.svelte.ts';

/** https://wicg.github.io/web-app-launch/: not in the libraries of types yet. */
interface LaunchParams {
  readonly targetURL?: string | null;
  readonly files?: readonly FileSystemFileHandle[];
}
interface LaunchQueue {
  setConsumer(consumer: (params: LaunchParams) => void): void;
}

export interface LaunchOptions {
  host: Window & { launchQueue?: LaunchQueue };
  incoming: Incoming;
  /** Moves to a fragment of this page. */
  go(fragment: string): void;
  /** Where what came in is given a place. */
  place: string;
}

/** Listens for launches, and takes in what lies there from a share. */
export async function receiveLaunches({ host, incoming, go, place }: LaunchOptions): Promise<void> {
  host.launchQueue?.setConsumer((params) => {
    const { hash } = new URL(params.targetURL ?? host.location.href);
    const opened = params.files ?? [];
    if (opened.length === 0) {
      // The window was there already: it follows where a shortcut or a link leads.
      if (hash.length > 1 && hash !== host.location.hash) go(hash);
      return;
    }
    void Promise.all(opened.map((handle) => handle.getFile())).then((files) => {
      incoming.offer({ title: '', text: '', files });
      go(place);
    }, incoming.fail);
  });
  if (host.location.hash !== place || !('caches' in host)) return;
  try {
    const { takeShared } = await import('../worker/rpc/shared.ts');
    const shared = await takeShared(host.caches);
    if (shared !== null) incoming.offer(shared);
  } catch (error) {
    incoming.fail(error);
  }
}
