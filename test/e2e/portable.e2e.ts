// A grove taken out of one peer as a CAR file and into a grove of another, which it never links to. The file lies on the browser's own disk
// in between, as a person would save and open it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportResult } from '../../worker/rpc/api.ts';
import { contributeRandom, digestOf } from './bytes.ts';
import { removeProfile, serve, startBrowser, type Browser, type Served, type Tab } from './harness.ts';

const SIZE = 9 * 1024 * 1024 + 321;

/** Runs in the page. */
async function save({ grove, name }: { grove: string; name: string }): Promise<number> {
  const file = await window.thicket.export(grove, { format: 'car' });
  const folder = await navigator.storage.getDirectory();
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await file.stream().pipeTo(writable);
  return file.size;
}
/** Runs in the page. */
async function open({ grove, name }: { grove: string; name: string }): Promise<ImportResult> {
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle(name)).getFile();
  return window.thicket.import(grove, file);
}

describe('a grove as a file', () => {
  let server: Served;
  let browser: Browser;
  let from: Tab;
  let into: Tab;

  beforeAll(async () => {
    server = await serve();
    browser = await startBrowser();
    from = await browser.open(`${server.url}/?peer=from`);
    into = await browser.open(`${server.url}/?peer=into`);
  });
  afterAll(async () => {
    await browser.close();
    await removeProfile(browser.profile);
    await server.close();
  });

  it('G27: another peer has the same CIDs and the same bytes from it, and twice does no harm', async () => {
    const { id } = await from.call('createGrove', { name: 'From' });
    const { id: target } = await into.call('createGrove', { name: 'Into' });
    const large = await contributeRandom(from, id, 'large.bin', SIZE);
    const small = await from.call('contribute', id, {
      kind: 'work',
      summary: 'Small',
      artifacts: { 'notes.md': '# Notes' },
      relations: [{ targetCid: large.cid, relationType: 'derives_from' }],
    });

    const size = await from.page.evaluate(save, { grove: id, name: 'grove.car' });
    expect(size).toBeGreaterThan(SIZE);
    expect(size).toBeLessThan(SIZE + 10_000);
    const first = await into.page.evaluate(open, { grove: target, name: 'grove.car' });
    expect(first).toEqual({ added: 2, known: 0, artifacts: 2, refused: [], refusedCount: 0 });

    expect(await digestOf(into, target, large.cid, 'large.bin')).toBe(large.digest);
    const there = await into.call('contribution', target, small.cid);
    expect(there.outgoing).toMatchObject([{ cid: large.cid, summary: 'Random bytes' }]);
    expect(there.files).toMatchObject([{ name: 'notes.md', held: true, mediaType: 'text/plain' }]);
    expect(there.author).toBe((await into.call('identity')).peerId);
    expect(await into.page.evaluate(open, { grove: target, name: 'grove.car' })).toMatchObject({
      added: 0,
      known: 2,
    });
  });
});
