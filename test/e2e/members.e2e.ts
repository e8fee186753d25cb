// Who may be there, by what the screens offer: a ban, an invite withdrawn, roles, and a grove handed over.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { strings } from '../../src/strings.ts';
import { shortKey } from '../../src/text.ts';
import { hasSummary, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const words = strings.members;

let server: Served;
let browsers: Browser[] = [];
let ada: Tab;
let ben: Tab;
let mallory: Tab;
let grove: string;
let called: { ben: string; mallory: string };
const complaints: string[] = [];

beforeAll(async () => {
  server = await serve();
  browsers = await Promise.all([startBrowser(), startBrowser()]);
  const [first, second] = browsers as [Browser, Browser];
  [ada, ben, mallory] = await Promise.all([
    first.open(server.url),
    second.open(server.url),
    second.open(`${server.url}/?peer=mallory`),
  ]);
  ada.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await Promise.all([
    ada.call('setName', 'Ada'),
    ben.call('setName', 'Ben'),
    mallory.call('setName', 'Mallory'),
  ]);
  const [benId, malloryId] = await Promise.all(
    [ben, mallory].map(async (tab) => (await tab.call('identity')).peerId),
  );
  called = {
    ben: `Ben (${shortKey(benId ?? '')})`,
    mallory: `Mallory (${shortKey(malloryId ?? '')})`,
  };
  grove = await share(ada, ben, mallory);
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
const row = (tab: Tab, name: string): Locator =>
  tab.page.getByTestId('member').filter({ hasText: name.slice(0, name.indexOf(' ')) });
const change = async (tab: Tab, name: string): Promise<Locator> => {
  const at = row(tab, name);
  const details = at.locator('details').first();
  if ((await details.getAttribute('open')) === null)
    await at.getByText(words.change, { exact: true }).click();
  return at;
};
const publish = (tab: Tab, summary: string) => tab.call('contribute', grove, { kind: 'work', summary });
const groveOf = async (tab: Tab) => (await tab.call('groves')).find(({ id }) => id === grove);
const arrives = (tab: Tab, summary: string): Promise<unknown> =>
  until(() => hasSummary(tab, grove, summary), `${summary} arrives`);
const focused = (tab: Tab): Promise<string> =>
  tab.page.evaluate(() => document.activeElement?.textContent.trim() ?? '');

it('A13-A15: whom the screen bans keeps what it has and gets nothing new; the others go on', async () => {
  await publish(mallory, 'Before');
  await arrives(ada, 'Before');
  await go(ada, '/about');
  const at = await change(ada, called.mallory);

  // Asked first, and given up: the focus is where it was.
  await button(at, words.banOf(called.mallory)).click();
  const asked = at.getByRole('group', { name: words.banAsk(called.mallory) });
  await asked.getByText(words.banMeans[3]).waitFor();
  await button(asked, strings.app.cancel).click();
  await until(async () => (await focused(ada)) === words.ban, 'the focus returns');

  await button(at, words.banOf(called.mallory)).click();
  await asked.getByRole('textbox', { name: words.banReason }).fill('Floods us');
  await button(asked, words.banYes).click();
  const banned = ada.page.getByTestId('banned');
  await banned.getByText('Floods us').waitFor();
  await ada.page.getByText(words.banned(called.mallory), { exact: true }).waitFor();
  await row(ada, called.mallory).waitFor({ state: 'detached' });
  expect(await focused(ada)).toBe(words.title);

  await until(async () => (await ben.call('bans', grove)).length === 1, 'the other hears of it');
  await publish(ada, 'After');
  await arrives(ben, 'After');
  // Refused by its own device where that has heard of the ban, else void to the others.
  await publish(mallory, 'Alone').catch(() => undefined);
  await publish(ben, 'Later');
  await arrives(ada, 'Later');
  expect(await hasSummary(mallory, grove, 'After')).toBe(false);
  expect(await hasSummary(mallory, grove, 'Before')).toBe(true);
  for (const tab of [ada, ben]) {
    expect(await hasSummary(tab, grove, 'Before')).toBe(true);
    expect(await hasSummary(tab, grove, 'Alone')).toBe(false);
  }
});

it('A4, A5: an invite withdrawn by the screen lets nobody in, and those of before the ban are closed', async () => {
  await go(ada, '/invite');
  const invites = ada.page.getByRole('region', { name: strings.invite.made });
  await invites.getByText(strings.invite.closed(2)).waitFor();
  await button(ada.page, strings.invite.make).click();
  const url = await ada.page.getByTestId('invite-link').inputValue();
  const open = invites.locator('[data-testid="invite-row"][data-state="open"]');
  await open.waitFor();
  const withdraw = open.getByRole('button', { name: strings.invite.withdraw });
  await withdraw.click();
  await button(open, strings.invite.withdrawYes).click();
  await invites.getByText(strings.invite.withdrawn, { exact: true }).waitFor();
  await invites.getByText(strings.invite.closed(3)).waitFor();
  expect(await open.count()).toBe(0);
  await until(
    async () => (await ben.call('invites', grove)).every(({ state }) => state !== 'open'),
    'the other hears of it',
  );

  const dora = await browsers[1]?.open(`${server.url}/?peer=dora`);
  if (dora === undefined) throw new Error('a second browser');
  await dora.call('join', url);
  const refused = await until(
    async () => (await dora.call('groves')).find(({ state }) => state === 'refused'),
    'the invite is refused',
  );
  expect(refused.reason).toBe('This invite was withdrawn.');
  await go(dora, '');
  await dora.page.getByText(strings.waiting.refusedTitle).waitFor();
  expect((await ada.call('members', grove)).map(({ name }) => name).sort()).toEqual(['Ada', 'Ben']);
  await dora.page.close();
});

it('A12: a moderator acts by the screen, but not on what the owner did; whoever is back gets what it missed', async () => {
  await go(ben, '/about');
  await ben.page.getByTestId('banned').waitFor();
  expect(await button(ben.page, words.rotate).count()).toBe(0);
  await go(ada, '/about');
  const at = await change(ada, called.ben);
  await at.getByRole('combobox', { name: words.role }).selectOption('moderator');
  await button(at, words.setRole).click();
  await ada.page.getByText(words.roleSet(called.ben, strings.roles.moderator), { exact: true }).waitFor();
  await button(ben.page, words.rotate).waitFor();
  expect(await button(ben.page, words.liftOf(called.mallory)).count()).toBe(0);
  await button(ben.page, words.rotate).click();
  await button(ben.page, words.rotateYes).click();
  await ben.page.getByText(words.rotated, { exact: true }).waitFor();

  await button(ada.page, words.liftOf(called.mallory)).click();
  await ada.page.getByTestId('banned').waitFor({ state: 'detached' });
  await arrives(mallory, 'After');
  // What came while it was away may be there before the word that it is back.
  await until(async () => (await groveOf(mallory))?.role === 'member', 'Mallory is a member again');
  await publish(mallory, 'Back');
  await arrives(ada, 'Back');
});

it('A12: the owner hands the grove over by the screen, and may do no more than a member then', async () => {
  const at = await change(ada, called.ben);
  await button(at, words.handoverOf(called.ben)).click();
  await button(at, words.handoverYes).click();
  await ada.page.locator('[data-testid="member"][data-role="owner"]').getByText('Ben').waitFor();
  await button(ada.page, words.rotate).waitFor({ state: 'detached' });
  expect(await ada.page.getByText(words.change, { exact: true }).count()).toBe(0);
  await ben.page.locator('[data-testid="member"][data-role="owner"]').getByText('Ben').waitFor();
  await (await change(ben, 'Ada (')).getByRole('combobox', { name: words.role }).waitFor();
  expect(complaints).toEqual([]);
});
