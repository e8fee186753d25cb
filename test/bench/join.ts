// Joining a grove of 10,000 signed contributions, against a bare data channel that brings the same bodies to the same disk.
import { removeProfile, serve, until, type Browser, type Tab } from '../e2e/harness.ts';
import { DEVTOOLS_ARGS, inspectWorker } from './devtools.ts';
import { writeFile } from 'node:fs/promises';
import { fill } from './fill.ts';
import { grow, type Grown } from './grown.ts';
import type { Job } from './job.ts';
import { startBenchBrowser } from './peers.ts';
import { openRaw } from './raw.ts';
import { median, ratios, rounded } from './stats.ts';

const CONTRIBUTIONS = 10_000;
const AUTHORS = 100;
const BYTES = 300;

export const join: Job = {
  name: 'join',
  about: 'joining a grove of 10,000 signed contributions of 300 bytes by 100 authors (--contributions)',
  mib: 1,
  runs: 3,
  async run({ runs, contributions = CONTRIBUTIONS, tell }) {
    const grown = grow({ contributions, relations: 0, authors: AUTHORS, bytes: BYTES });
    const server = await serve();
    const owner = await startBenchBrowser({ args: DEVTOOLS_ARGS });
    const browsers: Browser[] = [owner];
    try {
      await fill(owner.context, server.url, grown.rows);
      const tab = await owner.open(server.url);
      await until(async () => (await countOf(tab, grown)) >= contributions, 'the owner has read it', 300_000);
      const joins: Joined[] = [];
      const raws: number[] = [];
      for (let run = 0; run < runs; run++) {
        const joiner = await startBenchBrowser({ args: DEVTOOLS_ARGS });
        browsers.push(joiner);
        const raw = await openRaw(owner.context, joiner.context, new URL('/sample.json', server.url).href);
        raws.push(await raw.bodies(grown.bodies));
        const invite = await tab.call('invite', grown.grove);
        const fresh = await joiner.open(server.url);
        const profile = run === 0 ? process.env['THICKET_PROFILE'] : undefined;
        joins.push(
          await profiled(profile, [owner, joiner], () => joinOnce(fresh, grown, invite, contributions)),
        );
        await joiner.close();
      }
      const within = joins.map(({ linked, done }) => done - linked);
      tell(`${contributions} contributions: joined, of what a bare channel takes`, {
        ratio: rounded(median(ratios(within, raws))),
        atMost: 3,
        fromCall: rounded(
          median(
            ratios(
              joins.map(({ began, done }) => done - began),
              raws,
            ),
          ),
        ),
        ms: rounded(median(within)),
        rawMs: rounded(median(raws)),
        each: within.map(Math.round),
        raw: raws.map(Math.round),
      });
    } finally {
      await Promise.all(browsers.map((browser) => browser.close().catch(() => undefined)));
      await server.close();
      for (const { profile } of browsers) await removeProfile(profile);
    }
  },
};

const countOf = async (tab: Tab, { grove }: Grown): Promise<number> =>
  (await tab.call('groves')).find(({ id }) => id === grove)?.contributions ?? 0;

/** ms since the epoch: of the call, once it was linked and let in, and once all was in the views. */
interface Joined {
  began: number;
  linked: number;
  done: number;
}

const joinOnce = (tab: Tab, { grove }: Grown, invite: string, contributions: number): Promise<Joined> =>
  tab.page.evaluate(
    async ({ id, url, count }) => {
      const { thicket } = window;
      const joined = { began: Date.now(), linked: 0, done: 0 };
      const stop = thicket.on('joined', () => (joined.linked ||= Date.now()));
      await thicket.join(url);
      for (;;) {
        const info = (await thicket.groves()).find((each) => each.id === id);
        joined.done = Date.now();
        if ((info?.contributions ?? 0) >= count) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      stop();
      const page = await thicket.contributions(id, { limit: 500 });
      if (page.items.some(({ body }) => !body)) throw new Error('bodies are missing');
      return joined;
    },
    { id: grove, url: invite, count: contributions },
  );

async function profiled<T>(
  path: string | undefined,
  browsers: readonly Browser[],
  run: () => Promise<T>,
): Promise<T> {
  if (path === undefined) return run();
  const workers = await Promise.all(browsers.map(({ profile }) => inspectWorker(profile)));
  for (const worker of workers) {
    await worker.send('Profiler.enable');
    await worker.send('Profiler.start');
  }
  const value = await run();
  for (const [at, worker] of workers.entries()) {
    const { profile } = await worker.send('Profiler.stop');
    await writeFile(`${path}.${at}.cpuprofile`, JSON.stringify(profile));
    worker.close();
  }
  return value;
}
