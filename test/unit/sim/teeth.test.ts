// The simulator bites: with a mechanism switched off a named scenario fails that holds with it. Frames are kept from
// arriving, a call from being heard, or a part is replaced while a test runs; the product has no switch for it.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runScenario, type Report, type RunOptions } from '../../sim/finish.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { World } from '../../sim/world.ts';
import type { Frame } from '../../../worker/core/wire/frame.ts';
import { expectGreen, scenario } from './runs.ts';

// Computing, not waiting, takes the time.
vi.setConfig({ testTimeout: 600_000 });

type Types = readonly Frame['type'][];

/** From the start of measuring on none of these arrives. */
const without =
  (...types: Types) =>
  (frame: Frame): boolean =>
    types.includes(frame.type);

/** Runs it with frames muted; the same without is green. */
async function muted(name: string, options: RunOptions, types: Types): Promise<Report> {
  await expectGreen(name, options);
  return runScenario(scenario(name), { ...options, mute: without(...types) });
}

describe('teeth', () => {
  it('B3: without grafts, `large` has to wait for catching up', async () => {
    const report = await muted('large', { seed: 1, peers: 8, seconds: 10 }, ['graft']);
    expect(report.shortfalls.join()).toContain('p95');
  });

  it('P5: without shuffles, those who are no neighbours give each other up in `quiet`', async () => {
    const report = await muted('quiet', { seed: 1, peers: 14 }, ['shuffle', 'shuffle-reply']);
    expect(report.shortfalls.join()).toContain('given up');
  });

  it('S5: without fingerprints and vectors, the parts of `partition-heal` never have the same', async () => {
    const report = await muted('partition-heal', { seed: 1, peers: 9, seconds: 20 }, [
      'fingerprint',
      'buckets',
      'bucket-rows',
      'vector',
    ]);
    expect(report.shortfalls.join()).toContain('not settled');
  });

  it('Y3: without isolation, `isolation` sees what goes out and what comes in', async () => {
    const options = { seed: 1, peers: 9, seconds: 10 };
    await expectGreen('isolation', options);
    const report = await runScenario(deaf(scenario('isolation')), options);
    expect(report.violations.join()).toContain('isolated from');
    expect(report.violations.join()).toContain('of another');
  });
});

describe('teeth of parts that nothing at the ports can switch off', () => {
  afterEach(() => {
    vi.doUnmock('../../../worker/core/sync/pending.ts');
    vi.doUnmock('../../../worker/core/gossip/plumtree.ts');
    vi.resetModules();
  });

  it('B2: without pruning, `steady` is sent everything several times', async () => {
    const options = { seed: 2, peers: 12, seconds: 80 };
    await expectGreen('steady', options);
    vi.resetModules();
    vi.doMock('../../../worker/core/gossip/plumtree.ts', async (original) => {
      const real = await original<typeof import('../../../worker/core/gossip/plumtree.ts')>();
      /** Takes no notice of what comes again, nor of prunes. */
      const createBroadcast: typeof real.createBroadcast = (of) => {
        const broadcast = real.createBroadcast(of);
        const seen = new Set<string>();
        return {
          ...broadcast,
          onPrune: () => undefined,
          received(link, entries, hops, why) {
            const fresh = entries.filter(({ id }) => !of.holds(id) && !seen.has(id));
            for (const { id } of fresh) seen.add(id);
            if (fresh.length > 0) broadcast.received(link, fresh, hops, why);
          },
        };
      };
      return { ...real, createBroadcast };
    });
    const { runScenario: run } = await import('../../sim/finish.ts');
    const { SCENARIOS } = await import('../../sim/scenarios.ts');
    const steady = SCENARIOS.find(({ name }) => name === 'steady');
    if (steady === undefined) throw new Error('no scenario steady');
    const report = await run(steady, options);
    expect(report.shortfalls.join()).toContain('redundancy');
    expect(report.result.redundancyLate).toBeGreaterThan(1);
  });

  it('S3: without the queue of what waits for its parents, `burst` never settles', async () => {
    const options = { seed: 1, peers: 10 };
    await expectGreen('burst', options);
    vi.resetModules();
    let off = false;
    vi.doMock('../../../worker/core/sync/pending.ts', async (original) => {
      const real = await original<typeof import('../../../worker/core/sync/pending.ts')>();
      /** What came before its parents is never looked at again. */
      class Forgetful extends real.Pending {
        override add(staged: Parameters<InstanceType<typeof real.Pending>['add']>[0]): void {
          super.add(staged);
          if (off) super.remove(staged);
        }
      }
      return { ...real, Pending: Forgetful };
    });
    const { runScenario: run } = await import('../../sim/finish.ts');
    const { SCENARIOS } = await import('../../sim/scenarios.ts');
    const burst = SCENARIOS.find(({ name }) => name === 'burst');
    if (burst === undefined) throw new Error('no scenario burst');
    // Asked from the start of measuring on: a world has to begin.
    const mute = (): boolean => {
      off = true;
      return false;
    };
    const report = await run(burst, { ...options, mute });
    expect(report.shortfalls.join()).toContain('not settled');
  });
});

/** Its calls that set a policy are answered and never reach the device. */
function deaf(of: Scenario): Scenario {
  return {
    ...of,
    run: (setting) => {
      const ask: World['ask'] = (peer, method, params) =>
        method === 'policy' ? Promise.resolve(null as never) : setting.world.ask(peer, method, params);
      return of.run({ ...setting, world: { ...setting.world, ask } });
    },
  };
}
