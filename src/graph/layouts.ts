// Has graphs laid out by a worker, one after the other; a page whose worker can't start lays them out itself.
import type { GraphView } from '../../worker/rpc/api.ts';
import { draft, layoutGraph, type Layout } from '../state/layout.ts';
import { scriptUrl } from '../trusted.ts';
import url from './layout-worker.ts?worker&url';
import { place, type Outline, type Places } from './place.ts';

export interface Layouts {
  layOut(view: GraphView): Promise<Layout>;
  close(): void;
}

/** Nodes. Below this a message there and back takes longer than the work. */
const SMALL = 200;

/** `expected`: nodes. Where they are many, the worker starts while they are asked for. */
export function openLayouts(expected = 0): Layouts {
  let worker: Worker | null = null;
  let broken = false;
  let last = 0;
  const waiting = new Map<number, { outline: Outline; done: (places: Places) => void }>();

  function fail(): void {
    broken = true;
    worker?.terminate();
    worker = null;
    for (const { outline, done } of waiting.values()) done(place(outline));
    waiting.clear();
  }

  function start(): Worker {
    const started = new Worker(scriptUrl(url), { type: 'module' });
    started.onmessage = ({ data }: MessageEvent<{ id: number; places: Places }>) => {
      waiting.get(data.id)?.done(data.places);
      waiting.delete(data.id);
    };
    started.onerror = fail;
    return started;
  }

  if (expected > SMALL) worker = start();
  return {
    async layOut(view) {
      if (broken || view.nodes.length <= SMALL) return layoutGraph(view);
      const { outline, layOut } = draft(view);
      const id = (last += 1);
      const places = await new Promise<Places>((done) => {
        waiting.set(id, { outline, done });
        worker ??= start();
        worker.postMessage({ id, outline });
      });
      return layOut(places);
    },
    close() {
      worker?.terminate();
      waiting.clear();
    },
  };
}
