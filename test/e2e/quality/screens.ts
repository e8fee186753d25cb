// Every screen, and each state of one that looks different. Pages of a grove come from the app's own list, and a route that
// is told nothing of here is a type error: no screen is forgotten. Knows no check.
import type { Locator, Page } from 'playwright';
import { GROVE_PAGES, href, type GrovePage, type Route } from '../../../src/routes.ts';
import { strings } from '../../../src/strings.ts';
import { devices } from '../../../src/strings/devices.ts';
import { identity } from '../../../src/strings/identity.ts';
import { network } from '../../../src/strings/network.ts';

/** What the screens are shown of. */
export interface Places {
  /** A grove with many contributions, and one without any. */
  grove: string;
  empty: string;
  /** The best contribution; one's own with files of several kinds; one whose file nobody has. */
  best: string;
  mine: string;
  away: string;
  /** What a moderator hid. */
  hidden: string;
  /** Fragment of an invite link. */
  invite: string;
}
export interface Screen {
  name: string;
  /** Who looks: a member of the groves, someone who was never here, one who waits to be let in, or whose key the browser removed. */
  as: 'member' | 'guest' | 'waiting' | 'lost';
  hash(at: Places): string;
  /** Brings the screen from its address into the state. */
  open?(page: Page, at: Places): Promise<unknown>;
}
interface State {
  name: string;
  hash?(at: Places): string;
  open?(page: Page, at: Places): Promise<unknown>;
}

const press = (at: Page | Locator, name: string | RegExp): Promise<void> =>
  at
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();
/** Opens each disclosure of the page. */
const unfold = (page: Page): Promise<void> =>
  page.locator('main details').evaluateAll((all) => all.forEach((each) => each.setAttribute('open', '')));

const screens = (
  route: string,
  hash: (at: Places) => string,
  states: readonly State[] = [],
  as: Screen['as'] = 'member',
): Screen[] => [
  { name: route, as, hash },
  ...states.map((state) => ({ as, hash, ...state, name: `${route}, ${state.name}` })),
];

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

/** States of the pages of a grove, beside the page as it opens. */
const STATES: Partial<Record<GrovePage, State[]>> = {
  log: [
    {
      name: 'an entry opened',
      async open(page) {
        await page.getByTestId('log-rows').getByRole('button').first().click();
        await page.getByTestId('log-entry').waitFor();
        await unfold(page);
      },
    },
  ],
  graph: [
    {
      name: 'one chosen',
      async open(page) {
        await page.locator('[data-testid=graph-canvas][data-nodes]').press('ArrowLeft');
        await page.getByRole('button', { name: strings.graph.showLineage }).waitFor();
      },
    },
    {
      name: 'lineage',
      async open(page) {
        await page.locator('[data-testid=graph-canvas][data-nodes]').press('ArrowLeft');
        await press(page, strings.graph.showLineage);
        await page.getByTestId('lineage-node').first().waitFor();
      },
    },
    {
      name: 'table',
      async open(page) {
        await page.getByRole('radio', { name: strings.graph.table }).check();
        await page.getByRole('table').waitFor();
      },
    },
  ],
  peers: [
    {
      name: 'unfolded',
      async open(page) {
        await unfold(page);
        await page.getByTestId('gossip-log').waitFor();
        await page.getByTestId('mesh-list').waitFor();
        await page.getByTestId('held-by').first().waitFor();
        await press(page, strings.peers.leave);
        await page.getByText(strings.peers.leaveAsk).waitFor();
      },
    },
    {
      name: 'links checked, a report made',
      async open(page) {
        await press(page, network.diagnosis.ask);
        await page.getByTestId('finding').first().waitFor();
        await press(page, network.report.make);
        await page.getByTestId('report').waitFor();
      },
    },
  ],
  hand: [
    {
      name: 'a text made',
      async open(page) {
        await press(page, strings.hand.make);
        await page.getByTestId('hand-offer').waitFor();
      },
    },
    { name: 'replying', open: (page) => page.getByRole('tab', { name: strings.hand.reply }).click() },
  ],
  invite: [
    {
      name: 'a link made',
      async open(page) {
        await press(page, strings.invite.make);
        await page.getByRole('img', { name: strings.invite.qr }).waitFor();
      },
    },
    {
      name: 'one to be withdrawn',
      async open(page) {
        await press(page, /^Withdraw/);
        await page.getByText(strings.invite.withdrawAsk).waitFor();
      },
    },
  ],
  about: [
    {
      name: 'unfolded',
      async open(page) {
        await page.getByTestId('member').first().waitFor();
        await page.getByTestId('join-request').waitFor();
        await page.getByTestId('report').waitFor();
        await unfold(page);
      },
    },
    {
      name: 'a no and hiding asked for',
      async open(page) {
        await press(page, /^Say no /);
        await press(page, /^Hide /);
        await page.getByText(strings.moderation.hideAsk).waitFor();
      },
    },
    {
      name: 'a ban asked for',
      async open(page) {
        await page.getByTestId('member').first().waitFor();
        await unfold(page);
        await press(page, /^Ban /);
        await page.getByText(strings.members.banMeans[0]).waitFor();
      },
    },
  ],
};

export const SCREENS: readonly Screen[] = [
  ...Object.values(ROUTES).flat(),
  ...GROVE_PAGES.flatMap((page) => [
    ...screens(page, ({ grove }) => `${href.grove(grove)}/${page}`, STATES[page]),
    ...screens(`${page} of nothing`, ({ empty }) => `${href.grove(empty)}/${page}`),
  ]),
];

/** Goes to a screen as one does, from an empty page, and brings it into its state. */
export async function visit(page: Page, screen: Screen, at: Places): Promise<void> {
  // A dialog covers whatever page is below.
  await page.keyboard.press('Escape');
  await goTo(page, '#/nothing');
  await goTo(page, screen.hash(at));
  await screen.open?.(page, at);
  await settle(page);
}

async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(
    (next) =>
      new Promise<void>((resolve) => {
        if (location.hash === next) {
          resolve();
          return;
        }
        addEventListener('hashchange', () => resolve(), { once: true });
        location.hash = next;
      }),
    hash,
  );
  await settle(page);
}

/** Once the screen has what it shows: no placeholder is left, and what was decided is drawn. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction((loading) => {
    const text = document.querySelector('main')?.textContent ?? '';
    return text.trim() !== '' && !text.includes(loading);
  }, strings.app.loading);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}
