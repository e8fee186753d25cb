// The app's picture beside bare sigma: until it is first drawn, and frames while it is dragged.
import type { Page } from 'playwright';
import { href } from '../../../src/routes.ts';
import type { Tab } from '../../e2e/harness.ts';
import { median, ratios, rounded } from '../stats.ts';
import type { JobOptions } from '../job.ts';
import type { Browser } from '../../e2e/harness.ts';
import type { BareServer } from './bare.ts';
import { drag, rateOf, type Rate } from './frames.ts';

const DRAG_MS = 4_000;
/** Whatever follows the first drawing. */
const SETTLE_MS = 1_500;

export interface GraphSides {
  browser: Browser;
  grove: string;
  nodes: number;
  url: string;
  bare: BareServer;
}

interface Looked {
  /** ms until the first frame. */
  first: number;
  /** While the first view is dragged, and while all of it is seen. */
  near: Rate;
  whole: Rate;
}

export async function graphBeside(sides: GraphSides, runs: number, tell: JobOptions['tell']): Promise<void> {
  const app: Looked[] = [];
  const bare: Looked[] = [];
  for (let run = 0; run < runs; run++) {
    const seen = await openApp(sides);
    app.push(seen.looked);
    bare.push(await openBare(sides, seen.stage));
  }
  const of = (pick: (looked: Looked) => number): [number[], number[]] => [app.map(pick), bare.map(pick)];
  const [firstApp, firstBare] = of(({ first }) => first);
  tell('graph first drawn, by bare sigma', {
    ratio: rounded(median(ratios(firstApp, firstBare))),
    atMost: 1.5,
    ms: rounded(median(firstApp)),
    bareMs: rounded(median(firstBare)),
    each: firstApp.map(Math.round),
    bare: firstBare.map(Math.round),
  });
  for (const view of ['near', 'whole'] as const) {
    const [own, other] = of((looked) => looked[view].fps);
    const [drawn, otherDrawn] = of((looked) => looked[view].drawn);
    tell(`panning, frames a second by bare sigma's, ${view === 'near' ? 'first view' : 'all in view'}`, {
      ratio: rounded(median(ratios(own, other))),
      atLeast: 0.8,
      fps: rounded(median(own)),
      bareFps: rounded(median(other)),
      drawn: rounded(median(drawn)),
      bareDrawn: rounded(median(otherDrawn)),
      each: own.map((fps) => rounded(fps)),
      bare: other.map((fps) => rounded(fps)),
    });
  }
}

interface Stage {
  width: number;
  height: number;
}

async function openApp({
  browser,
  grove,
  nodes,
  url,
}: GraphSides): Promise<{ looked: Looked; stage: Stage }> {
  const tab: Tab = await browser.open(`${url}${href.grove(grove)}`);
  const { page } = tab;
  try {
    await page.getByTestId('frontier-row').first().waitFor({ timeout: 120_000 });
    await page.waitForTimeout(SETTLE_MS);
    const first = await page.evaluate(
      ({ to, wanted }) => {
        const { drawing } = window;
        drawing.wanted = wanted;
        const began = performance.now();
        window.location.hash = to;
        return new Promise<number>((resolve) => {
          const look = (): void =>
            drawing.first === 0 ? void setTimeout(look, 5) : resolve(drawing.first - began);
          look();
        });
      },
      { to: href.graph(grove), wanted: nodes },
    );
    await page.waitForTimeout(SETTLE_MS);
    const frame = await page.getByTestId('graph-canvas').boundingBox();
    if (frame === null) throw new Error('there is no picture');
    const centre = { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    const near = await rateOf(page, () => drag(page, centre, DRAG_MS));
    await page.locator('.zoom button').last().click();
    await page.waitForTimeout(SETTLE_MS);
    const whole = await rateOf(page, () => drag(page, centre, DRAG_MS));
    return { looked: { first, near, whole }, stage: { width: frame.width, height: frame.height } };
  } finally {
    await page.close();
  }
}

async function openBare({ browser, bare, nodes }: GraphSides, stage: Stage): Promise<Looked> {
  const page = await browser.context.newPage();
  try {
    await page.goto(bare.url);
    await page.waitForTimeout(SETTLE_MS);
    const first = await page.evaluate(drawHere, { stage, wanted: nodes, near: true });
    await page.waitForTimeout(SETTLE_MS);
    const near = await dragged(page, stage);
    // The other view needs a page of its own: sigma has no button for it.
    await page.reload();
    await page.evaluate(drawHere, { stage, wanted: nodes, near: false });
    await page.waitForTimeout(SETTLE_MS);
    return { first, near, whole: await dragged(page, stage) };
  } finally {
    await page.close();
  }
}

const dragged = (page: Page, { width, height }: Stage): Promise<Rate> =>
  rateOf(page, () => drag(page, { x: 8 + width / 2, y: 8 + height / 2 }, DRAG_MS));

/** Runs in the bare page. `near`: as close as the app's first view, the newest ranks. */
async function drawHere({
  stage: { width, height },
  wanted,
  near,
}: {
  stage: Stage;
  wanted: number;
  near: boolean;
}): Promise<number> {
  const { drawing } = window;
  const stage = document.getElementById('stage');
  if (stage === null) throw new Error('there is no stage');
  Object.assign(stage.style, { width: `${width}px`, height: `${height}px` });
  drawing.wanted = wanted;
  const began = performance.now();
  const script = '/bare.js';
  const [{ draw }, graph] = await Promise.all([
    import(script) as Promise<typeof import('./bare-page.ts')>,
    fetch('/data.json').then((answer) => answer.json() as Promise<import('./bare.ts').Placed>),
  ]);
  const last = graph.nodes.reduce((most, { x }) => Math.max(most, x), 0);
  const ranks = Math.max(7, Math.floor(width / 44));
  const seen = graph.nodes.filter(({ x }) => x > last - ranks).map(({ y }) => y);
  const extent = { x: [last - ranks, last], y: [Math.min(...seen), Math.max(...seen)] } as const;
  draw(graph, stage, near ? { x: [...extent.x], y: [...extent.y] } : undefined);
  return new Promise((resolve) => {
    const look = (): void =>
      drawing.first === 0 ? void setTimeout(look, 5) : resolve(drawing.first - began);
    look();
  });
}
