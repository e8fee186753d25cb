// What there is to see: a full grove with someone else in it, one without anything, files of several kinds, and one that
// nobody has. All of it made by real peers through the page's own API.
import { hasSummary, until } from '../harness.ts';
import type { Person } from './people.ts';
import type { Places } from './screens.ts';

/** Of the sample. */
const CONTRIBUTIONS = 109;
const NOBODY_HAS = `blake3:${'5'.repeat(64)}`;
const DESCRIPTION = `# How

It is the *same* run with \`lr=0.02\`, see [the paper](https://example.org/paper).

| seed | minutes |
|---|---|
| 7 | 1.9 |
| 8 | 2.0 |

## What is next

- [x] one seed
- [ ] many seeds

> Less is more.
`;

export async function furnish(ada: Person, ben: Person, cleo: Person): Promise<Places> {
  await ada.call('setName', 'Ada');
  await ben.call('setName', 'Ben');
  const { id: grove } = await ada.call('openSample');
  const { id: empty } = await ada.call('createGrove', { name: 'Nothing yet' });
  const invite = await ada.call('invite', grove);
  await ben.call('join', invite);
  await until(
    async () => (await ben.call('groves'))[0]?.contributions === CONTRIBUTIONS,
    'the sample at the second peer',
  );
  const best = (await ada.call('frontier', grove)).byMetric['minutes']?.entries[0]?.cid ?? '';
  const { cid: mine } = await ada.call('contribute', grove, {
    kind: 'work',
    summary: 'Two seeds of the best',
    description: DESCRIPTION,
    relations: [{ targetCid: best, relationType: 'derives_from' }],
    artifacts: {
      'notes.md': DESCRIPTION,
      'runs.csv': 'seed,minutes\n7,1.9\n8,2.0\n',
      'settings.json': JSON.stringify({ lr: 0.02, seeds: [7, 8], deep: { er: null } }),
      'train.py': 'def step(lr: float) -> None:\n    """One step."""\n    return None\n',
    },
    tags: ['seed-7', 'seed-8'],
  });
  await ben.call('contribute', grove, {
    kind: 'ask_user',
    summary: 'Which seeds?',
    relations: [{ targetCid: best, relationType: 'responds_to' }],
  });
  const { cid: away } = await ada.call('publish', grove, {
    manifestVersion: 1,
    kind: 'work',
    mode: 'evaluation',
    summary: 'Made elsewhere',
    artifacts: { 'weights.bin': NOBODY_HAS },
    relations: [],
    tags: [],
    agent: { agentId: 'elsewhere' },
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  // One thing hidden, one reported, and one who waits to be let in.
  const { cid: hidden } = await ben.call('contribute', grove, {
    ...{ kind: 'discussion', summary: 'Buy this watch' },
    relations: [{ targetCid: best, relationType: 'responds_to' }],
  });
  await until(() => hasSummary(ada, grove, 'Buy this watch'), 'what is to be hidden');
  await ada.call('hide', grove, hidden, { reason: 'Advertising' });
  await until(() => hasSummary(ben, grove, 'Two seeds of the best'), 'what is to be reported');
  await ben.call('report', grove, mine, 'The file names are mixed up');
  await until(async () => (await ada.call('reports', grove)).length === 1, 'the report');
  await ada.call('contract', grove, { join: 'moderated' });
  await until(async () => (await ben.call('contract', grove)).join === 'moderated', 'who comes in');
  await cleo.call('setName', 'Cleo');
  await cleo.call('join', invite);
  await until(async () => (await cleo.call('groves'))[0]?.waiting === true, 'one who waits');
  await until(async () => (await ada.call('joinRequests', grove)).length === 1, 'what it asks');
  // One file that comes because it is asked for: it stands among what is on its way until one clears it.
  await ada.call('policy', grove, { artifacts: 'on-demand' });
  const { cid: later } = await ben.call('contribute', grove, {
    kind: 'reproduction',
    summary: 'The same on other machines',
    relations: [{ targetCid: best, relationType: 'reproduces' }],
    artifacts: { 'log.txt': 'step 1\n'.repeat(40_000) },
  });
  await until(
    () => hasSummary(ada, grove, 'The same on other machines'),
    'the reproduction at the first peer',
  );
  await ada.call('fetch', grove, later, { artifacts: true });
  return { grove, empty, best, mine, away, hidden, invite: new URL(invite).hash };
}
