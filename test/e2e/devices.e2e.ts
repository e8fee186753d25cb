// One person on several devices, by what the screens offer: a backup restored elsewhere, a pairing by texts, a device ended, a
// new key, and a browser that removed what was stored.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright';
import { href } from '../../src/routes.ts';
import { strings } from '../../src/strings.ts';
import { devices as words } from '../../src/strings/devices.ts';
import { identity } from '../../src/strings/identity.ts';
import {
  hasSummary,
  isActive,
  removeProfile,
  serve,
  share,
  startBrowser,
  tabOf,
  until,
  type Browser,
  type Served,
  type Tab,
} from './harness.ts';

const PASSPHRASE = 'lantern gravel opera mitten cobalt';

let server: Served;
let browsers: Browser[] = [];
/** The owner; Ben, his second browser, and a third device of his. */
let ada: Tab;
let ben: Tab;
let second: Tab;
let third: Tab;
let grove: string;
let backup: Buffer;

beforeAll(async () => {
  server = await serve();
  browsers = await Promise.all([startBrowser(), startBrowser()]);
  const [left, right] = browsers as [Browser, Browser];
  [ada, ben, second, third] = await Promise.all([
    left.open(`${server.url}/?peer=ada`),
    left.open(server.url),
    right.open(server.url),
    right.open(`${server.url}/?peer=third`),
  ]);
  await Promise.all([ada.call('setName', 'Ada'), ben.call('setName', 'Ben')]);
  grove = await share(ada, ben);
}, 120_000);
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
  await server.close();
});

const button = (at: Page | Locator, name: string): Locator => at.getByRole('button', { name, exact: true });
const keyOf = async (tab: Tab): Promise<string> => (await tab.call('identity')).peerId;
const memberOf = async (tab: Tab, key: string) =>
  (await tab.call('members', grove)).find(({ peerId }) => peerId === key);

async function go(tab: Tab, hash: string): Promise<void> {
  const { origin, search } = new URL(tab.page.url());
  await tab.page.goto(`${origin}/${search}${hash}`);
}

