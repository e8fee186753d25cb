import { unzipSync } from 'fflate';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactsOf, bundleOf, folderOf, MAX_BUNDLE, withAncestors } from '../../../src/files/bundle.ts';
import { CHUNK, streamOf } from '../../../src/files/stream.ts';
import { ZIP_LIMITS, zipSize, zipStream, type ZipEntry } from '../../../src/files/zip.ts';
import { canonicalManifest, checkManifest } from '../../../worker/core/model/manifest.ts';
import type { Contribution } from '../../../worker/rpc/api.ts';
import { heldContribution } from '../../tools/contribution.ts';

const bytesOf = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream).arrayBuffer());
const entry = (path: string, content: Uint8Array<ArrayBuffer>, at = Date.UTC(2026, 5, 1)): ZipEntry => ({
  path,
  size: content.length,
  at,
  open: () =>
    streamOf(content.length, ({ start, end }) => Promise.resolve(new Blob([content.slice(start, end)]))),
});
const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);

describe('zips', () => {
  it('C25: hold each file as it was, an empty and a large one too, for our reader and another', async () => {
    const large = Uint8Array.from({ length: 2 * CHUNK + 12_345 }, (_, i) => (i * 2654435761) >>> 24);
    const files = { 'a.txt': text('hello'), 'dir/empty': new Uint8Array(), 'dir/large.bin': large };
    const entries = Object.entries(files).map(([path, content]) => entry(path, content));
    const zip = await bytesOf(zipStream(entries));
    expect(zip.length).toBeLessThanOrEqual(zipSize(entries));
    const back = unzipSync(zip);
    expect(Object.keys(back)).toEqual(Object.keys(files));
    for (const [path, content] of Object.entries(files))
      expect(Buffer.compare(back[path] ?? new Uint8Array(1), content), path).toBe(0);

    const folder = mkdtempSync(join(tmpdir(), 'thicket-zip-'));
    try {
      writeFileSync(join(folder, 'x.zip'), zip);
      const listed = execFileSync(
        'python3',
        ['-c', 'import sys,zipfile as z;f=z.ZipFile(sys.argv[1]);print(f.testzip(),f.namelist())', 'x.zip'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(listed.trim()).toBe("None ['a.txt', 'dir/empty', 'dir/large.bin']");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('C25: only as much is read as is asked for', async () => {
    const asked: number[] = [];
    const size = 20 * CHUNK;
    const zip = zipStream([
      {
        path: 'x',
        size,
        at: 0,
        open: () =>
          streamOf(size, ({ start, end }) => {
            asked.push(start);
            return Promise.resolve(new Blob([new Uint8Array(end - start)]));
          }),
      },
    ]);
    const reader = zip.getReader();
    for (let i = 0; i < 4; i++) await reader.read();
    expect(asked.length).toBeLessThan(6);
    await reader.cancel();
    const before = asked.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(before);
  });

  it('C25: what a zip can’t hold is refused before anything is read', () => {
    const never = (size: number): ZipEntry => ({
      path: 'x',
      size,
      at: 0,
      open: () => expect.unreachable('read'),
    });
    expect(() => zipStream([never(2 ** 31), never(2 ** 31)])).toThrow(/at most 4294967295 bytes/);
    const many = Array.from({ length: ZIP_LIMITS.files + 1 }, () => never(0));
    expect(() => zipStream(many)).toThrow(/at most 65534 files, given 65535/);
  });

  it('C25: a file that turns out longer or shorter than it said, or can’t be read, ends the zip with the reason', async () => {
    const lie = { ...entry('x', text('four')), size: 5 };
    await expect(bytesOf(zipStream([lie]))).rejects.toThrow(/5 bytes, but 4/);
    await expect(bytesOf(zipStream([{ ...lie, size: 3 }]))).rejects.toThrow(/3 bytes, but 4/);
    const broken = { ...lie, open: () => streamOf(9, () => Promise.reject(new Error('no peer has it'))) };
    await expect(bytesOf(zipStream([broken]))).rejects.toThrow('no peer has it');
  });

  it('C25: a date that zips can’t say is moved to one that they can', async () => {
    const entries = [NaN, 0, -1e15, 8e15].map((at, i) => entry(String(i), text('x'), at));
    expect(Object.keys(unzipSync(await bytesOf(zipStream(entries))))).toHaveLength(4);
  });
});

const cidOf = (n: number): string => `blake3:${n.toString(16).padStart(64, '0')}`;
/** Manifests from elsewhere may carry more. */
const UNKNOWN = { unknownField: { kept: true } };
function contribution(n: number, parents: number[], names: string[] = []): Contribution {
  return heldContribution({
    cid: cidOf(n),
    summary: `Step ${n}`,
    artifacts: Object.fromEntries(names.map((name) => [name, cidOf(9)])),
    relations: [
      ...parents.map((parent) => ({ targetCid: cidOf(parent), relationType: 'derives_from' as const })),
      { targetCid: cidOf(77), relationType: 'reviews' as const },
    ],
    files: names.map((name) => ({
      name,
      hash: '09',
      size: 4,
      mediaType: 'text/plain',
      held: true,
      received: 4,
    })),
    ...UNKNOWN,
  });
}

describe('bundles', () => {
  const graph = new Map([
    [1, contribution(1, [])],
    [2, contribution(2, [1])],
    [3, contribution(3, [1, 50])],
    [4, contribution(4, [2, 3, 4])],
  ]);
  const find = (cid: string): Promise<Contribution | null> =>
    Promise.resolve([...graph.values()].find((item) => item.cid === cid) ?? null);
  const read = (_cid: string, name: string): Promise<Blob> => Promise.resolve(new Blob([name.slice(-4)]));

  it('C25: ancestors are what derives_from leads to, each once; those nobody knows are named', async () => {
    const { items, missing } = await withAncestors(cidOf(4), find);
    expect(items.map(({ summary }) => summary)).toEqual(['Step 4', 'Step 2', 'Step 3', 'Step 1']);
    expect(missing).toEqual([cidOf(50)]);
  });

  it('C25: of an endless line of ancestors at most 1000 are taken', async () => {
    let asked = 0;
    const endless = (cid: string): Promise<Contribution> => {
      asked += 1;
      const n = parseInt(cid.slice(-8), 16);
      return Promise.resolve(contribution(n, [n + 1]));
    };
    await expect(withAncestors(cidOf(100), endless)).rejects.toMatchObject({ code: 'too-large' });
    expect(asked).toBe(MAX_BUNDLE);
  });

  it('C25: each contribution has a folder with its manifest, which still is what its CID says, and its artifacts', async () => {
    const item = contribution(4, [1], ['dir/data', 'repo/.git/x']);
    const alone = unzipSync(await bytesOf(zipStream(bundleOf([item], read))));
    expect(Object.keys(alone).sort()).toEqual([
      'artifacts/dir/data',
      'artifacts/repo/_.git/x',
      'manifest.json',
    ]);
    expect(new TextDecoder().decode(alone['artifacts/dir/data'])).toBe('data');
    const manifest = JSON.parse(new TextDecoder().decode(alone['manifest.json'])) as Record<string, unknown>;
    expect(manifest).toMatchObject({ cid: cidOf(4), unknownField: { kept: true } });
    expect(manifest).not.toHaveProperty('holders');
    const checked = checkManifest(manifest);
    expect(checked.ok && canonicalManifest(checked.value).ok).toBe(true);

    const some = unzipSync(await bytesOf(zipStream(artifactsOf(item, ['dir/data', 'no such'], read))));
    expect(Object.keys(some)).toEqual(['dir/data']);

    const twins = [contribution(0x1000, []), { ...contribution(0x1001, []), summary: 'Step 4096' }];
    const names = bundleOf(twins, read).map(({ path }) => path);
    expect(names[0]).toBe(`${folderOf(contribution(0x1000, []))}/manifest.json`);
    expect(new Set(names).size).toBe(2);
  });
});
