// The example that the README points to runs as it is.
import { expect, it } from 'vitest';
import { contributeOnce } from '../example/agent.ts';
import { removeProfile, serve, startBrowser } from './harness.ts';

it('the example agent joins, fetches, derives, is replicated, and leaves', async () => {
  const server = await serve();
  const [person, agent] = await Promise.all([startBrowser(), startBrowser()]);
  try {
    const tab = await person.open(server.url);
    const { id } = await tab.call('createGrove', {
      name: 'For agents',
      metrics: [{ name: 'loss', direction: 'minimize' }],
    });
    const first = await tab.call('contribute', id, {
      kind: 'work',
      summary: 'A start',
      scores: { loss: { value: 2, direction: 'minimize' } },
      artifacts: { 'model.txt': 'weights' },
    });
    const invite = await tab.call('invite', id);
    const outcome = await contributeOnce(await agent.context.newPage(), invite, (value) => value / 2);
    expect(outcome).toMatchObject({ grove: id, parent: first.cid, copies: 1 });
    const { entries } = (await tab.call('frontier', id)).byMetric['loss'] ?? { entries: [] };
    expect(entries.map(({ cid, value }) => [cid, value])).toEqual([
      [outcome.child, 1],
      [first.cid, 2],
    ]);
    expect((await tab.call('contribution', id, outcome.child)).agent.agentId).toBe('example-agent');
  } finally {
    await Promise.all([person, agent].map((browser) => browser.close()));
    await Promise.all([person, agent].map(({ profile }) => removeProfile(profile)));
    await server.close();
  }
});
