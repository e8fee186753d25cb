// `tsx test/bench/views.ts [N]`: what the views alone take to be filled with N contributions (100,000) and to answer pages and
// rankings through filters, in Node. For a look before the bench's job `graph`, which measures the same in the worker.
import { performance } from 'node:perf_hooks';
import { decodeRow } from '../../worker/core/sync/row.ts';
import { createViews, type ListFilter } from '../../worker/core/graph/views.ts';
import { cidOf } from '../../worker/core/model/ids.ts';
import { hash32 } from '../../worker/core/model/keys.ts';
import { parseManifest } from '../../worker/core/model/manifest.ts';
import { grow } from './grown.ts';
import { median, rounded } from './stats.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const FILTERS: Record<string, ListFilter> = {
  'no filter': {},
  'kind and tag': { kind: 'review', tags: ['kernel'] },
  'two tags': { tags: ['kernel', 'decay'] },
  'two tags, two kinds apart': { tags: ['kernel', 'decay'], kind: 'work', agentId: 'nobody' },
  'nothing fits': { kind: 'plan' },
  'author and mode': { agentId: 'nobody', mode: 'evaluation' },
  agentName: { agentName: 'nobody' },
  'no such context': { context: { seed: 1 } },
  text: { text: 'kernel decay' },
  'text and kind': { text: 'kernel dec', kind: 'review' },
  'rare text': { text: '77777' },
};

const heap = (): number => {
  globalThis.gc?.();
  return rounded(process.memoryUsage().heapUsed / 2 ** 20);
};
const timed = (run: () => unknown): number => {
  const began = performance.now();
  run();
  return performance.now() - began;
};
const tell = (figure: string, values: object): void => console.log(JSON.stringify({ figure, ...values }));
const often = (run: () => unknown): object => {
  const each = Array.from({ length: 7 }, () => timed(run));
  return { ms: rounded(median(each)), first: rounded(each[0] ?? NaN) };
};

const { rows } = grow({ contributions: COUNT, relations: COUNT * 1.45, authors: 100 });
const bodies = new Map(rows.flatMap(({ table, key, value }) => (table === 'bodies' ? [[key, value]] : [])));
const views = createViews({ metrics: [{ name: 'loss', direction: 'minimize' }] });
const before = heap();
const filling = timed(() => {
  for (const { table, value } of rows) {
    const row = table === 'log' ? decodeRow(value, hash32) : null;
    if (row?.ok !== true || row.value.entry.kind !== 'contribution') continue;
    const { entry } = row.value;
    const body = bodies.get(entry.body);
    const manifest = body === undefined ? null : parseManifest(body);
    if (manifest?.ok === true) views.addContribution(entry, cidOf(entry.body), manifest.value, body);
  }
});
tell('filled', {
  ms: Math.round(filling),
  contributions: views.counts().contributions,
  MiB: heap() - before,
});
tell('hash of all', { ms: Math.round(timed(() => views.digest())) });
const words: number[] = [];
for (let left = 1; left > 0;) words.push(timed(() => (left = views.prepare(250))));
tell('index of words', { ms: Math.round(words.reduce((a, b) => a + b)), most: rounded(Math.max(...words)) });
tell('after that', { MiB: heap() - before });
for (const [name, filter] of Object.entries(FILTERS))
  tell(
    `page, ${name}`,
    often(() => views.list({ limit: 50, ...filter })),
  );
for (const [name, { text, ...filter }] of Object.entries(FILTERS))
  if (text === undefined)
    tell(
      `frontier, ${name}`,
      often(() => views.frontier(filter, Date.now())),
    );
tell('after all', { MiB: heap() - before });
