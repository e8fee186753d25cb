import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { NOW, build, cid, entryId, frontier, peer, publish, relation } from './build.ts';

describe('hostile manifests', () => {
  const hostile = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', ''];

  it('G3: a metric may be named like a property of every object', () => {
    const scores = JSON.parse(
      `{${hostile.map((name) => `${JSON.stringify(name)}:{"value":1,"direction":"minimize"}`).join()}}`,
    ) as Manifest['scores'];
    const { byMetric } = frontier([publish(1, { ...(scores === undefined ? {} : { scores }) })]);
    expect(Object.keys(byMetric).sort()).toEqual([...hostile].sort());
    for (const name of hostile)
      expect(byMetric[name]).toEqual({ direction: 'minimize', entries: [{ cid: cid(1), value: 1 }] });
    expect(frontier([]).byMetric['constructor']).toBeUndefined();
    expect(frontier([publish(1)], { metric: '__proto__' }).byMetric['__proto__']).toBeUndefined();
  });

  it('G4: metadata that inherits, or has a __proto__ key, says nothing by it', () => {
    const metadata = JSON.parse(
      '{"__proto__":{"score":1,"result":"challenged","relationship":"supersedes"}}',
    ) as Record<string, string>;
    const relations = [
      relation('reviews', 1, metadata),
      relation('reproduces', 1, metadata),
      relation('derives_from', 1, metadata),
    ];
    const views = build([publish(1), publish(2, { relations })]);
    expect(views.get(cid(1))?.lifecycle).toBe('reproduced');
    expect(views.frontier({}, NOW).byReviewScore).toEqual([]);
  });

  it('G8: a relation of an unknown type is shown and ranks nothing', () => {
    const odd = { ...relation('adopts', 1), relationType: '__proto__' as 'adopts' };
    const views = build([publish(1), publish(2, { relations: [odd] })]);
    expect(views.get(cid(1))).toMatchObject({
      lifecycle: 'published',
      incoming: [{ relationType: '__proto__' }],
    });
    expect(views.frontier({}, NOW).byAdoption).toEqual([]);
  });

  it('G9: words like __proto__ and constructor are searched as words', () => {
    const views = build([publish(1, { summary: '__proto__ constructor' }), publish(2)]);
    expect(views.list({ text: 'constructor' }).items.map((item) => item.cid)).toEqual([cid(1)]);
    expect(views.list({ text: '__proto__' }).items.map((item) => item.cid)).toEqual([cid(1)]);
    expect(views.list({ text: 'hasOwnProperty valueOf' }).items).toEqual([]);
  });

  it('G2: an author’s clock beyond what a date can say is held to the last one', () => {
    const views = createViews({ metrics: [] });
    views.addContribution(
      { id: entryId(1), author: peer(1), lamport: 1, at: Number.MAX_SAFE_INTEGER },
      cid(1),
      null,
    );
    expect(views.get(cid(1))?.createdAt).toBe('+275760-09-13T00:00:00.000Z');
  });
});
