// The main job, end to end: two browser processes, one graph, no server in between.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeProfile, serve, startBrowser, until, type Browser, type Served, type Tab } from './harness.ts';

describe('two browsers', () => {
  let server: Served;
  let a: Browser;
  let b: Browser;
  let alice: Tab;
  let bob: Tab;

  beforeAll(async () => {
    server = await serve();
    [a, b] = await Promise.all([startBrowser(), startBrowser()]);
    [alice, bob] = await Promise.all([a.open(server.url), b.open(server.url)]);
  });
  afterAll(async () => {
    await Promise.all([a, b].map((browser) => browser.close()));
    await Promise.all([a, b].map(({ profile }) => removeProfile(profile)));
    await server.close();
  });

  it('create, invite, join, contribute with a file, fetch, derive', async () => {
    await alice.call('setName', 'Ada');
    await bob.call('setName', 'Ben');
    const { id } = await alice.call('createGrove', {
      name: 'Speedrun',
      metrics: [{ name: 'minutes', direction: 'minimize' }],
    });
    const url = await alice.call('invite', id);
    await bob.call('join', url);
    await until(
      async () => (await bob.call('groves')).find((grove) => grove.state === 'active'),
      'bob is in',
    );

    const { cid } = await alice.call('contribute', id, {
      kind: 'work',
      summary: 'Baseline',
      scores: { minutes: { value: 45, direction: 'minimize' } },
      artifacts: { 'notes.txt': 'x'.repeat(300_000) },
    });
    await until(
      async () =>
        (await bob.call('frontier', id)).byMetric['minutes']?.entries.some((entry) => entry.cid === cid),
      'the frontier at bob',
    );
    const held = await bob.call('fetch', id, cid);
    expect(held.files).toMatchObject([{ name: 'notes.txt', held: true, size: 300_000 }]);
    const child = await bob.call('contribute', id, {
      kind: 'work',
      summary: 'Faster',
      scores: { minutes: { value: 31, direction: 'minimize' } },
      relations: [{ targetCid: cid, relationType: 'derives_from' }],
    });
    expect(await bob.call('replicated', id, child.cid, 1)).toEqual({ copies: 1 });
    expect((await alice.call('contribution', id, cid)).incoming).toMatchObject([{ cid: child.cid }]);
  });
});
