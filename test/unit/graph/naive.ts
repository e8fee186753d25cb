// The rules G2-G7 computed from scratch, quadratically, from a set of acts. Imports nothing of the views that it checks.
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { cid } from './build.ts';
import type { Act } from './build.ts';

interface Ranked {
  cid: string;
  value: number;
}
export interface Filter {
  kind?: string;
  mode?: string;
  tags?: string[];
  platform?: string;
  agentId?: string;
  agentName?: string;
  /** Its number. */
  author?: number;
  context?: Record<string, unknown>;
}
export interface Expected {
  lifecycles: Record<string, string>;
  newestFirst: string[];
  byMetric: Record<string, { direction: string; unit?: string; entries: Ranked[] }>;
  byAdoption: Ranked[];
  byRecency: Ranked[];
  byReviewScore: Ranked[];
  byReproduction: Ranked[];
}

const byCid = (a: Ranked, b: Ranked): number => (a.cid < b.cid ? -1 : a.cid > b.cid ? 1 : 0);
const descending = (items: Ranked[], limit: number): Ranked[] =>
  items.sort((a, b) => b.value - a.value || byCid(a, b)).slice(0, limit);
const ascending = (items: Ranked[], limit: number): Ranked[] =>
  items.sort((a, b) => a.value - b.value || byCid(a, b)).slice(0, limit);

export function naive(
  acts: readonly Act[],
  contract: readonly { name: string; direction: 'minimize' | 'maximize' }[],
  now: number,
  limit: number,
  filter: Filter = {},
): Expected {
  const publications = acts.filter((act) => act.do === 'publish');
  const withdrawn = (author: number, number: number): boolean =>
    acts.some((act) => act.do === 'retract' && act.author === author && act.cid === number);
  const manifests = new Map<number, Manifest>();
  for (const act of acts) if (act.do !== 'retract' && act.manifest) manifests.set(act.cid, act.manifest);
  const known = [...new Set(publications.map((act) => act.cid))];
  const first = (number: number): (typeof publications)[number] | undefined =>
    publications
      .filter((act) => act.cid === number && !withdrawn(act.author, number))
      .sort((a, b) => a.lamport - b.lamport || a.entry - b.entry)[0];
  const stands = known.filter((number) => first(number) !== undefined);
  const held = stands.flatMap((number) => {
    const manifest = manifests.get(number);
    return manifest ? [{ number, manifest }] : [];
  });

  const incoming = (number: number) => {
    const target = cid(number);
    return held.flatMap(({ manifest }) => {
      const seen = new Set<string>();
      return manifest.relations.filter((relation) => {
        if (relation.targetCid !== target || seen.has(relation.relationType)) return false;
        seen.add(relation.relationType);
        return true;
      });
    });
  };
  const count = (number: number, type: string, where: (data: Record<string, unknown>) => boolean): number =>
    incoming(number).filter((each) => each.relationType === type && where(each.metadata ?? {})).length;
  const any = (): boolean => true;
  const lifecycle = (number: number): string => {
    if (count(number, 'derives_from', (data) => data['relationship'] === 'supersedes') > 0)
      return 'superseded';
    if (count(number, 'reproduces', (data) => data['result'] === 'challenged') > 0) return 'challenged';
    if (count(number, 'adopts', any) > 0) return 'adopted';
    if (count(number, 'reproduces', any) > 0) return 'reproduced';
    return count(number, 'reviews', any) > 0 ? 'under_review' : 'published';
  };

  const candidates = held.filter(({ manifest }) => manifest.context?.['ephemeral'] !== true);
  const isBy = (number: number, author: number): boolean =>
    !withdrawn(author, number) && publications.some((act) => act.cid === number && act.author === author);
  const passes = (number: number, { kind, mode, tags, agent, context }: Manifest): boolean =>
    (filter.kind === undefined || filter.kind === kind) &&
    (filter.mode === undefined || filter.mode === mode) &&
    (filter.tags ?? []).every((tag) => tags.includes(tag)) &&
    (filter.platform === undefined || filter.platform === agent.platform) &&
    (filter.agentId === undefined || filter.agentId === agent.agentId) &&
    (filter.agentName === undefined || filter.agentName === agent.agentName) &&
    (filter.author === undefined || isBy(number, filter.author)) &&
    Object.entries(filter.context ?? {}).every(
      ([key, value]) => JSON.stringify(context?.[key]) === JSON.stringify(value),
    );
  const ranked = (value: (number: number, manifest: Manifest) => number | null): Ranked[] =>
    candidates.flatMap(({ number, manifest }) => {
      if (!passes(number, manifest)) return [];
      const found = value(number, manifest);
      return found === null ? [] : [{ cid: cid(number), value: found }];
    });
  const positive = (value: number): number | null => (value > 0 ? value : null);
  const mean = (number: number): number | null => {
    const scores = incoming(number)
      .filter((each) => each.relationType === 'reviews')
      .map((each) => each.metadata?.['score'])
      .filter((score) => typeof score === 'number' && score >= 0 && score <= 1) as number[];
    return scores.length === 0
      ? null
      : scores.sort((a, b) => a - b).reduce((a, b) => a + b, 0) / scores.length;
  };

  const passesList = (number: number): boolean => {
    const manifest = manifests.get(number);
    const { author, ...said } = filter;
    if (manifest !== undefined) return passes(number, manifest);
    return Object.keys(said).length === 0 && (author === undefined || isBy(number, author));
  };

  const byMetric: Expected['byMetric'] = {};
  const scored = candidates.filter(({ manifest }) => manifest.mode === 'evaluation');
  const names = new Set([
    ...contract.map(({ name }) => name),
    ...scored.flatMap(({ manifest }) => Object.keys(manifest.scores ?? {})),
  ]);
  for (const name of names) {
    const scores = scored.flatMap(({ number, manifest }) => {
      const score = new Map(Object.entries(manifest.scores ?? {})).get(name);
      if (score === undefined) return [];
      const { value, direction } = score;
      return [{ cid: cid(number), value, direction, passes: passes(number, manifest) }];
    });
    const up = scores.filter((score) => score.direction === 'maximize').length;
    const direction =
      contract.find((metric) => metric.name === name)?.direction ??
      (up > scores.length - up ? 'maximize' : 'minimize');
    // Direction is that of all scores, whatever the filter.
    const entries = scores.flatMap(({ cid, value, passes }) => (passes ? [{ cid, value }] : []));
    byMetric[name] = {
      direction,
      entries: direction === 'minimize' ? ascending(entries, limit) : descending(entries, limit),
    };
  }
  return {
    lifecycles: Object.fromEntries(known.map((number) => [cid(number), lifecycle(number)])),
    newestFirst: stands
      .filter((number) => passesList(number))
      .map((number) => ({ number, place: first(number) }))
      .sort(
        (a, b) =>
          (b.place?.lamport ?? 0) - (a.place?.lamport ?? 0) || (b.place?.entry ?? 0) - (a.place?.entry ?? 0),
      )
      .map(({ number }) => cid(number)),
    byMetric,
    byAdoption: descending(
      ranked((number) => positive(count(number, 'adopts', any) + count(number, 'derives_from', any))),
      limit,
    ),
    byRecency: descending(
      ranked((_, manifest) => {
        const time = Date.parse(manifest.createdAt);
        return Number.isNaN(time) || time > now ? null : time;
      }),
      limit,
    ),
    byReviewScore: descending(ranked(mean), limit),
    byReproduction: descending(
      ranked((number) => positive(count(number, 'reproduces', (data) => data['result'] !== 'challenged'))),
      limit,
    ),
  };
}
