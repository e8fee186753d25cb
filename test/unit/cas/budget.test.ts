// The parts that decide about room: who waits for whom, what goes first, what the browser says, and when a person is told.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byUse, evictable, fitsIn, wouldHaveToGo, type Kept } from '../../../worker/core/cas/budget.ts';
import { createLeases, type Release } from '../../../worker/core/cas/leases.ts';
import { createQuota } from '../../../worker/core/cas/quota.ts';
import { Reserved } from '../../../worker/core/cas/reserved.ts';
import { CONFIG } from '../../../worker/core/config.ts';
import { createContext } from '../../../worker/core/context.ts';
import { createSeededRandom } from '../../../worker/core/model/random.ts';
import type { Estimate } from '../../../worker/core/ports.ts';
import { aGroveId, aHash } from '../model/fixtures.ts';

const kept = (name: string, size: number, at: number, standing: Kept['standing'] = 'evictable'): Kept => ({
  hash: aHash(name),
  size,
  at,
  standing,
});

describe('what goes', () => {
  it('C14: the least recently used first, of equals the larger', () => {
    const all = [kept('a', 1, 30), kept('b', 1, 10), kept('c', 9, 10), kept('d', 1, 20)];
    expect(all.sort(byUse).map(({ hash }) => hash)).toEqual(['c', 'b', 'd', 'a'].map(aHash));
  });

  it('C14: only what may go counts as room', () => {
    const all = [
      kept('a', 1, 1),
      kept('b', 10, 1, 'pinned'),
      kept('c', 100, 1, 'only-here'),
      kept('d', 1_000, 1, 'in-use'),
      kept('e', 10_000, 1, 'body'),
    ];
    expect(evictable(all)).toBe(1);
  });

  it('C14: what would have to go is what only this device holds, then what is pinned, and no more than it takes', () => {
    const all = [
      kept('used', 50, 1, 'in-use'),
      kept('pin', 50, 1, 'pinned'),
      kept('young', 50, 9, 'only-here'),
      kept('old', 50, 2, 'only-here'),
    ];
    const names = (over: number, most = 10) => wouldHaveToGo(all, over, most).map(({ hash }) => hash);
    expect(names(50)).toEqual([aHash('old')]);
    expect(names(51)).toEqual([aHash('old'), aHash('young')]);
    expect(names(1_000)).toEqual(['old', 'young', 'pin'].map(aHash));
    expect(names(1_000, 2)).toHaveLength(2);
    expect(names(0)).toEqual([]);
  });

  it('C15: a budget of nothing takes nothing, none takes all', () => {
    expect([fitsIn(0, 0, 0), fitsIn(0, 0, 1), fitsIn(null, 1e15, 1e15)]).toEqual([true, false, true]);
    expect([fitsIn(10, 4, 6), fitsIn(10, 4, 7)]).toEqual([true, false]);
  });

  it('C15: what was let in is counted once, in its grove and in all, until it is here', () => {
    const reserved = new Reserved();
    const [one, two] = [aGroveId('one'), aGroveId('two')];
    reserved.add(aHash('a'), one, 5);
    reserved.add(aHash('a'), two, 7);
    reserved.add(aHash('b'), two, 3);
    expect([reserved.bytes, reserved.bytesOf(one), reserved.bytesOf(two)]).toEqual([8, 5, 3]);
    reserved.remove(aHash('a'));
    reserved.remove(aHash('a'));
    expect([reserved.bytes, reserved.bytesOf(one), reserved.hashes()]).toEqual([3, 0, [aHash('b')]]);
  });
});

