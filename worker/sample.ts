// The sample grove: public/sample.json as contributions that are yet to be hashed and signed. Pure; fetches nothing.
import * as v from 'valibot';
import { fail, ok } from './core/model/errors.ts';
import type { Result } from './core/model/errors.ts';
import type { Json } from './core/model/manifest.ts';

const MINUTES = { direction: 'minimize', unit: 'min' } as const;

export interface Sample {
  name: string;
  description: string;
  metrics: { name: 'minutes'; direction: 'minimize'; unit: 'min' }[];
  /** What a relation targets comes before it. */
  contributions: SampleContribution[];
}
export interface SampleContribution {
  localId: string;
  manifestFields: {
    kind: 'work' | 'reproduction';
    mode: 'evaluation';
    summary: string;
    description: string;
    tags: string[];
    scores: { minutes: { value: number; direction: 'minimize'; unit: 'min' } };
    agent: { agentId: string; agentName?: string; platform: string };
    context: { [key: string]: Json };
    createdAt: string;
  };
  /** `target` is a localId: CIDs are known only once the targets are hashed. */
  relations: SampleRelation[];
  artifact: { name: string; bytes: Uint8Array };
}
export interface SampleRelation {
  target: string;
  relationType: 'derives_from' | 'reproduces';
  metadata?: { [key: string]: Json };
}

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
const LocalId = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/));
const shared = {
  id: LocalId,
  track: v.picklist(['short', 'medium']),
  record: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  minutes: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  summary: text(256),
  date: v.pipe(v.string(), v.isoDate(), v.check(isDay, 'no such day')),
  by: v.nullable(text(128)),
  log: v.nullable(text(512)),
};
const Row = v.variant('kind', [
  v.strictObject({ ...shared, kind: v.literal('work'), derivesFrom: v.optional(LocalId) }),
  v.strictObject({ ...shared, kind: v.literal('reproduction'), reproduces: LocalId }),
]);
const File = v.strictObject({
  name: text(100),
  description: text(1000),
  source: v.strictObject({
    repository: v.pipe(v.string(), v.url(), v.startsWith('https://'), v.maxLength(512)),
    commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{8,40}$/)),
    date: v.pipe(v.string(), v.isoDate()),
    licence: text(64),
    note: text(1000),
  }),
  records: v.pipe(v.array(Row), v.minLength(1), v.maxLength(1000)),
});
type Row = v.InferOutput<typeof Row>;
type File = v.InferOutput<typeof File>;

/** Reads the parsed sample file. Refuses with `invalid` and the path of what is wrong; nothing is half read. */
export function sampleGrove(data: unknown): Result<Sample> {
  const parsed = v.safeParse(File, data, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return fail('invalid', `sample${pathOf(issue)}: ${issue.message.slice(0, 200)}`);
  }
  const { name, description, source, records } = parsed.output;
  const ordered = parentsFirst(records);
  if (!ordered.ok) return ordered;
  const byId = new Map(records.map((row) => [row.id, row]));
  return ok({
    name,
    description,
    metrics: [{ name: 'minutes', ...MINUTES }],
    contributions: ordered.value.map((row) => toContribution(row, byId, source)),
  });
}

const pathOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

const parentOf = (row: Row): string | undefined => (row.kind === 'work' ? row.derivesFrom : row.reproduces);

/** By date, then as the file has them, but never before what they point at. */
function parentsFirst(records: readonly Row[]): Result<Row[]> {
  const ids = new Set<string>();
  for (const { id } of records) {
    if (ids.has(id)) return fail('invalid', `sample.records: the id ${id} is there twice`);
    ids.add(id);
  }
  const ordered: Row[] = [];
  const placed = new Set<string>();
  let left = [...records].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  while (left.length > 0) {
    const waiting: Row[] = [];
    for (const row of left) {
      const parent = parentOf(row);
      if (parent !== undefined && !ids.has(parent)) {
        return fail('invalid', `sample.records: ${row.id} points at ${parent}, which is not there`);
      }
      if (parent !== undefined && !placed.has(parent)) {
        waiting.push(row);
        continue;
      }
      ordered.push(row);
      placed.add(row.id);
    }
    if (waiting.length === left.length) {
      return fail('invalid', `sample.records: ${waiting[0]?.id ?? ''} is its own ancestor`);
    }
    left = waiting;
  }
  return ok(ordered);
}

function toContribution(
  row: Row,
  byId: ReadonlyMap<string, Row>,
  source: File['source'],
): SampleContribution {
  const { id, track, record, minutes, summary, date, by, kind, log } = row;
  return {
    localId: id,
    manifestFields: {
      kind,
      mode: 'evaluation',
      summary,
      description: describe(row),
      tags: ['nanogpt-speedrun', `track:${track}`, ...(kind === 'reproduction' ? ['re-timing'] : [])],
      scores: { minutes: { value: minutes, ...MINUTES } },
      // The prefix says that nobody of that name wrote this: a name read in a table proves nothing.
      agent: {
        agentId: by === null ? 'import:unknown' : `import:${by}`,
        ...(by === null ? {} : { agentName: by }),
        platform: 'import',
      },
      context: {
        imported: true,
        claim:
          'Name, date and minutes are as the source gives them. Whoever signed this neither made nor checked them.',
        source: { repository: source.repository, commit: source.commit, licence: source.licence, log },
        track,
        record,
      },
      createdAt: `${date}T00:00:00Z`,
    },
    relations: relationsOf(row, byId),
    artifact: { name: `${id}.json`, bytes: new TextEncoder().encode(`${JSON.stringify(row, null, 2)}\n`) },
  };
}

function describe({ track, record, minutes, date, by, kind, log }: Row): string {
  const what = kind === 'work' ? `Record ${record}` : `Re-timing of record ${record}`;
  const who = by === null ? '' : `, credited to ${by}`;
  const where = log === null ? 'The source names no training log.' : `Training log in the source: ${log}`;
  return `${what} of the ${track} track: ${minutes} minutes, ${date}${who}.\n\n${where}`;
}

function relationsOf(row: Row, byId: ReadonlyMap<string, Row>): SampleRelation[] {
  if (row.kind === 'work') {
    return row.derivesFrom === undefined ? [] : [{ target: row.derivesFrom, relationType: 'derives_from' }];
  }
  // The source gives no verdict, so there is no `result`; the difference is arithmetic on its own figures.
  const first = byId.get(row.reproduces);
  const delta = first === undefined ? 0 : Math.round((row.minutes - first.minutes) * 1e6) / 1e6;
  return [{ target: row.reproduces, relationType: 'reproduces', metadata: { delta, unit: MINUTES.unit } }];
}
