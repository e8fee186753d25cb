// Many small byte strings in a few large buffers: a buffer of its own would cost each more than what it holds. Nothing is
// ever taken out.

const CHUNK = 1024 * 1024;

export interface Pool {
  /** Copies them in; gives the number to read them by. */
  add(bytes: Uint8Array): number;
  /** A view: not to be changed. */
  read(at: number): Uint8Array;
}

export function createPool(): Pool {
  const chunks: Uint8Array[] = [];
  /** Of the last chunk. */
  let used = CHUNK;
  let count = 0;
  /** Of each: chunk, offset, length. */
  let index = new Uint32Array(3 * 64);

  return {
    add(bytes) {
      if (used + bytes.length > CHUNK) {
        chunks.push(new Uint8Array(Math.max(CHUNK, bytes.length)));
        used = 0;
      }
      chunks.at(-1)?.set(bytes, used);
      if (3 * count === index.length) {
        const grown = new Uint32Array(2 * index.length);
        grown.set(index);
        index = grown;
      }
      index.set([chunks.length - 1, used, bytes.length], 3 * count);
      used += bytes.length;
      count += 1;
      return count - 1;
    },
    read(at) {
      const [chunk = 0, offset = 0, length = 0] = index.subarray(3 * at, 3 * at + 3);
      return chunks[chunk]?.subarray(offset, offset + length) ?? new Uint8Array();
    },
  };
}
