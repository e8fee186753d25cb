// A real peer floods a link with 10,000 frames a second: it is cut off, and others' entries arrive meanwhile. How quick the
// page stays is the bench's to say.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flood, keepChannels, stopFlood } from './flooder.ts';
import { linksTo, removeProfile, serve, share, startBrowser, until } from './harness.ts';
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

it('K10, P11: who floods is cut off and doubted, and others’ entries arrive meanwhile', async () => {
  const [one, two, three] = browsers;
  if (!one || !two || !three) throw new Error('three browsers');
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
  await flood(hostile, 10_000, victim);
  let written = 0;
  await until(
    async () => {
      const { cid } = await honest.call('contribute', grove, { kind: 'discussion', summary: 'meanwhile' });
      await until(() => victim.call('contribution', grove, cid), 'another’s entry arrived', 60_000);
      written += 1;
      return (await linksTo(victim, flooder)).length === 0 && written >= 10;
    },
    'the flooder’s link is ended',
    60_000,
  );
  expect(await stopFlood(hostile)).toBeGreaterThan(1_000);
  const told = await standing(victim, flooder);
  expect(told?.seen.map(({ deed }) => deed)).toContain('flood');
  expect(['doubtful', 'refused']).toContain(told?.state);
  expect(await standing(victim, friend)).toMatchObject({ state: 'good' });
  expect((await victim.call('stats')).counters['frames.flooded']).toBeGreaterThanOrEqual(300);
});
