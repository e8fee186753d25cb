// A real peer floods a link with 10,000 frames a second: it is cut off, and others' entries arrive meanwhile. How quick the
// page stays is the bench's to say.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flood, keepChannels, stopFlood } from './flooder.ts';
import { hasSummary, linksTo, removeProfile, serve, share, startBrowser, until } from './harness.ts';
import type { Browser, Served, Tab } from './harness.ts';

let server: Served;
const browsers: Browser[] = [];

beforeAll(async () => {
  server = await serve();
  browsers.push(...(await Promise.all([startBrowser(), startBrowser(), startBrowser()])));
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(browsers.map(({ profile }) => removeProfile(profile)));
  await server.close();
});

const standing = async (tab: Tab, peer: string) =>
  (await tab.call('peers')).find(({ peerId }) => peerId === peer)?.standing ?? null;

it('K10, P11: who floods is refused, and others’ entries arrive meanwhile', async () => {
  const [one, two, three] = browsers;
  if (!one || !two || !three) throw new Error('three browsers');
  // Its scripts would otherwise name functions by a helper that a page doesn't have.
  await three.context.addInitScript('globalThis.__name ??= (value) => value');
  await three.context.addInitScript(keepChannels);
  const [victim, honest, hostile] = [
    await one.open(server.url),
    await two.open(server.url),
    await three.open(server.url),
  ];
  const grove = await share(victim, honest, hostile);
  const [friend, flooder] = await Promise.all(
    [honest, hostile].map(async (tab) => (await tab.call('identity')).peerId),
  );
  if (friend === undefined || flooder === undefined) throw new Error('two peers');
  for (const peer of [friend, flooder])
    await until(async () => (await linksTo(victim, peer)).length > 0, 'the victim is linked', 60_000);
  await flood(hostile, 10_000);
  let written = 0;
  await until(
    async () => {
      written += 1;
      await honest.call('contribute', grove, { kind: 'discussion', summary: `meanwhile ${written}` });
      return (await standing(victim, flooder))?.state === 'refused';
    },
    'the flooder is refused',
    90_000,
  );
  await until(async () => (await linksTo(victim, flooder)).length === 0, 'its link is gone', 60_000);
  for (let n = 1; n <= written; n++)
    await until(() => hasSummary(victim, grove, `meanwhile ${n}`), `entry ${n} arrived`, 60_000);
  expect(await stopFlood(hostile)).toBeGreaterThan(1_000);
  expect((await standing(victim, flooder))?.seen.map(({ deed }) => deed)).toContain('flood');
  expect(await standing(victim, friend)).toMatchObject({ state: 'good' });
  expect((await victim.call('stats')).counters['frames.flooded']).toBeGreaterThan(1_000);
});
