// What the screens tell of others' work: files as what they are and what changed in them, what happened, who is at what.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { removeProfile, serve, share, startBrowser, tabOf, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const CODE = 'seed = 7\nlr = 0.02\nsteps = 100\n';

let server: Served;
let browsers: Browser[] = [];
let ada: Tab;
let ben: Tab;
let grove: string;
let child: string;
const complaints: string[] = [];

beforeAll(async () => {
  server = await serve();
  browsers = await Promise.all([startBrowser(), startBrowser()]);
  const tabs = await Promise.all(browsers.map((browser) => browser.open(server.url)));
  [ada, ben] = tabs as [Tab, Tab];
  ada.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await ben.call('setName', 'Ben');
  grove = await share(ada, ben);
  const parent = await ada.call('contribute', grove, {
    kind: 'work',
    summary: 'Baseline',
    tags: ['slow'],
    scores: { minutes: { value: 45, direction: 'minimize' } },
    artifacts: { 'run.py': CODE, 'loss.csv': 'step,loss\n1,4.5\n2,"3,9"\n', 'beep.wav': silence() },
  });
  child = (
    await ada.call('contribute', grove, {
      kind: 'work',
      summary: 'Warmer',
      tags: ['warm'],
      scores: { minutes: { value: 31, direction: 'minimize' } },
      artifacts: {
        'run.py': CODE.replace('0.02', '0.03'),
        'loss.csv': 'step,loss\n1,4\n',
        'beep.wav': silence(),
      },
      relations: [{ targetCid: parent.cid, relationType: 'derives_from' }],
    })
  ).cid;
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
  await server.close();
});

/** A second of nothing, as a recording. */
function silence(): Uint8Array {
  const bytes = new Uint8Array(44 + 8000);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void =>
    Array.from(word).forEach((char, i) => view.setUint8(at + i, char.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + 8000, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, 'data');
  view.setUint32(40, 8000, true);
  bytes.fill(128, 44);
  return bytes;
}

const go = async (tab: Tab, path: string): Promise<void> => {
  await tab.page.goto(`${server.url}/#/g/${grove}${path}`);
};

it('files are shown as what they are, and what changed in them since what they grew out of', async () => {
  await go(ada, `/c/${child.replace('blake3:', '')}`);
  const row = (name: string) => ada.page.getByTestId('artifact-row').filter({ hasText: name });
  const look = (name: string): Promise<void> =>
    row(name)
      .getByRole('button', { name: `${strings.files.preview}: ${name}` })
      .click();
  await look('loss.csv');
  await row('loss.csv').getByRole('columnheader', { name: 'loss' }).waitFor();
  await look('run.py');
  await row('run.py').locator('pre .number').getByText('0.03').waitFor();
  await row('run.py').getByRole('tab', { name: strings.preview.changes }).click();
  await row('run.py').getByText(strings.preview.lines(1, 1)).waitFor();
  expect(await row('run.py').locator('del').innerText()).toBe('lr = 0.02');
  expect(await row('run.py').locator('ins mark').innerText()).toBe('03');
  await look('beep.wav');
  const sound = row('beep.wav').locator('audio');
  await until(
    () => sound.evaluate((audio) => audio instanceof HTMLAudioElement && audio.duration === 1),
    'the recording is read',
  );
});

it('a link to narrowed rankings shows these', async () => {
  await go(ada, '?tag=slow');
  await ada.page.getByTestId('frontier-row').getByRole('link', { name: 'Baseline' }).waitFor();
  expect(await ada.page.getByTestId('frontier-row').count()).toBe(1);
  await ada.page.getByRole('button', { name: strings.list.clear, exact: true }).click();
  await ada.page.getByTestId('frontier-row').nth(1).waitFor();
  expect(new URL(ada.page.url()).hash).toBe(`#/g/${grove}`);
});

it('what another does is counted until it was looked at, and whom one would meet at a work is said there', async () => {
  await go(ada, '');
  await ada.page.getByTestId('frontier-row').first().waitFor();
  await ada.page.getByTestId('unread').first().waitFor({ state: 'detached' });
  await until(async () => (await ben.call('contribution', grove, child)).body, 'the text is at the other');
  await go(ben, `/new?target=${encodeURIComponent(child)}`);
  await ben.call('vote', grove, child, 'up');
  await ada.page.getByTestId('unread').first().getByText('1', { exact: true }).waitFor();
  await ada.page
    .getByRole('link', { name: new RegExp(`^${strings.nav.activity}`) })
    .first()
    .click();
  const newest = ada.page.getByTestId('activity-row').first();
  await newest.getByText(strings.activity.isNew).waitFor();
  expect(await newest.innerText()).toContain(strings.activity.votes.up);
  await ada.page.getByTestId('unread').first().waitFor({ state: 'detached' });
  await newest.getByRole('link', { name: 'Warmer' }).click();
  await ada.page.getByText(strings.presence.alsoWorking('Ben')).waitFor();
});

it('a draft that was discarded comes back, with its files, until another is begun', async () => {
  await go(ben, '/new');
  const { page } = ben;
  const summary = page.getByRole('textbox', { name: strings.compose.summary, exact: true });
  const undo = page.getByRole('button', { name: strings.compose.undo, exact: true });
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  await summary.fill('Second thoughts');
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
  await press(strings.compose.discard);
  await page.getByText(strings.compose.discarded).waitFor();
  expect(await summary.inputValue()).toBe('');
  await undo.click();
  expect(await summary.inputValue()).toBe('Second thoughts');
  await page.getByRole('button', { name: strings.compose.removeFile('notes.txt') }).waitFor();
  await undo.waitFor({ state: 'detached' });

  await press(strings.compose.discard);
  await summary.fill('Another');
  await undo.waitFor({ state: 'detached' });
  await press(strings.compose.discard);
});

it('a page asks before what is being written is lost', async () => {
  await go(ben, '/new');
  const page = ben.page;
  await page.getByRole('textbox', { name: strings.compose.summary, exact: true }).fill('Half a thought');
  const asked = page.waitForEvent('dialog');
  const reloaded = page.reload();
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.accept();
  await reloaded;
  await tabOf(page);
});

it('none of it broke a rule of the page', () => {
  expect(complaints).toEqual([]);
});
