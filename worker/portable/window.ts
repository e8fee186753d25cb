// A Blob read from its beginning to its end, a few hundred KiB at a time. Knows nothing of what it holds.
import { ThicketError } from '../core/model/errors.ts';

/** Small, since what is in it is looked at in one go: a few dozen ms at most. */
const STEP = 256 * 1024;

export interface Window {
  /** Where the next byte lies. */
  position(): number;
  /** The next bytes, not taken yet: `most` of them, or what is left. Valid until the next call. */
  peek(most: number): Promise<Uint8Array>;
  take(bytes: number): void;
}

/** @throws ThicketError `invalid` where the Blob can't be read. */
export function createWindow(blob: Blob): Window {
  let start = 0;
  let held = new Uint8Array();

  async function fill(most: number): Promise<void> {
    const from = start + held.length;
    const to = Math.min(blob.size, Math.max(start + most, from + STEP));
    const more = await readSlice(blob, from, to);
    const joined = new Uint8Array(held.length + more.length);
    joined.set(held);
    joined.set(more, held.length);
    held = joined;
  }

  return {
    position: () => start,
    async peek(most) {
      if (held.length < most && start + held.length < blob.size) await fill(most);
      return held.subarray(0, most);
    },
    take(bytes) {
      start += bytes;
      held = bytes < held.length ? held.subarray(bytes) : new Uint8Array();
    },
  };
}

async function readSlice(blob: Blob, from: number, to: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await blob.slice(from, to).arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThicketError('invalid', `file: cannot be read, was it changed or moved since? (${reason})`);
  }
  if (bytes.length === to - from) return bytes;
  throw new ThicketError('invalid', `file: ${blob.size} bytes were said, but ${from + bytes.length} given`);
}
