// What the first look costs, and the main job done by the keys alone and by touch, on real peers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { DIST, serve, type Served } from './harness.ts';
import { scriptAt, scriptsOf } from './quality/first-load.ts';
import { fingers, keyboard } from './quality/hands.ts';
import { mainJob } from './quality/job.ts';
import { gather, PHONE, type People } from './quality/people.ts';

/** Bytes, gzipped. */
const FIRST_LOAD = 150 * 1024;
/** Sources that come when they are used: the graph, charts, QR codes and markdown. */
const LATER = [
  'node_modules/sigma/',
  'node_modules/graphology',
  'node_modules/d3-dag/',
  'node_modules/qr/',
  'node_modules/marked/',
  'components/BestChart.svelte',
  'components/RestoreForm.svelte',
  'components/DevicesPanel.svelte',
  'views/Lost.svelte',
];

let server: Served;
let people: People;

beforeAll(async () => {
  server = await serve();
  people = await gather();
});
afterAll(async () => {
  await people.close();
  await server.close();
});

describe('the first load', () => {
  it('at most 150 KiB of script, gzipped, come before the first screen, and nothing that it does not use', async () => {
    const { page } = await people.meet(server.url);
    await page.getByRole('heading', { name: strings.welcome.title }).waitFor();
    const scripts = await scriptsOf(page, DIST);
    const total = scripts.reduce((sum, { size }) => sum + size, 0);
    const worker = await scriptAt(DIST, '/peer.js');
    const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
    console.log(
      [
        `before the first screen: ${kib(total)}, gzipped`,
        ...scripts.map(({ path, size }) => `  ${kib(size)} ${path}`),
        `  beside it, off the page: ${kib(worker.size)} ${worker.path}`,
      ].join('\n'),
    );
    expect(scripts.length).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(FIRST_LOAD);
    const early = scripts.flatMap(({ sources }) => sources);
    expect(early.some((source) => source.endsWith('src/main.ts'))).toBe(true);
    expect(early.filter((source) => LATER.some((part) => source.includes(part)))).toEqual([]);
  });
});

describe('the main job', () => {
  it('is done by the keys alone', async () => {
    const both = await Promise.all([people.meet(server.url), people.meet(server.url)]);
    const [ada, ben] = both.map(({ page }) => ({ page, hands: keyboard(page) }));
    if (ada === undefined || ben === undefined) throw new Error('two were met');
    await mainJob(ada, ben);
    // To anywhere by a few letters, and along the branches by the arrows.
    await ada.page.keyboard.press('Control+k');
    await ada.hands.write(ada.page.getByRole('combobox', { name: strings.palette.title }), strings.nav.graph);
    await ada.page.keyboard.press('Enter');
    await ada.hands.press(ada.page.locator('[data-testid=graph-canvas][data-nodes="2"]'));
    await ada.page.keyboard.press('ArrowLeft');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { name: 'Faster', exact: true }).waitFor();
    expect(both.map(({ complaints }) => complaints)).toEqual([[], []]);
  });

  it('is done by touch on a screen 390 px wide', async () => {
    const both = await Promise.all([people.meet(server.url, PHONE), people.meet(server.url, PHONE)]);
    const [ada, ben] = both.map(({ page }) => ({ page, hands: fingers(page) }));
    if (ada === undefined || ben === undefined) throw new Error('two were met');
    await mainJob(ada, ben);
    expect(both.map(({ complaints }) => complaints)).toEqual([[], []]);
  });
});
