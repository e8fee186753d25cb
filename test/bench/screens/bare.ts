// A page with nothing but sigma and graphology, on a server of its own: what the app's picture is compared with.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { sizeOf } from '../../../src/components/graph-geometry.ts';
import { layoutGraph } from '../../../src/state/layout.ts';
import type { GraphView } from '../../../worker/rpc/api.ts';

/** A graph with its places, as the bare page is given it. */
export interface Placed {
  nodes: { x: number; y: number; size: number; label: string; color: string }[];
  /** Indices of nodes. */
  edges: { from: number; to: number; size: number; color: string }[];
}
export interface BareServer {
  url: string;
  close(): Promise<void>;
}

const COLOURS: Readonly<Record<string, string>> = {
  work: '#4b5fa8',
  review: '#a8724b',
  discussion: '#7a8a5a',
  adoption: '#8a5a7a',
  reproduction: '#5a8a86',
};
/** What the app's picture takes for a mark and for the distance of lanes. */
const RADIUS = 5;
const LANE = 0.9;

/** The same nodes, edges and places as the app draws. */
export function placed(view: GraphView): Placed {
  const layout = layoutGraph(view);
  return {
    nodes: layout.nodes.map((each) => ({
      x: each.rank,
      y: -each.lane * LANE,
      size: RADIUS * sizeOf(each),
      label: each.node.summary,
      color: COLOURS[each.node.kind] ?? '#888888',
    })),
    edges: layout.edges.map(({ from, to, main }) => ({
      from,
      to,
      size: main ? 1.4 : 0.8,
      color: '#9aa0a6',
    })),
  };
}

export async function serveBare(graph: Placed): Promise<BareServer> {
  const script = await bundle();
  const data = JSON.stringify(graph);
  const page =
    '<!doctype html><meta charset="utf-8"><title>Bare</title><style>body{margin:0}#stage{margin:8px}</style><div id="stage"></div>';
  const server = createServer((request, response) => {
    const answers: Record<string, [type: string, body: string]> = {
      '/bare.js': ['text/javascript', script],
      '/data.json': ['application/json', data],
    };
    const [type, body] = answers[request.url ?? ''] ?? ['text/html', page];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('bare-page.ts', import.meta.url)), formats: ['es'] },
    },
  });
  const [first] = [built].flat();
  if (first === undefined || !('output' in first)) throw new Error('the bare page was not built');
  return first.output[0].code;
}
