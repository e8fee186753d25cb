// What follows from a contract: gates (SPEC G19), stop conditions (G20), and what others verified (G21).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../worker/core/graph/acts.ts';
import { judgeGates } from '../../../worker/core/graph/gates.ts';
import { judgeStops } from '../../../worker/core/graph/stops.ts';
import { verificationOf, type Verification } from '../../../worker/core/graph/verification.ts';
import type { Views } from '../../../worker/core/graph/views.ts';
import type { Gate, Stop } from '../../../worker/core/model/contract.ts';
import type { PeerId } from '../../../worker/core/model/ids.ts';
import type { Manifest } from '../../../worker/core/model/manifest.ts';
import { body, build, cid, NOW, peer, perform, publish, relation, retract, score } from './build.ts';
import type { Act } from './build.ts';

const LOSS = [{ name: 'loss', direction: 'minimize' as const }];
const alone = (who: PeerId): PeerId => who;
/** Peers 10 apart are devices of one person. */
const PERSONS = new Map(Array.from({ length: 10 }, (_, number) => [peer(number + 10), peer(number)]));
const byTens = (who: PeerId): PeerId => PERSONS.get(who) ?? who;

const loss = (value: number, rest: Partial<Manifest> = {}): Partial<Manifest> => ({
  scores: { loss: score(value) },
  ...rest,
});
const reviews = (target: number, given?: number): Partial<Manifest> => ({
  kind: 'review',
  relations: [relation('reviews', target, given === undefined ? undefined : { score: given })],
});
const reproduces = (target: number, result?: string): Partial<Manifest> => ({
  kind: 'reproduction',
  relations: [relation('reproduces', target, result === undefined ? undefined : { result })],
});

