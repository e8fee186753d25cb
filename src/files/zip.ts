// Files as one zip, streamed: a chunk of one file is in memory at a time. Stored, not packed: what is large is mostly packed
// already. Knows nothing of contributions.
import { Zip, ZipPassThrough } from 'fflate';
import { ThicketError } from '../../worker/rpc/client.ts';

export interface ZipEntry {
  path: string;
  size: number;
  /** ms since the epoch; what zips can't say is moved to the nearest that they can. */
  at: number;
  open(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Beyond these a zip needs 64-bit fields, which fflate doesn't write. */
export const ZIP_LIMITS = { files: 65_535 - 1, bytes: 2 ** 32 - 1 } as const;
/** Of each file: its two headers, the sums after its bytes, and its path twice. */
const OVERHEAD = 30 + 46 + 16;
const EARLIEST = Date.UTC(1980, 0, 2);
const LATEST = Date.UTC(2099, 11, 30);

/** @throws ThicketError `too-large` where a zip can't hold them; nothing was read then (C25). */
export function zipStream(entries: readonly ZipEntry[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (entries.length > ZIP_LIMITS.files)
    throw new ThicketError('too-large', `zip: at most ${ZIP_LIMITS.files} files, given ${entries.length}`);
  const total = zipSize(entries);
  if (total > ZIP_LIMITS.bytes)
    throw new ThicketError('too-large', `zip: at most ${ZIP_LIMITS.bytes} bytes, given ${total}`);

  const bytes = piecesOf(entries);
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await bytes.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await bytes.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Bytes of the whole zip, at most. */
export const zipSize = (entries: readonly ZipEntry[]): number =>
  entries.reduce(
    (sum, { path, size }) => sum + size + OVERHEAD + 2 * new TextEncoder().encode(path).length,
    22,
  );

async function* piecesOf(entries: readonly ZipEntry[]): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  let ready: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, data) => {
    if (error) failure = error;
    else ready.push(new Uint8Array(data));
  });
  function* takeReady(): Generator<Uint8Array<ArrayBuffer>> {
    if (failure !== null) throw failure;
    const taken = ready;
    ready = [];
    yield* taken;
  }
  for (const { path, size, at, open } of entries) {
    const file = new ZipPassThrough(path);
    file.mtime = Math.min(Math.max(Number.isFinite(at) ? at : EARLIEST, EARLIEST), LATEST);
    zip.add(file);
    let given = 0;
    for await (const chunk of chunksOf(open())) {
      given += chunk.length;
      if (given > size) break;
      file.push(chunk);
      yield* takeReady();
    }
    if (given !== size)
      throw new ThicketError('corrupt', `zip: ${path} has ${size} bytes, but ${given} or more came`);
    file.push(new Uint8Array(), true);
    yield* takeReady();
  }
  zip.end();
  yield* takeReady();
  return undefined;
}

/** A stream's chunks; whoever stops early cancels it. Not every browser iterates streams by itself. */
async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
