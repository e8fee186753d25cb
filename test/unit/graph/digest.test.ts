import { describe, expect, it } from 'vitest';
import { createViews } from '../../../worker/core/graph/views.ts';
import { hash32 } from '../../../worker/core/model/keys.ts';
import { perform, publish, relation, retract } from './build.ts';

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
