// Lays a graph out away from the page: 10,000 nodes take longer than a frame.
import type { GraphView } from '../../worker/rpc/api.ts';
import { layoutGraph } from '../state/layout.ts';

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; view: GraphView }>) => {
  self.postMessage({ id: data.id, layout: layoutGraph(data.view) });
});
