// Who comes in and what is hidden, by what the screens offer, in three browsers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { strings } from '../../src/strings.ts';
import { shortKey } from '../../src/text.ts';
import { hasSummary, removeProfile, serve, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

let server: Served;
let browsers: Browser[] = [];
let ada: Tab;
let ben: Tab;
let cleo: Tab;
let grove: string;
let called: { ben: string; cleo: string };

beforeAll(async () => {
  server = await serve();
  browsers = await Promise.all([startBrowser(), startBrowser(), startBrowser()]);
  const [first, second, third] = browsers as [Browser, Browser, Browser];
  [ada, ben, cleo] = await Promise.all([
    first.open(server.url),
    second.open(server.url),
    third.open(server.url),
  ]);
  await Promise.all([ada.call('setName', 'Ada'), ben.call('setName', 'Ben'), cleo.call('setName', 'Cleo')]);
  const [benId, cleoId] = await Promise.all(
    [ben, cleo].map(async (tab) => (await tab.call('identity')).peerId),
  );
  called = { ben: `Ben (${shortKey(benId ?? '')})`, cleo: `Cleo (${shortKey(cleoId ?? '')})` };
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
  await server.close();
});

const go = async (tab: Tab, path: string): Promise<void> => {
  const { origin, search } = new URL(tab.page.url());
  await tab.page.goto(`${origin}/${search}#/g/${grove}${path}`);
};
const button = (at: Page | Locator, name: string): Locator => at.getByRole('button', { name, exact: true });
const link = (at: Page | Locator, name: string): Locator => at.getByRole('link', { name, exact: true });
const groveOf = async (tab: Tab) => (await tab.call('groves')).find(({ id }) => id === grove);

it('A17: who has an invite waits; whoever is asked compares the fingerprint and lets it in, or says no', async () => {
  // The grove is made so by its screen.
  const { page } = ada;
  await button(page, strings.welcome.create).click();
  await page.getByRole('textbox', { name: strings.create.name, exact: true }).fill('Careful');
  await page.getByLabel(strings.joinRule.label).selectOption('moderated');
  await button(page, strings.create.submit).click();
  await until(async () => (await ada.call('groves')).length === 1, 'the grove is there');
  grove = (await ada.call('groves'))[0]?.id ?? '';
  await until(async () => (await ada.call('contract', grove)).join === 'moderated', 'its rule is set');
  const { cid: secret } = await ada.call('contribute', grove, { kind: 'work', summary: 'For members' });
  const url = await ada.call('invite', grove);

  await ben.call('join', url);
  await until(async () => (await groveOf(ben))?.waiting === true, 'told to wait');
  await go(ben, '');
  await ben.page.getByRole('heading', { name: strings.waiting.askingTitle }).waitFor();
  const { fingerprint } = await ben.call('identity');
  await ben.page.getByTestId('waiting-print').getByText(fingerprint).waitFor();
  expect(await groveOf(ben)).toMatchObject({ state: 'joining', entries: 0 });

  const banner = page.getByTestId('to-answer');
  await banner.getByText(strings.requests.banner(1)).waitFor();
  await link(banner, strings.requests.look).click();
  const request = page.getByTestId('join-request').filter({ hasText: 'Ben' });
  await request.getByText(fingerprint).waitFor();
  await button(request, strings.requests.approveOf(called.ben)).click();
  await until(async () => (await groveOf(ben))?.role === 'member', 'Ben is let in');
  await until(() => hasSummary(ben, grove, 'For members'), 'and has what members have');
  expect((await ben.call('contribution', grove, secret)).summary).toBe('For members');
  await page.getByText(strings.requests.none).waitFor();

  await cleo.call('join', url);
  const asks = page.getByTestId('join-request').filter({ hasText: 'Cleo' });
  await button(asks, strings.requests.declineOf(called.cleo)).click();
  const asked = asks.getByRole('group', { name: strings.requests.declineAsk(called.cleo) });
  await asked.getByRole('textbox', { name: strings.requests.reason }).fill('We never met');
  await button(asked, strings.requests.declineYes).click();
  await until(async () => (await groveOf(cleo))?.state === 'refused', 'Cleo is told');
  expect((await groveOf(cleo))?.reason).toContain('We never met');
  expect(await groveOf(cleo)).toMatchObject({ entries: 0, role: null });
}, 240_000);

it('A18: what a member reports a moderator hides, for all, and shows again', async () => {
  const { cid } = await ben.call('contribute', grove, { kind: 'work', summary: 'Cheap watches' });
  await until(() => hasSummary(ada, grove, 'Cheap watches'), 'it arrives');
  // Ben reports his own; a report is a report.
  await go(ben, `/c/${cid}`);
  await button(ben.page, strings.moderation.reportOf('Cheap watches')).click();
  const report = ben.page.getByRole('group', { name: strings.moderation.reportAsk });
  await report.getByRole('textbox', { name: strings.moderation.reason }).fill('Posted by mistake');
  await button(report, strings.moderation.reportYes).click();
  await ben.page.getByText(strings.moderation.reported, { exact: true }).waitFor();

  await go(ada, '');
  const banner = ada.page.getByTestId('to-answer');
  await link(banner, strings.requests.look).click();
  const row = ada.page.getByTestId('report');
  await row.getByText('Posted by mistake').waitFor();
  await button(row, strings.moderation.hideOf('Cheap watches')).click();
  const hide = row.getByRole('group', { name: strings.moderation.hideAsk });
  await hide.getByRole('textbox', { name: strings.moderation.reason }).fill('No advertising');
  await button(hide, strings.moderation.hideYes).click();
  await ada.page.getByText(strings.moderation.none).waitFor();

  const note = ben.page.getByTestId('hidden');
  await note.getByText('No advertising').waitFor();
  expect(await ben.page.getByText('Cheap watches').count()).toBe(0);
  await button(note, strings.moderation.showAnyway).click();
  await ben.page.getByRole('heading', { name: 'Cheap watches' }).waitFor();
  await go(ben, '/list');
  const listed = ben.page.getByTestId('contribution-row').filter({ hasText: 'No advertising' });
  await listed.getByTestId('hidden-note').waitFor();
  expect(await ben.page.getByText('Cheap watches').count()).toBe(0);
  const ranked = (await ben.call('frontier', grove)).byRecency.map((each) => each.cid);
  expect(ranked).not.toContain(cid);

  await go(ada, `/c/${cid}`);
  await button(ada.page, strings.moderation.unhide).click();
  await ben.page.getByText('Cheap watches').waitFor();
}, 240_000);
