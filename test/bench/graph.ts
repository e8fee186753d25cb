// A grove of 100,000 contributions beside one of 1,000: opening from disk after a restart, adding, asking, and memory.
import { writeFile } from 'node:fs/promises';
import { removeProfile, serve, until, type Browser, type Served, type Tab } from '../e2e/harness.ts';
import { DEVTOOLS_ARGS, heapOf, inspectWorker, type WorkerHeap } from './devtools.ts';
import { fill } from './fill.ts';
import { grow, type Grown } from './grown.ts';
import type { Job, JobOptions } from './job.ts';
import { startBenchBrowser } from './peers.ts';
import { median, rounded } from './stats.ts';

const SMALL = 1_000;
const LARGE = 100_000;
const RELATIONS = 1.45;
const AUTHORS = 100;
const ADDED = 20;

export const graph: Job = {
  name: 'graph',
  about: 'a grove of 100,000 contributions and 145,000 relations (--contributions) beside one of 1,000',
  mib: 1,
  runs: 5,
  async run({ runs, contributions = LARGE, tell }) {
    const server = await serve();
    const sides: Side[] = [];
    try {
      for (const count of [SMALL, contributions]) sides.push(await prepare(server, count, tell));
      for (let run = 0; run < runs; run++)
        for (const side of sides) side.opened.push(await openOnce(server, side));
      const firsts = sides.map(({ opened }) => median(opened.map(({ first }) => first)));
      tell('opening to a usable first view, after a restart', {
        ratio: rounded((firsts[1] ?? NaN) / (firsts[0] ?? NaN)),
        atMost: 2,
        ms: firsts.map((ms) => rounded(ms)),
        whole: sides.map(({ opened }) => rounded(median(opened.map(({ whole }) => whole)))),
        each: sides.flatMap(({ opened }) => opened.map(({ first }) => Math.round(first))),
      });
      for (const side of sides) await work(server, side, tell);
    } finally {
      await server.close();
      for (const { profile } of sides) await removeProfile(profile);
    }
  },
};

interface Side {
  count: number;
  profile: string;
  grove: string;
  opened: Opened[];
}
/** ms since the page began to load. */
interface Opened {
  first: number;
  whole: number;
}

/** A profile with the grove in it, opened once and long enough that what is kept for the next time is there. */
async function prepare(server: Served, count: number, tell: JobOptions['tell']): Promise<Side> {
  const began = Date.now();
  const grown: Grown = grow({
    contributions: count,
    relations: Math.round(count * RELATIONS),
    authors: AUTHORS,
  });
  const browser = await startBenchBrowser();
  try {
    await fill(browser.context, server.url, grown.rows);
    const filled = Date.now();
    const tab = await browser.open(server.url);
    await read(tab, grown.grove, count);
    tell(`made, and read for the first time: ${count}`, {
      madeS: Math.round((filled - began) / 1000),
      readS: rounded((Date.now() - filled) / 1000),
    });
    // Whatever is written at leisure.
    await tab.page.waitForTimeout(8_000);
  } finally {
    await browser.close();
  }
  return { count, profile: browser.profile, grove: grown.grove, opened: [] };
}

/** Once all of it is in the views. */
const read = (tab: Tab, grove: string, count: number): Promise<unknown> =>
  until(
    async () =>
      (await tab.call('contributions', grove, { limit: 1 })).items.length === 1 &&
      (await countOf(tab, grove)) >= count,
    'all is read',
    900_000,
  );

const countOf = async (tab: Tab, grove: string): Promise<number> =>
  (await tab.call('groves')).find(({ id }) => id === grove)?.contributions ?? 0;

async function openOnce(server: Served, { profile, grove, count }: Side): Promise<Opened> {
  const browser = await startBenchBrowser({}, profile);
  try {
    const page = await browser.context.newPage();
    await page.goto(server.url, { waitUntil: 'commit' });
    await page.waitForFunction(() => 'thicket' in window, undefined, { polling: 5 });
    return await page.evaluate(firstView, { grove, count });
  } finally {
    await browser.close();
  }
}

