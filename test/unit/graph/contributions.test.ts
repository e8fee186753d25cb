import { describe, expect, it } from 'vitest';
import {
  NOW,
  body,
  build,
  cid,
  cids,
  entryId,
  peer,
  perform,
  publish,
  relation,
  retract,
  score,
} from './build.ts';
import type { Act } from './build.ts';

describe('G2: contributions', () => {
  it('G2: several publications of one CID merge into one record, publishers first by (lamport, id)', () => {
    const views = build([publish(5, {}, 2), { ...publish(5, {}, 1), lamport: 9 } as Act, publish(5, {}, 3)]);
    expect(views.counts()).toEqual({ contributions: 1, bodies: 1, withdrawn: 0 });
    expect(views.get(cid(5))?.publishers).toEqual([
      { author: peer(2), entry: entryId(502), lamport: 5, at: 5000 },
      { author: peer(3), entry: entryId(503), lamport: 5, at: 5000 },
      { author: peer(1), entry: entryId(501), lamport: 9, at: 9000 },
    ]);
  });

  it('G2: a retraction withdraws its own author’s publication only', () => {
    const views = build([publish(1, {}, 1), publish(1, {}, 2), retract(1, 1), retract(1, 7)]);
    expect(views.get(cid(1))?.withdrawn).toBe(false);
    expect(views.get(cid(1))?.publishers.map(({ author }) => author)).toEqual([peer(2)]);
    expect(cids(views.frontier({}, NOW).byRecency)).toEqual([cid(1)]);
  });

  it('G2: withdrawn by all, it is known by its CID with its publishers, and in no list, ranking or graph', () => {
    const views = build([
      publish(1, { scores: { loss: score(1) } }),
      publish(2, { relations: [relation('adopts', 1)] }),
      retract(1),
    ]);
    expect(views.has(cid(1))).toBe(true);
    expect(views.get(cid(1))).toMatchObject({ withdrawn: true, publishers: [{ author: peer(1) }] });
    expect(views.list().items.map((item) => item.cid)).toEqual([cid(2)]);
    expect(views.graph(10).nodes.map((node) => node.cid)).toEqual([cid(2)]);
    const { byMetric, ...rankings } = views.frontier({}, NOW);
    expect({ ...byMetric }).toEqual({});
    expect(
      Object.values(rankings)
        .flat()
        .map((entry) => entry.cid),
    ).toEqual([cid(2)]);
    expect(views.counts()).toEqual({ contributions: 2, bodies: 2, withdrawn: 1 });
  });

  it('G2: withdrawn by all, it adds nothing to others through its relations', () => {
    const relations = [
      relation('adopts', 1),
      relation('reviews', 1, { score: 1 }),
      relation('reproduces', 1),
    ];
    const views = build([publish(1), publish(2, { relations }), retract(2)]);
    const { byAdoption, byReviewScore, byReproduction } = views.frontier({}, NOW);
    expect([byAdoption, byReviewScore, byReproduction]).toEqual([[], [], []]);
    expect(views.get(cid(1))).toMatchObject({ lifecycle: 'published', incoming: [] });
  });

  it('G2: a retraction that arrives before the publication withdraws it, and is final for that author', () => {
    const views = build([retract(1, 1), publish(1, {}, 1)]);
    expect(views.get(cid(1))?.withdrawn).toBe(true);
    perform(views, { ...publish(1, {}, 1), lamport: 50, entry: 999 } as Act);
    expect(views.get(cid(1))?.withdrawn).toBe(true);
    perform(views, publish(1, {}, 2));
    expect(views.get(cid(1))?.withdrawn).toBe(false);
    expect(views.counts()).toEqual({ contributions: 1, bodies: 1, withdrawn: 0 });
  });

  it('G2: without its body a contribution is listed and drawn, ranked nowhere, and filled in when the body comes', () => {
    const views = build([publish(1, null), publish(2, { relations: [relation('adopts', 1)] })]);
    expect(views.get(cid(1))).toMatchObject({
      manifest: null,
      createdAt: '1970-01-01T00:00:01.000Z',
      lifecycle: 'adopted',
    });
    expect(views.list().items).toHaveLength(2);
    expect(views.list({ kind: 'work' }).items).toHaveLength(1);
    expect(views.graph(10).nodes[0]).toMatchObject({ cid: cid(1), kind: '', adoption: 1 });
    expect(views.frontier({}, NOW).byAdoption).toEqual([]);
    perform(views, body(1));
    expect(views.frontier({}, NOW).byAdoption).toEqual([{ cid: cid(1), value: 1 }]);
    expect(views.counts()).toEqual({ contributions: 2, bodies: 2, withdrawn: 0 });
  });

  it('G2: a body or retraction alone makes no contribution', () => {
    const views = build([body(1), retract(2)]);
    expect([views.has(cid(1)), views.has(cid(2)), views.get(cid(1))]).toEqual([false, false, null]);
    expect(views.counts()).toEqual({ contributions: 0, bodies: 0, withdrawn: 0 });
  });
});

