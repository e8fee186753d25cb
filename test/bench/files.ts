// Taking a large file in and reading it back, in a real browser with the built app: speed, and how far the memory of its
// renderers rises.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Tab } from '../e2e/harness.ts';
import { MIB, speed, type Job } from './job.ts';
import { createNoise } from './noise.ts';
import { choose, openPeers } from './peers.ts';
import { peakOf } from './renderers.ts';
import { rounded } from './stats.ts';

export const files: Job = {
  name: 'files',
  about: 'one large file taken in and read back: speed, and the memory of the renderers',
  mib: 2048,
  runs: 1,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(1);
    try {
      const [a] = peers.all;
      if (a === undefined) throw new Error('a peer was to open');
      for (let run = 0; run < runs; run++) {
        const path = join(peers.folder, `large-${run}`);
        await writeNoise(path, mib * MIB, path);
        await choose(a.tab, path);
        let of = { grove: peers.grove, cid: '' };
        for (const [figure, work] of [
          ['ingest', async () => (of = await takeIn(a.tab, peers.grove))],
          ['read by range', () => a.tab.page.evaluate(readBack, of)],
          ['read whole', () => a.tab.page.evaluate(readWhole, of)],
        ] as const) {
          const { memory, ms } = await peakOf<unknown>(a.browser.profile, work);
          tell(figure, {
            MiB: mib,
            MBs: rounded(speed(mib * MIB, ms)),
            beforeMiB: mebibytes(memory.before),
            riseMiB: mebibytes(memory.most - memory.before),
            rises: memory.rises.map(mebibytes),
            samples: memory.samples,
            ...(figure === 'ingest' ? { riseAtMostMiB: 64 } : {}),
          });
        }
      }
    } finally {
      await peers.close();
    }
  },
};

const mebibytes = (bytes: number): number => Math.round(bytes / MIB);

async function writeNoise(path: string, size: number, seed: string): Promise<void> {
  const noise = createNoise(seed);
  const file = createWriteStream(path);
  for (let at = 0; at < size; at += MIB)
    if (!file.write(noise.bytes(Math.min(MIB, size - at)))) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

const takeIn = (tab: Tab, grove: string): Promise<{ grove: string; cid: string }> =>
  tab.page.evaluate(async (id) => {
    const input = document.getElementById('bench-file');
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    if (!file) throw new Error('no file chosen');
    const { cid } = await window.thicket.contribute(id, {
      kind: 'work',
      summary: file.name,
      artifacts: { file },
    });
    return { grove: id, cid };
  }, grove);
/** Runs in the page. A range after the other, each let go of before the next. */
async function readBack({ grove, cid }: { grove: string; cid: string }): Promise<number> {
  const { files } = await window.thicket.contribution(grove, cid);
  const size = files[0]?.size ?? 0;
  let read = 0;
  const nowhere = new MessageChannel();
  nowhere.port2.close();
  for (let at = 0; at < size; at += 4 * 1024 * 1024) {
    const part = await window.thicket.artifact(grove, cid, 'file', { start: at, end: at + 4 * 1024 * 1024 });
    const bytes = await part.arrayBuffer();
    read += bytes.byteLength;
    // The page's own memory isn't what is measured.
    nowhere.port1.postMessage(null, [bytes]);
  }
  return read;
}
/** Runs in the page. */
async function readWhole({ grove, cid }: { grove: string; cid: string }): Promise<number> {
  return (await window.thicket.artifact(grove, cid, 'file')).size;
}
