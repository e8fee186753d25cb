// Vectors: the five rankings of the speedrun sample, computed by test/vectors/make-rankings.ts, which knows nothing of the
// views.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { ContractMetric, FrontierFilter, Ranked } from '../../../worker/core/graph/views.ts';
import { unwrap } from '../../../worker/core/model/errors.ts';
import type { Cid } from '../../../worker/core/model/ids.ts';
import { canonicalManifest, checkManifest } from '../../../worker/core/model/manifest.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import { entryId, peer } from './build.ts';

interface Vectors {
  contract: ContractMetric[];
  contributions: { cid: Cid; manifest: unknown }[];
  rankings: {
    filter: FrontierFilter;
    limit: number;
    now: number;
    expected: {
      minutes: Ranked[];
      byAdoption: Ranked[];
      byRecency: Ranked[];
      byReviewScore: Ranked[];
      byReproduction: Ranked[];
    };
  }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/rankings.json', import.meta.url), 'utf8'),
) as Vectors;
const read = vectors.contributions.map(({ cid, manifest }) => ({
  cid,
  manifest: unwrap(checkManifest(manifest)),
}));

/** All of them, in an order drawn by the seed. */
function build(seed: number) {
  const views = createViews({ metrics: vectors.contract });
  const random = createSeededRandom(seed);
  const drawn = read.map((each, index) => ({ ...each, index, at: random.bytes(4).join() }));
  drawn.sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const { cid, manifest, index } of drawn)
    views.addContribution({ id: entryId(index), author: peer(1), lamport: index + 1, at: 0 }, cid, manifest);
  return views;
}

describe('the vectors of the rankings', () => {
  it('M1: the CIDs are those of the manifests', () => {
    expect(read.map(({ manifest }) => unwrap(canonicalManifest(manifest)).cid)).toEqual(
      read.map(({ cid }) => cid),
    );
    expect(read.length).toBeGreaterThan(150);
  });

  it.each(vectors.rankings.map((each) => [JSON.stringify(each.filter), each.limit, each.now, each] as const))(
    'G3-G6: %s, limit %i, at %i, whatever the order of arrival',
    (_, limit, now, { filter, expected }) => {
      for (const seed of [1, 2, 3]) {
        const { byMetric, ...others } = build(seed).frontier({ ...filter, limit }, now);
        expect({ minutes: byMetric['minutes']?.entries, ...others }).toEqual(expected);
      }
    },
  );

  it('every ranking has something to say in them, and ties among it', () => {
    const [all] = vectors.rankings;
    for (const entries of Object.values(all?.expected ?? {})) {
      expect(entries.length).toBeGreaterThan(1);
      expect(new Set(entries.map(({ value }) => value)).size).toBeLessThan(entries.length);
    }
  });
});
