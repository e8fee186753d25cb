// The graph on the graphics card: the only importer of sigma and graphology, loaded when a graph is first shown. Draws a
// laid-out graph, tells what is pointed at and chosen, and keeps the view still while nodes are added. Knows no peers.
import Graph from 'graphology';
import Sigma from 'sigma';
import type { Settings } from 'sigma/settings';
import type { Layout } from '../state/layout.ts';
import { sizeOf } from '../components/graph-geometry.ts';

/** CSS colours as the canvas takes them. */
export interface Palette {
  ink: string;
  stem: string;
  lit: string;
  faint: string;
  font: string;
  kind: (kind: string) => string;
}

export interface PictureEvents {
  /** The index of the node under the pointer, or -1. */
  onpoint: (index: number) => void;
  onchoose: (index: number) => void;
  onopen: (index: number) => void;
}

/** What is to stand out. */
export interface Emphasis {
  /** Those that keep their colour; null: all. */
  lit: ReadonlySet<number> | null;
  /** Kinds that are left out. */
  hidden: ReadonlySet<string>;
  pointed: number;
  chosen: number;
}

export interface Picture {
  draw(layout: Layout, label: (index: number) => string): void;
  emphasise(emphasis: Emphasis): void;
  recolour(palette: Palette): void;
  zoom(direction: 'in' | 'out' | 'fit'): void;
  /** Moves there where it is out of sight. */
  show(index: number): void;
  close(): void;
}

const RADIUS = 5;
/** Pixels of a step at first: marks are apart, and there is room for some labels. */
const STEP = 44;
/** Of a lane, in ranks: branches lie closer than steps. */
const LANE = 0.9;

interface NodeData {
  x: number;
  y: number;
  size: number;
  label: string;
  kind: string;
  color: string;
}
interface EdgeData {
  size: number;
  color: string;
}

