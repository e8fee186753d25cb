// Two and four holders of the same file against one, each link as slow as an uplink at home.
import type { Tab } from '../e2e/harness.ts';
import { digestOf } from '../e2e/bytes.ts';
import { hookChannels } from './channel-hooks.ts';
import { MIB, speed, type Job } from './job.ts';
import { createNoise } from './noise.ts';
import { bring, giveBytes, knows, openPeers } from './peers.ts';
import { median, ratios, rounded } from './stats.ts';

/** Bytes per second of each link, below simple-peer. */
const RATE = 2_000_000;
const BOUNDS = [
  { count: 1, atLeast: 1 },
  { count: 2, atLeast: 1.8 },
  { count: 4, atLeast: 3.4 },
];

export const sources: Job = {
  name: 'sources',
  about: 'two and four sources against one, each link shaped to 2 MB/s',
  mib: 32,
  runs: 3,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(5, { init: hookChannels });
    try {
      const [receiver, ...holders] = peers.all.map(({ tab }) => tab);
      if (receiver === undefined) throw new Error('peers were to open');
      const speeds = new Map<number, number[]>(BOUNDS.map(({ count }) => [count, []]));
      let isEqual = true;
      for (let run = 0; run < runs; run++)
        for (const { count } of BOUNDS) {
          const [first, ...others] = holders.slice(0, count);
          if (first === undefined) throw new Error('peers were to open');
          const bytes = createNoise(`sources ${count} ${run}`).bytes(mib * MIB);
          const { cid, digest } = await giveBytes(peers, first, bytes, `from-${count}-${run}`);
          for (const tab of [...others, receiver]) await knows(tab, peers.grove, cid);
          for (const tab of others) await bring(tab, peers.grove, cid);
          await shape(holders, RATE);
          const ms = await bring(receiver, peers.grove, cid);
          await shape(holders, 0);
          speeds.get(count)?.push(speed(bytes.length, ms));
          isEqual &&= (await digestOf(receiver, peers.grove, cid, 'file')) === digest;
        }
      const one = speeds.get(1) ?? [];
      for (const { count, atLeast } of BOUNDS) {
        const each = speeds.get(count) ?? [];
        const of = ratios(each, one);
        tell(`${count} of them`, {
          MiB: mib,
          MBs: rounded(median(each)),
          ratio: rounded(median(of)),
          each: of.map((ratio) => rounded(ratio)),
          atLeast,
        });
      }
      tell('same SHA-256 at both ends', { equal: isEqual });
    } finally {
      await peers.close();
    }
  },
};

async function shape(tabs: readonly Tab[], rate: number): Promise<void> {
  for (const tab of tabs)
    await tab.page.evaluate((bytes) => {
      window.channelHooks.rate = bytes;
    }, rate);
}
