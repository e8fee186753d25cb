// The files of a folder with their paths in it: chosen, dropped or picked. Names that start with a dot are left out, as they
// are the system's and not the user's. Bounded in number and depth. Knows nothing of artifacts.
import { ThicketError } from '../../worker/rpc/client.ts';

export interface FoundFile {
  /** With `/` between folders. */
  path: string;
  file: File;
}
export interface Found {
  files: FoundFile[];
  /** Names left out. */
  hidden: string[];
}

/** As many as a contribution has artifacts. */
export const MAX_FILES = 1000;
const MAX_DEPTH = 64;
const MAX_HIDDEN = 1000;

class Collector {
  readonly files: FoundFile[] = [];
  readonly hidden: string[] = [];

  /** Whether to go into it, or take it. */
  admits(path: string): boolean {
    const parts = path.split('/');
    if (parts.length > MAX_DEPTH)
      throw new ThicketError('too-large', `artifacts: folders at most ${MAX_DEPTH} deep`);
    if (!parts.some((part) => part.startsWith('.'))) return true;
    if (this.hidden.length < MAX_HIDDEN) this.hidden.push(path);
    return false;
  }
  add(path: string, file: File): void {
    if (this.files.length === MAX_FILES)
      throw new ThicketError('too-large', `artifacts: at most ${MAX_FILES} files, given more`);
    this.files.push({ path, file });
  }
  found(): Found {
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files: this.files, hidden: this.hidden };
  }
}

/** Of a file input, with `webkitdirectory` or without. @throws ThicketError `too-large` */
export function filesOfInput(list: Iterable<File>): Found {
  const collector = new Collector();
  for (const file of list) {
    const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
    // What was chosen one by one was meant, whatever it is called.
    if (file.webkitRelativePath === '' || collector.admits(path)) collector.add(path, file);
  }
  return collector.found();
}

/** Of a folder that was picked, its own name not part of the paths. @throws ThicketError `too-large` */
export async function filesOfFolder(folder: FileSystemDirectoryHandle): Promise<Found> {
  const collector = new Collector();
  const walk = async (directory: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
    for await (const [name, handle] of directory.entries()) {
      const path = prefix + name;
      if (!collector.admits(path)) continue;
      if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}/`);
      else if (handle instanceof FileSystemFileHandle) collector.add(path, await handle.getFile());
    }
  };
  await walk(folder, '');
  return collector.found();
}

/** Of a drop, folders with all that is in them. Must be called while the event is handled. @throws ThicketError `too-large` */
export async function filesOfDrop(transfer: DataTransfer): Promise<Found> {
  // The items are gone with the event.
  const roots = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const collector = new Collector();
  const walk = async (entry: FileSystemEntry, prefix: string): Promise<void> => {
    const path = prefix + entry.name;
    if (!collector.admits(path)) return;
    if (isFile(entry)) collector.add(path, await fileOf(entry));
    else if (isDirectory(entry)) for await (const inner of entriesOf(entry)) await walk(inner, `${path}/`);
  };
  for (const { entry, file } of roots) {
    if (entry !== null && isDirectory(entry)) await walk(entry, '');
    else if (file !== null) collector.add(file.name, file);
  }
  return collector.found();
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A reader gives some at a time, and none at the end. */
async function* entriesOf(directory: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = directory.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    yield* some;
  }
}
