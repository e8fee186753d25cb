// What a device remembers of what others did (SPEC P11, P12): points, their decay, the time in which links are refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIG } from '../../worker/core/config.ts';
import { DEEDS, type Deed } from '../../worker/core/context.ts';
import { createStandings } from '../../worker/core/standing.ts';
import { aPeerId } from './model/fixtures.ts';

const config = CONFIG.standing;
const MINUTE = 60_000;
const [ada, ben] = [aPeerId('ada'), aPeerId('ben')];

/** So many deeds, each after the time in which it counts once. When the last was. */
function blame(standings: ReturnType<typeof createStandings>, deed: Deed, times: number, from = 0): number {
  for (let n = 0; n < times; n++) standings.blame(ada, deed, from + n * config.once.others);
  return from + (times - 1) * config.once.others;
}

describe('standing', () => {
  it('P11: one bad block makes others preferred, four have links refused for ten minutes', () => {
    const standings = createStandings();
    expect(standings.of(ada, 0)).toEqual({ state: 'good', seen: [], left: 0 });
    expect(standings.blame(ada, 'bad-block', 0)).toBe(0);
    expect(standings.of(ada, 0)).toMatchObject({ state: 'doubtful', left: 0 });
    const now = blame(standings, 'bad-block', 3, config.once.others);
    expect(standings.of(ada, now)).toEqual({
      state: 'refused',
      seen: [{ deed: 'bad-block', times: 4 }],
      left: config.refuseFor.first,
    });
    expect(standings.of(ada, now + config.refuseFor.first - 1).state).toBe('refused');
    expect(standings.of(ada, now + config.refuseFor.first).state).toBe('doubtful');
    expect(standings.of(ben, now).state).toBe('good');
  });

  it('K10, P11: after a flood links are refused for half a minute, after the fourth as after any four deeds', () => {
    const standings = createStandings();
    const left: number[] = [];
    let now = 0;
    for (let n = 0; n < 4; n++) {
      left.push(standings.blame(ada, 'flood', now));
      expect(standings.blame(ada, 'flood', now + config.once.others)).toBe(0);
      now += config.afterFlood;
      if (n === 0) expect(standings.of(ada, now - 1).state).toBe('refused');
      if (n === 0) expect(standings.of(ada, now).state).toBe('doubtful');
    }
    expect(left).toEqual([config.afterFlood, config.afterFlood, config.refuseFor.first, 0]);
  });

  it('P11: the time doubles with each refusal, up to a day', () => {
    const standings = createStandings();
    const times: number[] = [];
    let now = 0;
    while (times.length < 12) {
      now += config.once.others;
      const left = standings.blame(ada, 'bad-block', now);
      if (left > 0) times.push(left);
      now += left;
    }
    expect(times.slice(0, 4)).toEqual([1, 2, 4, 8].map((factor) => factor * config.refuseFor.first));
    expect(times.at(-1)).toBe(config.refuseFor.most);
  });

  it('P11: what came within a second counts once, so that one burst refuses nobody', () => {
    const standings = createStandings();
    for (let n = 0; n < 10_000; n++) standings.blame(ada, 'bad-signature', n / 10);
    expect(standings.of(ada, 1_000)).toEqual({
      state: 'good',
      seen: [{ deed: 'bad-signature', times: 1 }],
      left: 0,
    });
  });

  it('P11: half is forgotten in half an hour, and all of it in the end', () => {
    const standings = createStandings();
    const now = blame(standings, 'bad-block', 2);
    expect(standings.of(ada, now + config.halfLife - MINUTE).state).toBe('doubtful');
    expect(standings.of(ada, now + 2 * config.halfLife).state).toBe('good');
    expect(standings.of(ada, now + 6 * config.halfLife)).toEqual({ state: 'good', seen: [], left: 0 });
  });

  it('P11: lies alone make others preferred and never have links refused, however long they go on', () => {
    const standings = createStandings();
    let now = 0;
    for (; now < 48 * 60 * MINUTE; now += 10_000) expect(standings.blame(ada, 'lie', now)).toBe(0);
    expect(standings.of(ada, now).state).toBe('doubtful');
  });

  it('P11: a person may forgive', () => {
    const standings = createStandings();
    const now = blame(standings, 'flood', 5);
    expect(standings.forgive(ada)).toBe(true);
    expect(standings.of(ada, now).state).toBe('good');
    expect(standings.refused(now)).toEqual([]);
    expect(standings.forgive(ada)).toBe(false);
  });

  it('P11: it is kept over restarts with the time that passed, by a clock that was set back without', () => {
    const standings = createStandings();
    const now = blame(standings, 'bad-block', 4);
    standings.blame(ben, 'bad-entry', now);
    const stored = standings.encode(now, 1_000_000);
    const after = (passed: number): ReturnType<typeof createStandings> => {
      const next = createStandings();
      next.restore(stored, 7, 1_000_000 + passed);
      return next;
    };
    expect(after(MINUTE).refused(7)).toEqual([{ peer: ada, left: config.refuseFor.first - MINUTE }]);
    expect(after(MINUTE).of(ben, 7).seen).toEqual([{ deed: 'bad-entry', times: 1 }]);
    expect(after(-MINUTE).refused(7)).toEqual([{ peer: ada, left: config.refuseFor.first }]);
    expect(after(config.refuseFor.first).refused(7)).toEqual([]);
    expect(after(12 * 60 * MINUTE).of(ada, 7)).toEqual({ state: 'good', seen: [], left: 0 });
  });

  it('P11: a damaged row on the disk refuses nobody, nor does one that says more than may be', () => {
    const standings = createStandings();
    blame(standings, 'bad-block', 5);
    const stored = standings.encode(10_000, 10_000);
    fc.assert(
      fc.property(fc.nat(stored.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = stored.slice();
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const next = createStandings();
        next.restore(damaged, 0, 10_000);
        for (const { left } of next.refused(0)) expect(left).toBeLessThanOrEqual(config.refuseFor.most);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('P11: what is remembered is bounded, and those with most against them stay', () => {
    const standings = createStandings();
    const now = blame(standings, 'bad-block', 5);
    for (let n = 0; n < 3 * config.peers; n++) standings.blame(aPeerId(`other ${n}`), 'lie', now);
    expect(standings.of(ada, now).state).toBe('refused');
    expect(standings.encode(now, 0).length).toBeLessThan(config.peers * 100);
  });

  it('P11: no deed costs so much that one of it refuses, but a flood for half a minute', () => {
    for (const deed of DEEDS)
      expect(createStandings().blame(ada, deed, 0)).toBe(deed === 'flood' ? config.afterFlood : 0);
  });
});
