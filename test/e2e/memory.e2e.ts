// A large file taken in by a real browser: its memory does not grow with the file. test/bench/files.ts does the same with 2 GiB.
import { randomFillSync } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { peakOf } from '../bench/renderers.ts';
import { removeProfile, serve, startBrowser } from './harness.ts';

const MIB = 1024 * 1024;
const SIZE = 192 * MIB;

it('C20: a file of 192 MiB does not raise the memory of the renderers by more than 64 MiB while it is taken in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'thicket-memory-'));
  const server = await serve();
  const browser = await startBrowser();
  try {
    const path = join(folder, 'large');
    const piece = new Uint8Array(8 * MIB);
    for (let at = 0; at < SIZE; at += piece.length) await appendFile(path, randomFillSync(piece));
    const tab = await browser.open(server.url);
    const { id } = await tab.call('createGrove', { name: 'Memory' });
    await tab.page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'large' }));
    });
    await tab.page.setInputFiles('#large', path);
    const { memory } = await peakOf(browser.profile, () =>
      tab.page.evaluate(async (grove) => {
        const input = document.getElementById('large');
        const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
        await window.thicket.contribute(grove, {
          kind: 'work',
          summary: 'large',
          artifacts: { large: file ?? 'none' },
        });
      }, id),
    );
    const { items } = await tab.call('contributions', id, {});
    const { files } = await tab.call('contribution', id, items[0]?.cid ?? '');
    expect(files).toMatchObject([{ size: SIZE, held: true }]);
    expect(memory.samples).toBeGreaterThan(5);
    expect((memory.most - memory.before) / MIB).toBeLessThanOrEqual(64);
  } finally {
    await browser.close();
    await server.close();
    await removeProfile(browser.profile);
    await rm(folder, { recursive: true });
  }
});
