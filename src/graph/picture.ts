// The graph on the graphics card: the only importer of sigma, loaded when a graph is first shown. Draws a laid-out graph, tells what is pointed at and chosen, and keeps the view still while nodes are added. Knows no peers.
import Sigma from 'sigma';
import type { Settings } from 'sigma/settings';
import type { Layout } from '../state/layout.ts';
import { brief } from '../text.ts';
import { breathe } from '../yielding.ts';
import { changeMarks, emptyMarks, LANE, makeMarks, type EdgeData, type NodeData } from './marks.ts';

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
  /** The CID of the node under the pointer; null for none. */
  onpoint: (cid: string | null) => void;
  onchoose: (cid: string | null) => void;
  onopen: (cid: string) => void;
  /** So many nodes are on the picture now. */
  ondrawn: (nodes: number) => void;
}

/** What is to stand out. Nodes by their index in the layout that was given last. */
export interface Emphasis {
  /** Those that keep their colour; null: all. */
  lit: ReadonlySet<number> | null;
  /** Kinds that are left out. */
  hidden: ReadonlySet<string>;
  pointed: number;
  chosen: number;
}

export interface Picture {
  /** A large one is drawn a little later. Of several that come meanwhile, the last. */
  draw(layout: Layout): void;
  emphasise(emphasis: Emphasis): void;
  recolour(palette: Palette): void;
  zoom(direction: 'in' | 'out' | 'fit'): void;
  /** Moves there where it is out of sight. */
  show(index: number): void;
  close(): void;
}

/** Pixels of a step at first: marks are apart, and there is room for some labels. */
const STEP = 44;
/** Characters. */
const LABEL = 42;

/** Throws where the browser has no WebGL 2. */
export function openPicture(container: HTMLElement, first: Palette, events: PictureEvents): Picture {
  let palette = first;
  let emphasis: Emphasis = { lit: null, hidden: new Set(), pointed: -1, chosen: -1 };
  let marks = emptyMarks();
  /** What is drawn; what is to be drawn; and what is to stand out there. */
  let drawn: Layout = { nodes: [], edges: [], ranks: 0, lanes: 0 };
  /** Words of the labels that were seen, by node: they are drawn anew in each frame. */
  const said = new Map<string, string>();
  let wanted: Layout | null = null;
  let later: Emphasis | null = null;
  let isDrawing = false;
  let isClosed = false;
  /** The next frame puts all in order: a node by itself can't be drawn before. */
  let isDisordered = false;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

  const indexOf = (node: string): number => Number(node);
  const cidOf = (node: string): string | null => drawn.nodes[indexOf(node)]?.node.cid ?? null;
  const isLit = (index: number): boolean => emphasis.lit === null || emphasis.lit.has(index);
  const isHidden = (node: string): boolean =>
    emphasis.hidden.has(drawn.nodes[indexOf(node)]?.node.kind ?? '');

  const sigma: Sigma<NodeData, EdgeData> = new Sigma<NodeData, EdgeData>(marks, container, {
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
      if (index === emphasis.pointed || index === emphasis.chosen)
        return { ...data, zIndex: 2, forceLabel: true, size: data.size * 1.5 };
      if (isLit(index)) return { ...data, zIndex: 1 };
      return { ...data, label: '', color: palette.faint, zIndex: 0, size: data.size * 0.8 };
    },
    edgeReducer: (edge, data) => {
      // Mostly nothing stands out, and there are many.
      if (emphasis.lit === null && emphasis.hidden.size === 0) return data;
      const [from, to] = marks.extremities(edge);
      if (isHidden(from) || isHidden(to)) return { ...data, hidden: true };
      if (emphasis.lit === null) return data;
      const lit = isLit(indexOf(from)) && isLit(indexOf(to));
      return {
        ...data,
        color: lit ? palette.lit : palette.faint,
        size: lit ? 2 : data.size,
        zIndex: lit ? 1 : 0,
      };
    },
  });
  const captor = sigma.getMouseCaptor();
  let under: string | null = null;
  function point(node: string | null): void {
    under = node;
    // What goes by under a picture that is dragged is not pointed at.
    if (!captor.isMouseDown) events.onpoint(node === null ? null : cidOf(node));
  }
  captor.on('mouseup', () => point(under));
  sigma.on('enterNode', ({ node }) => point(node));
  sigma.on('leaveNode', () => point(null));
  sigma.on('clickNode', ({ node }) => events.onchoose(cidOf(node)));
  sigma.on('clickStage', () => events.onchoose(null));
  sigma.on('doubleClickNode', ({ node, preventSigmaDefault }) => {
    preventSigmaDefault();
    const cid = cidOf(node);
    if (cid !== null) events.onopen(cid);
  });
  sigma.on('afterRender', () => {
    isDisordered = false;
  });

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
    const words = said.get(label) ?? brief(drawn.nodes[indexOf(label)]?.node.summary ?? '', LABEL);
    said.set(label, words);
    context.fillText(words, x, y + size + labelSize + 2);
  }

  async function drawAll(): Promise<void> {
    isDrawing = true;
    for (let next = wanted; next !== null && !isClosed; next = wanted) {
      wanted = null;
      // The frame of the first drawing stays: what is added lies beyond it, and nothing that is looked at jumps.
      if (sigma.getCustomBBox() === null && next.nodes.length > 0)
        sigma.setCustomBBox(extentOf(next, Math.max(7, Math.floor(container.clientWidth / STEP))));
      if (!change(next)) await replace(next);
      later = null;
      said.clear();
      events.ondrawn(drawn.nodes.length);
    }
    isDrawing = false;
  }

  function change(layout: Layout): boolean {
    const before = drawn;
    drawn = layout;
    if (!changeMarks(marks, before, layout, palette)) {
      drawn = before;
      return false;
    }
    isDisordered = true;
    restate(later ?? emphasis);
    return true;
  }

  async function replace(layout: Layout): Promise<void> {
    const made = await makeMarks(layout, palette, breathe);
    if (isClosed) return;
    marks = made;
    drawn = layout;
    emphasis = later ?? emphasis;
    sigma.setGraph(marks);
  }

  /** Draws anew what looks different by it, and no more. */
  function restate(next: Emphasis): void {
    const before = emphasis;
    emphasis = next;
    if (before.lit !== next.lit || before.hidden !== next.hidden) {
      sigma.refresh({ schedule: true });
      return;
    }
    const points = [before.pointed, before.chosen, next.pointed, next.chosen].filter(
      (index) => index >= 0 && index < drawn.nodes.length,
    );
    if (points.length > 0)
      sigma.refresh({
        partialGraph: { nodes: [...new Set(points)].map(String) },
        skipIndexation: !isDisordered,
        schedule: true,
      });
  }

  const move = (state: { x?: number; y?: number; ratio?: number }): void => {
    if (calm) sigma.getCamera().setState(state);
    else void sigma.getCamera().animate(state, { duration: 180 });
  };

  return {
    draw(layout) {
      wanted = layout;
      if (!isDrawing) void drawAll();
    },
    emphasise(next) {
      if (isDrawing) later = next;
      else restate(next);
    },
    recolour(next) {
      palette = next;
      marks.updateEachNodeAttributes((_, data) => ({ ...data, color: palette.kind(data.kind) }));
      marks.updateEachEdgeAttributes((_, data) => ({ ...data, color: palette.stem }));
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
    close() {
      isClosed = true;
      sigma.kill();
    },
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
