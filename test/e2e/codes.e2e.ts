// What one device shows as a QR code, another reads: by its camera, from a picture, or by what is pasted.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { encodeQR } from 'qr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { href } from '../../src/routes.ts';
import { strings } from '../../src/strings.ts';
import { isActive, removeProfile, serve, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const words = strings.scan;
/** What the made-up camera shows. */
const WIDTH = 640;
const HEIGHT = 480;

describe('QR codes', () => {
  let server: Served;
  let folder = '';
  let film = '';
  let ada: Tab;
  let grove = '';
  const browsers: Browser[] = [];

  const start = async (args: string[]): Promise<Tab> => {
    const browser = await startBrowser({ args });
    browsers.push(browser);
    return browser.open(server.url);
  };

  beforeAll(async () => {
    server = await serve();
    folder = await mkdtemp(join(tmpdir(), 'thicket-film-'));
    film = join(folder, 'film.y4m');
    ada = await start([]);
    await ada.call('setName', 'Ada');
    grove = (await ada.call('createGrove', { name: 'Speedrun' })).id;
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await rm(folder, { recursive: true, force: true });
    await server.close();
  });

  it('an invite is read by the camera, which is let go of at once', async () => {
    await writeFile(film, filmOf(await ada.call('invite', grove)));
    const { page } = await start([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
    await page.evaluate(keepTracks);
    await openScanner(page);
    await page.getByRole('heading', { name: 'Speedrun' }).waitFor();
    expect(await page.getByTestId('scan').count()).toBe(0);
    expect(await page.evaluate(() => Reflect.get(window, 'tracks') as unknown)).toEqual(['ended']);
    // As with any invite: its secret was never in the address bar.
    expect(new URL(page.url()).hash).toBe('#/join');
  });

  it('where the camera is not allowed it says so, and reads pictures and what is pasted', async () => {
    const { page } = await start(['--use-fake-device-for-media-stream']);
    await openScanner(page);
    await page.getByTestId('scan-camera').getByText(words.faults.denied).waitFor();
    const told = page.getByTestId('scan-told');
    const choose = (name: string, mimeType: string, buffer: Buffer): Promise<void> =>
      page.getByTestId('scan').locator('input[type=file]').setInputFiles({ name, mimeType, buffer });

    await choose('notes.png', 'image/png', Buffer.from('no picture'));
    await told.getByText(words.noPicture).waitFor();
    await choose('empty.png', 'image/png', await page.locator('h1').screenshot());
    await told.getByText(words.nothing).waitFor();
    await choose('other.svg', 'image/svg+xml', Buffer.from(encodeQR('https://example.org/', 'svg')));
    await told.getByText(words.notInvite).waitFor();

    await ada.page.goto(`${server.url}/${href.invite(grove)}`);
    await ada.page.getByRole('button', { name: strings.invite.make }).click();
    const shown = ada.page.getByRole('img', { name: strings.invite.qr });
    await choose('invite.png', 'image/png', await shown.screenshot());
    await page.getByRole('heading', { name: 'Speedrun' }).waitFor();

    await page.goto(`${server.url}/#/`);
    await openScanner(page);
    const link = await ada.page.getByTestId('invite-link').inputValue();
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
    }, link);
    await page.getByRole('heading', { name: 'Speedrun' }).waitFor();
  });

  it('R4: two devices are linked by two codes read off the other’s screen', async () => {
    const ben = await start([]);
    await ben.call('setName', 'Ben');
    await ben.call('settings', { discovery: 'hand' });
    await ben.call('join', await ada.call('invite', grove));
    await ben.page.goto(`${server.url}/${href.hand(grove)}`);
    await ben.page.getByRole('button', { name: strings.hand.make, exact: true }).click();
    await ada.page.goto(`${server.url}/${href.hand(grove)}`);
    await ada.page.getByRole('tab', { name: strings.hand.reply }).click();
    await carry(ben.page, ada.page);
    await carry(ada.page, ben.page);
    await ben.page.getByTestId('hand-outcome').getByText(strings.hand.linked('Ada')).waitFor();
    await until(() => isActive(ben, grove), 'the invite completes');
  });
});

/** The code that one page shows, read by the other. */
async function carry(from: Page, to: Page): Promise<void> {
  const code = from.getByRole('img', { name: strings.hand.qr });
  await code.waitFor();
  await openScanner(to);
  await to
    .getByTestId('scan')
    .locator('input[type=file]')
    .setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: await code.screenshot() });
  await to.getByTestId('scan').waitFor({ state: 'detached' });
}

async function openScanner(page: Page): Promise<void> {
  await page.getByRole('button', { name: words.open }).locator('visible=true').first().click();
  await page.getByTestId('scan').waitFor();
}

/** In the page: notes how the camera's tracks end up, at each look. */
function keepTracks(): void {
  const tracks: MediaStreamTrack[] = [];
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
  Object.defineProperty(window, 'tracks', { get: () => tracks.map(({ readyState }) => readyState) });
}

/** A film of one frame that shows a code, as YUV4MPEG2 with grey colours. */
function filmOf(text: string): Uint8Array {
  const rows = encodeQR(text, 'raw', { border: 4, ecc: 'low' });
  const scale = Math.floor(HEIGHT / rows.length);
  const luma = Buffer.alloc(WIDTH * HEIGHT, 235);
  rows.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (!dark) return;
      for (let dy = 0; dy < scale; dy++)
        luma.fill(16, (y * scale + dy) * WIDTH + x * scale, (y * scale + dy) * WIDTH + (x + 1) * scale);
    }),
  );
  const frame = [Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)];
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`),
    ...Array.from({ length: 10 }, () => frame).flat(),
  ]);
}
