// The receiver's browser is killed at a random moment of a transfer, and started again: what is fetched twice.
import { CONFIG } from '../../worker/core/config.ts';
import type { Tab } from '../e2e/harness.ts';
import { digestOf } from '../e2e/bytes.ts';
import { hookChannels } from './channel-hooks.ts';
import { MIB, type Job } from './job.ts';
import { createNoise } from './noise.ts';
import { bring, giveBytes, knows, linked, openPeers, startBenchBrowser, type Peers } from './peers.ts';
import { killBrowser } from './processes.ts';
import { median, rounded } from './stats.ts';

const SOURCES = 2;

export const killed: Job = {
  name: 'killed',
  about: 'the receiver of two sources is killed at a random moment: bytes that are fetched twice',
  mib: 64,
  runs: 20,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(1 + SOURCES, { init: hookChannels });
    try {
      const noise = createNoise('killed');
      const whole = await trial(peers, noise.bytes(mib * MIB), 'whole', null);
      tell('not killed', {
        MiB: mib,
        ms: Math.round(whole.ms),
        extraKiB: kib(whole.extra),
        equal: whole.isEqual,
      });
      const extra: number[] = [];
      let wrong = 0;
      for (let run = 0; run < runs; run++) {
        // Not in its first and last twentieth, where there is nothing to lose.
        const after = whole.ms * (0.05 + (0.9 * noise.below(1000)) / 1000);
        const result = await trial(peers, noise.bytes(mib * MIB), `killed-${run}`, after);
        extra.push(result.extra);
        if (!result.isEqual) wrong += 1;
        tell('killed', {
          run,
          afterMs: Math.round(after),
          sentBefore: rounded(result.sentBefore / (mib * MIB)),
          extraKiB: kib(result.extra),
          equal: result.isEqual,
        });
      }
      tell('bytes sent twice, headers and lists included', {
        MiB: mib,
        runs,
        medianKiB: kib(median(extra)),
        mostKiB: kib(Math.max(...extra)),
        atMostKiB: kib(SOURCES * CONFIG.cas.window.most),
        wrong,
      });
    } finally {
      await peers.close();
    }
  },
};

const kib = (bytes: number): number => Math.round(bytes / 1024);

interface Trial {
  ms: number;
  /** What the sources sent of bulk beyond the file's size. */
  extra: number;
  sentBefore: number;
  isEqual: boolean;
}

async function trial(peers: Peers, bytes: Uint8Array, name: string, after: number | null): Promise<Trial> {
  const [receiver, ...holders] = peers.all;
  const [first, ...others] = holders.map(({ tab }) => tab);
  if (receiver === undefined || first === undefined) throw new Error('peers were to open');
  const { cid, digest } = await giveBytes(peers, first, bytes, name);
  for (const tab of others) {
    await knows(tab, peers.grove, cid);
    await bring(tab, peers.grove, cid);
  }
  await knows(receiver.tab, peers.grove, cid);
  const before = await bulkSent(first, ...others);
  let sentBefore = 0;
  if (after !== null) {
    await receiver.tab.page.evaluate(
      ({ id, of }) => {
        // It won't hear of the end.
        window.thicket.fetch(id, of).catch(() => undefined);
      },
      { id: peers.grove, of: cid },
    );
    await new Promise((resolve) => setTimeout(resolve, after));
    await killBrowser(receiver.browser.profile);
    sentBefore = (await bulkSent(first, ...others)) - before;
    await receiver.browser.close().catch(() => undefined);
    receiver.browser = await startBenchBrowser({ init: hookChannels }, receiver.browser.profile);
    receiver.tab = await receiver.browser.open(peers.server.url);
    await linked([receiver.tab, first, ...others]);
  }
  const ms = await bring(receiver.tab, peers.grove, cid);
  return {
    ms,
    sentBefore,
    extra: (await bulkSent(first, ...others)) - before - bytes.length,
    isEqual: (await digestOf(receiver.tab, peers.grove, cid, 'file')) === digest,
  };
}

async function bulkSent(...tabs: Tab[]): Promise<number> {
  let sum = 0;
  for (const tab of tabs) sum += await tab.page.evaluate(() => window.channelHooks.bulkSent);
  return sum;
}
