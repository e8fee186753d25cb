// What a filter looks through instead of everything: the same answers, in groves large enough that it matters.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextKey, keysFor, keysOf } from '../../../worker/core/graph/keys.ts';
import type { ListFilter } from '../../../worker/core/graph/views.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { body, build, cid, cids, NOW, perform, publish, retract } from './build.ts';
import type { Act } from './build.ts';

const COUNT = 400;

/** By its number: some tags are rare, one is everywhere, and every seventh has too many to be found by each. */
function fieldsOf(number: number): Partial<Manifest> {
  const many = number % 7 === 0 ? Array.from({ length: 12 }, (_, at) => `many${at}`) : [];
  return {
    kind: number % 3 === 0 ? 'review' : 'work',
    mode: number % 5 === 0 ? 'exploration' : 'evaluation',
    summary: `Run ${number} ${number % 4 === 0 ? 'kernel' : 'norm'}`,
    tags: ['all', `by${number % 11}`, ...(number % 50 === 0 ? ['rare'] : []), ...many],
    agent: {
      agentId: `agent ${number % 2}`,
      ...(number % 13 === 0 ? { agentName: 'Ada', platform: 'lab' } : {}),
    },
    context: { seed: number % 17, nested: { list: [number % 2, { deep: true }] } },
  };
}

const FILTERS: ListFilter[] = [
  {},
  { tags: ['rare'] },
  { tags: ['rare', 'all'], kind: 'review' },
  { tags: ['many3'] },
  { tags: ['many3', 'by5'] },
  { tags: ['nowhere'] },
  { kind: 'review', mode: 'exploration' },
  { agentId: 'agent 1', kind: 'review' },
  { agentName: 'Ada' },
  { platform: 'lab', agentId: 'agent 0' },
  { context: { seed: 3 } },
  { context: { nested: { list: [1, { deep: true }] }, seed: 3 } },
  { context: { seed: '3' } },
  { text: 'kern run 1' },
  { text: 'kernel', tags: ['by4'], context: { seed: 3 } },
  { text: 'nothing' },
];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function fits({ text, ...filter }: ListFilter, manifest: Manifest): boolean {
  const words = manifest.summary.toLowerCase().split(' ');
  return (
    (text ?? '').split(' ').every((start) => [...words, 'agent'].some((word) => word.startsWith(start))) &&
    (filter.tags ?? []).every((tag) => manifest.tags.includes(tag)) &&
    (['kind', 'mode'] as const).every((field) => [undefined, manifest[field]].includes(filter[field])) &&
    (['platform', 'agentId', 'agentName'] as const).every((field) =>
      [undefined, manifest.agent[field]].includes(filter[field]),
    ) &&
    Object.entries(filter.context ?? {}).every(([name, value]) => same(manifest.context?.[name], value))
  );
}

const shuffled = fc.shuffledSubarray(
  Array.from({ length: COUNT }, (_, number) => number + 1),
  { minLength: COUNT },
);

describe('lists through a filter', () => {
  it('G5, G9: hold what fits of all, in any order of arrival, while contributions come, move and go between two questions', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(COUNT), (order, asked) => {
        // Of each: its header and body together, or its body later, or first; a second publisher, earlier than the first; withdrawn.
        const acts = order.flatMap((number): Act[] => {
          const [whole, bare] = [publish(number + COUNT, fieldsOf(number)), publish(number + COUNT, null)];
          const text = body(number + COUNT, fieldsOf(number));
          const other = { ...publish(number + COUNT, null, 2), lamport: 1 + ((number * 7) % COUNT) } as Act;
          if (number % 6 === 0) return [bare, text];
          if (number % 6 === 1) return [text, bare];
          if (number % 6 === 2) return [whole, other];
          if (number % 6 === 3) return [other, whole, retract(number + COUNT, 2)];
          return number % 6 === 4 ? [whole, retract(number + COUNT)] : [whole];
        });
        const views = build(acts.slice(0, asked));
        for (const filter of FILTERS) views.list(filter);
        perform(views, ...acts.slice(asked));
        const all = views.list({ limit: 500 }).items;
        expect(all.length).toBeGreaterThan(COUNT / 2);
        for (const filter of FILTERS) {
          const expected = all.filter(({ manifest }) => manifest !== null && fits(filter, manifest));
          const [first, rest] = [views.list({ ...filter, limit: 3 }), [] as string[]];
          const cursor = first.cursor;
          if (cursor !== undefined)
            rest.push(...views.list({ ...filter, limit: 500, cursor }).items.map((item) => item.cid));
          expect([...first.items.map((item) => item.cid), ...rest]).toEqual(expected.map((item) => item.cid));
        }
      }),
      { seed: 5, numRuns: 6 },
    );
  }, 30_000);

  it('G5: an author is found by any publication that stands, once, however often it was published', () => {
    const twice = { ...publish(1, {}, 2), lamport: 5, entry: 999 } as Act;
    const views = build([publish(1), publish(1, {}, 2), twice, publish(2, {}, 2), retract(2, 2), publish(3)]);
    const author = 'nobody';
    expect(views.list({ author }).items).toEqual([]);
    const second = views.get(cid(1))?.publishers[1]?.author ?? '';
    expect(views.list({ author: second }).items.map((item) => item.cid)).toEqual([cid(1)]);
    perform(views, retract(1, 2));
    expect(views.list({ author: second }).items).toEqual([]);
  });
});

describe('rankings through a filter', () => {
  it('G5: the best that fit are the same where they are far from the top of a long ranking', () => {
    const count = 3_000;
    const acts = Array.from({ length: count }, (_, at) =>
      publish(at + 1, {
        kind: at % 2 === 0 && at < 2_600 ? 'review' : 'work',
        tags: [`t${at % 2}`],
        scores: { loss: { value: (at * 7) % 500, direction: 'minimize' } },
        createdAt: new Date(NOW - (count - at) * 1000).toISOString(),
      }),
    );
    const views = build(acts);
    const { byRecency, byMetric } = views.frontier({ kind: 'review', limit: 3 }, NOW);
    expect(cids(byRecency)).toEqual([cid(2599), cid(2597), cid(2595)]);
    // 0, then 2 and so on are reviews: the lowest values, ties by CID.
    expect(cids(byMetric['loss']?.entries)).toEqual([cid(1), cid(501), cid(1001)]);
    const far = views.frontier({ kind: 'work', tags: ['t0'], limit: 2 }, NOW);
    expect(cids(far.byRecency)).toEqual([cid(2999), cid(2997)]);
    expect(views.frontier({ kind: 'review', tags: ['t1'] }, NOW).byRecency).toEqual([]);
  });
});

describe('keys', () => {
  it('G5: whatever equals what is sought has a key of it, whatever the order of its fields', () => {
    expect(contextKey('a', { x: 1, y: [-0, null] })).toBe(contextKey('a', { y: [0, null], x: 1 }));
    expect(contextKey('a', 1)).not.toBe(contextKey('a', '1'));
    const said = {
      ...{ kind: 'work', mode: 'evaluation', tags: ['a'], agent: { agentId: 'x' } },
      contextKeys: [contextKey('seed', 1)],
    };
    const keys = keysOf(said);
    for (const sought of keysFor({ kind: 'work', tags: ['a'], context: { seed: 1 } }))
      expect(sought.some((key) => keys.has(key))).toBe(true);
    const [other] = keysFor({ platform: 'work' });
    expect(other?.some((key) => keys.has(key))).toBe(false);
  });
});
