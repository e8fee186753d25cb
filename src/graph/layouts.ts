// Has graphs laid out by a worker, one after the other; a page whose worker can't start lays them out itself.
import type { GraphView } from '../../worker/rpc/api.ts';
import { layoutGraph, type Layout } from '../state/layout.ts';
import { scriptUrl } from '../trusted.ts';
import url from './layout-worker.ts?worker&url';

export interface Layouts {
  layOut(view: GraphView): Promise<Layout>;
  close(): void;
}

/** Below this a message there and back takes longer than the work. */
const SMALL = 200;

export function openLayouts(): Layouts {
  let worker: Worker | null = null;
  let broken = false;
  let last = 0;
  const waiting = new Map<number, { view: GraphView; done: (layout: Layout) => void }>();

  function fail(): void {
    broken = true;
    worker?.terminate();
    worker = null;
    for (const { view, done } of waiting.values()) done(layoutGraph(view));
    waiting.clear();
  }

  function start(): Worker {
    const started = new Worker(scriptUrl(url), { type: 'module' });
    started.onmessage = ({ data }: MessageEvent<{ id: number; layout: Layout }>) => {
      waiting.get(data.id)?.done(data.layout);
      waiting.delete(data.id);
    };
    started.onerror = fail;
    return started;
  }

  return {
    layOut(view) {
      if (broken || view.nodes.length <= SMALL) return Promise.resolve(layoutGraph(view));
      const id = (last += 1);
      return new Promise((done) => {
        waiting.set(id, { view, done });
        worker ??= start();
        // A state of the page may be a proxy, which can't be sent.
        worker.postMessage({ id, view });
      });
    },
    close() {
      worker?.terminate();
      waiting.clear();
    },
  };
}
