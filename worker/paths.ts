// How the packets of each link go: a question to the tab that carries them, and its answer. Knows no link.
import { PATHS_WITHIN } from './rpc/config.ts';
import type { LinkPath } from './rpc/api.ts';
import type { ToCarrier } from './rpc/protocol.ts';

export interface Paths {
  /** Whom to ask from now on; null: nobody. Who asked before is answered with nothing. */
  setCarrier(post: ((message: ToCarrier) => void) | null): void;
  receive(n: number, paths: LinkPath[]): void;
  /** Always resolves: with nothing where no tab carries links, or where it doesn't answer in time. */
  ask(): Promise<LinkPath[]>;
}

/** `after`: calls back once after so many ms; returns how to give that up. */
export function createPaths(after: (ms: number, callback: () => void) => () => void): Paths {
  let post: ((message: ToCarrier) => void) | null = null;
  let asked = 0;
  let waiting: { n: number; resolve: (paths: LinkPath[]) => void; promise: Promise<LinkPath[]> } | null =
    null;
  let giveUp = (): void => undefined;

  const answer = (paths: LinkPath[]): void => {
    giveUp();
    const { resolve } = waiting ?? {};
    waiting = null;
    resolve?.(paths);
  };

  return {
    setCarrier(next) {
      post = next;
      answer([]);
    },
    receive(n, paths) {
      if (waiting?.n === n) answer(paths);
    },
    ask() {
      if (post === null) return Promise.resolve([]);
      if (waiting !== null) return waiting.promise;
      asked += 1;
      let resolve = (_paths: LinkPath[]): void => undefined;
      const promise = new Promise<LinkPath[]>((settle) => (resolve = settle));
      waiting = { n: asked, resolve, promise };
      giveUp = after(PATHS_WITHIN, () => answer([]));
      post({ type: 'link-inspect', n: asked });
      return promise;
    },
  };
}
