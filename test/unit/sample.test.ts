import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../worker/core/model/errors.ts';
import { checkManifest } from '../../worker/core/model/manifest.ts';
import { sampleGrove } from '../../worker/sample.ts';

type Row = Record<string, unknown>;
interface SampleFile {
  records: Row[];
  [key: string]: unknown;
}
const read = (): SampleFile =>
  JSON.parse(readFileSync(new URL('../../public/sample.json', import.meta.url), 'utf8')) as SampleFile;

/** The file with one row more, after its 109. */
const withRow = (fields: Row): SampleFile => {
  const file = read();
  const row = {
    id: 'x',
    track: 'short',
    record: 1,
    kind: 'work',
    minutes: 1,
    summary: 's',
    date: '2025-01-01',
    by: null,
    log: null,
  };
  return { ...file, records: [...file.records, { ...row, ...fields }] };
};

describe('the sample grove', () => {
  const file = read();
  const sample = unwrap(sampleGrove(file));
  const byId = new Map(sample.contributions.map((each) => [each.localId, each]));

  it('every record becomes one contribution that keeps to the limits of a manifest (M2)', () => {
    expect(byId.size).toBe(109);
    expect(sample.contributions.map((each) => each.localId).sort()).toEqual(
      file.records.map((row) => row['id']).sort(),
    );
    expect(sample.metrics).toEqual([{ name: 'minutes', direction: 'minimize', unit: 'min' }]);
    for (const { manifestFields } of sample.contributions) {
      expect(
        checkManifest({ manifestVersion: 1, artifacts: {}, relations: [], ...manifestFields }),
      ).toMatchObject({ ok: true });
    }
  });

  it('what a relation points at comes before it, and the log tells the history by date', () => {
    const seen = new Set<string>();
    for (const { localId, relations } of sample.contributions) {
      for (const { target } of relations) expect(seen).toContain(target);
      seen.add(localId);
    }
    const dates = sample.contributions.map((each) => each.manifestFields.createdAt);
    expect(dates).toEqual([...dates].sort());
  });

  it('a record derives from the one before it; the two re-timings reproduce with their difference and no verdict', () => {
    const relations = sample.contributions.flatMap((each) => each.relations);
    expect(relations.filter((each) => each.relationType === 'derives_from')).toHaveLength(105);
    expect(byId.get('short-2')?.relations).toEqual([{ target: 'short-1', relationType: 'derives_from' }]);
    expect(byId.get('short-1')?.relations).toEqual([]);
    const retimings = sample.contributions.filter((each) => each.manifestFields.kind === 'reproduction');
    expect(retimings.map((each) => each.relations)).toEqual([
      [{ target: 'short-21', relationType: 'reproduces', metadata: { delta: 0.064, unit: 'min' } }],
      [{ target: 'short-21', relationType: 'reproduces', metadata: { delta: 0.081, unit: 'min' } }],
    ]);
  });

  it('an imported name is marked as a claim, and no name is made up', () => {
    expect(byId.get('short-3')?.manifestFields).toMatchObject({
      agent: { agentId: 'import:@kellerjordan0', agentName: '@kellerjordan0', platform: 'import' },
      scores: { minutes: { value: 24.9, direction: 'minimize', unit: 'min' } },
      tags: ['nanogpt-speedrun', 'track:short'],
      createdAt: '2024-10-04T00:00:00Z',
    });
    expect(byId.get('medium-18')?.manifestFields.agent).toEqual({
      agentId: 'import:unknown',
      platform: 'import',
    });
    for (const { manifestFields } of sample.contributions) {
      expect(manifestFields.agent.agentId).toMatch(/^import:/);
      expect(manifestFields.context).toMatchObject({
        imported: true,
        claim: expect.stringContaining('neither made nor checked') as string,
        source: { repository: 'https://github.com/KellerJordan/modded-nanogpt', licence: 'MIT' },
      });
    }
  });

  it('its artifact is its row as readable JSON', () => {
    for (const row of file.records) {
      const artifact = byId.get(String(row['id']))?.artifact;
      expect(artifact?.name).toBe(`${String(row['id'])}.json`);
      expect(JSON.parse(new TextDecoder().decode(artifact?.bytes))).toEqual(row);
    }
  });

  it('the same file gives the same grove', () => {
    expect(sampleGrove(read())).toEqual(sampleGrove(read()));
  });

  it('parents come first also where dates and order in the file say otherwise', () => {
    const rows = [
      { id: 'c', date: '2024-01-01', derivesFrom: 'b' },
      { id: 'b', date: '2024-01-02', derivesFrom: 'a' },
      { id: 'a', date: '2024-01-03' },
    ];
    const records = rows.map((row) => withRow(row).records.at(-1));
    expect(unwrap(sampleGrove({ ...file, records })).contributions.map((each) => each.localId)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /^sample: /],
    ['another shape', { records: [] }, /^sample\./],
    ['no records', { ...file, records: [] }, /^sample\.records: /],
    ['an unknown key', { ...file, extra: 1 }, /^sample\.extra: /],
    ['an unknown key in a row', withRow({ extra: 1 }), /^sample\.records\[109\]\.extra: /],
    ['a track nobody ran', withRow({ track: 'long' }), /^sample\.records\[109\]\.track: /],
    ['an unknown kind', withRow({ kind: 'plan' }), /^sample\.records\[109\]\.kind: /],
    ['minutes as text', withRow({ minutes: '3' }), /^sample\.records\[109\]\.minutes: /],
    ['no time at all', withRow({ minutes: 0 }), /^sample\.records\[109\]\.minutes: /],
    ['endless minutes', withRow({ minutes: Infinity }), /^sample\.records\[109\]\.minutes: /],
    ['a day that is none', withRow({ date: '2025-02-30' }), /^sample\.records\[109\]\.date: /],
    ['an overlong summary', withRow({ summary: 'x'.repeat(257) }), /^sample\.records\[109\]\.summary: /],
    ['an id that is a path', withRow({ id: '../x' }), /^sample\.records\[109\]\.id: /],
    ['a reproduction of nothing', withRow({ kind: 'reproduction' }), /^sample\.records\[109\]\.reproduces: /],
    ['an id twice', withRow({ id: 'short-1' }), /^sample\.records: the id short-1 is there twice$/],
    [
      'a missing parent',
      withRow({ derivesFrom: 'gone' }),
      /^sample\.records: x points at gone, which is not there$/,
    ],
    ['its own ancestor', withRow({ derivesFrom: 'x' }), /^sample\.records: x is its own ancestor$/],
  ])('refuses %s as a value, naming the place', (_, data, message) => {
    expect(sampleGrove(data)).toMatchObject({
      ok: false,
      code: 'invalid',
      message: expect.stringMatching(message) as string,
    });
  });
});
