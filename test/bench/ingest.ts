// How fast artifacts are taken in, part by part: the app's own code, in a page of a real Chromium, with its IndexedDB.
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumPath, launchArgs } from '../chromium.ts';
import type { Figures } from './ingest-page.ts';
import { MIB, type Job } from './job.ts';
import { median, ratios, rounded } from './stats.ts';

export const ingest: Job = {
  name: 'ingest',
  about:
    'taking in, part by part: hashing against hash-wasm alone, cutting, storing; 10,000 artifacts of 1 KiB',
  mib: 64,
  runs: 3,
  async run({ mib, runs, tell }) {
    const rounds = await figuresOf(runs, mib * MIB);
    const of = (name: string): number[] => rounds.map((figures) => figures[name] ?? NaN);
    for (const name of Object.keys(rounds[0] ?? {}))
      tell(name, { MiB: mib, value: rounded(median(of(name))), each: of(name) });
    const alone = of('hash alone MB/s');
    for (const [name, figure, bound] of [
      ['hashing in ingest MB/s', 'hashing inside ingest, of hash-wasm alone', { atLeast: 0.6 }],
      ['ingest MB/s', 'all of ingest, of hash-wasm alone', {}],
    ] as const) {
      const each = ratios(of(name), alone);
      tell(figure, {
        MiB: mib,
        ratio: rounded(median(each)),
        each: each.map((one) => rounded(one)),
        ...bound,
      });
    }
    for (const source of ['bytes', 'files']) {
      const each = of(`artifacts of 1 KiB as ${source} /s`);
      tell(`10,000 artifacts of 1 KiB as ${source}, stored`, {
        perSecond: rounded(median(each)),
        each,
        atLeast: 2000,
      });
    }
  },
};

async function figuresOf(rounds: number, size: number): Promise<Figures[]> {
  const server = await createServer({
    configFile: false,
    root: new URL('../..', import.meta.url).pathname,
    logLevel: 'warn',
    cacheDir: '/tmp/thicket-bench-vite',
    server: { host: '127.0.0.1', hmr: false, watch: null },
  });
  await server.listen();
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: launchArgs });
  try {
    const [address = ''] = server.resolvedUrls?.local ?? [];
    const page = await browser.newPage();
    await page.route('**/blank', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>bench' }),
    );
    await page.goto(`${address}blank`);
    // What the bundler finds only now makes it reload the page; once is enough.
    await page.evaluate(`import('/test/bench/ingest-page.ts').catch(() => null)`).catch(() => null);
    await page.goto(`${address}blank`);
    const all: Figures[] = [];
    for (let round = 0; round < rounds; round++)
      all.push(
        await page.evaluate<Figures>(
          `import('/test/bench/ingest-page.ts').then(({ run }) => run(${round}, ${size}))`,
        ),
      );
    return all;
  } finally {
    await browser.close();
    await server.close();
  }
}
