// Vectors: the five rankings of the speedrun sample. What is expected is computed here from the file's rows by a few
// lines that know neither the views nor the sample reader.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { Views } from '../../../worker/core/graph/views.ts';
import type { Cid } from '../../../worker/core/model/ids.ts';
import { canonicalManifest } from '../../../worker/core/model/manifest.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { unwrap } from '../../../worker/core/model/errors.ts';
import { sampleGrove } from '../../../worker/sample.ts';
import { entryId, peer } from './build.ts';

interface Row {
  id: string;
  track: string;
  minutes: number;
  date: string;
  derivesFrom?: string;
  reproduces?: string;
}
const file = JSON.parse(readFileSync(new URL('../../../public/sample.json', import.meta.url), 'utf8')) as {
  records: Row[];
};
const rows = file.records;
const NOW = Date.parse('2026-08-01T00:00:00Z');
const LIMIT = 500;

function publishAll(views: Views): Map<string, Cid> {
  const cids = new Map<string, Cid>();
  const sample = unwrap(sampleGrove(file));
  sample.contributions.forEach(({ localId, manifestFields, relations }, index) => {
    const manifest: Manifest = {
      manifestVersion: 1,
      artifacts: {},
      ...manifestFields,
      relations: relations.map(({ target, ...rest }) => ({ ...rest, targetCid: cids.get(target) ?? '' })),
    };
    const { cid } = unwrap(canonicalManifest(manifest));
    cids.set(localId, cid);
    views.addContribution({ id: entryId(index), author: peer(1), lamport: index + 1, at: 0 }, cid, manifest);
  });
  return cids;
}

describe('the rankings of the speedrun sample', () => {
  const views = createViews({ metrics: [{ name: 'minutes', direction: 'minimize', unit: 'min' }] });
  const cids = publishAll(views);
  const expected = (value: (row: Row) => number | null, sign: 1 | -1, from: readonly Row[] = rows) =>
    from
      .flatMap((row) => {
        const [cid, found] = [cids.get(row.id) ?? '', value(row)];
        return found === null ? [] : [{ cid, value: found }];
      })
      .sort((a, b) => sign * (a.value - b.value) || (a.cid < b.cid ? -1 : 1));
  const count = (key: 'derivesFrom' | 'reproduces') => (row: Row) =>
    rows.filter((other) => other[key] === row.id).length || null;
  const all = views.frontier({ limit: LIMIT }, NOW);

  it('G3: by minutes, the fastest first, re-timings among them', () => {
    expect(Object.keys(all.byMetric)).toEqual(['minutes']);
    expect(all.byMetric['minutes']).toEqual({
      direction: 'minimize',
      unit: 'min',
      entries: expected(({ minutes }) => minutes, 1),
    });
    expect(all.byMetric['minutes']?.entries).toHaveLength(109);
  });

  it('G4: by adoption, those another record builds on', () => {
    expect(all.byAdoption).toEqual(expected(count('derivesFrom'), -1));
    expect(all.byAdoption).toHaveLength(105);
  });

  it('G4: by recency, the newest first', () => {
    expect(all.byRecency).toEqual(expected(({ date }) => Date.parse(`${date}T00:00:00Z`), -1));
    const until = Date.parse('2025-02-01T00:00:00Z');
    const old = rows.filter(({ date }) => date <= '2025-02-01');
    expect(views.frontier({ limit: LIMIT }, until).byRecency).toEqual(
      expected(({ date }) => Date.parse(`${date}T00:00:00Z`), -1, old),
    );
  });

  it('G4: by reproduction, the one record that was timed again, twice; by review score, none', () => {
    expect(all.byReproduction).toEqual([{ cid: cids.get('short-21'), value: 2 }]);
    expect(all.byReproduction).toEqual(expected(count('reproduces'), -1));
    expect(all.byReviewScore).toEqual([]);
  });

  it('G5: by default the ten best of one track', () => {
    const { byMetric } = views.frontier({ tags: ['track:medium'] }, NOW);
    const medium = rows.filter(({ track }) => track === 'medium');
    expect(byMetric['minutes']?.entries).toEqual(expected(({ minutes }) => minutes, 1, medium).slice(0, 10));
  });

  it('G7: the record that was timed again is reproduced; to be derived from changes no state', () => {
    const state = (id: string): string | undefined => views.get(cids.get(id) as Cid)?.lifecycle;
    expect([
      state('short-21'),
      state('short-21-retime-2025-02-01'),
      state('short-1'),
      state('medium-18'),
    ]).toEqual(['reproduced', 'published', 'published', 'published']);
  });
});