it('M18, A23: a backup by the screen, restored in another browser: one name, and votes count once', async () => {
  const { cid } = await ben.call('contribute', grove, { kind: 'work', summary: 'Of the first device' });
  await ben.call('vote', grove, cid, 'up');
  await go(ben, href.identity);
  const state = (text: string): Locator => ben.page.getByTestId('backup-state').filter({ hasText: text });
  await state(identity.backup.never).waitFor();
  const passphrase = ben.page.getByLabel(identity.backup.passphrase, { exact: true });
  await passphrase.fill('password');
  await ben.page.getByText(identity.backup.strengths.weak).waitFor();
  await passphrase.fill(PASSPHRASE);
  const again = ben.page.getByLabel(identity.backup.again);
  await again.fill(`${PASSPHRASE}!`);
  await button(ben.page, identity.backup.make).click();
  await ben.page.getByText(identity.backup.differ).waitFor();
  await again.fill(PASSPHRASE);
  const [download] = await Promise.all([
    ben.page.waitForEvent('download'),
    button(ben.page, identity.backup.make).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^thicket-backup-\d{4}-\d{2}-\d{2}\.thicket$/);
  backup = await readFile(await download.path());
  await state(identity.backup.fresh).waitFor();
  expect(await passphrase.inputValue()).toBe('');

  const { page } = second;
  await button(page, strings.welcome.restore).click();
  const panel = page.getByTestId('restore');
  await restoreIn(panel, 'another passphrase');
  await panel.getByTestId('problem').waitFor();
  await panel.getByLabel(identity.restore.passphrase).fill(PASSPHRASE);
  await button(panel, identity.restore.go).click();
  await panel.getByTestId('restored').getByText(identity.restore.done('Ben')).waitFor();
  await until(() => isActive(second, grove), 'it is let in', 60_000);
  await until(() => hasSummary(second, grove, 'Of the first device'), 'what he wrote arrives');

  await second.call('vote', grove, cid, 'up');
  const fresh = await keyOf(second);
  await until(async () => (await memberOf(ada, fresh))?.name === 'Ben', 'Ada knows whose device it is');
  const old = await keyOf(ben);
  expect((await memberOf(ada, old))?.person).toBe((await memberOf(ada, fresh))?.person);
  await second.call('contribute', grove, { kind: 'work', summary: 'Of the second device' });
  await until(() => hasSummary(ada, grove, 'Of the second device'), 'what the second wrote arrives');
  expect((await ada.call('contribution', grove, cid)).votes).toMatchObject({ up: 1, down: 0 });

  // One row for Ben, with both devices.
  await go(ada, `${href.grove(grove)}/about`);
  const rows = ada.page.getByTestId('member');
  await rows.filter({ hasText: 'Ben' }).getByTestId('member-device').nth(1).waitFor();
  expect(await rows.count()).toBe(2);

  // What the first published is the person's to withdraw, from the second.
  await go(second, href.contribution(grove, cid));
  await button(page, strings.contribution.retract).waitFor();
}, 240_000);

it('A20, M19: a device is added by three texts; a code is compared on both screens', async () => {
  await go(ben, href.devices);
  await go(third, href.devices);
  await button(ben.page, words.add).click();
  await button(third.page, words.join).click();
  const ask = await ben.page.getByTestId('device-ask').inputValue();
  await third.page.getByLabel(words.name).fill('Workbench');

  // A text of another step is refused with why.
  await third.page.getByTestId('device-take-ask').fill('thicket-device-answer:AAAA');
  await button(third.page, words.makeAnswer).click();
  await third.page.getByTestId('pairing').getByTestId('problem').waitFor();
  await third.page.getByTestId('device-take-ask').fill(ask);
  await button(third.page, words.makeAnswer).click();
  const answer = await third.page.getByTestId('device-answer').inputValue();

  await ben.page.getByTestId('device-take-answer').fill(answer);
  await button(ben.page, words.look).click();
  const code = ben.page.getByTestId('pair-code');
  await code.waitFor();
  expect(await code.textContent()).toMatch(/^\d{4}( \d{4}){3}$/);
  expect(await code.textContent()).toBe(await third.page.getByTestId('pair-code').textContent());
  await ben.page.getByTestId('pairing').getByText('Workbench').waitFor();
  await button(ben.page, words.same).click();
  const give = await ben.page.getByTestId('device-give').inputValue();

  await third.page.getByTestId('device-take-give').fill(give);
  await button(third.page, words.accept).click();
  await third.page.getByTestId('device-accepted').getByText(words.accepted('')).waitFor();
  await until(() => isActive(third, grove), 'it is let in', 60_000);
  await button(ben.page, words.done).click();
  await ben.page.getByTestId('device').filter({ hasText: 'Workbench' }).waitFor();
}, 180_000);

it('A22: a lost device is ended by the screen, and told so', async () => {
  const row = ben.page.getByTestId('device').filter({ hasText: 'Workbench' });
  const key = await keyOf(third);
  await row.getByRole('button', { name: /^End this device/ }).click();
  await row.getByText(words.endMeans[0]).waitFor();
  await button(row, words.endYes).click();
  await ben.page.getByTestId('device-ended').getByText(words.endDone(1)).waitFor();
  // He may not change the secret: that is told.
  await ben.page.getByText(words.endKept).waitFor();
  await ben.page.locator('[data-testid=device][data-ended=true]').getByText('Workbench').waitFor();
  await until(async () => (await memberOf(ada, key)) === undefined, 'Ada hears of it');
  await go(third, href.grove(grove));
  await third.page.getByTestId('ended').waitFor();
}, 120_000);

it('A23: a new key by one button; the page starts again with it and says nothing of a loss', async () => {
  const old = await keyOf(ben);
  await go(ben, href.identity);
  await button(ben.page, identity.renew.button).click();
  const loaded = ben.page.waitForEvent('load');
  await button(ben.page, identity.renew.yes).click();
  await loaded;
  ben = await tabOf(ben.page);
  const fresh = await keyOf(ben);
  expect(fresh).not.toBe(old);
  await ben.page.getByTestId('backup-state').waitFor();
  expect(await ben.page.getByTestId('lost').count()).toBe(0);
  await until(async () => (await memberOf(ada, fresh))?.name === 'Ben', 'Ada knows the new key', 60_000);
  await until(async () => (await memberOf(ada, old)) === undefined, 'the old key is ended', 60_000);
  // The old backup is of an ended key.
  expect((await ben.call('backupState')).at).toBeNull();
}, 120_000);

it('a browser that removed what was stored says so, and makes nobody new until it is told to', async () => {
  const { page } = second;
  const old = await keyOf(second);
  await evict(second, 'main');
  await page.getByTestId('lost').waitFor();
  await page.getByText(identity.lost.title).waitFor();
  // Nothing else can be done first, nor does a reload pass over it.
  await go(second, href.settings);
  await page.getByTestId('lost').waitFor();
  await page.reload();
  await page.getByTestId('lost').waitFor();
  expect(await page.getByRole('heading', { name: strings.welcome.title }).count()).toBe(0);

  await button(page, identity.lost.anew).click();
  await button(page, identity.lost.anewYes).click();
  await page.getByRole('heading', { name: strings.welcome.title }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: strings.welcome.title }).waitFor();
  expect(await keyOf(await tabOf(page))).not.toBe(old);
}, 120_000);

