import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import type { Cid } from '../../../worker/core/model/ids.ts';
import { cid, manifest, peer, perform, relation } from './build.ts';
import type { Act } from './build.ts';
import { naive } from './naive.ts';
import type { Filter } from './naive.ts';

const CONTRACT = [{ name: 'loss', direction: 'minimize' as const }];
const NOW = Date.parse('2025-06-01T00:00:00Z');
const COUNT = 12;

const relations = (below: number): fc.Arbitrary<Manifest['relations']> =>
  fc.array(
    fc
      .record({
        type: fc.constantFrom('derives_from', 'responds_to', 'reviews', 'reproduces', 'adopts'),
        // Up to two that nobody ever publishes: dangling targets.
        target: fc.integer({ min: 0, max: below + 1 }),
        metadata: fc.constantFrom<Manifest['relations'][number]['metadata'][]>(
          undefined,
          {},
          { relationship: 'supersedes' },
          { result: 'challenged' },
          { result: 'confirmed' },
          { score: 0.1 },
          { score: 0.2 },
          { score: 0.7 },
          { score: 1 },
          { score: 1.5 },
          { score: '0.9' },
          { score: null },
        ),
      })
      .map(({ type, target, metadata }) =>
        relation(type as 'adopts', target === below ? COUNT + 5 : target, metadata),
      ),
    { maxLength: 5 },
  );

const scores = fc.dictionary(
  fc.constantFrom('loss', 'accuracy', 'constructor'),
  fc.record({
    value: fc.integer({ min: -3, max: 3 }),
    direction: fc.constantFrom('minimize' as const, 'maximize' as const),
  }),
);

const CONTEXTS: NonNullable<Manifest['context']>[] = [
  {},
  { other: 1 },
  { other: { b: [1, null], a: 'x' } },
  { other: 1, ...Object.fromEntries(Array.from('abcdefgh').map((name) => [name, name])) },
];

const aManifest = (number: number): fc.Arbitrary<Manifest> =>
  fc
    .record({
      mode: fc.constantFrom('evaluation', 'evaluation', 'exploration'),
      kind: fc.constantFrom('work', 'review', 'later'),
      // Few are found by each tag, and by each key of the context; many not by each.
      tags: fc.constantFrom<string[][]>([], ['a'], ['b'], ['b', 'a'], ['a', ...Array.from('cdefghijkl')]),
      agent: fc.record(
        {
          agentId: fc.constantFrom('x', 'y'),
          agentName: fc.constantFrom('Ada', 'x'),
          platform: fc.constantFrom('x', 'p'),
        },
        { requiredKeys: ['agentId'] },
      ),
      context: fc.constantFrom(...CONTEXTS),
      relations: relations(number),
      scores,
      ephemeral: fc.constantFrom<unknown[]>(true, false, false, false, 'true'),
      createdAt: fc.constantFrom(
        '2025-01-01T00:00:00Z',
        '2025-02-01T00:00:00Z',
        '2026-01-01T00:00:00Z',
        'soon',
      ),
    })
    .map(({ ephemeral, context, ...fields }) =>
      manifest({ ...fields, context: { ...context, ephemeral: ephemeral as boolean } }),
    );

/** Some contributions, each published by one to three authors, with bodies at once, later or never, some withdrawn. */
const history: fc.Arbitrary<Act[]> = fc
  .tuple(
    ...Array.from({ length: COUNT }, (_, number) =>
      fc
        .record({
          manifest: aManifest(number),
          authors: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
          lamport: fc.integer({ min: 1, max: 20 }),
          held: fc.constantFrom('with', 'with', 'later', 'never'),
          retracted: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
          known: fc.constantFrom(true, true, true, true, false),
        })
        .map(({ manifest, authors, lamport, held, retracted, known }): Act[] => [
          ...authors
            .filter(() => known)
            .map((author, index) => ({
              do: 'publish' as const,
              cid: number,
              author,
              lamport: lamport + index,
              entry: number * 10 + author,
              manifest: held === 'with' ? manifest : null,
            })),
          ...(held === 'later' ? [{ do: 'body' as const, cid: number, manifest }] : []),
          ...retracted.map((author) => ({ do: 'retract' as const, cid: number, author })),
        ]),
    ),
  )
  .map((acts) => acts.flat());

/** The same acts in another order, some of them more than once. */
const retold = (acts: readonly Act[]): fc.Arbitrary<Act[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...acts], { minLength: acts.length }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }),
    )
    .map(([order, repeats]) => {
      for (const [which, where] of repeats) {
        const act = acts[which % Math.max(1, acts.length)];
        if (act !== undefined) order.splice(where % (order.length + 1), 0, act);
      }
      return order;
    });

const aFilter: fc.Arbitrary<Filter> = fc.record(
  {
    kind: fc.constantFrom('work', 'later', 'nothing'),
    mode: fc.constantFrom('evaluation', 'exploration'),
    tags: fc.uniqueArray(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 2 }),
    agentId: fc.constantFrom('x', 'y', 'nobody'),
    agentName: fc.constantFrom('Ada', 'x'),
    platform: fc.constantFrom('x', 'p'),
    author: fc.integer({ min: 1, max: 4 }),
    context: fc.constantFrom<Record<string, unknown>[]>(
      { ephemeral: false },
      { ephemeral: 'true' },
      { other: 1 },
      { other: 1, a: 'a' },
      { other: '1' },
      { other: { b: [1, null], a: 'x' } },
      {},
    ),
  },
  { requiredKeys: [] },
);
const told = history.chain((acts) => fc.tuple(fc.constant(acts), retold(acts)));
// The time limit ends the shrinking of a counterexample, which else may take minutes.
const options = { seed: 20_250_601, numRuns: 200, interruptAfterTimeLimit: 20_000 };
const TIMEOUT = 60_000;

