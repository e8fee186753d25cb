// The pages of a grove, from the app's own list, and each state of one that looks different. Knows no check.
import { GROVE_PAGES, href, type GrovePage } from '../../../src/routes.ts';
import { strings } from '../../../src/strings.ts';
import { network } from '../../../src/strings/network.ts';
import { press, screens, unfold, type Screen, type State } from './screens.ts';

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

export const GROVE_SCREENS: readonly Screen[] = GROVE_PAGES.flatMap((page) => [
  ...screens(page, ({ grove }) => `${href.grove(grove)}/${page}`, STATES[page]),
  ...screens(`${page} of nothing`, ({ empty }) => `${href.grove(empty)}/${page}`),
]);
