import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Act } from '../../../worker/core/graph/acts.ts';
import { createActs } from '../../../worker/core/graph/acts.ts';
import { createOutcomes } from '../../../worker/core/graph/outcomes.ts';
import { createVotes } from '../../../worker/core/graph/votes.ts';
import type { OutcomeBody, VoteBody } from '../../../worker/core/model/acts.ts';
import { OUTCOMES, VOTES } from '../../../worker/core/model/acts.ts';
import { act, options, retold, target } from './acts.ts';
import { cid, peer } from './build.ts';

const vote = (what: VoteBody['vote'], on = 1): VoteBody => ({ kind: 'vote', target: target(on), vote: what });
const outcome = (what: OutcomeBody['outcome'], reason = '', on = 1): OutcomeBody => ({
  ...{ kind: 'outcome', target: target(on), outcome: what, reason },
});
/** Devices 1 and 11 are one person's, as are 2 and 12. */
const persons = {
  ...options,
  personOf: (each: string) =>
    each === peer(11) ? peer(1) : each === peer(12) ? peer(2) : (each as ReturnType<typeof peer>),
};

describe('votes', () => {
  it('G12: of a person’s on one target the last by (lamport, id) counts, and none takes it back', () => {
    const votes = createVotes(options);
    votes.apply(act(5, 1), vote('down'));
    votes.apply(act(3, 1), vote('up'));
    votes.apply(act(4, 2), vote('up'));
    expect(votes.of(cid(1))).toMatchObject({ up: 1, down: 1 });
    expect([votes.by(cid(1), peer(1)), votes.by(cid(1), peer(3))]).toEqual(['down', null]);
    votes.apply(act(6, 1), vote('none'));
    expect(votes.of(cid(1))).toMatchObject({
      up: 1,
      down: 0,
      votes: [{ author: peer(2), vote: 'up', at: 4 }],
    });
    expect(votes.of(cid(2))).toEqual({ up: 0, down: 0, votes: [] });
  });

  it('G11, G12: a person with two devices has one vote', () => {
    const votes = createVotes(persons);
    votes.apply(act(1, 1), vote('up'));
    votes.apply(act(2, 11), vote('down'));
    votes.apply(act(3, 12), vote('up'));
    expect(votes.of(cid(1))).toMatchObject({ up: 1, down: 1 });
    expect(votes.by(cid(1), peer(1))).toBe('down');
    expect(votes.by(cid(1), peer(2))).toBe('up');
  });
});

describe('outcomes', () => {
  it('G12: of an evaluator’s on one target the last counts, and all evaluators’ are shown', () => {
    const outcomes = createOutcomes(options);
    outcomes.apply(act(5, 2), outcome('rejected', 'too slow'));
    outcomes.apply(act(2, 2), outcome('accepted'));
    outcomes.apply(act(3, 1), outcome('crashed', 'out of memory'));
    outcomes.apply(act(4, 3), outcome('rejected', '', 2));
    expect(outcomes.of(cid(1))).toEqual([
      { author: peer(1), outcome: 'crashed', reason: 'out of memory', at: 3 },
      { author: peer(2), outcome: 'rejected', reason: 'too slow', at: 5 },
    ]);
    expect(outcomes.counts(cid(1))).toEqual({ crashed: 1, rejected: 1 });
    expect(outcomes.counts(cid(3))).toBeNull();
    expect(outcomes.of(cid(3))).toEqual([]);
  });

  it('G11, G12: a person with two devices is one evaluator', () => {
    const outcomes = createOutcomes(persons);
    outcomes.apply(act(1, 1), outcome('accepted'));
    outcomes.apply(act(2, 11), outcome('invalidated'));
    expect(outcomes.counts(cid(1))).toEqual({ invalidated: 1 });
  });
});

type Told = [Act, VoteBody | OutcomeBody];
const history: fc.Arbitrary<Told[]> = fc
  .array(
    fc.record({
      author: fc.constantFrom(1, 2, 3, 11),
      lamport: fc.integer({ min: 1, max: 5 }),
      on: fc.integer({ min: 1, max: 2 }),
      what: fc.oneof(
        fc.constantFrom(...VOTES).map((each) => vote(each)),
        fc.constantFrom(...OUTCOMES).map((each) => outcome(each)),
      ),
    }),
    { maxLength: 16 },
  )
  .map((drawn) =>
    drawn.map(({ author, lamport, on, what }, index): Told => [
      act(index + 1, author, index, lamport),
      { ...what, target: target(on) },
    ]),
  );
const told = history.chain((acts) => fc.tuple(fc.constant(acts), retold(acts)));

describe('votes and outcomes of any history', () => {
  it('G1, G12: the same acts in any order, some repeated, give the same answers and digest, and what the last act says', () => {
    fc.assert(
      fc.property(told, fc.nat(20), ([acts, again], upTo) => {
        const [one, other] = [createActs(persons), createActs(persons)];
        for (const [each, body] of acts) one.apply(each, body);
        again.forEach(([each, body], index) => {
          other.apply(each, body);
          // What was asked before must not change what is answered later.
          if (index !== upTo) return;
          other.digest();
          other.votes.of(cid(1));
          other.outcomes.of(cid(1));
        });
        expect(other.digest()).toBe(one.digest());
        for (const on of [1, 2]) {
          expect(other.votes.of(cid(on))).toEqual(one.votes.of(cid(on)));
          expect(other.outcomes.of(cid(on))).toEqual(one.outcomes.of(cid(on)));
          const last = (kind: string, person: number): VoteBody | OutcomeBody | undefined =>
            acts
              .filter(
                ([{ author }, body]) =>
                  persons.personOf(author) === peer(person) &&
                  body.kind === kind &&
                  cid(on).endsWith(body.target),
              )
              .sort(([a], [b]) => a.lamport - b.lamport || (a.entry < b.entry ? -1 : 1))
              .at(-1)?.[1];
          const votes = [1, 2, 3].map((person) => last('vote', person));
          expect(one.votes.of(cid(on)).up).toBe(
            votes.filter((each) => each?.kind === 'vote' && each.vote === 'up').length,
          );
          expect(one.votes.of(cid(on)).down).toBe(
            votes.filter((each) => each?.kind === 'vote' && each.vote === 'down').length,
          );
          const said = [1, 2, 3].flatMap((person) => last('outcome', person) ?? []);
          expect(
            one.outcomes
              .of(cid(on))
              .map((each) => each.outcome)
              .sort(),
          ).toEqual(said.map((each) => (each.kind === 'outcome' ? each.outcome : '')).sort());
        }
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  }, 60_000);

  it('G1: another vote, outcome or reason gives another digest', () => {
    const ways: Told[][] = [
      [],
      [[act(1, 1), vote('up')]],
      [[act(1, 1), vote('down')]],
      [[act(1, 2), vote('up')]],
      [[act(1, 1), outcome('accepted')]],
      [[act(1, 1), outcome('accepted', 'fast')]],
    ];
    const digests = ways.map((acts) => {
      const all = createActs(options);
      for (const [each, body] of acts) all.apply(each, body);
      return all.digest();
    });
    expect(new Set(digests).size).toBe(ways.length);
  });
});
