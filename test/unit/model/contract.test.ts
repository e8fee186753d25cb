// What the parts of a contract and shared prompts look like (SPEC G17-G20): whatever JSON a setting carries is read, or isn't.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTRACT_LIMITS,
  CONTRACT_READERS,
  fits,
  readPrompt,
  type Gate,
  type Stop,
} from '../../../worker/core/model/contract.ts';
import type { Json } from '../../../worker/core/model/json.ts';

const PARTS = ['name', 'description', 'metrics', 'gates', 'stops', 'join', 'policy'] as const;
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

describe('the parts of a contract', () => {
  it('G17: any JSON is read or refused, never thrown at, and what was read reads the same again', () => {
    const value = fc.oneof(
      fc.jsonValue() as fc.Arbitrary<Json>,
      fc.array(
        fc.dictionary(
          fc.constantFrom('type', 'metric', 'value', 'count', 'name', 'direction', 'until', '__proto__'),
          fc.constantFrom<Json[]>(
            'min_reviews',
            'target',
            'budget',
            'loss',
            'minimize',
            1,
            0.5,
            -1,
            null,
            [],
          ),
        ) as fc.Arbitrary<Json>,
      ) as fc.Arbitrary<Json>,
    );
    fc.assert(
      fc.property(value, fc.constantFrom(...PARTS), (given, part) => {
        const read = CONTRACT_READERS[part](given) as Json;
        expect(fits(`contract.${part}`, given)).toBe(read !== null);
        if (read !== null) expect(CONTRACT_READERS[part](read)).toEqual(read);
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });

  it('G19, G20: each gate and stop condition reads as it is, and not without what it needs', () => {
    const gates: Gate[] = [
      { type: 'min_reviews', count: 2 },
      { type: 'min_score', metric: 'loss', value: -0.5 },
      { type: 'has_artifact', name: 'log.txt' },
      { type: 'has_relation', relationType: 'derives_from' },
      { type: 'metric_improves', metric: 'loss' },
    ];
    const stops: Stop[] = [
      { type: 'target', metric: 'loss', value: 3 },
      { type: 'rounds', metric: 'loss', count: 5 },
      { type: 'budget', contributions: 10 },
      { type: 'budget', until: 0 },
      { type: 'review_quorum', reviews: 2, score: 1 },
    ];
    expect(CONTRACT_READERS.gates(gates)).toEqual(gates);
    expect(CONTRACT_READERS.stops(stops)).toEqual(stops);
    for (const each of [...gates, ...stops]) {
      for (const key of Object.keys(each)) {
        const left = Object.fromEntries(Object.entries(each).filter(([name]) => name !== key));
        expect(CONTRACT_READERS.gates([left])).toBeNull();
        expect(CONTRACT_READERS.stops([left])).toBeNull();
      }
    }
    for (const bad of [0, 1.5, CONTRACT_LIMITS.count + 1, '2', null])
      expect(CONTRACT_READERS.gates([{ type: 'min_reviews', count: bad }])).toBeNull();
    for (const score of [-0.1, 1.1, null])
      expect(CONTRACT_READERS.stops([{ type: 'review_quorum', reviews: 1, score }])).toBeNull();
    expect(CONTRACT_READERS.stops([{ type: 'budget', contributions: 1, until: 'soon' }])).toBeNull();
  });

  it('G17, M9: no more and no longer than a contract may have', () => {
    const gate = { type: 'has_artifact', name: 'a' };
    expect(CONTRACT_READERS.gates(many(CONTRACT_LIMITS.gates, gate))).toHaveLength(CONTRACT_LIMITS.gates);
    expect(CONTRACT_READERS.gates(many(CONTRACT_LIMITS.gates + 1, gate))).toBeNull();
    const stop = { type: 'budget', until: 1 };
    expect(CONTRACT_READERS.stops(many(CONTRACT_LIMITS.stops + 1, stop))).toBeNull();
    expect(CONTRACT_READERS.name('x'.repeat(120))).toHaveLength(120);
    for (const name of ['', 'x'.repeat(121), 7, '\ud800']) expect(CONTRACT_READERS.name(name)).toBeNull();
    const metric = { name: 'loss', direction: 'minimize' };
    expect(CONTRACT_READERS.metrics([metric, metric])).toBeNull();
    expect(CONTRACT_READERS.metrics([{ ...metric, unit: 5 }])).toBeNull();
  });

  it('G17: a policy says any of what devices may begin with, and gossip is not of it', () => {
    const policy = {
      bodies: 'frontier',
      artifacts: 'pinned',
      budget: null,
      thresholds: { loss: 1 },
      adopt: false,
    };
    expect(CONTRACT_READERS.policy(policy)).toEqual(policy);
    expect(CONTRACT_READERS.policy({ gossip: 'off' })).toEqual({});
    for (const bad of [
      { bodies: 'pinned' },
      { budget: -1 },
      { thresholds: { loss: 'x' } },
      { thresholds: 3 },
      { adopt: 1 },
    ])
      expect(CONTRACT_READERS.policy(bad)).toBeNull();
  });
});

describe('a shared prompt', () => {
  const prompt = {
    id: 'a',
    name: 'A',
    system_prompt: '',
    tools: [],
    user_prompt: '',
    updated_at: 5,
    later: [1],
  };

  it('G18: has the id of its key and all of its fields; those not known here survive', () => {
    expect(readPrompt('a', prompt)).toEqual(prompt);
    expect(fits('prompt/a', prompt)).toBe(true);
    expect(fits('prompt/b', prompt)).toBe(false);
    for (const key of ['id', 'name', 'system_prompt', 'tools', 'user_prompt', 'updated_at']) {
      const left = Object.fromEntries(Object.entries(prompt).filter(([name]) => name !== key));
      expect(readPrompt('a', left)).toBeNull();
    }
    expect(readPrompt('', { ...prompt, id: '' })).toBeNull();
    expect(readPrompt('a', { ...prompt, tools: many(CONTRACT_LIMITS.tools + 1, 'x') })).toBeNull();
  });
});