/** Throws where the browser has no WebGL 2. */
export function openPicture(container: HTMLElement, first: Palette, events: PictureEvents): Picture {
  const graph = new Graph<NodeData, EdgeData>({ type: 'directed', multi: true });
  let palette = first;
  let emphasis: Emphasis = { lit: null, hidden: new Set(), pointed: -1, chosen: -1 };
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

  const indexOf = (node: string): number => Number(node);
  const isLit = (index: number): boolean => emphasis.lit === null || emphasis.lit.has(index);

  const sigma = new Sigma<NodeData, EdgeData>(graph, container, {
    allowInvalidContainer: true,
    labelFont: palette.font,
    labelSize: 12,
    labelColor: { color: palette.ink },
    labelDensity: 0.5,
    labelGridCellSize: 160,
    labelRenderedSizeThreshold: 5,
    minCameraRatio: 0.02,
    maxCameraRatio: 4,
    zIndex: true,
    defaultDrawNodeLabel: drawLabel,
    // What points at a node draws its own label: sigma's would be a white box in either theme.
    defaultDrawNodeHover: () => undefined,
    nodeReducer: (node, data) => {
      const index = indexOf(node);
      if (emphasis.hidden.has(data.kind)) return { ...data, hidden: true };
      const stands = index === emphasis.pointed || index === emphasis.chosen;
      if (!isLit(index) && !stands)
        return { ...data, label: '', color: palette.faint, zIndex: 0, size: data.size * 0.8 };
      return {
        ...data,
        zIndex: stands ? 2 : 1,
        forceLabel: stands,
        size: stands ? data.size * 1.5 : data.size,
      };
    },
    edgeReducer: (edge, data) => {
      const [from, to] = graph.extremities(edge).map(indexOf);
      if (from === undefined || to === undefined) return data;
      const hidden = [from, to].some((end) =>
        emphasis.hidden.has(graph.getNodeAttribute(String(end), 'kind')),
      );
      if (hidden) return { ...data, hidden };
      if (emphasis.lit === null) return data;
      const lit = isLit(from) && isLit(to);
      return {
        ...data,
        color: lit ? palette.lit : palette.faint,
        size: lit ? 2 : data.size,
        zIndex: lit ? 1 : 0,
      };
    },
  });
  sigma.on('enterNode', ({ node }) => events.onpoint(indexOf(node)));
  sigma.on('leaveNode', () => events.onpoint(-1));
  sigma.on('clickNode', ({ node }) => events.onchoose(indexOf(node)));
  sigma.on('clickStage', () => events.onchoose(-1));
  sigma.on('doubleClickNode', ({ node, preventSigmaDefault }) => {
    preventSigmaDefault();
    events.onopen(indexOf(node));
  });

  const move = (state: { x?: number; y?: number; ratio?: number }): void => {
    if (calm) sigma.getCamera().setState(state);
    else void sigma.getCamera().animate(state, { duration: 180 });
  };

  return {
    draw(layout, label) {
      layout.nodes.forEach((placed, index) => {
        const data: NodeData = {
          x: placed.rank,
          y: -placed.lane * LANE,
          size: RADIUS * sizeOf(placed),
          label: label(index),
          kind: placed.node.kind,
          color: palette.kind(placed.node.kind),
        };
        const node = String(index);
        if (graph.hasNode(node)) graph.replaceNodeAttributes(node, data);
        else graph.addNode(node, data);
      });
      for (let index = layout.nodes.length; graph.hasNode(String(index)); index += 1)
        graph.dropNode(String(index));
      graph.clearEdges();
      for (const { from, to, main } of layout.edges)
        graph.addEdge(String(from), String(to), { size: main ? 1.4 : 0.8, color: palette.stem });
      // The frame of the first drawing stays: what is added lies beyond it, and nothing that is looked at jumps.
      if (sigma.getCustomBBox() === null && layout.nodes.length > 0)
        sigma.setCustomBBox(extentOf(layout, Math.max(7, Math.floor(container.clientWidth / STEP))));
      sigma.refresh();
    },
    emphasise(next) {
      emphasis = next;
      sigma.refresh({ skipIndexation: true });
    },
    recolour(next) {
      palette = next;
      graph.updateEachNodeAttributes((_, data) => ({ ...data, color: palette.kind(data.kind) }));
      graph.updateEachEdgeAttributes((_, data) => ({ ...data, color: palette.stem }));
      // Last: a setting clears the indices that a change of every edge looks into, until the next frame.
      sigma.setSetting('labelColor', { color: palette.ink });
      sigma.refresh();
    },
    zoom(direction) {
      const camera = sigma.getCamera();
      if (direction === 'fit') {
        sigma.setCustomBBox(null);
        sigma.refresh();
        sigma.setCustomBBox(sigma.getBBox());
        move({ x: 0.5, y: 0.5, ratio: 1 });
      } else move({ ratio: camera.getBoundedRatio(camera.ratio * (direction === 'in' ? 1 / 1.6 : 1.6)) });
    },
    show(index) {
      const data = sigma.getNodeDisplayData(String(index));
      if (data === undefined) return;
      const { x, y } = sigma.framedGraphToViewport(data);
      const { width, height } = sigma.getDimensions();
      const margin = 40;
      if (x > margin && y > margin && x < width - margin && y < height - margin) return;
      move({ x: data.x, y: data.y });
    },
    close: () => sigma.kill(),
  };
}

/** Of the newest ranks, so many. Never flat: one node must not be blown up to fill the frame. */
function extentOf({ ranks, nodes }: Layout, newest: number): { x: [number, number]; y: [number, number] } {
  const first = Math.max(0, ranks - newest);
  const lanes = nodes.filter(({ rank }) => rank >= first).map(({ lane }) => -lane * LANE);
  const [low, high] = lanes.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
  const wide = Math.max(ranks - 1 - first, 6);
  const tall = Math.max(high - low, 3);
  const [midX, midY] = [(first + ranks - 1) / 2, (low + high) / 2];
  return { x: [midX - wide / 2, midX + wide / 2], y: [midY - tall / 2, midY + tall / 2] };
}

/** Under its node: beside it, it would lie on the branch. */
function drawLabel(
  context: CanvasRenderingContext2D,
  { label, x, y, size }: { label: string | null; x: number; y: number; size: number },
  { labelSize, labelFont, labelWeight, labelColor }: Settings<NodeData, EdgeData>,
): void {
  if (label === null || label === '') return;
  context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
  context.fillStyle = labelColor.color ?? '#888';
  context.textAlign = 'center';
  context.fillText(label, x, y + size + labelSize + 2);
}
