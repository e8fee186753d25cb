// Three real browsers' peers: the drawing shows who is linked to whom, what passes is counted, and a report tells nothing it should not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../src/strings/network.ts';
import { removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

const CANARY = 'canary';
/** Nothing answers there. */
const DEAD = 'stun:127.0.0.1:9';
const SLOW = 90_000;

describe('the page of peers', () => {
  let server: Served;
  const started: Browser[] = [];
  let tabs: Tab[] = [];
  let grove = '';
  let invite = '';

  beforeAll(async () => {
    server = await serve();
    started.push(...(await Promise.all([startBrowser(), startBrowser(), startBrowser()])));
    tabs = await Promise.all(started.map((browser) => browser.open(server.url)));
    const [ada, ben, cem] = tabs;
    if (ada === undefined || ben === undefined || cem === undefined) throw new Error('three were started');
    for (const [index, tab] of tabs.entries()) await tab.call('setName', `${CANARY}-name-${index}`);
    grove = await share(ada, ben, cem);
    invite = await ada.call('invite', grove);
    for (const tab of tabs)
      await until(
        async () => (await tab.call('peers', grove)).filter(({ neighbour }) => neighbour).length === 2,
        'all are neighbours',
        SLOW,
      );
    await ada.page.goto(`${server.url}/#/g/${grove}/peers`);
  });
  afterAll(async () => {
    await Promise.all(started.map((browser) => browser.close()));
    await Promise.all(started.map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  const first = (): Tab => {
    const [ada] = tabs;
    if (ada === undefined) throw new Error('nobody is there');
    return ada;
  };

  it('P10: shows the three and the three links between them, one of which only the others know', async () => {
    const { page } = first();
    await page.locator('[data-testid=mesh][data-nodes="3"][data-lines="3"]').waitFor({ timeout: SLOW });
    expect(await page.locator('[data-testid=mesh-node][data-state=linked]').count()).toBe(2);
    await page.getByText(network.mesh.list, { exact: true }).click();
    const rows = page.getByTestId('mesh-list').locator('tbody tr');
    await until(async () => (await rows.count()) === 3, 'a row for each link');
    expect(await page.locator('[data-testid=mesh-list] tr[data-own=true]').count()).toBe(2);
    const told = await page.locator('[data-testid=mesh-list] tr[data-own=false]').innerText();
    expect(told).toContain(`${CANARY}-name-1`);
    expect(told).toContain(`${CANARY}-name-2`);
  });

  it('P10: news that travel are counted where they travel, and drawn unless less motion is asked for', async () => {
    const { page, call } = first();
    const before = Number(await page.getByTestId('mesh-summary').getAttribute('data-messages'));
    const sum = async (): Promise<number> => {
      const rows = page.locator('[data-testid=mesh-list] tr[data-own=true]');
      const news = await rows.evaluateAll((all) => all.map((row) => Number(row.getAttribute('data-news'))));
      return news.reduce((total, each) => total + each, 0);
    };
    const newsBefore = await sum();
    const drawn = page.waitForSelector('[data-testid=mesh] circle.mark.news', {
      state: 'attached',
      timeout: SLOW,
    });
    await call('contribute', grove, { kind: 'work', summary: `${CANARY}-summary` });
    await drawn;
    await until(async () => (await sum()) > newsBefore, 'the news are counted', SLOW);
    expect(Number(await page.getByTestId('mesh-summary').getAttribute('data-messages'))).toBeGreaterThan(
      before,
    );

    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('[data-testid=mesh] text.count').first().waitFor({ timeout: SLOW });
    expect(await page.locator('[data-testid=mesh] circle.mark').count()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  it('tells the way packets take, and what another holds', async () => {
    const { page } = first();
    const row = page.locator('[data-testid=peer-row][data-state=linked]').first();
    await until(async () => (await row.innerText()).includes(network.path.direct), 'the way is told', SLOW);
    await row.locator('summary').click();
    const held = row.getByTestId('held-by');
    await until(async () => /all \d+ entries/.test(await held.innerText()), 'what it holds', SLOW);
    await row.getByTestId('rate').waitFor({ timeout: SLOW });
  });

  it('O6: a server that does not answer is found out, and the report holds none of what was put in', async () => {
    const { page, call } = first();
    await call('settings', {
      iceServers: [
        { urls: [DEAD] },
        { urls: ['turn:127.0.0.1:9'], username: `${CANARY}-user`, credential: `${CANARY}-pass` },
      ],
    });
    await page.getByRole('button', { name: network.diagnosis.ask }).click();
    await page.locator('[data-testid=finding][data-code=linked]').waitFor({ timeout: SLOW });
    await page.locator('[data-testid=finding][data-code=ice-dead]').waitFor({ timeout: SLOW });
    await page.getByRole('button', { name: network.state.test, disabled: false }).waitFor({ timeout: SLOW });
    await page.getByRole('button', { name: network.report.make }).click();
    const shown = await page.getByLabel(network.report.label).inputValue();
    await page.getByRole('button', { name: network.report.copy }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);

    const peers = await Promise.all(tabs.map(async (tab) => (await tab.call('identity')).peerId));
    const secrets = [grove, new URL(invite).hash.slice('#/join/'.length), ...peers, '127.0.0.1', '://'];
    for (const secret of [...secrets, CANARY, new URL(server.url).port]) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/[0-9a-f]{12,}/);
    for (const peer of peers) expect(shown).toContain(peer.slice(0, 6));
    const report = JSON.parse(shown) as { servers: { tested: { kind: string; ok: boolean }[] } };
    expect(report).toMatchObject({ servers: { stun: 1, turn: 1 }, tabs: { links: 'this tab' } });
    const tested = report.servers.tested.map(({ kind, ok }) => `${kind} ${ok}`);
    expect(tested.sort()).toEqual(['stun false', 'turn false']);
  });

  it('O5: once the others are gone the page says that nobody is there', async () => {
    const { page } = first();
    await Promise.all(tabs.slice(1).map((tab) => tab.page.close()));
    await page.locator('[data-testid=finding][data-code=nobody-there]').waitFor({ timeout: SLOW });
    await page.getByTestId('mesh').waitFor({ state: 'detached', timeout: SLOW });
  });
});