describe('gates', () => {
  const judge = (views: Views, gate: Gate, number = 1, personOf = alone) =>
    judgeGates([gate], cid(number), views.evidence, personOf)?.[0];
  const passes = (acts: readonly Act[], gate: Gate, number = 1, personOf = alone): boolean | undefined =>
    judge(build(acts, LOSS), gate, number, personOf)?.passed;

  it('G19: min_reviews counts distinct persons who reviewed, whatever their devices and however often', () => {
    const gate: Gate = { type: 'min_reviews', count: 2 };
    const twice = [publish(1), publish(2, reviews(1), 2), publish(3, reviews(1), 2)];
    expect(passes(twice, gate)).toBe(false);
    expect(passes([...twice, publish(4, reviews(1), 12)], gate)).toBe(true);
    expect(passes([...twice, publish(4, reviews(1), 12)], gate, 1, byTens)).toBe(false);
    expect(passes([...twice, publish(4, reviews(1), 3)], gate, 1, byTens)).toBe(true);
    const views = build([...twice, publish(4, reviews(1), 3), retract(4, 3)], LOSS);
    expect(judge(views, gate)).toEqual({
      gate,
      passed: false,
      reason: 'reviewed by 1 person other than its publishers, needs 2',
    });
  });

  it('G19: no publisher is among the reviewers, by whatever device, nor one that withdrew', () => {
    const gate: Gate = { type: 'min_reviews', count: 1 };
    const shared = [publish(1), { ...publish(1, {}, 2), lamport: 2 } as Act];
    expect(passes([publish(1), publish(2, reviews(1), 1)], gate)).toBe(false);
    expect(passes([publish(1), publish(2, reviews(1), 11)], gate, 1, byTens)).toBe(false);
    expect(passes([...shared, publish(3, reviews(1), 2)], gate)).toBe(false);
    expect(passes([...shared, retract(1, 2), publish(3, reviews(1), 2)], gate)).toBe(false);
    expect(passes([...shared, publish(3, reviews(1), 3)], gate)).toBe(true);
  });

  it('G19: min_score goes by the metric’s direction, and follows the contract', () => {
    const gate: Gate = { type: 'min_score', metric: 'loss', value: 2 };
    expect([1, 2, 3].map((value) => passes([publish(1, loss(value))], gate))).toEqual([true, true, false]);
    const views = build([publish(1, loss(3))], LOSS);
    expect(judge(views, gate)?.reason).toBe('loss is 3, needs at most 2');
    views.setMetrics([{ name: 'loss', direction: 'maximize' }]);
    expect(judge(views, gate)).toMatchObject({ passed: true, reason: 'loss is 3, needs at least 2' });
  });

  it('G19: scores are those that rank: none of exploration, none that is ephemeral', () => {
    const gates: Gate[] = [
      { type: 'min_score', metric: 'loss', value: 2 },
      { type: 'metric_improves', metric: 'loss' },
    ];
    for (const gate of gates) {
      expect(passes([publish(1, loss(1))], gate)).toBe(true);
      expect(passes([publish(1, loss(1, { mode: 'exploration' }))], gate)).toBe(false);
      expect(passes([publish(1, loss(1, { context: { ephemeral: true } }))], gate)).toBe(false);
      expect(passes([publish(1, { scores: { constructor: score(1) } })], gate)).toBe(false);
    }
  });

  it('G19: has_artifact and has_relation look at the manifest alone', () => {
    const acts = [publish(1, { artifacts: { 'a.txt': cid(9) }, relations: [relation('adopts', 5)] })];
    expect(passes(acts, { type: 'has_artifact', name: 'a.txt' })).toBe(true);
    expect(passes(acts, { type: 'has_artifact', name: 'constructor' })).toBe(false);
    expect(passes(acts, { type: 'has_relation', relationType: 'adopts' })).toBe(true);
    expect(passes(acts, { type: 'has_relation', relationType: 'reviews' })).toBe(false);
  });

  it('G19: metric_improves is better than every score before it in the log, the first of all included', () => {
    const gate: Gate = { type: 'metric_improves', metric: 'loss' };
    const acts = [3, 3, 2, 5, 1].map((value, index) => publish(index + 1, loss(value)));
    const expected = [true, false, true, false, true];
    expect(expected.map((_, index) => passes(acts, gate, index + 1))).toEqual(expected);
    // What is withdrawn, or doesn't rank, is no score before it.
    expect(passes([...acts, retract(1)], gate, 2)).toBe(true);
    const hidden = [publish(1, loss(1, { mode: 'exploration' })), publish(2, loss(2))];
    expect(passes(hidden, gate, 2)).toBe(true);
    const views = build(acts, [{ name: 'loss', direction: 'maximize' }]);
    expect([1, 2, 3, 4, 5].map((number) => judge(views, gate, number)?.passed)).toEqual([
      ...[true, false, false, true, false],
    ]);
    expect(judge(views, gate, 4)?.reason).toBe('loss is 5, better than 3, the best before it');
  });

  it('G19: of what is withdrawn, has no body, or isn’t known, nothing is judged', () => {
    const gate: Gate = { type: 'has_artifact', name: 'a' };
    expect(judge(build([publish(1), retract(1)]), gate)).toBeUndefined();
    expect(judge(build([publish(1, null)]), gate)).toBeUndefined();
    expect(judge(build([]), gate)).toBeUndefined();
    expect(judge(build([publish(1, null), body(1)]), gate)?.passed).toBe(false);
  });
});

