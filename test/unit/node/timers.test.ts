// Timers as data: keys, order, and what one that runs does to others.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timers } from '../../../worker/core/timers.ts';

describe('timers', () => {
  it('D6: run once, soonest first, those of one time in the order of asking', () => {
    const timers = new Timers();
    const ran: string[] = [];
    for (const [key, at] of [
      ['c', 3],
      ['a', 1],
      ['later', 9],
      ['b', 3],
      ['gone', 2],
    ] as const)
      timers.set(key, at, () => void ran.push(key));
    timers.set('gone', null, () => undefined);
    expect(timers.next()).toBe(1);
    timers.run(3);
    timers.run(3);
    expect(ran).toEqual(['a', 'c', 'b']);
    expect([timers.has('a'), timers.has('gone'), timers.next()]).toEqual([false, false, 9]);
  });

  it('D6: one that runs cancels and replaces others at once; what it asks for waits for the next time', () => {
    const timers = new Timers();
    const ran: string[] = [];
    const note = (what: string) => () => void ran.push(what);
    timers.set('first', 1, () => {
      timers.set('cancelled', null, note(''));
      timers.set('replaced', 5, note('replacement'));
      timers.set('first', 0, note('again'));
    });
    timers.set('cancelled', 2, note('cancelled'));
    timers.set('replaced', 2, note('replaced'));
    timers.run(3);
    expect(ran).toEqual([]);
    timers.run(5);
    expect(ran).toEqual(['again', 'replacement']);
    expect(timers.next()).toBeNull();
  });

  it('D6: are those of a plain list, whatever is set, cancelled and run', () => {
    const step = fc.oneof(
      fc.record({ key: fc.nat(20), at: fc.option(fc.nat(50)) }),
      fc.record({ run: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const timers = new Timers();
        const plain = new Map<number, { at: number; place: number }>();
        const ran: number[] = [];
        steps.forEach((each, place) => {
          if ('key' in each) {
            timers.set(`${each.key}`, each.at, () => void ran.push(each.key));
            if (each.at === null) plain.delete(each.key);
            else plain.set(each.key, { at: each.at, place });
          } else {
            ran.length = 0;
            timers.run(each.run);
            const due = [...plain].filter(([, { at }]) => at <= each.run);
            due.sort(([, a], [, b]) => a.at - b.at || a.place - b.place);
            expect(ran).toEqual(due.map(([key]) => key));
            for (const [key] of due) plain.delete(key);
          }
          const soonest = [...plain.values()].map(({ at }) => at);
          expect(timers.next()).toBe(soonest.length === 0 ? null : Math.min(...soonest));
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
