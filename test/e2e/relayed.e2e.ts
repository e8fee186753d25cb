// Links by a real TURN server alone: what passes, which addresses leave the device, and what is told once the server is gone.
// Skipped where there is no turnserver.
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { network } from '../../src/strings/network.ts';
import { href } from '../../src/routes.ts';
import { linksTo, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';
import { hasTurnServer, startTurnServer } from './turn-server.ts';
import type { TurnServer } from './turn-server.ts';

if (!hasTurnServer)
  console.log('There is no turnserver here (Debian: apt-get install coturn): its tests are skipped.');

const SLOW = 90_000;
const CONTENT = 'pond,depth\nnorth,3\n';

interface Made {
  candidates: string[];
  /** Types of the selected pair's two candidates; null where none is selected. */
  pair: [string, string] | null;
}

/** What this tab's connections, closed ones too, ever gathered; and the way of those that stand. */
const connectionsOf = (tab: Tab): Promise<Made[]> =>
  tab.page.evaluate(async () => {
    const { madeConnections } = window;
    return Promise.all(
      madeConnections.map(async (connection) => {
        const lines = (connection.localDescription?.sdp ?? '').split(/\r?\n/);
        const rows = new Map<string, Record<string, unknown>>();
        const report = await connection.getStats();
        report.forEach((row: Record<string, unknown>, id: string) => rows.set(id, row));
        const of = (id: unknown): Record<string, unknown> | undefined => rows.get(String(id));
        const transport = [...rows.values()].find(({ type }) => type === 'transport');
        const pair = of(transport?.['selectedCandidatePairId']);
        const typeOf = (id: string): string => String(of(pair?.[id])?.['candidateType']);
        return {
          candidates: lines.filter((line) => line.startsWith('a=candidate:')),
          pair: pair ? ([typeOf('localCandidateId'), typeOf('remoteCandidateId')] as [string, string]) : null,
        };
      }),
    );
  });

/** The addresses of this machine that a browser would gather without the setting. */
const ownAddresses = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ internal }) => !internal)
  .map(({ address }) => address);

describe.skipIf(!hasTurnServer)('links by a TURN server alone', () => {
  let server: Served;
  let turn: TurnServer;
  const browsers: Browser[] = [];
  let ada: Tab;
  let ben: Tab;
  let grove = '';

  beforeAll(async () => {
    [server, turn] = await Promise.all([serve(), startTurnServer()]);
    browsers.push(...(await Promise.all([startBrowser(), startBrowser()])));
    [ada, ben] = (await Promise.all(browsers.map((browser) => browser.open(server.url)))) as [Tab, Tab];
    for (const tab of [ada, ben])
      await tab.call('settings', { iceServers: [turn.iceServer], relayOnly: true });
    grove = await share(ada, ben);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
    await turn.close();
    await server.close();
  });

  it('K9: a contribution and its file arrive by a path that is a relay at both ends', async () => {
    const { cid } = await ada.call('contribute', grove, {
      kind: 'work',
      summary: 'Depths of the ponds',
      artifacts: { 'ponds.csv': CONTENT },
    });
    await until(
      async () => (await ben.call('contribution', grove, cid)).files[0]?.held,
      'ben holds it',
      SLOW,
    );
    for (const tab of [ada, ben]) {
      const pairs = await until(async () => {
        const selected = (await connectionsOf(tab)).flatMap(({ pair }) => (pair === null ? [] : [pair]));
        // A check may come before the word of its candidate: until then its type is not known.
        return selected.length > 0 && !selected.flat().includes('prflx') && selected;
      }, 'a path is selected');
      for (const pair of pairs) expect(pair).toEqual(['relay', 'relay']);
    }
  });

  it('K9: every candidate that leaves is one of the server, and none tells an address of this machine', async () => {
    for (const tab of [ada, ben]) {
      const candidates = (await connectionsOf(tab)).flatMap((made) => made.candidates);
      expect(candidates.length).toBeGreaterThan(0);
      for (const candidate of candidates) {
        expect(candidate).toMatch(/ 127\.0\.0\.1 \d+ typ relay raddr 0\.0\.0\.0 rport 0 /);
        for (const address of ownAddresses) expect(candidate).not.toContain(address);
      }
    }
  });

  it('K9: the page of peers tells that the link is relayed', async () => {
    const { page } = ada;
    await page.goto(`${server.url}/${href.peers(grove)}`);
    const row = page.locator('[data-testid=peer-row][data-state=linked]');
    await until(async () => (await row.innerText()).includes(network.path.relayed), 'the way is told', SLOW);
    await row.locator('summary').click();
    const turns = network.path.kinds['relay'] ?? '';
    await row.getByText(network.path.is(true, turns, turns, 'udp')).waitFor();
  });

  it('K9, O5: once the server is gone nobody is linked, no other path is tried, and the diagnosis says why', async () => {
    const { page } = ada;
    const bens = (await ben.call('identity')).peerId;
    const before = (await connectionsOf(ada)).length;
    await turn.kill();
    await until(async () => (await linksTo(ada, bens)).length === 0, 'the link ends', SLOW);
    const tried = await until(async () => {
      const made = (await connectionsOf(ada)).slice(before);
      return made.length > 0 && made;
    }, 'another try');
    expect(tried.flatMap(({ candidates }) => candidates)).toEqual([]);
    // A finding may offer the same above it.
    await page.getByRole('button', { name: network.state.test }).last().click();
    const finding = page.locator('[data-testid=finding][data-code=relay-only-dead]');
    await finding.waitFor({ timeout: SLOW });
    expect(await finding.innerText()).toContain(network.diagnosis.findings['relay-only-dead'][0]);
    expect(await linksTo(ada, bens)).toEqual([]);
    const later = (await connectionsOf(ada)).slice(before);
    expect(later.flatMap(({ candidates }) => candidates)).toEqual([]);
  });
});
