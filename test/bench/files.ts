// Taking a large file in and reading it back, in a real browser with the built app: speed, and how far the memory of its
// renderers rises. `npx tsx test/bench/files.ts [MiB, default 2048]`; one JSON line per figure.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { removeProfile, serve, startBrowser, type Tab } from '../e2e/harness.ts';
import { peakOf } from './renderers.ts';

const MIB = 1024 * 1024;
const mebibytes = Number(process.argv[2] ?? 2048);

/** Noise that takes no time to make: SHA-256 of a counter at the head of each KiB, the rest of which follows from it. */
async function writeNoise(path: string, size: number, seed: string): Promise<void> {
  const file = createWriteStream(path);
  const block = Buffer.alloc(MIB);
  let state = createHash('sha256').update(seed).digest().readUInt32LE() | 1;
  for (let at = 0; at < size; at += MIB) {
    for (let i = 0; i < MIB; i += 4) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      block.writeInt32LE(state, i);
    }
    if (!file.write(Buffer.from(block))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

const tell = (figure: string, values: Record<string, number | string | boolean>): void =>
  console.log(JSON.stringify({ figure, ...values }));
const rounded = (bytes: number): number => Math.round(bytes / MIB);

async function choose(tab: Tab, path: string): Promise<void> {
  await tab.page.evaluate(() => {
    document.getElementById('bench-file')?.remove();
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'bench-file' });
    document.body.append(input);
  });
  await tab.page.setInputFiles('#bench-file', path);
}
/** Runs in the page. */
async function takeIn(grove: string): Promise<string> {
  const input = document.getElementById('bench-file');
  const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
  if (!file) throw new Error('no file chosen');
  const { cid } = await window.thicket.contribute(grove, {
    kind: 'work',
    summary: file.name,
    artifacts: { file },
  });
  return cid;
}
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

const folder = await mkdtemp(join(tmpdir(), 'thicket-bench-'));
const server = await serve();
const browser = await startBrowser();
try {
  const tab = await browser.open(server.url);
  const { id } = await tab.call('createGrove', { name: 'Bench' });
  const large = join(folder, 'large');
  await writeNoise(large, mebibytes * MIB, 'large');
  await choose(tab, large);
  for (const [figure, run] of [
    ['ingest', () => tab.page.evaluate(takeIn, id)],
    ['read by range', async () => tab.page.evaluate(readBack, { grove: id, cid: await newest(tab, id) })],
    ['read whole', async () => tab.page.evaluate(readWhole, { grove: id, cid: await newest(tab, id) })],
  ] as const) {
    const { memory, ms } = await peakOf<string | number>(browser.profile, run);
    tell(figure, {
      MiB: mebibytes,
      MBs: Math.round((mebibytes * MIB) / ms / 1000),
      beforeMiB: rounded(memory.before),
      riseMiB: rounded(memory.most - memory.before),
      rises: memory.rises.map(rounded).join(' '),
      samples: memory.samples,
    });
  }
} finally {
  await browser.close();
  await server.close();
  await removeProfile(browser.profile);
  await rm(folder, { recursive: true });
}

async function newest(tab: Tab, grove: string): Promise<string> {
  const { items } = await tab.call('contributions', grove, { limit: 500 });
  return items.find(({ summary }) => summary === 'large')?.cid ?? '';
}
