// One profile used twice is one device with two histories: the others set aside what follows, and show the proof.
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { strings } from '../../src/strings.ts';
import { hasSummary, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served } from './harness.ts';

let server: Served;
const profiles: string[] = [];
const open = new Set<Browser>();

beforeAll(async () => {
  server = await serve();
});
afterAll(async () => {
  await Promise.all([...open].map((browser) => browser.close()));
  await Promise.all(profiles.map(removeProfile));
  await server.close();
});

async function start(profile?: string): Promise<Browser> {
  const browser = await startBrowser(profile === undefined ? {} : { profile });
  open.add(browser);
  if (profile === undefined) profiles.push(browser.profile);
  return browser;
}
async function stop(browser: Browser): Promise<void> {
  open.delete(browser);
  await browser.close();
}

it('S8, S13: two histories of one device are told of with their proof, and what follows is set aside', async () => {
  const [first, other] = [await start(), await start()];
  const ada = await first.open(server.url);
  const ben = await other.open(server.url);
  await ben.call('setName', 'Ben');
  const grove = await share(ada, ben);
  await ben.call('contribute', grove, { kind: 'work', summary: 'Before' });
  await until(() => hasSummary(ada, grove, 'Before'), 'what came before is there');
  await stop(other);
  const copy = await mkdtemp(join(tmpdir(), 'thicket-copy-'));
  profiles.push(copy);
  await cp(other.profile, copy, { recursive: true, filter: (path) => !/Singleton/.test(path) });

  // Each copy writes while nobody hears it.
  await ada.page.close();
  for (const [at, profile] of [other.profile, copy].entries()) {
    const alone = await start(profile);
    const tab = await alone.open(server.url);
    await tab.call('contribute', grove, { kind: 'work', summary: `Branch ${at}` });
    await stop(alone);
  }
  const again = await first.open(`${server.url}/#/g/${grove}/about`);
  const one = await start(other.profile);
  await one.open(server.url);
  await until(() => hasSummary(again, grove, 'Branch 0'), 'one history came', 60_000);
  await stop(one);
  const two = await start(copy);
  await two.open(server.url);

  const proof = again.page.getByTestId('fork-proof');
  await proof.waitFor({ timeout: 60_000 });
  await proof.locator('summary').click();
  const [known] = (await again.call('members', grove)).flatMap(({ quarantined }) => quarantined ?? []);
  expect(known?.ids).toHaveLength(2);
  for (const id of known?.ids ?? []) await proof.getByText(id, { exact: true }).waitFor();
  await again.page.getByTestId('fork').waitFor();
  await again.page.goto(`${server.url}/#/g/${grove}/log`);
  await again.page.getByTestId('log-rows').getByText(strings.log.standings.forked).first().waitFor();
});
