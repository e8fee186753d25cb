// Checking out into a folder and finding what changed there, over real directory handles: those of the browser's own file
// system stand in for a folder that a person picked.
import { afterEach, expect, it } from 'vitest';
import { checkOut, compare, MARK, readMark } from '../../src/files/checkout.ts';
import { filesOfDrop, filesOfFolder, filesOfInput, MAX_FILES } from '../../src/files/folder.ts';
import { streamOf } from '../../src/files/stream.ts';
import type { ArtifactInfo, Contribution } from '../../worker/rpc/api.ts';
import { heldContribution } from '../tools/contribution.ts';

const grove = 'ab'.repeat(32);
const cid = `blake3:${'cd'.repeat(32)}`;
const contents: Record<string, string> = {
  'readme.md': 'hello',
  'data/large.bin': 'x'.repeat(5_000_000),
  'data/empty': '',
  'repo/.git/config': 'not run by anything',
  'DATA/large.bin': 'another',
};
const hashOf = async (blob: Blob): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return `blake3:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
};

async function contribution(): Promise<Contribution> {
  const files = await Promise.all(
    Object.entries(contents).map(async ([name, text]): Promise<ArtifactInfo> => ({
      name,
      hash: await hashOf(new Blob([text])),
      size: text.length,
      mediaType: 'text/plain',
      held: true,
      received: text.length,
    })),
  );
  return heldContribution({ cid, files });
}
const open = ({ name, size }: ArtifactInfo) =>
  streamOf(size, ({ start, end }) => Promise.resolve(new Blob([(contents[name] ?? '').slice(start, end)])));

const made: string[] = [];
async function freshFolder(): Promise<FileSystemDirectoryHandle> {
  const name = crypto.randomUUID();
  made.push(name);
  return (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
}
afterEach(async () => {
  const root = await navigator.storage.getDirectory();
  for (const name of made.splice(0)) await root.removeEntry(name, { recursive: true });
});
async function write(folder: FileSystemDirectoryHandle, path: string, text: string): Promise<void> {
  const segments = path.split('/');
  const last = segments.pop() ?? '';
  let at = folder;
  for (const segment of segments) at = await at.getDirectoryHandle(segment, { create: true });
  const writable = await (await at.getFileHandle(last, { create: true })).createWritable();
  await writable.write(text);
  await writable.close();
}
const checkedOut = async (folder: FileSystemDirectoryHandle): Promise<string> =>
  checkOut({
    folder,
    grove,
    item: await contribution(),
    open,
    onprogress: () => undefined,
    signal: new AbortController().signal,
  });

it('C26: every artifact is a file under its safe path, and the folder says what it is a checkout of', async () => {
  const folder = await freshFolder();
  const told: number[] = [];
  await checkOut({
    folder,
    grove,
    item: await contribution(),
    open,
    onprogress: (written) => told.push(written),
    signal: new AbortController().signal,
  });
  const { files, hidden } = await filesOfFolder(folder);
  expect(files.map(({ path, file }) => [path, file.size])).toEqual([
    ['DATA/large.bin', 7],
    ['data/empty', 0],
    ['data/large~2.bin', 5_000_000],
    ['readme.md', 5],
    ['repo/_.git/config', 19],
  ]);
  expect(hidden).toEqual([MARK]);
  expect(await readMark(folder)).toEqual({ grove, cid });
  expect(told.at(-1)).toBe(Object.values(contents).join('').length);
});

it('C26: nothing that is in a folder already is overwritten', async () => {
  const folder = await freshFolder();
  await write(folder, 'readme.md', 'mine');
  const name = await checkedOut(folder);
  expect(name).toBe('a-step-on-the-way-cdcdcdcdcd');
  const inner = await folder.getDirectoryHandle(name);
  expect(await readMark(inner)).toEqual({ grove, cid });
  expect(await (await (await folder.getFileHandle('readme.md')).getFile()).text()).toBe('mine');
  await expect(checkedOut(folder)).rejects.toMatchObject({ code: 'invalid' });
});

it('C26: a checkout that is stopped leaves a folder without its mark', async () => {
  const folder = await freshFolder();
  const stop = new AbortController();
  const stopped = checkOut({
    folder,
    grove,
    item: await contribution(),
    open,
    onprogress: (written) => written > 100_000 && stop.abort(),
    signal: stop.signal,
  });
  await expect(stopped).rejects.toThrow();
  expect(await readMark(folder)).toBeNull();
});

it('C26: what changed, came, went and stayed is told apart by content, whatever the times of files', async () => {
  const folder = await freshFolder();
  await checkedOut(folder);
  const { files: base } = await contribution();
  const hashed: string[] = [];
  const difference = (nameOf = (path: string): string => path) =>
    compare({
      folder,
      base,
      nameOf,
      hash: (file) => {
        hashed.push(file.name);
        return hashOf(file);
      },
    });
  const names = (files: { name: string }[]): string[] => files.map(({ name }) => name).sort();
  expect(await difference()).toMatchObject({ changed: [], added: [], removed: [] });

  await write(folder, 'readme.md', 'HELLO'); // of the same size
  await write(folder, 'data/large~2.bin', 'shorter');
  await write(folder, 'repo/_.git/config', contents['repo/.git/config'] ?? ''); // written, but not changed
  await write(folder, 'notes/new thing.txt', 'new');
  await write(folder, '.cache/x', 'hidden');
  await (await folder.getDirectoryHandle('data')).removeEntry('empty');
  hashed.length = 0;
  const after = await difference((path) => `as ${path}`);
  expect(names(after.changed)).toEqual(['data/large.bin', 'readme.md']);
  expect(names(after.added)).toEqual(['as notes/new thing.txt']);
  expect(names(after.same)).toEqual(['DATA/large.bin', 'repo/.git/config']);
  expect(after.removed).toEqual(['data/empty']);
  expect(after.hidden.sort()).toEqual(['.cache', MARK]);
  expect(hashed).not.toContain('large~2.bin');
});

it('C26: a mark that is damaged, too large, or names nothing sensible is none', async () => {
  const folder = await freshFolder();
  expect(await readMark(folder)).toBeNull();
  for (const text of [
    '{',
    'null',
    JSON.stringify({ version: 2, grove, cid }),
    JSON.stringify({ version: 1, grove, cid: '../x' }),
    JSON.stringify({ version: 1, grove: 5, cid }),
    JSON.stringify({ version: 1, grove, cid, rest: 'x'.repeat(5000) }),
  ]) {
    await write(folder, MARK, text);
    expect(await readMark(folder), text.slice(0, 60)).toBeNull();
  }
});

it('C22: of a folder at most 1000 files are taken, and none of one with more', () => {
  const file = new File(['x'], 'x');
  const inFolder = (i: number): File => {
    const each = new File(['x'], `f${i}`);
    Object.defineProperty(each, 'webkitRelativePath', { value: `top/${i % 3 === 0 ? '.git/' : ''}f${i}` });
    return each;
  };
  expect(filesOfInput(Array.from({ length: MAX_FILES }, () => file)).files).toHaveLength(MAX_FILES);
  expect(() => filesOfInput(Array.from({ length: MAX_FILES + 1 }, () => file))).toThrow(/at most 1000 files/);
  const found = filesOfInput(Array.from({ length: 9 }, (_, i) => inFolder(i)));
  expect(found.files.map(({ path }) => path)).toEqual([
    'top/f1',
    'top/f2',
    'top/f4',
    'top/f5',
    'top/f7',
    'top/f8',
  ]);
  expect(found.hidden).toEqual(['top/.git/f0', 'top/.git/f3', 'top/.git/f6']);
});

it('a drop of plain files gives them by their names', async () => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(['b'], 'b.txt'));
  transfer.items.add(new File(['a'], '.env'));
  const { files } = await filesOfDrop(transfer);
  expect(files.map(({ path }) => path)).toEqual(['.env', 'b.txt']);
});
