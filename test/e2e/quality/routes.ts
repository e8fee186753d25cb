// Every screen but the pages of a grove, and each state of one that looks different. A route that is told nothing of here or in
// grove-pages.ts is a type error: no screen is forgotten. Knows no check.
import type { Locator } from 'playwright';
import { href, type GrovePage, type Route } from '../../../src/routes.ts';
import { strings } from '../../../src/strings.ts';
import { devices } from '../../../src/strings/devices.ts';
import { identity } from '../../../src/strings/identity.ts';
import { press, screens, unfold, type Screen } from './screens.ts';

const ROUTES: Record<Exclude<Route['name'], GrovePage>, Screen[]> = {
  home: [
    ...screens('home', () => href.home, [
      {
        name: 'a grove is made',
        async open(page) {
          await press(page, strings.welcome.create);
          await press(page, strings.create.addMetric);
          await press(page, strings.create.submit);
          await page.getByText(strings.create.nameMissing).waitFor();
        },
      },
      {
        name: 'a code is scanned',
        async open(page) {
          await press(page, strings.scan.open);
          await page.getByText(strings.scan.pasteHint).waitFor();
          await page.getByText(strings.scan.asking).waitFor({ state: 'detached' });
        },
      },
      {
        name: 'the palette',
        async open(page) {
          await page.keyboard.press('Control+k');
          await page.getByRole('option').first().waitFor();
        },
      },
      {
        name: 'the keys',
        async open(page) {
          await page.keyboard.press('?');
          await page.getByRole('heading', { name: strings.keys.title }).waitFor();
        },
      },
    ]),
    ...screens(
      'home at first',
      () => href.home,
      [
        {
          name: 'a backup to be restored',
          async open(page) {
            await press(page, strings.welcome.restore);
            await page.getByTestId('backup-file').waitFor();
            await press(page, identity.restore.go);
            await page.getByText(identity.restore.fileMissing).waitFor();
          },
        },
      ],
      'guest',
    ),
    ...screens(
      'a removed identity',
      () => href.home,
      [
        {
          name: 'to begin anew',
          async open(page) {
            await press(page, identity.lost.anew);
            await page.getByText(identity.lost.anewMeans[0]).waitFor();
          },
        },
      ],
      'lost',
    ),
    ...screens('home of who waits', () => href.home, [], 'waiting'),
    ...screens('waiting to be let in', ({ grove }) => href.grove(grove), [], 'waiting'),
  ],
  join: [
    ...screens('join', ({ invite }) => invite, [], 'guest'),
    ...screens('join as a member', ({ invite }) => invite),
    ...screens('join by nothing', () => '#/join/broken', [], 'guest'),
  ],
  settings: screens('settings', () => href.settings, [
    {
      name: 'unfolded, to be erased',
      async open(page) {
        const { settings, data } = strings;
        await press(page, settings.addServer);
        await page.getByRole('textbox', { name: settings.iceUrl }).fill('stun:stun.example');
        await page.getByRole('checkbox', { name: settings.relayOnly }).check();
        await unfold(page);
        await page.getByRole('combobox').first().waitFor();
        await press(page, data.eraseButton);
        await page.getByText(data.eraseMeans[0]).waitFor();
      },
    },
    {
      name: 'a backup refused, a new key asked for',
      hash: () => href.identity,
      async open(page) {
        await press(page, identity.backup.make);
        await page.getByText(identity.backup.missing).waitFor();
        await press(page, identity.renew.button);
        await page.getByText(identity.renew.means[0]).waitFor();
      },
    },
    {
      name: 'a device is added',
      hash: () => href.devices,
      async open(page) {
        await press(page, devices.add);
        await page.getByTestId('device-ask').waitFor();
        await page.getByRole('img', { name: strings.hand.qr }).waitFor();
      },
    },
    {
      name: 'this device is added to others',
      hash: () => href.devices,
      async open(page) {
        await press(page, devices.join);
        await page.getByTestId('device-take-ask').waitFor();
      },
    },
    {
      name: 'storage',
      hash: () => href.storage,
      async open(page) {
        await page.getByTestId('grove-usage').first().waitFor();
        await unfold(page);
        await page.getByTestId('stored').first().waitFor();
      },
    },
    {
      name: 'the store is checked',
      hash: () => href.storage,
      async open(page) {
        await press(page, strings.check.look);
        await page.getByText(strings.check.sound).waitFor();
      },
    },
  ]),
  frontier: [
    ...screens('frontier', ({ grove }) => href.grove(grove), [
      {
        name: 'another ranking',
        open: (page) => page.getByRole('tab', { name: strings.frontier.byAdoption }).click(),
      },
      {
        name: 'what is on its way',
        async open(page) {
          await page.getByTestId('transfers-button').click();
          await page.getByTestId('transfer').first().waitFor();
        },
      },
    ]),
    ...screens('frontier of nothing', ({ empty }) => href.grove(empty)),
  ],
  list: [
    ...screens('list', ({ grove }) => href.list(grove), [
      { name: 'nothing found', hash: ({ grove }) => href.list(grove, { text: 'xyzzy', kind: 'plan' }) },
    ]),
    ...screens('list of nothing', ({ empty }) => href.list(empty)),
  ],
  contribution: screens('contribution', ({ grove, best }) => href.contribution(grove, best), [
    {
      name: 'files looked at, to be retracted',
      hash: ({ grove, mine }) => href.contribution(grove, mine),
      async open(page) {
        const rows = page.getByTestId('artifact-row');
        await rows.nth(3).waitFor();
        for (const row of await rows.all()) {
          await press(row, new RegExp(`^${strings.files.preview}`));
          await row.locator('.wide').first().waitFor();
        }
        await unfold(page);
        await press(page, strings.contribution.retract);
        await page.getByText(strings.contribution.retractAsk).waitFor();
      },
    },
    {
      name: 'hidden',
      hash: ({ grove, hidden }) => href.contribution(grove, hidden),
      async open(page) {
        await page.getByTestId('hidden').waitFor();
      },
    },
    {
      name: 'to be reported',
      hash: ({ grove, mine }) => href.contribution(grove, mine),
      async open(page) {
        await press(page, /^Report /);
        await page.getByText(strings.moderation.reportAsk).waitFor();
      },
    },
    { name: 'not here', hash: ({ grove, away }) => href.contribution(grove, away) },
  ]),
  compose: screens('compose', ({ grove }) => href.compose(grove), [
    {
      name: 'refused',
      async open(page) {
        await page.getByRole('textbox', { name: /^minutes/ }).fill('soon');
        await press(page, strings.compose.submit);
        await page.getByText(strings.compose.summaryMissing).waitFor();
      },
    },
    {
      name: 'discarded',
      async open(page) {
        await page.getByRole('textbox', { name: strings.compose.summary, exact: true }).fill('No');
        await press(page, strings.compose.discard);
        await page.getByRole('button', { name: strings.compose.undo, exact: true }).waitFor();
      },
    },
    {
      name: 'filled in',
      hash: ({ grove, best }) => href.compose(grove, best),
      async open(page) {
        const field = (name: string): Locator => page.getByRole('textbox', { name, exact: true });
        await field(strings.compose.description).fill('# How\n\n- less `data`\n\n> more | thought');
        await field(strings.compose.tags).fill('seed-7');
        await field(strings.compose.tags).press('Enter');
        await page
          .locator('input[type=file]:not([webkitdirectory])')
          .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
        await press(page, strings.compose.addScore);
        await unfold(page);
        await page.getByRole('heading', { name: 'How', exact: true }).waitFor();
        await page.getByRole('button', { name: strings.compose.removeTag('seed-7') }).waitFor();
      },
    },
  ]),
  new: screens('contribute somewhere', () => '#/new'),
  unknown: screens('nothing at this address', () => '#/nothing/here'),
};

export const ROUTE_SCREENS: readonly Screen[] = Object.values(ROUTES).flat();