/** Runs in the page: what its first screen asks for. */
async function firstView({ grove, count }: { grove: string; count: number }): Promise<Opened> {
  const { thicket } = window;
  await thicket.ready;
  const glance = await thicket.glance(grove);
  const first = performance.now();
  if (glance.items.length !== 50 || glance.frontier.byRecency.length !== 10)
    throw new Error('the first view lacks something');
  await thicket.contributions(grove, { limit: 50 });
  const whole = performance.now();
  const info = (await thicket.groves()).find(({ id }) => id === grove);
  if ((info?.contributions ?? 0) < count) throw new Error(`${info?.contributions} of ${count} were read`);
  return { first, whole };
}

async function work(
  server: Served,
  { profile, grove, count }: Side,
  tell: JobOptions['tell'],
): Promise<void> {
  const browser = await startBenchBrowser({ args: DEVTOOLS_ARGS }, profile);
  try {
    const tab = await browser.open(server.url);
    await read(tab, grove, count);
    const heap = await heapAt(browser);
    tell(`worker's memory, MiB, all read: ${count}`, { ...heap, atMost: 300 });
    const added = await tab.page.evaluate(addAndAsk, { grove, times: ADDED });
    tell(`one more contribution, ms beyond asking alone: ${count}`, {
      ms: rounded(median(added.added)),
      atMost: 5,
      contribute: rounded(median(added.contribute)),
      each: added.added.map((ms) => rounded(ms)),
    });
    for (const [name, each] of Object.entries(added.pages))
      tell(`a page of 50, ${name}, ms: ${count}`, {
        ms: rounded(median(each)),
        atMost: 30,
        first: rounded(each[0] ?? NaN),
      });
    tell(`worker's memory, MiB, after all of that: ${count}`, { ...(await heapAt(browser)), atMost: 300 });
    await profiled(browser, tab, grove);
  } finally {
    await browser.close();
  }
}

async function heapAt(browser: Browser): Promise<WorkerHeap & Record<string, number>> {
  const worker = await inspectWorker(browser.profile);
  const heap = await heapOf(worker);
  worker.close();
  return { ...heap };
}

/** Where the time goes, for whoever asks by THICKET_PROFILE: a file for the developer tools. */
async function profiled(browser: Browser, tab: Tab, grove: string): Promise<void> {
  const path = process.env['THICKET_PROFILE'];
  if (path === undefined) return;
  const worker = await inspectWorker(browser.profile);
  await worker.send('Profiler.enable');
  await worker.send('Profiler.start');
  await tab.page.evaluate(addAndAsk, { grove, times: ADDED });
  const { profile } = await worker.send('Profiler.stop');
  await writeFile(path, JSON.stringify(profile));
  worker.close();
}

interface Asked {
  /** ms of the views' part: from the answer of `contribute` until frontier and list show it, less what asking costs anyway. */
  added: number[];
  contribute: number[];
  pages: Record<string, number[]>;
}

/** Runs in the page. */
async function addAndAsk({ grove, times }: { grove: string; times: number }): Promise<Asked> {
  const { thicket } = window;
  const asked: Asked = { added: [], contribute: [], pages: {} };
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await run();
    return performance.now() - began;
  };
  const look = async (): Promise<void> => {
    await Promise.all([thicket.frontier(grove), thicket.contributions(grove, { limit: 50 })]);
  };
  await look();
  for (let i = 0; i < times; i++) {
    const { items } = await thicket.contributions(grove, { limit: 2 });
    const relations = items.map(({ cid }) => ({ targetCid: cid, relationType: 'derives_from' as const }));
    const scores = { loss: { value: 3 + i / 100, direction: 'minimize' as const } };
    asked.contribute.push(
      await timed(() =>
        thicket.contribute(grove, { kind: 'work', summary: `Added ${i}`, relations, scores }),
      ),
    );
    const after = await timed(look);
    asked.added.push(after - (await timed(look)));
  }
  const filters = {
    'no filter': {},
    'kind and tag': { kind: 'review' as const, tags: ['kernel'] },
    'two tags': { tags: ['kernel', 'decay'] },
    'nothing fits': { kind: 'plan' as const },
    'author and mode': { agentId: 'nobody', mode: 'evaluation' as const },
    text: { text: 'kernel decay' },
  };
  for (const [name, filter] of Object.entries(filters)) {
    const each: number[] = [];
    for (let i = 0; i < 5; i++)
      each.push(await timed(() => thicket.contributions(grove, { limit: 50, ...filter })));
    asked.pages[name] = each;
  }
  return asked;
}