describe('stop conditions', () => {
  const judge = (acts: readonly Act[], stop: Stop, now = NOW) =>
    judgeStops([stop], build(acts, LOSS).evidence, alone, now)[0];

  it('G20: target: reached by the best that ranks, by the metric’s direction', () => {
    const stop: Stop = { type: 'target', metric: 'loss', value: 2 };
    expect(judge([], stop)).toEqual({
      stop,
      met: false,
      reason: 'no score of loss yet, needs at most 2',
      figures: {},
    });
    const acts = [publish(1, loss(3)), publish(2, loss(2.5)), publish(3, loss(0, { mode: 'exploration' }))];
    expect(judge(acts, stop)).toMatchObject({ met: false, figures: { best: 2.5 }, cid: cid(2) });
    expect(judge([...acts, publish(4, loss(2))], stop)).toMatchObject({ met: true, cid: cid(4) });
    expect(judge([...acts, publish(4, loss(2)), retract(4)], stop)).toMatchObject({ met: false });
  });

  it('G20: rounds: so many scores in log order since the best so far improved; equal is no improvement', () => {
    const stop: Stop = { type: 'rounds', metric: 'loss', count: 2 };
    const acts = [3, 2, 2, 4].map((value, index) => publish(index + 1, loss(value)));
    expect(judge(acts.slice(0, 3), stop)).toMatchObject({ met: false, figures: { rounds: 1, best: 2 } });
    expect(judge(acts, stop)).toMatchObject({ met: true, figures: { rounds: 2, best: 2 }, cid: cid(2) });
    // An improvement begins anew.
    expect(judge([...acts, publish(5, loss(1))], stop)).toMatchObject({ met: false, figures: { rounds: 0 } });
    expect(judge([], stop)).toMatchObject({ met: false, figures: { rounds: 0 } });
  });

  it('G20: budget: so many that stand, or the reader’s clock, whichever first', () => {
    const acts = [publish(1), publish(2), publish(3), retract(3)];
    const count: Stop = { type: 'budget', contributions: 3 };
    expect(judge(acts, count)).toMatchObject({ met: false, figures: { contributions: 2 } });
    expect(judge([...acts, publish(4, null)], count)).toMatchObject({
      met: true,
      figures: { contributions: 3 },
    });
    const until: Stop = { type: 'budget', until: NOW };
    expect(judge(acts, until, NOW - 1)?.met).toBe(false);
    expect(judge(acts, until, NOW)?.met).toBe(true);
    const both: Stop = { type: 'budget', contributions: 2, until: NOW };
    expect(judge(acts, both, NOW - 1)?.met).toBe(true);
    expect(judge([], both, NOW)?.met).toBe(true);
    expect(judge([], both, NOW - 1)?.met).toBe(false);
  });

  it('G20: review_quorum: enough persons, no publisher, and the mean of each one’s last score is enough', () => {
    const stop: Stop = { type: 'review_quorum', reviews: 2, score: 0.5 };
    expect(judge([publish(1)], stop)).toMatchObject({ met: false, figures: {} });
    const acts = [publish(1), publish(2, reviews(1, 1), 2), publish(3, reviews(1, 1), 1)];
    expect(judge(acts, stop)).toMatchObject({ met: false, figures: { reviews: 1, score: 1 }, cid: cid(1) });
    const two = [...acts, publish(4, reviews(1, 0.25), 3)];
    expect(judge(two, stop)).toMatchObject({ met: true, figures: { reviews: 2, score: 0.625 } });
    // The last word of peer 2 is less; one without a score is a review, and its last score stands.
    const less = [...two, publish(5, reviews(1, 0), 2), publish(6, reviews(1), 2)];
    expect(judge(less, stop)).toMatchObject({ met: false, figures: { reviews: 2, score: 0.125 } });
    expect(judge([publish(1), publish(2, reviews(1), 2), publish(3, reviews(1, 7), 3)], stop)).toMatchObject({
      met: false,
      figures: { reviews: 2 },
    });
  });
});

