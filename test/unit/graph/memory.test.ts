// What keeps a hundred thousand contributions small must not show: bodies in pools, and maps that mostly hold one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAPH } from '../../../worker/core/graph/config.ts';
import { FewByKey, FewOf } from '../../../worker/core/graph/few.ts';
import { createPool } from '../../../worker/core/graph/pool.ts';
import { build, cid, manifest, perform, publish, retract } from './build.ts';

describe('bodies in a pool', () => {
  it('G1: are given back as they came, however many and whatever their sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 200 }), (all) => {
        const pool = createPool();
        const places = all.map((bytes) => pool.add(bytes));
        places.forEach((at, i) => expect(pool.read(at)).toEqual(all[i]));
      }),
      { numRuns: 30 },
    );
  });

  it('G1: one that is larger than a part of the pool stands beside small ones', () => {
    const pool = createPool();
    const large = new Uint8Array(3 * 1024 * 1024).fill(7);
    const places = [new Uint8Array([1, 2]), large, new Uint8Array([3])].map((bytes) => pool.add(bytes));
    expect(places.map((at) => pool.read(at).length)).toEqual([2, large.length, 1]);
    expect(pool.read(places[2] ?? 0)[0]).toBe(3);
  });

  it('G2, G9: a manifest that is parsed anew is the same, beyond what is kept parsed too', () => {
    const count = GRAPH.parsed + 100;
    const views = build([]);
    for (let i = 1; i <= count; i++)
      perform(views, publish(i, { summary: `Run ${i}`, tags: [`t${i % 3}`], context: { nested: { i } } }));
    for (let i = 1; i <= count; i++)
      expect(views.manifest(cid(i))).toEqual(
        manifest({ summary: `Run ${i}`, tags: [`t${i % 3}`], context: { nested: { i } } }),
      );
    const page = views.list({ tags: ['t1'], limit: 500 });
    expect(page.items.every(({ manifest: held }) => held?.tags[0] === 't1')).toBe(true);
    expect(
      views.frontier({ context: { nested: { i: 5 } } }, Date.now()).byRecency.map((each) => each.cid),
    ).toEqual([cid(5)]);
  });

  it('G2: what was withdrawn after its manifest was let go leaves every ranking', () => {
    const views = build([publish(1, { scores: { loss: { value: 1, direction: 'minimize' } } })]);
    for (let i = 2; i <= GRAPH.parsed + 10; i++) perform(views, publish(i));
    for (let i = 2; i <= GRAPH.parsed + 10; i++) views.manifest(cid(i));
    perform(views, retract(1));
    expect(views.frontier({}, Date.now()).byMetric['loss']).toBeUndefined();
  });
});

describe('the index of words', () => {
  it('G9: while many wait for it a search says so; in steps it comes to the same as at once', () => {
    const count = GRAPH.searchAtOnce + 500;
    const views = build([]);
    for (let i = 1; i <= count; i++) perform(views, publish(i, { summary: `run${i} common` }));
    expect(() => views.list({ text: 'run7' })).toThrow(/text: 0 of 2500 are in the index/);
    while (views.prepare(GRAPH.searchStep) > 0);
    expect(views.list({ text: 'run2499' }).items.map((item) => item.cid)).toEqual([cid(2499)]);
    expect(views.list({ text: 'common', limit: 500 }).items).toHaveLength(500);
    perform(views, publish(count + 1, { summary: 'new' }));
    expect(views.list({ text: 'new' }).items.map((item) => item.cid)).toEqual([cid(count + 1)]);
  });
});

describe('few of something', () => {
  it('behave as the map and the set they stand for', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('add', 'delete'), fc.nat(15)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const [few, set] = [new FewOf<number>(), new Set<number>()];
        const [byKey, map] = [new FewByKey<number, string>(), new Map<number, string>()];
        all.forEach(([what, item], at) => {
          if (what === 'add') {
            few.add(item);
            set.add(item);
            byKey.set(item, `${at}`);
            map.set(item, `${at}`);
          } else expect(few.delete(item)).toBe(set.delete(item));
          expect([few.size, byKey.size]).toEqual([set.size, map.size]);
          expect(byKey.has(item)).toBe(map.has(item));
        });
        expect([...few].sort((a, b) => a - b)).toEqual([...set].sort((a, b) => a - b));
        expect([...byKey.values()]).toEqual([...map.values()]);
      }),
    );
  });
});
