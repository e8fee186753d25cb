// The record of a run, as one hash of all that happened in order. Written in large pieces: hashing small ones costs more
// than the run. Knows nothing of what is noted.
import { createHash } from 'node:crypto';

/** Bytes gathered before they are hashed. */
const PIECE = 2 ** 16;

export interface Transcript {
  /** What kind of thing happened when, to or between which devices, with these bytes. */
  note(what: string, at: number, hosts: readonly number[], bytes?: Uint8Array): void;
  /** SHA-256 of all so far. */
  digest(): string;
}

export function createTranscript(): Transcript {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE);
  let used = 0;

  function flush(): void {
    hash.update(piece.subarray(0, used));
    used = 0;
  }

  function append(bytes: Uint8Array): void {
    if (bytes.length > PIECE - used) flush();
    if (bytes.length > PIECE) {
      hash.update(bytes);
      return;
    }
    piece.set(bytes, used);
    used += bytes.length;
  }

  return {
    note(what, at, hosts, bytes) {
      // A text, a time, and of each list how much comes: no two records have the same bytes.
      if (what.length + 16 + 4 * hosts.length > PIECE - used) flush();
      piece[used] = what.length;
      used += 1 + piece.write(what, used + 1, 'latin1');
      used = piece.writeDoubleLE(at, used);
      piece[used] = hosts.length;
      used += 1;
      for (const host of hosts) used = piece.writeUInt32LE(host, used);
      used = piece.writeUInt32LE(bytes?.length ?? 0, used);
      if (bytes !== undefined) append(bytes);
    },
    digest() {
      flush();
      return hash.copy().digest('hex');
    },
  };
}
