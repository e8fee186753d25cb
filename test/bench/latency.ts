// How long small entries take from one peer to another while a large file goes the same way, and while nothing else does.
import type { Tab } from '../e2e/harness.ts';
import { digestOf } from '../e2e/bytes.ts';
import { MIB, type Job } from './job.ts';
import { hookChannels } from './channel-hooks.ts';
import { createNoise } from './noise.ts';
import { bring, giveBytes, knows, openPeers } from './peers.ts';
import { quantile, rounded } from './stats.ts';

/** ms between entries: often enough for hundreds of them in one transfer. */
const EVERY = 100;
const QUIET_ENTRIES = 100;
/** Bytes per second of a link as people have it, and the size that goes over it. */
const SLOW = 2_000_000;
const SLOW_MIB = 32;

export const latency: Job = {
  name: 'latency',
  about:
    'from the commit of a small entry until it is applied at the other, during a large transfer on the same link',
  mib: 1024,
  runs: 1,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(2, { init: hookChannels });
    try {
      const [a, b] = peers.all;
      if (a === undefined || b === undefined) throw new Error('two peers were to open');
      await watchEntries(a.tab);
      await watchEntries(b.tab);
      const report = (
        figure: string,
        times: readonly number[],
        more: Record<string, number | boolean>,
      ): void =>
        tell(figure, {
          entries: times.length,
          p50: quantile(times, 0.5),
          p95: quantile(times, 0.95),
          most: quantile(times, 1),
          ...more,
        });
      const under = async (figure: string, size: number, run: number): Promise<void> => {
        const bytes = createNoise(`latency ${figure} ${run}`).bytes(size);
        const { cid, digest } = await giveBytes(peers, a.tab, bytes, `large-${run}`);
        await knows(b.tab, peers.grove, cid);
        let over = Infinity;
        const transfer = bring(b.tab, peers.grove, cid).finally(() => (over = Date.now()));
        const written = await writeEntries(a.tab, b.tab, peers.grove, () => over < Infinity);
        const ms = await transfer;
        const times = written.filter(({ at }) => at < over).map((each) => each.ms);
        const equal = (await digestOf(b.tab, peers.grove, cid, 'file')) === digest;
        report(figure, times, { MiB: size / MIB, MBs: rounded(size / 1000 / ms), equal, p95AtMost: 150 });
      };
      let quiet = 0;
      report(
        'ms, nothing else under way',
        (await writeEntries(a.tab, b.tab, peers.grove, () => (quiet += 1) > QUIET_ENTRIES / BATCH)).map(
          ({ ms }) => ms,
        ),
        {},
      );
      for (let run = 0; run < runs; run++) await under('ms, during a transfer', mib * MIB, run);
      for (const { tab } of [a, b]) await setRate(tab, SLOW);
      for (let run = 0; run < runs; run++)
        await under('ms, during a transfer at 2 MB/s', Math.min(mib, SLOW_MIB) * MIB, run);
    } finally {
      await peers.close();
    }
  },
};

const setRate = (tab: Tab, rate: number): Promise<void> =>
  tab.page.evaluate((bytes) => {
    window.channelHooks.rate = bytes;
  }, rate);

/** Notes when entries of contributions are applied here, by the clock that all processes of this machine share. */
const watchEntries = (tab: Tab): Promise<void> =>
  tab.page.evaluate(() => {
    const applied: Record<string, number> = {};
    window.appliedAt = applied;
    window.thicket.on('entry', ({ cid }) => {
      if (cid !== undefined) applied[cid] = Date.now();
    });
  });

/** Entries between two questions whether it is over. */
const BATCH = 5;

interface Written {
  /** When it was committed, ms since the epoch. */
  at: number;
  /** From then until it was applied at the other. */
  ms: number;
}

/** Writes entries until it is over. */
async function writeEntries(from: Tab, to: Tab, grove: string, isOver: () => boolean): Promise<Written[]> {
  const cids: string[] = [];
  while (!isOver()) {
    const written = await from.page.evaluate(
      async ({ id, count, every }) => {
        const all: string[] = [];
        for (let i = 0; i < count; i++) {
          const summary = `Entry ${performance.now()}`;
          all.push((await window.thicket.contribute(id, { kind: 'discussion', summary })).cid);
          await new Promise((resolve) => setTimeout(resolve, every));
        }
        return all;
      },
      { id: grove, count: BATCH, every: EVERY },
    );
    cids.push(...written);
  }
  await to.page.waitForFunction((all) => all.every((cid) => window.appliedAt?.[cid] !== undefined), cids, {
    polling: 100,
    timeout: 60_000,
  });
  const appliedAt = (tab: Tab): Promise<number[]> =>
    tab.page.evaluate((all) => all.map((cid) => window.appliedAt?.[cid] ?? NaN), cids);
  const [here, there] = await Promise.all([appliedAt(from), appliedAt(to)]);
  return here.map((at, i) => ({ at, ms: (there[i] ?? NaN) - at }));
}
