// The example that the README points to runs as it is.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Outcome } from '../example/agent.ts';
import { removeProfile, serve, startBrowser } from './harness.ts';

const run = promisify(execFile);

it('the example agent joins, fetches, derives, is replicated, and leaves', async () => {
  const server = await serve();
  const person = await startBrowser();
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
    // As the README says it, in a process of its own.
    const { stdout } = await run('npx', ['tsx', 'test/example/agent.ts', invite]);
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ grove: id, parent: first.cid, copies: 1 });
    const { entries } = (await tab.call('frontier', id)).byMetric['loss'] ?? { entries: [] };
    expect(entries.map(({ cid, value }) => [cid, value])).toEqual([
      [outcome.child, 1.98],
      [first.cid, 2],
    ]);
    expect((await tab.call('contribution', id, outcome.child)).agent.agentId).toBe('example-agent');
  } finally {
    await person.close();
    await removeProfile(person.profile);
    await server.close();
  }
});
