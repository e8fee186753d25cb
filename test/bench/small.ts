// Many small artifacts through the whole app: from `contribute` until all of them, and the entries, are on disk.
import { until, type Tab } from '../e2e/harness.ts';
import type { Job } from './job.ts';
import { openPeers } from './peers.ts';
import { median, rounded } from './stats.ts';

const CONTRIBUTIONS = 10;
const ARTIFACTS = 1000;
const SIZE = 1024;

export const small: Job = {
  name: 'small',
  about: '10,000 artifacts of 1 KiB in ten contributions, through window.thicket',
  mib: 10,
  runs: 3,
  async run({ runs, tell }) {
    const peers = await openPeers(1);
    try {
      const [a] = peers.all;
      if (a === undefined) throw new Error('a peer was to open');
      for (const as of ['bytes', 'files'] as const) {
        const each: number[] = [];
        for (let run = 0; run < runs; run++) {
          const options = { grove: peers.grove, as, times: CONTRIBUTIONS, count: ARTIFACTS, size: SIZE };
          const ms = await a.tab.page.evaluate(contributeMany, options);
          each.push((CONTRIBUTIONS * ARTIFACTS * 1000) / ms);
        }
        tell(`10,000 artifacts of 1 KiB as ${as}, contributed`, {
          perSecond: rounded(median(each)),
          each: each.map((one) => rounded(one)),
        });
      }
      // What is held is counted a moment after `contribute` has resolved.
      const wanted = 2 * runs * CONTRIBUTIONS * ARTIFACTS;
      await until(async () => (await heldBy(a.tab, peers.grove)) === wanted, 'all are held');
      tell('artifacts that are held afterwards', { held: await heldBy(a.tab, peers.grove), of: wanted });
    } finally {
      await peers.close();
    }
  },
};

async function heldBy(tab: Tab, grove: string): Promise<number> {
  const { items } = await tab.call('contributions', grove, { limit: 500 });
  return items.reduce((sum, { artifacts }) => sum + artifacts.held, 0);
}

interface Many {
  grove: string;
  as: 'bytes' | 'files';
  times: number;
  count: number;
  size: number;
}

/** Runs in the page. ms, without making the bytes. */
async function contributeMany({ grove, as, times, count, size }: Many): Promise<number> {
  let ms = 0;
  for (let i = 0; i < times; i++) {
    const artifacts: Record<string, Blob | Uint8Array> = {};
    for (let j = 0; j < count; j++) {
      const bytes = crypto.getRandomValues(new Uint8Array(size));
      artifacts[`run/${j}`] = as === 'files' ? new Blob([bytes]) : bytes;
    }
    const began = performance.now();
    await window.thicket.contribute(grove, { kind: 'work', summary: `Many ${i}`, artifacts });
    ms += performance.now() - began;
  }
  return ms;
}
