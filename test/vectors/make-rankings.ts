// Writes rankings.json: the five rankings of the speedrun sample, computed from its rows in the plainest way. It imports
// nothing of what it is to check, canonical bytes and CIDs included. Run it by hand where the rules or the sample change.
import { readFileSync, writeFileSync } from 'node:fs';
import { blake3 } from '@noble/hashes/blake3.js';
import { bytesToHex } from '@noble/hashes/utils.js';

interface Row {
  id: string;
  track: string;
  kind: string;
  minutes: number;
  summary: string;
  date: string;
  by: string | null;
  derivesFrom?: string;
  reproduces?: string;
}
interface Relation {
  targetCid: string;
  relationType: string;
  metadata?: Record<string, unknown>;
}
interface Manifest {
  manifestVersion: number;
  kind: string;
  mode: string;
  summary: string;
  artifacts: Record<string, string>;
  relations: Relation[];
  tags: string[];
  scores?: Record<string, { value: number; direction: string; unit: string }>;
  context: Record<string, unknown>;
  agent: { agentId: string; agentName?: string; platform: string };
  createdAt: string;
}
interface Made {
  cid: string;
  manifest: Manifest;
}
interface Filter {
  tags?: string[];
  kind?: string;
  mode?: string;
  platform?: string;
  agentId?: string;
  agentName?: string;
  context?: Record<string, unknown>;
}

