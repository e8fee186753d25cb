import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { createClaims } from '../../../worker/core/graph/claims.ts';
import { cid, NOW, perform, publish, relation, retract } from './build.ts';
import type { Act } from './build.ts';
import { options } from './acts.ts';

describe('the hash of the views', () => {
  it('O4: costs as much as changed since it was last asked for', () => {
    let hashed = 0;
    const views = createViews({
      metrics: [],
      hash: (bytes) => {
        hashed += 1;
        return hash32(bytes);
      },
    });
    const asked = (): number => {
      hashed = 0;
      views.digest();
      return hashed;
    };
    for (let number = 1; number <= 50; number += 1) perform(views, publish(number));
    expect(asked()).toBe(51);
    expect(asked()).toBe(0);
    // The new one, and the one that it adopts.
    perform(views, publish(51, { relations: [relation('adopts', 7)] }));
    expect(asked()).toBe(3);
    perform(views, publish(51, { relations: [relation('adopts', 7)] }));
    expect(asked()).toBe(0);
  });

  it('O4, G1: of many that come at once little is left to be hashed at the end, and all views are as in any other order', () => {
    const count = 2_500;
    const acts = Array.from({ length: count }, (_, at) =>
      publish(at + 1, {
        kind: at % 10 === 0 ? 'plan' : 'work',
        agent: { agentId: `agent ${at % 3}` },
        relations: at < 3 ? [] : [relation(at % 2 === 0 ? 'responds_to' : 'adopts', (at * 7) % at || 1)],
      }),
    );
    acts.push(...Array.from({ length: 40 }, (_, at) => retract(at * 50 + 1)));
    const told = (given: readonly Act[]) => {
      let hashed = 0;
      const hash = (bytes: Uint8Array): Uint8Array => {
        hashed += 1;
        return hash32(bytes);
      };
      const views = createViews({ metrics: [], hash });
      perform(views, ...given);
      const before = hashed;
      const digest = views.digest();
      const tasks = views.tasks.list({ limit: 500 }, createClaims(options), NOW);
      const { reading } = views;
      return {
        last: hashed - before,
        views: [digest, tasks, reading.threads({ limit: 500 }), reading.agents(10), reading.lineage(cid(7))],
      };
    };
    const [one, other] = [told(acts), told([...acts].reverse())];
    expect(one.last).toBeLessThanOrEqual(1_025);
    expect(other.last).toBeLessThanOrEqual(1_025);
    expect(other.views).toEqual(one.views);
  });

  it('O4: what is withdrawn and what points at it are told apart from what never was', () => {
    const digests = [
      [publish(1)],
      [publish(1), publish(2, { relations: [relation('adopts', 1)] })],
      [publish(1), publish(2, { relations: [relation('adopts', 1)] }), retract(2)],
      [publish(1), retract(2)],
    ].map((acts) => {
      const views = createViews({ metrics: [] });
      perform(views, ...acts);
      return views.digest();
    });
    expect(new Set(digests).size).toBe(digests.length);
  });
});
