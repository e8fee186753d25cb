import { describe, expect, it } from 'vitest';
import type { ListFilter } from '../../../worker/core/graph/views.ts';
import { body, build, cid, entryId, perform, publish, relation, retract } from './build.ts';
import type { Act } from './build.ts';

describe('G9: lists and search', () => {
  const numbers = (filter: ListFilter, acts: readonly Act[]): string[] =>
    build(acts)
      .list(filter)
      .items.map((item) => item.cid);

  it('G9: a list is newest first by (lamport, id) of the first publication that stands', () => {
    const acts = [publish(1), publish(3), publish(2), { ...publish(1, {}, 2), lamport: 9 } as Act];
    expect(numbers({}, acts)).toEqual([cid(3), cid(2), cid(1)]);
    expect(numbers({}, [...acts, retract(1, 1)])).toEqual([cid(1), cid(3), cid(2)]);
  });

  it('G9: pages follow each other without gap or repetition while newer and older entries arrive', () => {
    const views = build(Array.from({ length: 20 }, (_, index) => publish((index + 1) * 10)));
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let round = 0; round < 3; round += 1) {
      const page = views.list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((item) => item.cid));
      cursor = page.cursor;
      perform(views, publish(1000 + round), publish(5 + round));
    }
    // 200 down to 10, then 5 and 6, which came in time for the last page; nothing newer than the first page.
    expect(seen).toEqual([...Array.from({ length: 20 }, (_, index) => cid(200 - index * 10)), cid(6)]);
    expect(views.list({ cursor: cursor ?? '' }).items.map((item) => item.cid)).toEqual([cid(5)]);
  });

  it('G9: the last page has no cursor, also when it is full', () => {
    const acts = [publish(1), publish(2)];
    expect(build(acts).list({ limit: 2 }).cursor).toBeUndefined();
    expect(build(acts).list({ limit: 1 }).cursor).toBeDefined();
    expect(build(Array.from({ length: 51 }, (_, index) => publish(index + 1))).list().items).toHaveLength(50);
  });

  it.each([
    '',
    'x',
    '1',
    '0.',
    `1.${'g'.repeat(64)}`,
    `-1.${entryId(1)}`,
    `99999999999999999.${entryId(1)}`,
    `01.${entryId(1)}`,
  ])('G9: the cursor %j is refused with the field’s name', (cursor) => {
    expect(() => build([publish(1)]).list({ cursor })).toThrow(
      /^cursor: expected one from an earlier page, got /,
    );
  });

  it('G9: text finds each of its words at the start of one in summary, description, tags, agent or artifact names', () => {
    const acts = [
      publish(1, { summary: 'Muon optimizer', description: 'With momentum warm-up' }),
      publish(2, { summary: 'Other', tags: ['Optimizers'], agent: { agentId: 'id-7', agentName: 'Ada' } }),
      publish(3, { summary: 'Ünïcode ﬁt', artifacts: { 'runs/loss.csv': cid(99) } }),
    ];
    expect(numbers({ text: 'OPTIM' }, acts)).toEqual([cid(2), cid(1)]);
    expect(numbers({ text: 'optim muon' }, acts)).toEqual([cid(1)]);
    expect(numbers({ text: 'optim nothing' }, acts)).toEqual([]);
    expect(numbers({ text: 'ada' }, acts)).toEqual([cid(2)]);
    expect(numbers({ text: 'loss csv' }, acts)).toEqual([cid(3)]);
    expect(numbers({ text: 'ünï fit' }, acts)).toEqual([cid(3)]);
    expect(numbers({ text: 'momentum', kind: 'review' }, acts)).toEqual([]);
    expect(numbers({ text: '   ' }, acts)).toHaveLength(3);
    expect(numbers({ text: '"*(?' }, acts)).toEqual([]);
  });

  it('G9: search sees what arrives after a search, and not what was withdrawn', () => {
    const views = build([publish(1, { summary: 'muon' })]);
    const find = (): string[] => views.list({ text: 'muon' }).items.map((item) => item.cid);
    expect(find()).toEqual([cid(1)]);
    perform(
      views,
      publish(2, null),
      body(2, { summary: 'muon two' }),
      publish(3, { summary: 'muon three' }),
      retract(1),
    );
    expect(find()).toEqual([cid(3), cid(2)]);
  });

  it('G9: a search text over 256 characters is refused, naming limit and length', () => {
    expect(() => build([]).list({ text: 'x'.repeat(257) })).toThrow('text: at most 256 characters, got 257');
  });
});

describe('G10: the picture', () => {
  it('G10: targets come before their sources, also where the source was published first', () => {
    const acts = [
      publish(1, { relations: [relation('derives_from', 3), relation('reviews', 2)] }),
      publish(2, { relations: [relation('derives_from', 3)] }),
      publish(3),
      publish(4, { relations: [relation('adopts', 77)] }),
    ];
    const { nodes, edges, truncated } = build(acts).graph(10);
    expect(nodes.map((node) => node.cid)).toEqual([cid(3), cid(2), cid(1), cid(4)]);
    expect(edges).toEqual([
      { from: cid(1), to: cid(3), relationType: 'derives_from' },
      { from: cid(1), to: cid(2), relationType: 'reviews' },
      { from: cid(2), to: cid(3), relationType: 'derives_from' },
    ]);
    expect(truncated).toBe(false);
  });

  it('G10: only the newest are given, with edges between them, and it says so', () => {
    const chain = Array.from({ length: 6 }, (_, index) =>
      publish(index + 1, { relations: index === 0 ? [] : [relation('derives_from', index)] }),
    );
    const { nodes, edges, truncated } = build(chain).graph(2);
    expect(nodes.map(({ cid, adoption }) => [cid, adoption])).toEqual([
      [cid(5), 1],
      [cid(6), 0],
    ]);
    expect(edges).toEqual([{ from: cid(6), to: cid(5), relationType: 'derives_from' }]);
    expect(truncated).toBe(true);
  });

  it('G10: a lineage of 10,000 published backwards is drawn without running out of stack', () => {
    const count = 10_000;
    const acts = Array.from({ length: count }, (_, index) =>
      publish(index + 1, { relations: index + 1 === count ? [] : [relation('derives_from', index + 2)] }),
    );
    const { nodes } = build(acts).graph(count);
    expect(nodes).toHaveLength(count);
    expect([nodes[0]?.cid, nodes.at(-1)?.cid]).toEqual([cid(count), cid(1)]);
  }, 30_000);
});
