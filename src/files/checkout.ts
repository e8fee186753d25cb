// A contribution's artifacts in a folder, and what was changed there since (C26). Knows nothing of how a folder is picked.
import type { ArtifactInfo, Contribution } from '../../worker/rpc/api.ts';
import { ThicketError } from '../../worker/rpc/client.ts';
import { folderOf } from './bundle.ts';
import { filesOfFolder, type FoundFile } from './folder.ts';
import { safePaths } from './paths.ts';

/** Says which contribution a folder is a checkout of. */
export const MARK = '.thicket.json';
const CID = /^blake3:[0-9a-f]{64}$/;
const GROVE = /^[0-9a-f]{64}$/;
/** Nobody else's file of that name is read further. */
const MAX_MARK = 4096;

export interface Mark {
  grove: string;
  cid: string;
}

/** A file in the folder, under the name that it has, or would have, as an artifact. */
export interface NamedFile {
  name: string;
  file: File;
}
export interface Difference {
  changed: NamedFile[];
  added: NamedFile[];
  same: NamedFile[];
  /** Names of artifacts that are no longer there. */
  removed: string[];
  /** Paths left out. */
  hidden: string[];
}

/**
 * Writes every artifact: into the folder where it is empty, else into a new folder in it. Nothing that is there is overwritten.
 * Returns the folder's name. @throws ThicketError `invalid` where that folder is there already.
 */
export async function checkOut(options: {
  folder: FileSystemDirectoryHandle;
  grove: string;
  item: Contribution;
  open: (file: ArtifactInfo) => ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Bytes written so far. */
  onprogress: (written: number) => void;
  signal: AbortSignal;
}): Promise<string> {
  const { grove, item, open, onprogress, signal } = options;
  const target = await emptyFolder(options.folder, folderOf(item));
  const paths = safePaths(item.files.map(({ name }) => name));
  let written = 0;
  for (const file of item.files) {
    const handle = await fileAt(target, paths.get(file.name) ?? '_');
    const counted = open(file).pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          written += chunk.length;
          onprogress(written);
          controller.enqueue(chunk);
        },
      }),
    );
    await counted.pipeTo(await handle.createWritable(), { signal });
  }
  // Last: a folder with it is whole.
  const mark = await (await target.getFileHandle(MARK, { create: true })).createWritable();
  await mark.write(`${JSON.stringify({ version: 1, grove, cid: item.cid }, null, 2)}\n`);
  await mark.close();
  return target.name;
}

async function emptyFolder(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle> {
  if (await isEmpty(folder)) return folder;
  const inner = await folder.getDirectoryHandle(name, { create: true });
  if (await isEmpty(inner)) return inner;
  throw new ThicketError('invalid', `folder: "${name}" is there already and not empty`);
}

async function isEmpty(folder: FileSystemDirectoryHandle): Promise<boolean> {
  const { done } = await folder.keys().next();
  return done === true;
}

async function fileAt(folder: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const segments = path.split('/');
  const last = segments.pop() ?? '_';
  let at = folder;
  for (const segment of segments) at = await at.getDirectoryHandle(segment, { create: true });
  return at.getFileHandle(last, { create: true });
}

/** Null where the folder is no checkout, or its mark is not one of ours. */
export async function readMark(folder: FileSystemDirectoryHandle): Promise<Mark | null> {
  try {
    const file = await (await folder.getFileHandle(MARK)).getFile();
    if (file.size > MAX_MARK) return null;
    const value: unknown = JSON.parse(await file.text());
    if (value === null || typeof value !== 'object' || Reflect.get(value, 'version') !== 1) return null;
    const grove: unknown = Reflect.get(value, 'grove');
    const cid: unknown = Reflect.get(value, 'cid');
    return typeof grove === 'string' && GROVE.test(grove) && typeof cid === 'string' && CID.test(cid)
      ? { grove, cid }
      : null;
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The folder against the artifacts of `base`, by size and then by hash; against none, all is added. */
export async function compare(options: {
  folder: FileSystemDirectoryHandle;
  base: readonly ArtifactInfo[];
  hash: (file: File) => Promise<string>;
  /** What a file that is no artifact of the base would be called. */
  nameOf: (path: string) => string;
}): Promise<Difference> {
  const { base, hash, nameOf } = options;
  const { files, hidden } = await filesOfFolder(options.folder);
  const paths = safePaths(base.map(({ name }) => name));
  const known = new Map(base.map((artifact) => [paths.get(artifact.name) ?? '', artifact]));
  const difference: Difference = { changed: [], added: [], same: [], removed: [], hidden };
  const judge = async ({ path, file }: FoundFile): Promise<void> => {
    const artifact = known.get(path);
    if (artifact === undefined) return void difference.added.push({ name: nameOf(path), file });
    known.delete(path);
    const same = artifact.size === file.size && (await hash(file)) === artifact.hash;
    difference[same ? 'same' : 'changed'].push({ name: artifact.name, file });
  };
  for (const found of files) await judge(found);
  difference.removed = [...known.values()].map(({ name }) => name);
  return difference;
}
