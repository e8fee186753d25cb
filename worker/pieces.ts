// The bytes of a source in pieces, the next one read while the one before is being used. Knows nothing of blocks.
import { ThicketError } from './core/model/errors.ts';
import { release } from './release.ts';

export type Source = Blob | Uint8Array;

/** Read, cut and hashed in one go (C20): a few milliseconds. */
export const PIECE = 1024 * 1024;
/** Small sources that are read together. */
const AT_ONCE = 256;

export const sizeOf = (source: Source): number => (source instanceof Blob ? source.size : source.length);

/** Runs of sources, in order: small ones of at most one piece together, or a single larger one. */
export function* runsOf(sources: readonly Source[]): Generator<readonly Source[]> {
  let run: Source[] = [];
  let size = 0;
  for (const source of sources) {
    if (run.length > 0 && (size + sizeOf(source) > PIECE || run.length === AT_ONCE)) {
      yield run;
      run = [];
      size = 0;
    }
    run.push(source);
    size += sizeOf(source);
  }
  if (run.length > 0) yield run;
}

/** The whole of each source of a run. @throws ThicketError `invalid` where one can't be read or lies about its size (C21). */
export async function contentsOf(run: readonly Source[]): Promise<Uint8Array[]> {
  const files = run.filter((source) => source instanceof Blob);
  const joined = await joinedContents(files);
  // One by one it shows which of them it was.
  const contents = joined ?? (await Promise.all(files.map((file) => read(file, 0, file.size))));
  let next = 0;
  return run.map((source) => (source instanceof Blob ? (contents[next++] ?? new Uint8Array()) : source));
}

/** As one: each read takes a turn of another process, however little it gives. Null where they aren't as they say. */
async function joinedContents(files: readonly Blob[]): Promise<Uint8Array[] | null> {
  if (files.length === 0) return [];
  try {
    const bytes = new Uint8Array(await new Blob([...files]).arrayBuffer());
    let at = 0;
    const contents = files.map(({ size }) => bytes.subarray(at, (at += size)));
    return at === bytes.length ? contents : null;
  } catch {
    return null;
  }
}

/** A source from its beginning to its end; none of an empty one. A piece is valid until the next is asked for. Throws as above. */
export async function* piecesOf(source: Source): AsyncGenerator<Uint8Array> {
  const size = sizeOf(source);
  let next = read(source, 0, Math.min(PIECE, size));
  for (let at = 0; at < size; at += PIECE) {
    const bytes = await next;
    next = read(source, at + PIECE, Math.min(at + 2 * PIECE, size));
    // Whoever stops here doesn't wait for it any more.
    next.catch(() => undefined);
    yield bytes;
    if (source instanceof Blob) release(bytes);
  }
}

async function read(source: Source, start: number, end: number): Promise<Uint8Array> {
  if (start >= end) return new Uint8Array();
  if (!(source instanceof Blob)) return source.subarray(start, end);
  const bytes = await readSlice(source, start, end);
  if (bytes.length !== end - start) {
    throw new ThicketError(
      'invalid',
      `file: ${source.size} bytes were said, but ${start + bytes.length} given`,
    );
  }
  return bytes;
}

async function readSlice(blob: Blob, start: number, end: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(start, end).arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThicketError('invalid', `file: cannot be read, was it changed or moved since? (${reason})`);
  }
}
