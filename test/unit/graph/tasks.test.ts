import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClaims } from '../../../worker/core/graph/claims.ts';
import { TASK_STATUSES, type TaskFilter } from '../../../worker/core/graph/tasks.ts';
import { createViews } from '../../../worker/core/graph/views.ts';
import type { Views } from '../../../worker/core/graph/views.ts';
import { act, claimBody, options, retold } from './acts.ts';
import { body, build, cid, peer, perform, publish, relation, retract } from './build.ts';
import type { Act } from './build.ts';

const plan = (number: number, author = 1): Act => publish(number, { kind: 'plan' }, author);
const question = (number: number, priority?: string, author = 1): Act =>
  publish(number, { kind: 'ask_user', ...(priority === undefined ? {} : { context: { priority } }) }, author);
const response = (number: number, to: number, author = 2): Act =>
  publish(number, { kind: 'response', relations: [relation('responds_to', to)] }, author);
const none = createClaims(options);
const numbers = (views: Views, filter: TaskFilter = {}, claims = none, now = 50) =>
  views.tasks.list(filter, claims, now).items.map((task) => Number.parseInt(task.cid.slice(7, 15), 16));

describe('tasks', () => {
  it('G14: plans and questions are tasks, newest first, and nothing else is', () => {
    const views = build([plan(1), publish(2), question(3), response(4, 3), publish(5, { kind: 'planning' })]);
    expect(numbers(views)).toEqual([3, 1]);
    expect(numbers(views, { kind: 'plan' })).toEqual([1]);
    expect(numbers(views, { kind: 'ask_user' })).toEqual([3]);
    expect(views.tasks.get(cid(2), none, 0)).toBeNull();
  });

  it('G13, G15: says what became of each: open, claimed, expired, answered, completed', () => {
    const views = build(
      [1, 2, 3, 4].map((n) => plan(n)).concat(question(5), response(6, 5), question(7), response(8, 7)),
    );
    const claims = createClaims(options);
    claims.apply(act(11, 1, 0), claimBody('claim', null, { on: 2 }));
    claims.apply(act(12, 2, 0), claimBody('claim', null, { on: 3 }));
    claims.apply(act(13, 2, 10), claimBody('release', 12, { on: 3 }));
    claims.apply(act(14, 1, 0), claimBody('claim', null, { on: 4 }));
    claims.apply(act(15, 1, 10), claimBody('complete', 14, { on: 4 }));
    claims.apply(act(16, 1, 0), claimBody('claim', null, { on: 5 }));
    claims.apply(act(17, 1, 0), claimBody('claim', null, { on: 7 }));
    claims.apply(act(18, 1, 5), claimBody('complete', 17, { on: 7 }));
    const by = (now: number) =>
      Object.fromEntries(
        TASK_STATUSES.map((status) => [status, numbers(views, { status: [status] }, claims, now)]),
      );
    expect(by(99)).toEqual({ open: [3, 1], claimed: [2], expired: [], answered: [5], completed: [7, 4] });
    expect(by(100)).toEqual({ open: [3, 1], claimed: [], expired: [2], answered: [5], completed: [7, 4] });
    expect(numbers(views, { status: ['open', 'expired'] }, claims, 100)).toEqual([3, 2, 1]);
    expect(numbers(views, { claimant: peer(2) }, claims)).toEqual([3]);
    expect(numbers(views, { status: [] }, claims)).toEqual([]);
  });

  it('G15: a question is open until a response to it stands, and again once that is withdrawn', () => {
    const acts = [question(1), publish(2, { kind: 'discussion', relations: [relation('responds_to', 1)] })];
    const views = build(acts);
    expect(numbers(views, { isAnswered: false })).toEqual([1]);
    // Its body came apart from its header.
    perform(views, publish(3, null, 2));
    expect(numbers(views, { isAnswered: false })).toEqual([1]);
    perform(
      views,
      body(3, { kind: 'response', relations: [relation('responds_to', 1), relation('adopts', 2)] }),
    );
    expect(numbers(views, { isAnswered: true })).toEqual([1]);
    expect(views.tasks.get(cid(1), none, 0)).toMatchObject({ status: 'answered', responses: 1 });
    expect(views.tasks.answeredBy(cid(3))).toEqual([cid(1)]);
    perform(views, retract(3, 2));
    expect(numbers(views, { isAnswered: false })).toEqual([1]);
    expect(views.tasks.answeredBy(cid(3))).toEqual([]);
  });

  it('G15: a response may come before its question', () => {
    const views = build([response(1, 2)]);
    expect(numbers(views)).toEqual([]);
    perform(views, question(2));
    expect(numbers(views, { isAnswered: true })).toEqual([2]);
  });

  it('G15: priority is low, normal, high or urgent, and anything else counts as normal', () => {
    const views = build([
      question(1),
      question(2, 'urgent'),
      question(3, 'asap'),
      question(4, 'low'),
      plan(5),
    ]);
    expect(numbers(views, { priority: 'normal' })).toEqual([3, 1]);
    expect(numbers(views, { priority: 'urgent' })).toEqual([2]);
    expect(numbers(views, { priority: 'high' })).toEqual([]);
  });

  it('G2: what all withdrew is no task any more; what another publishes too still is', () => {
    const views = build([plan(1), plan(2), plan(2, 3)]);
    perform(views, retract(1), retract(2));
    expect(numbers(views)).toEqual([2]);
    expect(numbers(views, { author: peer(3) })).toEqual([2]);
    expect(numbers(views, { author: peer(1) })).toEqual([]);
  });

  it('G9: pages follow each other without gaps or repeats while tasks arrive', () => {
    const views = build(Array.from({ length: 7 }, (_, index) => plan(index + 1)));
    const first = views.tasks.list({ limit: 3 }, none, 0);
    perform(views, plan(8));
    const second = views.tasks.list({ limit: 3, cursor: first.cursor ?? '' }, none, 0);
    const third = views.tasks.list({ limit: 3, cursor: second.cursor ?? '' }, none, 0);
    expect([first, second, third].flatMap(({ items }) => items.map((task) => task.cid))).toEqual(
      [7, 6, 5, 4, 3, 2, 1].map(cid),
    );
    expect(third.cursor).toBeUndefined();
    for (const filter of [{ limit: 0 }, { limit: 501 }, { cursor: 'x' }])
      expect(() => views.tasks.list(filter, none, 0)).toThrow(/limit|cursor/);
  });

  it('G1: the same contributions in any order, some repeated, give the same tasks', () => {
    const acts = [
      ...[plan(1), plan(2), retract(2), question(3, 'high'), question(4), response(5, 3), response(6, 4)],
      ...[retract(6, 2), publish(7, null), body(7, { kind: 'plan' }), plan(1, 3), retract(1)],
    ];
    const expected = build(acts).tasks.list({}, none, 0);
    expect(expected.items.map((task) => task.status)).toEqual(['open', 'open', 'answered', 'open']);
    fc.assert(
      fc.property(retold(acts), fc.nat(15), (again, upTo) => {
        const views = createViews({ metrics: [] });
        perform(views, ...again.slice(0, upTo));
        views.tasks.list({}, none, 0);
        perform(views, ...again.slice(upTo));
        expect(views.tasks.list({}, none, 0)).toEqual(expected);
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
});
