// What every screen owes to whoever looks at it: checked on real peers, with the sample grove, screen by screen.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serve, type Served } from '../harness.ts';
import { brokenLayout, motion, smallTargets, unseenFocus } from './checks.ts';
import { furnish } from './furnish.ts';
import { gather, type People, type Person } from './people.ts';
import { visit, type Places, type Screen } from './screens.ts';
import { makeTools, MORE_ROWS, type Tools } from './tools.ts';
import { look, VIEWS } from './views.ts';

/** Looks at each of these screens in the ways in which it may be seen. */
export function examineEach(screens: readonly Screen[]): void {
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

  it.each(screens)('$name', async (screen) => {
    const person = { member: ada, guest, waiting: cleo, lost }[screen.as];
    const complaints = await examine(person, screen, places);
    expect(complaints.join('\n')).toBe('');
  });

  it('along the way no page complained of anything', () => {
    expect([ada, ben, guest, cleo, lost].flatMap(({ complaints }) => complaints)).toEqual([]);
  });
}

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