/** RFC 8785 of plain data: keys in the order of their UTF-16 code units, which is JavaScript's own order of strings. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(',')}}`;
}
const cidOf = (manifest: Manifest): string =>
  `blake3:${bytesToHex(blake3(new TextEncoder().encode(canonical(manifest))))}`;

const file = JSON.parse(readFileSync(new URL('../../public/sample.json', import.meta.url), 'utf8')) as {
  records: Row[];
};
const made: Made[] = [];
const cids = new Map<string, string>();

function make(fields: Partial<Manifest> & Pick<Manifest, 'kind' | 'summary' | 'createdAt'>): string {
  const manifest: Manifest = {
    manifestVersion: 1,
    mode: 'evaluation',
    artifacts: {},
    relations: [],
    tags: [],
    context: {},
    agent: { agentId: 'reviewer', platform: 'vectors' },
    ...fields,
  };
  const cid = cidOf(manifest);
  made.push({ cid, manifest });
  return cid;
}

// ---- the sample's rows, each after what it points at ------------------------------------------------------

for (let left = file.records; left.length > 0;) {
  const ready = left.filter((row) => {
    const parent = row.derivesFrom ?? row.reproduces;
    return parent === undefined || cids.has(parent);
  });
  if (ready.length === 0) throw new Error('the sample points in a circle');
  for (const { id, kind, summary, date, track, by, minutes, derivesFrom, reproduces } of ready) {
    const relations: Relation[] = [];
    if (derivesFrom !== undefined)
      relations.push({ targetCid: cids.get(derivesFrom) ?? '', relationType: 'derives_from' });
    if (reproduces !== undefined)
      relations.push({ targetCid: cids.get(reproduces) ?? '', relationType: 'reproduces' });
    const cid = make({
      kind,
      summary,
      relations,
      createdAt: `${date}T00:00:00Z`,
      tags: ['nanogpt-speedrun', `track:${track}`],
      scores: { minutes: { value: minutes, direction: 'minimize', unit: 'min' } },
      context: { track, id },
      agent: { agentId: `import:${by ?? 'unknown'}`, ...(by === null ? {} : { agentName: by }), platform: 'import' },
    });
    cids.set(id, cid);
  }
  left = left.filter(({ id }) => !cids.has(id));
}

// ---- what the sample lacks: reviews with scores, adoptions, a challenge, and what is left out -------------

const rows = [...made];
rows.forEach(({ cid }, n) => {
  const about = (relationType: string, metadata?: Record<string, unknown>): Relation[] => [
    { targetCid: cid, relationType, ...(metadata === undefined ? {} : { metadata }) },
  ];
  const createdAt = `2026-07-${String((n % 28) + 1).padStart(2, '0')}T00:00:00Z`;
  const say = (kind: string, word: string, relations: Relation[], more: Partial<Manifest> = {}): void =>
    void make({ kind, summary: `${word} ${n}`, relations, createdAt, ...more });
  if (n % 6 === 0) say('review', 'Review', about('reviews', { score: ((n * 7) % 11) / 10 }));
  if (n % 9 === 0) say('review', 'Second review', about('reviews', { score: 0.5 }));
  if (n % 10 === 0) say('review', 'Review out of range', about('reviews', { score: 1.5 }));
  if (n % 15 === 0) say('adoption', 'Adoption', about('adopts'));
  if (n % 25 === 0) say('reproduction', 'Challenge', about('reproduces', { result: 'challenged' }));
  if (n % 30 === 0) say('reproduction', 'Confirmation', about('reproduces', { result: 'confirmed' }));
  const quick = { minutes: { value: n / 1000, direction: 'minimize', unit: 'min' } };
  if (n % 40 === 0) say('work', 'Ephemeral', [], { scores: quick, context: { ephemeral: true } });
  const minutes = rows[n]?.manifest.scores?.['minutes'];
  if (n % 20 === 0 && minutes !== undefined) say('work', 'Just as fast', [], { scores: { minutes } });
  if (n % 50 === 0) say('work', 'Exploration', [], { scores: quick, mode: 'exploration' });
});

// ---- the rankings -----------------------------------------------------------------------------------------

const passes = (filter: Filter, { kind, mode, tags, agent, context }: Manifest): boolean =>
  (filter.kind === undefined || filter.kind === kind) &&
  (filter.mode === undefined || filter.mode === mode) &&
  (filter.tags ?? []).every((tag) => tags.includes(tag)) &&
  (filter.platform === undefined || filter.platform === agent.platform) &&
  (filter.agentId === undefined || filter.agentId === agent.agentId) &&
  (filter.agentName === undefined || filter.agentName === agent.agentName) &&
  Object.entries(filter.context ?? {}).every(([key, value]) => canonical(context[key] ?? null) === canonical(value));

function rank(filter: Filter, limit: number, best: 'least' | 'most', value: (each: Made) => number | null) {
  const ranked = made.flatMap((each) => {
    const found = each.manifest.context['ephemeral'] !== true && passes(filter, each.manifest) ? value(each) : null;
    return found === null ? [] : [{ cid: each.cid, value: found }];
  });
  ranked.sort((a, b) => (best === 'least' ? a.value - b.value : b.value - a.value) || (a.cid < b.cid ? -1 : 1));
  return ranked.slice(0, limit);
}

const incoming = (cid: string, type: string): Relation[] =>
  made.flatMap(({ manifest }) =>
    manifest.relations.filter((each) => each.targetCid === cid && each.relationType === type),
  );
const positive = (count: number): number | null => (count > 0 ? count : null);

function rankings(filter: Filter, limit: number, now: number) {
  return {
    minutes: rank(filter, limit, 'least', ({ manifest: { mode, scores } }) =>
      mode === 'evaluation' ? (scores?.['minutes']?.value ?? null) : null,
    ),
    byAdoption: rank(filter, limit, 'most', ({ cid }) =>
      positive(incoming(cid, 'adopts').length + incoming(cid, 'derives_from').length),
    ),
    byRecency: rank(filter, limit, 'most', ({ manifest: { createdAt } }) =>
      Date.parse(createdAt) <= now ? Date.parse(createdAt) : null,
    ),
    byReviewScore: rank(filter, limit, 'most', ({ cid }) => {
      const scores = incoming(cid, 'reviews').flatMap(({ metadata }) => {
        const score = Number(metadata?.['score']);
        return score >= 0 && score <= 1 ? [score] : [];
      });
      scores.sort((a, b) => a - b);
      return scores.length === 0 ? null : scores.reduce((a, b) => a + b, 0) / scores.length;
    }),
    byReproduction: rank(filter, limit, 'most', ({ cid }) =>
      positive(incoming(cid, 'reproduces').filter(({ metadata }) => metadata?.['result'] !== 'challenged').length),
    ),
  };
}

const END = Date.parse('2026-08-01T00:00:00Z');
const asked: { filter: Filter; limit: number; now: number }[] = [
  { filter: {}, limit: 500, now: END },
  { filter: {}, limit: 10, now: END },
  { filter: {}, limit: 500, now: Date.parse('2025-02-01T00:00:00Z') },
  { filter: { tags: ['track:medium'] }, limit: 10, now: END },
  { filter: { tags: ['nanogpt-speedrun', 'track:short'], kind: 'reproduction' }, limit: 500, now: END },
  { filter: { kind: 'review' }, limit: 500, now: END },
  { filter: { mode: 'exploration' }, limit: 500, now: END },
  { filter: { agentName: '@kellerjordan0' }, limit: 500, now: END },
  { filter: { agentId: 'reviewer', platform: 'vectors' }, limit: 25, now: END },
  { filter: { context: { track: 'short', id: 'short-3' } }, limit: 500, now: END },
];

const text = JSON.stringify({
  note: 'The five rankings of the speedrun sample, with reviews, adoptions and reproductions added by rule. Made by make-rankings.ts, which imports nothing of the code that is checked.',
  contract: [{ name: 'minutes', direction: 'minimize', unit: 'min' }],
  contributions: made,
  rankings: asked.map((each) => ({ ...each, expected: rankings(each.filter, each.limit, each.now) })),
});
writeFileSync(
  new URL('rankings.json', import.meta.url),
  // One contribution and one place a line, so that a change can be read.
  `${text.replaceAll('{"cid":', '\n{"cid":').replaceAll('{"filter":', '\n{"filter":')}\n`,
);
