// Pictures of every screen, from the sample grove on real peers: `npx tsx test/tools/screenshots.ts [FOLDER]`, after
// `npm run build`. Without a folder those of the README and the installer are made anew.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { removeProfile, serve, startBrowser, until } from '../e2e/harness.ts';

const PUBLISHED = new URL('../../public/screenshots/', import.meta.url).pathname;
const SIZES = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'narrow', width: 390, height: 844 },
] as const;
const SCHEMES = ['light', 'dark'] as const;

const folder = process.argv[2] ?? null;
const server = await serve();
const [owner, guest] = await Promise.all([startBrowser(), startBrowser()]);

try {
  const ada = await owner.open(server.url);
  await ada.call('setName', 'Ada');
  const { id } = await ada.call('openSample');
  const invite = await ada.call('invite', id);
  const ben = await guest.open(server.url);
  await ben.call('setName', 'Ben');
  await ben.call('join', invite);
  await until(
    async () => (await ben.call('groves'))[0]?.contributions === 109,
    'the sample at the second peer',
    60_000,
  );
  const best = (await ada.call('frontier', id)).byMetric['minutes']?.entries[0]?.cid ?? '';

  const screens = {
    home: '#/',
    frontier: `#/g/${id}`,
    list: `#/g/${id}/list`,
    contribution: `#/g/${id}/c/${best}`,
    graph: `#/g/${id}/graph`,
    tasks: `#/g/${id}/tasks`,
    threads: `#/g/${id}/threads`,
    activity: `#/g/${id}/activity`,
    about: `#/g/${id}/about`,
    log: `#/g/${id}/log`,
    compose: `#/g/${id}/new?target=${best}`,
    peers: `#/g/${id}/peers`,
    hand: `#/g/${id}/hand`,
    invite: `#/g/${id}/invite`,
    settings: '#/settings',
  };
  if (folder === null) {
    // Asked once, and answered: it is no part of the screen.
    await ada.page.goto(`${server.url}/${screens.frontier}`);
    await ada.page.getByRole('button', { name: 'No', exact: true }).click();
    for (const { name, width, height } of SIZES) {
      await ada.page.setViewportSize({ width, height });
      await shoot(ada.page, `${server.url}/${screens.frontier}`, join(PUBLISHED, `${name}.png`));
    }
  } else {
    await mkdir(folder, { recursive: true });
    for (const scheme of SCHEMES) {
      await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      for (const { name: size, width, height } of SIZES) {
        await ada.page.setViewportSize({ width, height });
        for (const [screen, path] of Object.entries(screens)) {
          await shoot(ada.page, `${server.url}/${path}`, join(folder, `${screen}-${size}-${scheme}.png`));
        }
      }
    }
  }
} finally {
  await Promise.all([owner, guest].map((browser) => browser.close()));
  await Promise.all([owner, guest].map(({ profile }) => removeProfile(profile)));
  await server.close();
}

/** Once the screen has what it shows: no placeholder left. */
async function shoot(page: Page, url: string, path: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => {
    const text = document.querySelector('main')?.textContent ?? '';
    return text.trim() !== '' && !text.includes('Loading');
  });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path });
  console.log(path);
}
