// How fast artifacts are taken in, in a real Chromium, part by part: `npx tsx test/bench/ingest.ts [rounds, default 3]`. One JSON
// line per round; ratios within a line count, absolute figures are the machine's.
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { chromiumPath, launchArgs } from '../chromium.ts';

const rounds = Number(process.argv[2] ?? 3);
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
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<title>bench' }));
  await page.goto(`${address}blank`);
  // What the bundler finds only now makes it reload the page; once is enough.
  await page.evaluate(`import('/test/bench/ingest-page.ts').catch(() => null)`).catch(() => null);
  await page.goto(`${address}blank`);
  for (let round = 0; round < rounds; round++) {
    const figures: unknown = await page.evaluate(
      `import('/test/bench/ingest-page.ts').then(({ run }) => run(${round}))`,
    );
    console.log(JSON.stringify(figures));
  }
} finally {
  await browser.close();
  await server.close();
}