it('M18: after a removal, with localStorage gone too, a backup brings the person back', async () => {
  // A peer of its own: its groves, backed up, then taken from it.
  const [left] = browsers;
  if (left === undefined) throw new Error('a browser was started');
  const cleo = await left.open(`${server.url}/?peer=cleo`);
  await cleo.call('setName', 'Cleo');
  await cleo.call('join', await ada.call('invite', grove));
  await until(() => isActive(cleo, grove), 'Cleo is let in', 60_000);
  await go(cleo, href.identity);
  await cleo.page.getByLabel(identity.backup.passphrase, { exact: true }).fill(PASSPHRASE);
  await cleo.page.getByLabel(identity.backup.again).fill(PASSPHRASE);
  const [download] = await Promise.all([
    cleo.page.waitForEvent('download'),
    button(cleo.page, identity.backup.make).click(),
  ]);
  backup = await readFile(await download.path());
  await cleo.page.evaluate(() => localStorage.clear());
  await evict(cleo, 'cleo');
  const lost = cleo.page.getByTestId('lost');
  await lost.waitFor();
  await restoreIn(lost, PASSPHRASE);
  await lost.getByTestId('restored').getByText(identity.restore.done('Cleo')).waitFor();
  await button(lost, identity.lost.go).click();
  await lost.waitFor({ state: 'detached' });
  const back = await tabOf(cleo.page);
  await until(() => isActive(back, grove), 'Cleo is let in again', 60_000);
  expect((await back.call('identity')).name).toBe('Cleo');
}, 180_000);

async function restoreIn(at: Locator, passphrase: string): Promise<void> {
  await at
    .getByTestId('backup-file')
    .setInputFiles({ name: 'mine.thicket', mimeType: 'application/octet-stream', buffer: backup });
  await at.getByLabel(identity.restore.passphrase).fill(passphrase);
  await button(at, identity.restore.go).click();
}

/** As a browser does that needs the room: the peer's database goes, what is small may stay. */
async function evict({ page }: Tab, peer: string): Promise<void> {
  const { href: address } = new URL(page.url());
  // Its worker ends with its last page; only then is the database anybody's.
  await page.goto(`${server.url}/icons/icon.svg`);
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = () => resolve();
        request.onerror = () => reject(new Error(`${name} could not be deleted`));
      }),
    `thicket/${peer}`,
  );
  await page.goto(address);
  await tabOf(page);
}