describe('leases', () => {
  it('C16: who shares and who excludes are never at it together, those who share go first, and nobody waits for ever', () => {
    const steps = fc.array(
      fc.record({ what: fc.constantFrom('share', 'exclude', 'release'), which: fc.nat(9) }),
    );
    fc.assert(
      fc.property(steps, (plan) => {
        const leases = createLeases();
        const running: { kind: 'share' | 'exclude'; release: Release }[] = [];
        const asked = { share: 0, exclude: 0 };
        const begun = { share: 0, exclude: 0 };
        const begin = (kind: 'share' | 'exclude') => (release: Release) => {
          begun[kind] += 1;
          if (kind === 'exclude') expect(asked.share).toBe(begun.share);
          running.push({ kind, release });
          const excluding = running.filter((each) => each.kind === 'exclude').length;
          expect(excluding === 0 || running.length === 1).toBe(true);
        };
        const letGo = (which: number): void => {
          const [ended] = running.splice(which % running.length, 1);
          ended?.release();
          ended?.release();
        };
        for (const { what, which } of plan) {
          if (what === 'release') {
            if (running.length > 0) letGo(which);
          } else {
            const kind = what === 'share' ? 'share' : 'exclude';
            asked[kind] += 1;
            leases[kind](begin(kind));
          }
        }
        while (running.length > 0) letGo(0);
        expect(begun).toEqual(asked);
        expect(leases.shared()).toBe(0);
      }),
      { numRuns: 500, seed: 16 },
    );
  });
});

function createDiskBench() {
  const context = createContext(createSeededRandom(19));
  let now = 1_000_000;
  context.setNow(now);
  const warned: Estimate[] = [];
  const told: Estimate[] = [];
  const state = { usage: 0, says: true, active: false, asked: 0 };
  const quota = createQuota(context, {
    isActive: () => state.active,
    told: (estimate) => void told.push(estimate),
    warn: (estimate) => void warned.push(estimate),
  });
  const bench = {
    ...{ state, warned, told, quota },
    run(): void {
      for (const effect of context.takeEffects()) {
        if (effect.type !== 'estimate') continue;
        bench.state.asked += 1;
        const estimate = bench.state.says
          ? { usage: bench.state.usage, quota: 1_000, persisted: false }
          : null;
        context.resume({ type: 'estimated', token: effect.token, estimate });
      }
    },
    pass(ms: number): void {
      now += ms;
      context.setNow(now);
      context.runTimers();
      bench.run();
    },
    fill(usage: number): void {
      bench.state.usage = usage;
      bench.quota.ask();
      bench.run();
    },
  };
  return bench;
}

describe('the browser’s estimate', () => {
  it('C19: a person is told once above 90 %, and again only after it was below 85 %', () => {
    const bench = createDiskBench();
    for (const usage of [899, 900, 950, 860, 901]) bench.fill(usage);
    expect(bench.warned.map(({ usage }) => usage)).toEqual([900]);
    expect(bench.told).toHaveLength(5);
    for (const usage of [849, 920]) bench.fill(usage);
    expect(bench.warned.map(({ usage }) => usage)).toEqual([900, 920]);
  });

  it('C19: it is asked for every minute while something moves, and not while nothing does', () => {
    const bench = createDiskBench();
    bench.quota.wrote(1);
    bench.pass(10 * CONFIG.storage.estimateEvery);
    expect(bench.state.asked).toBe(0);
    bench.state.active = true;
    bench.quota.wrote(1);
    for (let i = 0; i < 3; i += 1) bench.pass(CONFIG.storage.estimateEvery);
    expect(bench.state.asked).toBe(3);
    bench.state.active = false;
    for (let i = 0; i < 3; i += 1) bench.pass(CONFIG.storage.estimateEvery);
    expect(bench.state.asked).toBe(4);
  });

  it('C19: it is asked for after each 64 MiB, once where several want to know', () => {
    const bench = createDiskBench();
    const step = CONFIG.storage.estimateBytes / 4;
    for (let i = 0; i < 12; i += 1) {
      bench.quota.wrote(step);
      bench.run();
    }
    expect(bench.state.asked).toBe(3);
    let answers = 0;
    for (let i = 0; i < 5; i += 1) bench.quota.ask(() => (answers += 1));
    bench.run();
    expect([bench.state.asked, answers]).toEqual([4, 5]);
  });

  it('C19: above 95 % nothing more fits; where the browser says nothing, everything does', () => {
    const bench = createDiskBench();
    bench.fill(900);
    expect([bench.quota.lacks(50), bench.quota.lacks(51)]).toEqual([0, 1]);
    const silent = createDiskBench();
    silent.state.says = false;
    silent.fill(999);
    expect([silent.quota.lacks(1e12), silent.quota.latest(), silent.warned]).toEqual([0, null, []]);
  });
});
