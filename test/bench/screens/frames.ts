// What a page's frames tell: when a graph was first drawn, how many frames there were, and how long its main thread was
// busy at a stretch. Knows neither the app nor a job.
import type { CDPSession, Page } from 'playwright';

/** Of a page with `watchDrawing` in it. */
export interface Drawing {
  /** Instances in one call that count as the graph. */
  wanted: number;
  /** performance.now() once the first frame with all of it was read back from the graphics card; 0 before. */
  first: number;
  /** Frames in which something was drawn. */
  frames: number;
}
export interface LongTask {
  /** performance.now() of its begin, and ms. */
  at: number;
  ms: number;
}

/** Runs in every page before its scripts. */
export function watchDrawing(): void {
  const drawing: Drawing = { wanted: Infinity, first: 0, frames: 0 };
  let last = -1;
  let found = false;
  const longTasks: LongTask[] = [];
  Object.assign(window, { drawing, longTasks });
  const original = WebGL2RenderingContext.prototype.drawArraysInstanced;
  WebGL2RenderingContext.prototype.drawArraysInstanced = function (...all) {
    original.apply(this, all);
    // The same throughout a frame.
    const frame = Number(document.timeline.currentTime);
    if (frame !== last) drawing.frames += 1;
    last = frame;
    if (found || all[3] < drawing.wanted) return;
    found = true;
    requestAnimationFrame(() => {
      // Waits until the card is done with it.
      this.readPixels(0, 0, 1, 1, this.RGBA, this.UNSIGNED_BYTE, new Uint8Array(4));
      drawing.first = performance.now();
    });
  };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask' });
}

export interface Rate {
  /** By requestAnimationFrame, a second. */
  fps: number;
  /** Frames in which something was drawn, a second. */
  drawn: number;
}

/** Frames while that goes on. */
export async function rateOf(page: Page, during: () => Promise<void>): Promise<Rate> {
  await page.evaluate(() => {
    const counted = { frames: 0, drawn: window.drawing.frames, began: performance.now(), going: true };
    window.counted = counted;
    const next = (): void => {
      if (!counted.going) return;
      counted.frames += 1;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await during();
  return page.evaluate(() => {
    const { counted, drawing } = window;
    counted.going = false;
    const seconds = (performance.now() - counted.began) / 1000;
    return { fps: counted.frames / seconds, drawn: (drawing.frames - counted.drawn) / seconds };
  });
}

/** Drags over a place of the page for so long, in a curve that never stands still. */
export async function drag(page: Page, centre: { x: number; y: number }, ms: number): Promise<void> {
  await page.mouse.move(centre.x, centre.y);
  await page.mouse.down();
  const began = Date.now();
  for (let t = 0; t < ms; t = Date.now() - began)
    await page.mouse.move(centre.x + 140 * Math.sin(t / 300), centre.y + 90 * Math.sin(t / 190));
  await page.mouse.up();
}

export interface Tasks {
  /** ms by the clock of the longest task of the page's main thread, and how many took more than 100. */
  most: number;
  over: number;
  /** The same by the CPU time that the thread had: what doesn't depend on who else is at the machine. */
  cpuMost: number;
  cpuOver: number;
  /** ms of CPU of all of them. */
  cpu: number;
}

const LIMIT = 100;

/** All of a page's main-thread tasks while that goes on: by the clock from the page itself, by CPU from the browser's trace. */
export async function tasksOf(page: Page, during: () => Promise<void>): Promise<Tasks> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    const all: readonly object[] = value;
    events.push(...all.filter(isWanted));
  });
  const began = await page.evaluate(() => performance.now());
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel', '__metadata'] },
    transferMode: 'ReportEvents',
  });
  await during();
  await endTracing(session);
  await session.detach();
  const clock = await page.evaluate(
    (from) => window.longTasks.flatMap(({ at, ms }) => (at >= from ? [ms] : [])),
    began,
  );
  const cpu = mainThread(events).map(({ tdur = 0 }) => tdur / 1000);
  return {
    most: Math.max(0, ...clock),
    over: clock.filter((ms) => ms > LIMIT).length,
    cpuMost: cpu.reduce((most, ms) => Math.max(most, ms), 0),
    cpuOver: cpu.filter((ms) => ms > LIMIT).length,
    cpu: cpu.reduce((sum, ms) => sum + ms, 0),
  };
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** µs of CPU. */
  tdur?: number;
  args?: { name?: string };
}

const isWanted = (event: object): event is TraceEvent =>
  'name' in event &&
  typeof event.name === 'string' &&
  (event.name === 'thread_name' || event.name === 'ThreadControllerImpl::RunTask');

/** Of the renderer that was busiest: other tabs have processes of their own, or are idle. */
function mainThread(events: readonly TraceEvent[]): TraceEvent[] {
  const threads = events
    .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
    .map(({ pid, tid }) => events.filter((each) => each.pid === pid && each.tid === tid));
  const busy = (thread: readonly TraceEvent[]): number => thread.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  return threads.sort((a, b) => busy(b) - busy(a))[0] ?? [];
}

function endTracing(session: CDPSession): Promise<void> {
  return new Promise((resolve, reject) => {
    session.once('Tracing.tracingComplete', () => resolve());
    session.send('Tracing.end').catch(reject);
  });
}