function build(acts: readonly Act[]): ReturnType<typeof createViews> {
  const views = createViews({ metrics: CONTRACT });
  perform(views, ...acts);
  return views;
}

describe('the views of any history', () => {
  it(
    'G1: the same acts in any order, some repeated, give the same digest, frontier, lists, graph and records',
    () => {
      fc.assert(
        fc.property(told, ([acts, again]) => {
          const [one, other] = [build(acts), build(again)];
          expect(other.digest()).toBe(one.digest());
          expect(other.frontier({ limit: 4 }, NOW)).toEqual(one.frontier({ limit: 4 }, NOW));
          expect(other.list()).toEqual(one.list());
          expect(other.graph(7)).toEqual(one.graph(7));
          expect(other.counts()).toEqual(one.counts());
          for (const { cid } of one.list().items) expect(other.get(cid)).toEqual(one.get(cid));
        }),
        options,
      );
    },
    TIMEOUT,
  );

  it(
    'G2-G7: rankings, order and lifecycles equal a computation from scratch, asked at any point of the history',
    () => {
      fc.assert(
        fc.property(told, fc.nat(60), ([, acts], upTo) => {
          const views = createViews({ metrics: CONTRACT });
          perform(views, ...acts.slice(0, upTo));
          views.frontier({}, NOW); // what was asked before must not change what is answered later
          views.digest();
          perform(views, ...acts.slice(upTo));
          expect(views.digest()).toBe(build(acts).digest());
          const expected = naive(acts, CONTRACT, NOW, 4);
          const { byMetric, ...rankings } = views.frontier({ limit: 4 }, NOW);
          expect({ ...byMetric }).toEqual(expected.byMetric);
          expect(rankings).toEqual({
            byAdoption: expected.byAdoption,
            byRecency: expected.byRecency,
            byReviewScore: expected.byReviewScore,
            byReproduction: expected.byReproduction,
          });
          expect(views.list().items.map(({ cid }) => cid)).toEqual(expected.newestFirst);
          for (const [cid, lifecycle] of Object.entries(expected.lifecycles)) {
            expect(views.get(cid as Cid)?.lifecycle).toBe(lifecycle);
          }
          expect(views.counts().contributions).toBe(Object.keys(expected.lifecycles).length);
          expect(views.counts().withdrawn).toBe(
            Object.keys(expected.lifecycles).length - expected.newestFirst.length,
          );
        }),
        options,
      );
    },
    TIMEOUT,
  );

  it(
    'G5: so do rankings and lists through any filter, also of the author, and of kinds of later versions',
    () => {
      fc.assert(
        fc.property(told, fc.nat(60), aFilter, ([, acts], upTo, filter) => {
          const { author, ...said } = filter;
          const asked = { ...said, ...(author === undefined ? {} : { author: peer(author) }) };
          const views = createViews({ metrics: CONTRACT });
          perform(views, ...acts.slice(0, upTo));
          views.frontier(asked, NOW);
          perform(views, ...acts.slice(upTo));
          const { byMetric, byAdoption, byRecency, byReviewScore, byReproduction, newestFirst } = naive(
            acts,
            CONTRACT,
            NOW,
            4,
            filter,
          );
          const told = views.frontier({ ...asked, limit: 4 }, NOW);
          expect({ ...told.byMetric }).toEqual(byMetric);
          expect({ ...told, byMetric: null }).toEqual({
            ...{ byMetric: null, byAdoption, byRecency, byReviewScore, byReproduction },
          });
          expect(views.list(asked).items.map(({ cid }) => cid)).toEqual(newestFirst);
        }),
        options,
      );
    },
    TIMEOUT,
  );

  it(
    'A18, G1: what is hidden is so whenever that is told, counts for nothing, and shown again it is as if never hidden',
    () => {
      fc.assert(
        fc.property(
          told,
          fc.nat(60),
          fc.uniqueArray(fc.nat(8), { maxLength: 4 }),
          ([acts, again], upTo, chosen) => {
            const hidden = new Set(chosen.map((number) => cid(number)));
            const one = createViews({ metrics: CONTRACT });
            one.hide(hidden);
            perform(one, ...acts);
            const other = createViews({ metrics: CONTRACT });
            perform(other, ...again.slice(0, upTo));
            other.frontier({}, NOW);
            other.reading.threads();
            other.hide(new Set(hidden));
            perform(other, ...again.slice(upTo));
            const look = (views: typeof one) => ({
              digest: views.digest(),
              frontier: views.frontier({ limit: 4 }, NOW),
              list: views.list(),
              graph: views.graph(7),
              threads: views.reading.threads(),
              whole: views.isWhole(),
            });
            expect(look(other)).toEqual(look(one));
            const { byRecency, byAdoption } = other.frontier({}, NOW);
            expect([...byRecency, ...byAdoption].filter((each) => hidden.has(each.cid))).toEqual([]);
            other.hide(new Set());
            expect(look(other)).toEqual(look(build(acts)));
          },
        ),
        options,
      );
    },
    TIMEOUT,
  );

  it(
    'G1: a history that lacks one effective act has another digest',
    () => {
      fc.assert(
        fc.property(
          history.filter((acts) => acts.length > 0),
          fc.nat(),
          (acts, which) => {
            const kept = acts.filter((_, index) => index !== which % acts.length);
            const [all, most] = [build(acts), build(kept)];
            // A body that another act brings as well makes no difference; everything else does.
            const lost = acts[which % acts.length];
            if (lost?.do !== 'body') expect(most.digest()).not.toBe(all.digest());
          },
        ),
        options,
      );
    },
    TIMEOUT,
  );
});
