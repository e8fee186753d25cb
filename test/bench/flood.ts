// What a peer that floods its link with small frames costs the one it floods, and the third that writes to that one meanwhile.
import { flood, keepChannels, stopFlood, takeTurns, watchTurns } from '../e2e/flooder.ts';
import type { Tab } from '../e2e/harness.ts';
import { MIB, type Job } from './job.ts';
import { openPeers } from './peers.ts';
import { peakOf } from './renderers.ts';
import { quantile, rounded } from './stats.ts';

const PER_SECOND = 10_000;
/** Entries of one measurement, and ms between them: longer than it takes until the flooder is refused. */
const ENTRIES = 150;
const EVERY = 100;

export const floods: Job = {
  name: 'flood',
  about:
    'one peer sends another 10,000 small frames a second; the page of that one, and entries of a third meanwhile',
  mib: 0,
  runs: 1,
  async run({ runs, tell }) {
    for (let run = 0; run < runs; run++) {
      const peers = await openPeers(3, { init: keepChannels });
      try {
        const [victim, honest, hostile] = peers.all;
        if (!victim || !honest || !hostile) throw new Error('three peers were to open');
        await watchTurns(victim.tab);
        const measure = async () => {
          await takeTurns(victim.tab);
          const { value, memory } = await peakOf(victim.browser.profile, () =>
            entries(honest.tab, victim.tab, peers.grove),
          );
          const turns = await takeTurns(victim.tab);
          return { latency: value, turns, rise: memory.rises[0] ?? 0 };
        };
        const flooder = (await hostile.tab.call('identity')).peerId;
        const quiet = await measure();
        await flood(hostile.tab, PER_SECOND, victim.tab);
        const under = await measure();
        const sent = await stopFlood(hostile.tab);
        const { counters } = await victim.tab.call('stats');
        const seen = (await victim.tab.call('peers')).find(({ peerId }) => peerId === flooder)?.standing;
        const ratio = quantile(under.latency, 0.95) / quantile(quiet.latency, 0.95);
        tell('ms of a turn of the page’s loop', {
          quietP95: rounded(quantile(quiet.turns, 0.95)),
          p95: rounded(quantile(under.turns, 0.95)),
          most: rounded(quantile(under.turns, 1)),
          turns: under.turns.length,
          atMost: 50,
        });
        tell('latency of another’s entries, by that without a flood', {
          ratioP95: rounded(ratio),
          quietP95: quantile(quiet.latency, 0.95),
          p95: quantile(under.latency, 0.95),
          quietP50: quantile(quiet.latency, 0.5),
          p50: quantile(under.latency, 0.5),
          entries: under.latency.length,
          atMost: 2,
        });
        tell('MiB that the renderer rose by', {
          quiet: rounded(quiet.rise / MIB),
          flooded: rounded(under.rise / MIB),
        });
        tell('what became of it', {
          sent,
          dropped: counters['frames.flooded'] ?? 0,
          state: seen?.state ?? 'unknown',
        });
      } finally {
        await peers.close();
      }
    }
  },
};

/** ms from `contribute` until it is applied at the other, by the clock that all processes of this machine share. */
async function entries(from: Tab, to: Tab, grove: string): Promise<number[]> {
  await to.page.evaluate(() => {
    const applied: Record<string, number> = {};
    if (window.appliedAt === undefined)
      window.thicket.on('entry', ({ cid }) => {
        if (cid !== undefined && window.appliedAt) window.appliedAt[cid] = Date.now();
      });
    window.appliedAt = applied;
  });
  const written = await from.page.evaluate(
    async ({ id, count, every }) => {
      const all: { cid: string; at: number }[] = [];
      for (let i = 0; i < count; i++) {
        const summary = `Entry ${performance.now()}`;
        const { cid } = await window.thicket.contribute(id, { kind: 'discussion', summary });
        all.push({ cid, at: Date.now() });
        await new Promise((resolve) => setTimeout(resolve, every));
      }
      return all;
    },
    { id: grove, count: ENTRIES, every: EVERY },
  );
  const cids = written.map(({ cid }) => cid);
  await to.page.waitForFunction((all) => all.every((cid) => window.appliedAt?.[cid] !== undefined), cids, {
    polling: 100,
    timeout: 120_000,
  });
  const applied = await to.page.evaluate((all) => all.map((cid) => window.appliedAt?.[cid] ?? NaN), cids);
  return written.map(({ at }, i) => Math.max(0, (applied[i] ?? NaN) - at));
}
