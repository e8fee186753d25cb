// The main job, told once: two people, one graph, and hands that may be keys or fingers. Knows only what stands on the screen.
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import { strings } from '../../../src/strings.ts';
import { until } from '../harness.ts';
import type { Hands } from './hands.ts';

export interface Worker {
  page: Page;
  hands: Hands;
}
const GROVE = 'Speedrun';
const NOTES = 'learning rate 0.02, seed 7\n'.repeat(40);

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });
const textbox = (page: Page, name: string): Locator => page.getByRole('textbox', { name, exact: true });
const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name, exact: true });

/** To a section of the grove. On phones some lie behind a button. */
async function go({ page, hands }: Worker, name: string): Promise<void> {
  const link = page.getByRole('link', { name, exact: true }).filter({ visible: true }).first();
  if ((await link.count()) === 0) await hands.press(page.locator('nav summary'));
  await hands.press(link);
  // The page moves whoever goes there to its heading: before that, a key would go to what is left behind.
  await page.waitForFunction(() => ['H1', 'MAIN'].includes(document.activeElement?.tagName ?? ''));
}

/** Once each of two has a page that never was here before. */
export async function mainJob(ada: Worker, ben: Worker): Promise<void> {
  await found(ada);
  const invite = await makeInvite(ada);
  await join(ben, invite);
  await go(ben, strings.nav.peers);
  const { artifactsOf } = strings.peers.policy;
  const artifacts = ben.page.getByRole('combobox', { name: strings.peers.policy.artifacts });
  await ben.hands.choose(artifacts, artifactsOf['on-demand']);
  await until(async () => (await artifacts.inputValue()) === 'on-demand', 'files come when asked for');

  await go(ada, strings.nav.compose);
  await ada.hands.give(button(ada.page, strings.compose.pick), { name: 'notes.txt', content: NOTES });
  await contribute(ada, 'Baseline', '45');
  await take(ben, 'Baseline');
  await ben.hands.press(ben.page.getByRole('link', { name: strings.contribution.derive }));
  await button(ben.page, strings.compose.removeRelation('Baseline')).waitFor();
  await contribute(ben, 'Faster', '31');

  await go(ada, strings.nav.frontier);
  await ada.page.getByTestId('frontier-row').first().getByRole('link', { name: 'Faster' }).waitFor();
}

async function found({ page, hands }: Worker): Promise<void> {
  await hands.write(textbox(page, strings.welcome.name), 'Ada');
  await hands.press(button(page, strings.welcome.saveName));
  await page.getByText(strings.welcome.nameSaved).waitFor();
  await hands.press(button(page, strings.welcome.create));
  await hands.write(textbox(page, strings.create.name), GROVE);
  await hands.press(button(page, strings.create.addMetric));
  await hands.write(textbox(page, strings.create.metric), 'minutes');
  await hands.press(button(page, strings.create.submit));
  await page.getByText(strings.frontier.empty).waitFor();
}

async function makeInvite(worker: Worker): Promise<string> {
  const { page, hands } = worker;
  await go(worker, strings.nav.invite);
  await hands.press(button(page, strings.invite.make));
  const link = await page.getByTestId('invite-link').inputValue();
  await hands.press(button(page, strings.invite.copyLink));
  await until(
    async () => (await page.evaluate(() => navigator.clipboard.readText())) === link,
    'the link is copied',
  );
  return link;
}

async function join({ page, hands }: Worker, invite: string): Promise<void> {
  await hands.write(textbox(page, strings.welcome.joinLabel), invite);
  await hands.press(button(page, strings.welcome.joinOpen));
  await heading(page, GROVE).waitFor();
  await hands.write(textbox(page, strings.join.yourName), 'Ben');
  await hands.press(page.getByTestId('join-confirm'));
  await page.getByText(strings.frontier.empty).waitFor();
}

async function contribute({ page, hands }: Worker, summary: string, minutes: string): Promise<void> {
  await hands.write(textbox(page, strings.compose.summary), summary);
  await hands.write(page.getByRole('textbox', { name: /^minutes/ }), minutes);
  await hands.press(button(page, strings.compose.submit));
  await heading(page, summary).waitFor();
}

/** Sees it in the frontier, opens it, has its file come, and reads it. */
async function take(worker: Worker, summary: string): Promise<void> {
  const { page, hands } = worker;
  await go(worker, strings.nav.frontier);
  await hands.press(page.getByTestId('frontier-row').getByRole('link', { name: summary }));
  await heading(page, summary).waitFor();
  await hands.press(button(page, strings.contribution.fetchAll));
  const row = page.getByTestId('artifact-row');
  await row.getByText(strings.files.held).waitFor();
  await hands.press(row.getByRole('button', { name: new RegExp(`^${strings.files.preview}`) }));
  await row.getByText('learning rate 0.02, seed 7').first().waitFor();
  expect(await row.innerText()).toContain('notes.txt');
}
