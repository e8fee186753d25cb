// What every screen owes to whoever looks at it: checked on real peers, with the sample grove, screen by screen.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { DIST, serve, type Served } from './harness.ts';
import { brokenLayout, motion, smallTargets, unseenFocus } from './quality/checks.ts';
import { scriptAt, scriptsOf } from './quality/first-load.ts';
import { furnish } from './quality/furnish.ts';
import { fingers, keyboard } from './quality/hands.ts';
import { mainJob } from './quality/job.ts';
import { gather, PHONE, type People, type Person } from './quality/people.ts';
import { look, VIEWS } from './quality/views.ts';
import { SCREENS, visit, type Places, type Screen } from './quality/screens.ts';
import { makeTools, MORE_ROWS, type Tools } from './quality/tools.ts';

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

describe('the first load', () => {
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

describe('every screen', () => {
  let server: Served;
  let people: People;
  let ada: Person;
  let ben: Person;
  let guest: Person;
  let cleo: Person;
  let lost: Person;
  let places: Places;

  beforeAll(async () => {
    server = await serve();
    people = await gather();
    [ada, ben, guest, cleo, lost] = await Promise.all([
      people.meet(server.url),
      people.meet(server.url),
      people.meet(server.url),
      people.meet(server.url),
      people.meet(server.url),
    ]);
    places = await furnish(ada, ben, cleo);
    // As if another key had been here. First its own is noted, or it would be after.
    await lost.page.waitForFunction(() => localStorage.getItem('thicket/known/main') !== null);
    await lost.page.evaluate(() => localStorage.setItem('thicket/known/main', '0'.repeat(64)));
    await lost.page.reload();
    await lost.page.getByTestId('lost').waitFor();
  });
  afterAll(async () => {
    await people.close();
    await server.close();
  });

  it.each(SCREENS)('$name', async (screen) => {
    const person = { member: ada, guest, waiting: cleo, lost }[screen.as];
    const complaints = await examine(person, screen, places);
    expect(complaints.join('\n')).toBe('');
  });

  it('along the way no page complained of anything', () => {
    expect([ada, ben, guest, cleo, lost].flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});

/** One visit, and all checks at each of the ways to look at it. */
async function examine(person: Person, screen: Screen, places: Places): Promise<string[]> {
  const { page } = person;
  const complaints: string[] = [];
  const note = (where: string, found: readonly string[]): void => {
    complaints.push(...found.map((each) => `${where}: ${each}`));
  };
  await look(person, {});
  await visit(page, screen, places);
  const run = async (check: (tools: Tools) => string[]): Promise<string[]> => {
    // New ones each time: they remember what they have measured.
    const tools = await page.evaluateHandle(makeTools, MORE_ROWS);
    const found = await page.evaluate(check, tools);
    await tools.dispose();
    return found;
  };

  note('motion', await run(motion));
  // A ring is for the keyboard: from the first key on.
  await page.keyboard.press('Tab');
  note('light', await axe(page, {}));
  note('light', await run(unseenFocus));
  await look(person, { scheme: 'dark' });
  // The same elements in other colours.
  note('dark', await axe(page, { runOnly: ['color-contrast', 'link-in-text-block'] }));
  note('dark', await run(unseenFocus));
  for (const [name, view] of Object.entries(VIEWS)) {
    await look(person, view);
    note(name, await run(brokenLayout));
    if (view.direction === undefined && view.text === undefined) note(name, await run(smallTargets));
  }
  return complaints;
}

async function axe(page: Page, options: Parameters<AxeBuilder['options']>[0]): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'], ...options })
    .exclude(MORE_ROWS)
    .setLegacyMode()
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}