describe('G7: lifecycle', () => {
  const steps = [
    ['published', relation('responds_to', 1)],
    ['under_review', relation('reviews', 1)],
    ['reproduced', relation('reproduces', 1, { result: 'confirmed' })],
    ['adopted', relation('adopts', 1)],
    ['challenged', relation('reproduces', 1, { result: 'challenged' })],
    ['superseded', relation('derives_from', 1, { relationship: 'supersedes' })],
  ] as const;

  it('G7: each state takes precedence over those before it, and gives way when what made it is withdrawn', () => {
    const views = build([publish(1), publish(9, { relations: [relation('derives_from', 1)] })]);
    steps.forEach(([state, each], index) => {
      perform(views, publish(20 + index, { relations: [each] }));
      expect(views.get(cid(1))?.lifecycle).toBe(state);
    });
    steps.toReversed().forEach(([state], index) => {
      expect(views.get(cid(1))?.lifecycle).toBe(state);
      perform(views, retract(20 + steps.length - 1 - index));
    });
    expect(views.get(cid(1))?.lifecycle).toBe('published');
  });

  it('G7: anyone’s superseding derivation counts, not only the publisher’s', () => {
    const relations = [relation('derives_from', 1, { relationship: 'supersedes' })];
    expect(build([publish(1, {}, 1), publish(2, { relations }, 2)]).get(cid(1))?.lifecycle).toBe(
      'superseded',
    );
  });
});

describe('G8: relations', () => {
  it('G8: both directions are given; a dangling target is known by its CID and named once it arrives', () => {
    const views = build([
      publish(2, { summary: 'child', relations: [relation('derives_from', 1, { note: 'x' })] }),
    ]);
    const edge = { cid: cid(1), relationType: 'derives_from', metadata: { note: 'x' } };
    expect(views.get(cid(2))?.outgoing).toEqual([edge]);
    expect(views.has(cid(1))).toBe(false);
    perform(views, publish(1, { summary: 'parent', kind: 'plan' }));
    expect(views.get(cid(2))?.outgoing).toEqual([{ ...edge, summary: 'parent', kind: 'plan' }]);
    expect(views.get(cid(1))?.incoming).toEqual([{ ...edge, cid: cid(2), summary: 'child', kind: 'work' }]);
  });

  it('G8: incoming relations are oldest first by (lamport, id), whatever the order of arrival', () => {
    const views = build(
      [4, 2, 5, 3, 1].map((number) =>
        publish(number, { relations: number === 1 ? [] : [relation('adopts', 1)] }),
      ),
    );
    expect(views.get(cid(1))?.incoming.map((edge) => edge.cid)).toEqual([cid(2), cid(3), cid(4), cid(5)]);
  });
});