describe('verification', () => {
  interface Setting {
    outcomes?: readonly { on: number; by: number; outcome: string }[];
    personOf?: (who: PeerId) => PeerId;
    roles?: Record<number, Role | null>;
  }
  function verify(
    acts: readonly Act[],
    { outcomes = [], personOf = alone, roles = {} }: Setting = {},
  ): Verification | null {
    const views = build(acts);
    const item = views.item(cid(1));
    const named = new Map(Object.entries(roles).map(([number, role]) => [peer(Number(number)), role]));
    return (
      item &&
      verificationOf(item, {
        evidence: views.evidence,
        personOf,
        // 7 owns the grove, 8 moderates.
        roleOf: (who) =>
          named.has(who)
            ? (named.get(who) ?? null)
            : who === peer(7)
              ? 'owner'
              : who === peer(8)
                ? 'moderator'
                : 'member',
        outcomes: {
          of: (target) =>
            outcomes
              .filter(({ on }) => cid(on) === target)
              .map(({ by, outcome }) => ({ author: peer(by), outcome })),
        },
      })
    );
  }
  const asks = (quorum: unknown, how: unknown = 'Run it'): Act =>
    publish(1, { context: { verify: { how, quorum } as Record<string, string> } });
  const says = (number: number, author: number, result?: string): Act =>
    publish(number, reproduces(1, result), author);
  const brief = (found: Verification | null) => found && [found.state, found.confirmed, found.quorum];

  it('G21: asks with how and a quorum of 1 to 100; anything else doesn’t ask', () => {
    expect(verify([asks(3)])).toEqual({
      state: 'pending',
      how: 'Run it',
      confirmed: 0,
      quorum: 3,
      words: [],
    });
    for (const bad of [0, 101, 1.5, '2', null]) expect(verify([asks(bad)])).toBeNull();
    for (const how of ['', 'x'.repeat(4_097), 5, null]) expect(verify([asks(1, how)])).toBeNull();
    for (const context of [{}, { verify: true }, { verify: [1] }, { verify: null }])
      expect(verify([publish(1, { context })])).toBeNull();
  });

  it('G21: reproductions by k distinct persons confirm it, each counted once whatever their devices', () => {
    const one = [asks(2), says(2, 2, 'confirmed'), says(3, 2, 'confirmed')];
    expect(brief(verify(one))).toEqual(['pending', 1, 2]);
    const two = [...one, says(4, 12, 'confirmed')];
    expect(brief(verify(two, { personOf: byTens }))).toEqual(['pending', 1, 2]);
    expect(brief(verify(two))).toEqual(['confirmed', 2, 2]);
  });

  it('G21: nobody’s own word counts: none of a publisher’s, by another device or after withdrawing', () => {
    expect(brief(verify([asks(1), says(2, 1, 'confirmed'), says(3, 1, 'challenged')]))).toEqual([
      'pending',
      0,
      1,
    ]);
    expect(brief(verify([asks(1), says(2, 11, 'confirmed')], { personOf: byTens }))).toEqual([
      'pending',
      0,
      1,
    ]);
    const also = { ...asks(1), author: 2, entry: 190, lamport: 2 } as Act;
    expect(brief(verify([asks(1), also, retract(1, 2), says(3, 2, 'confirmed')]))).toEqual(['pending', 0, 1]);
  });

  it('G21: only members and above count', () => {
    const acts = [asks(1), says(2, 2, 'confirmed')];
    expect(brief(verify(acts, { roles: { 2: 'reader' } }))).toEqual(['pending', 0, 1]);
    expect(brief(verify(acts, { roles: { 2: null } }))).toEqual(['pending', 0, 1]);
    expect(brief(verify(acts, { roles: { 2: 'moderator' } }))).toEqual(['confirmed', 1, 1]);
  });

  it('G21: partial, another result or none says nothing', () => {
    const acts = [asks(1), says(2, 2, 'partial'), says(3, 3), says(4, 4, 'Confirmed')];
    expect(brief(verify(acts))).toEqual(['pending', 0, 1]);
    expect(verify(acts)?.words.map((word) => word.says)).toEqual(['none', 'none', 'none']);
  });

  it('G21: each person’s last word counts, by (lamport, id)', () => {
    expect(brief(verify([asks(1), says(2, 2, 'confirmed'), says(3, 2, 'partial')]))).toEqual([
      'pending',
      0,
      1,
    ]);
    expect(brief(verify([asks(1), says(3, 2, 'partial'), says(4, 2, 'confirmed')]))).toEqual([
      'confirmed',
      1,
      1,
    ]);
    // What was withdrawn is no word any more: the one before it is the last.
    const taken = [asks(1), says(2, 2, 'confirmed'), says(3, 2, 'partial'), retract(3, 2)];
    expect(brief(verify(taken))).toEqual(['confirmed', 1, 1]);
  });

  it('G21: a challenge outweighs any number of confirmations until it is answered', () => {
    const acts = [asks(1), says(2, 2, 'confirmed'), says(3, 3, 'confirmed'), says(4, 4, 'challenged')];
    expect(brief(verify(acts))).toEqual(['challenged', 2, 1]);
    expect(brief(verify([...acts, says(5, 4, 'partial')]))).toEqual(['confirmed', 2, 1]);
    expect(brief(verify([...acts, says(5, 4, 'confirmed')]))).toEqual(['confirmed', 3, 1]);
    expect(brief(verify([...acts, retract(4, 4)]))).toEqual(['confirmed', 2, 1]);
    // Another's word is no answer.
    expect(brief(verify([...acts, says(5, 5, 'confirmed')]))).toEqual(['challenged', 3, 1]);
  });

  it('G21: the outcome rejected or invalidated of an owner or moderator answers a challenge, and then it says nothing', () => {
    const acts = [asks(1), says(2, 4, 'confirmed'), says(3, 4, 'challenged')];
    const by = (who: number, outcome: string) => verify(acts, { outcomes: [{ on: 3, by: who, outcome }] });
    expect(brief(by(7, 'rejected'))).toEqual(['pending', 0, 1]);
    expect(by(8, 'invalidated')?.words).toEqual([
      { author: peer(4), cid: cid(3), says: 'challenged', answeredBy: peer(8) },
    ]);
    expect(by(7, 'accepted')?.state).toBe('challenged');
    expect(by(7, 'crashed')?.state).toBe('challenged');
    expect(by(5, 'rejected')?.state).toBe('challenged');
    const elsewhere = verify(acts, { outcomes: [{ on: 1, by: 7, outcome: 'rejected' }] });
    expect(elsewhere?.state).toBe('challenged');
  });

  it('G21: neither who challenged nor who published what is challenged answers, whatever the role or device', () => {
    const rejects = (by: number) => [{ on: 3, by, outcome: 'rejected' }];
    const challenge = [asks(1), says(3, 7, 'challenged')];
    expect(verify(challenge, { outcomes: rejects(7) })?.state).toBe('challenged');
    expect(verify(challenge, { outcomes: rejects(8) })?.state).toBe('pending');
    const mine = [{ ...asks(1), author: 7 } as Act, says(3, 4, 'challenged')];
    expect(verify(mine, { outcomes: rejects(7) })?.state).toBe('challenged');
    expect(verify(mine, { outcomes: rejects(8) })?.state).toBe('pending');
    const device = { personOf: byTens, roles: { 17: 'moderator' as const } };
    expect(verify(mine, { ...device, outcomes: rejects(17) })?.state).toBe('challenged');
  });

  it('G21: what is withdrawn, or has no body, has no state', () => {
    expect(verify([asks(1), retract(1)])).toBeNull();
    expect(verify([publish(1, null)])).toBeNull();
  });

  it('G21, G1: the order of arrival makes no difference', () => {
    const word = fc.record({
      author: fc.integer({ min: 1, max: 5 }),
      result: fc.constantFrom('confirmed', 'challenged', 'partial', undefined),
      retracted: fc.boolean(),
    });
    const acts = fc
      .array(word, { maxLength: 8 })
      .map((words) => [
        asks(2),
        ...words.flatMap(({ author, result, retracted }, index): Act[] => [
          says(index + 2, author, result),
          ...(retracted ? [retract(index + 2, author)] : []),
        ]),
      ]);
    const told = acts.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    const outcomes = [{ on: 3, by: 7, outcome: 'rejected' }];
    fc.assert(
      fc.property(told, ([one, other]) => {
        expect(verify(other, { outcomes })).toEqual(verify(one, { outcomes }));
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
});

describe('metrics of a contract that changes', () => {
  it('G17: rankings, directions and units are as if the contract had always said so', () => {
    const sets = [
      [],
      LOSS,
      [{ name: 'loss', direction: 'maximize' as const, unit: 'nats' }],
      [{ name: 'other', direction: 'maximize' as const }],
    ];
    const act = fc
      .record({ value: fc.integer({ min: 0, max: 4 }), up: fc.boolean() })
      .map(({ value, up }) => score(value, up ? 'maximize' : 'minimize'));
    const changes = fc.array(fc.nat({ max: sets.length - 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 8 }), changes, (scores, order) => {
        const acts = scores.map((each, index) => publish(index + 1, { scores: { loss: each } }));
        const views = build([]);
        acts.forEach((each, index) => {
          perform(views, each);
          views.setMetrics(sets[order[index % order.length] ?? 0] ?? []);
          views.frontier({}, NOW);
        });
        const last = sets[order.at(-1) ?? 0] ?? [];
        views.setMetrics(last);
        const fresh = build(acts, last);
        expect(views.frontier({}, NOW)).toEqual(fresh.frontier({}, NOW));
        expect(views.metric('loss')).toEqual(fresh.metric('loss'));
        expect(views.digest()).toBe(fresh.digest());
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });
});
