// G22: what answers what, and the threads of a grove.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cid } from '../../../worker/core/model/ids.ts';
import { createViews } from '../../../worker/core/graph/views.ts';
import { body, build, cid, perform, publish, relation, retract } from './build.ts';
import type { Act } from './build.ts';

const answer = (number: number, to: number | number[], author = 1): Act =>
  publish(
    number,
    { kind: 'response', relations: [to].flat().map((target) => relation('responds_to', target)) },
    author,
  );
const topic = (number: number): Act => publish(number, { kind: 'discussion' });
const numbers = (nodes: readonly { cid: Cid }[]): number[] =>
  nodes.map((node) => Number.parseInt(node.cid.slice(7, 15), 16));
const thread = (acts: readonly Act[], number: number, options = {}) =>
  build(acts).reading.thread(cid(number), options);

describe('a thread', () => {
  //   1
  //   ├ 2
  //   │ └ 5
  //   └ 3
  //     └ 4
  const acts = [topic(1), answer(2, 1), answer(3, 1), answer(4, 3), answer(5, 2)];

  it('G22: is told depth first, the oldest answers first, with depth and parent', () => {
    const { items, above } = thread(acts, 1);
    expect(numbers(items)).toEqual([1, 2, 5, 3, 4]);
    expect(items.map(({ depth }) => depth)).toEqual([0, 1, 2, 1, 2]);
    expect(items.map(({ parent }) => parent)).toEqual([null, cid(1), cid(2), cid(1), cid(3)]);
    expect(items.map(({ answers }) => answers)).toEqual([2, 1, 0, 1, 0]);
    expect(above).toEqual([]);
  });

  it('G22: goes both ways: from an answer up to its root, and down', () => {
    const { items, above } = thread(acts, 3);
    expect(numbers(items)).toEqual([3, 4]);
    expect(numbers(above)).toEqual([1]);
    expect(numbers(thread(acts, 5).above)).toEqual([1, 2]);
    expect(thread(acts, 5).above.map(({ depth }) => depth)).toEqual([-2, -1]);
  });

  it('G22: has at most 16 levels; what is below the last is told by its number and by asking for it', () => {
    const chain = [topic(1), ...Array.from({ length: 20 }, (_, i) => answer(i + 2, i + 1))];
    const { items, cursor } = thread(chain, 1);
    expect(items).toHaveLength(17);
    expect(items.at(-1)).toMatchObject({ cid: cid(17), depth: 16, answers: 1 });
    expect(cursor).toBeUndefined();
    expect(numbers(thread(chain, 17).items)).toEqual([17, 18, 19, 20, 21]);
    expect(thread(chain, 21).above).toHaveLength(16);
    expect(numbers(thread(chain, 1, { depth: 2 }).items)).toEqual([1, 2, 3]);
    expect(() => thread(chain, 1, { depth: 17 })).toThrow(
      'depth: expected a whole number from 1 to 16, got 17',
    );
  });

  it('G22: comes 500 at a time; pages together are the whole, though answers arrive between them', () => {
    const many = [topic(1), ...Array.from({ length: 700 }, (_, i) => answer(i + 2, i < 350 ? 1 : i - 348))];
    const views = build(many);
    const whole = numbers(views.reading.thread(cid(1)).items);
    expect(whole).toHaveLength(500);
    const told: number[] = [];
    let cursor: string | undefined;
    do {
      const page = views.reading.thread(cid(1), { limit: 90, ...(cursor === undefined ? {} : { cursor }) });
      told.push(...numbers(page.items));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(told).toHaveLength(701);
    expect(new Set(told).size).toBe(701);
    expect(told.slice(0, 500)).toEqual(whole);
    const first = views.reading.thread(cid(1), { limit: 3 });
    perform(views, answer(900, 1));
    const rest = views.reading.thread(cid(1), { ...(first.cursor ? { cursor: first.cursor } : {}) });
    expect(numbers(rest.items).slice(0, 3)).toEqual(whole.slice(3, 6));
    expect(() => views.reading.thread(cid(1), { cursor: cid(5000) })).toThrow(/^cursor: /);
    expect(() => views.reading.thread(cid(1), { limit: 501 })).toThrow(
      'limit: expected a whole number from 1 to 500',
    );
  });

  it('G22: what was withdrawn and answered keeps its place, and goes when nothing that stands is below it', () => {
    const withdrawn = [...acts, retract(3), retract(1)];
    const { items } = thread(withdrawn, 1);
    expect(numbers(items)).toEqual([1, 2, 5, 3, 4]);
    expect(items.map(({ standing }) => standing)).toEqual(['withdrawn', 'held', 'held', 'withdrawn', 'held']);
    expect(numbers(thread([...withdrawn, retract(4)], 1).items)).toEqual([1, 2, 5]);
  });

  it('G22: what is not held, or was never published here, keeps its place at the top', () => {
    const missing = thread([publish(1, null), answer(2, 1), answer(4, 3)], 1);
    expect(missing.items.map(({ standing }) => standing)).toEqual(['missing', 'held']);
    const unknown = thread([answer(4, 3)], 4);
    expect(unknown.above).toEqual([
      { cid: cid(3), depth: -1, parent: null, standing: 'unknown', answers: 1 },
    ]);
    expect(numbers(thread([answer(4, 3)], 3).items)).toEqual([3, 4]);
  });

  it('G22: what answers two of one thread is told once; what only adopts or reviews is no answer', () => {
    const { items } = thread(
      [...acts, answer(6, [2, 3]), publish(7, { relations: [relation('reviews', 1)] })],
      1,
    );
    expect(numbers(items)).toEqual([1, 2, 5, 6, 3, 4]);
  });
});

describe('the threads of a grove', () => {
  const acts = [
    topic(1),
    publish(2, { kind: 'work' }),
    answer(3, 1, 2),
    topic(4),
    answer(5, 3, 3),
    answer(6, 2),
    publish(7, { kind: 'work' }),
  ];
  const list = (all: readonly Act[], filter = {}) => build(all).reading.threads(filter);

  it('G22: are roots that are answered, and discussions that may be; the newest activity first, with counts', () => {
    const { items } = list(acts);
    expect(numbers(items)).toEqual([2, 1, 4]);
    expect(items.map(({ answers }) => answers)).toEqual([1, 2, 0]);
    expect(items.map(({ authors }) => authors)).toEqual([1, 3, 1]);
    expect(items.map(({ latest }) => latest.cid)).toEqual([cid(6), cid(5), cid(4)]);
  });

  it('G22: an answer that comes brings its thread to the front; one that goes takes it back', () => {
    const views = build(acts);
    expect(numbers(views.reading.threads().items)).toEqual([2, 1, 4]);
    perform(views, answer(8, 4));
    expect(numbers(views.reading.threads().items)).toEqual([4, 2, 1]);
    perform(views, retract(8));
    expect(numbers(views.reading.threads().items)).toEqual([2, 1, 4]);
    perform(views, retract(6));
    expect(numbers(views.reading.threads().items)).toEqual([1, 4]);
  });

  it('G22: a withdrawn, missing or unknown root stays while answers stand; a body that comes may name another', () => {
    const views = build([...acts, retract(1), publish(9, null), answer(10, 9), answer(12, 11)]);
    const { items } = views.reading.threads();
    expect(numbers(items)).toEqual([11, 9, 2, 1, 4]);
    expect(items.map(({ standing }) => standing)).toEqual([
      'unknown',
      'missing',
      'held',
      'withdrawn',
      'held',
    ]);
    perform(views, body(9, { relations: [relation('responds_to', 4)] }));
    const later = views.reading.threads().items;
    expect(numbers(later)).toEqual([11, 4, 2, 1]);
    expect(later[1]).toMatchObject({ answers: 2, latest: { cid: cid(10) } });
  });

  it('G22: pages and filters of roots', () => {
    const views = build(acts);
    const first = views.reading.threads({ limit: 2 });
    expect(numbers(first.items)).toEqual([2, 1]);
    const rest = views.reading.threads({ limit: 2, ...(first.cursor ? { cursor: first.cursor } : {}) });
    expect(numbers(rest.items)).toEqual([4]);
    expect(rest.cursor).toBeUndefined();
    expect(numbers(views.reading.threads({ kind: 'discussion' }).items)).toEqual([1, 4]);
    expect(() => views.reading.threads({ cursor: 'x' })).toThrow(/^cursor: /);
  });
});

/** A handful of contributions that answer earlier ones, some withdrawn, some without bodies until later. */
const history = fc
  .tuple(
    ...Array.from({ length: 10 }, (_, number) =>
      fc
        .record({
          to: fc.uniqueArray(fc.integer({ min: 0, max: number }), { maxLength: 2 }),
          kind: fc.constantFrom('discussion', 'response', 'work'),
          later: fc.boolean(),
          gone: fc.constantFrom(false, false, true),
        })
        .map(({ to, kind, later, gone }): Act[] => {
          const fields = {
            kind,
            relations: to.filter((t) => t !== number).map((t) => relation('responds_to', t)),
          };
          return [
            publish(number, later ? null : fields),
            ...(later ? [body(number, fields)] : []),
            ...(gone ? [retract(number)] : []),
          ];
        }),
    ),
  )
  .map((acts) => acts.flat());

describe('threads of any history', () => {
  it('G1, G22: are the same in any order of arrival, asked at any point', () => {
    const told = history.chain((acts) =>
      fc.tuple(fc.constant(acts), fc.shuffledSubarray(acts, { minLength: acts.length }), fc.nat(acts.length)),
    );
    fc.assert(
      fc.property(told, ([acts, again, upTo]) => {
        const one = build(acts);
        const other = createViews({ metrics: [] });
        perform(other, ...again.slice(0, upTo));
        other.reading.threads();
        perform(other, ...again.slice(upTo), ...again);
        expect(other.reading.threads()).toEqual(one.reading.threads());
        for (let number = 0; number < 10; number += 1) {
          expect(other.reading.thread(cid(number))).toEqual(one.reading.thread(cid(number)));
          expect(other.reading.lineage(cid(number))).toEqual(one.reading.lineage(cid(number)));
          expect(other.reading.path(cid(0), cid(number))).toEqual(one.reading.path(cid(0), cid(number)));
        }
        expect(other.reading.agents(10)).toEqual(one.reading.agents(10));
      }),
      { seed: 20_261_121, numRuns: 150 },
    );
  }, 60_000);
});
