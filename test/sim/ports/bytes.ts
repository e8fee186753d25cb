// Bytes as keys of maps, and hashes that are remembered: a thousand devices hash the same few thousand things.
import { hash32 } from '../../../worker/core/model/keys.ts';

/** Larger things are hashed each time: comparing them costs as much. */
const SMALL = 4_096;
const REMEMBERED = 2 ** 16;

/** One character a byte. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** BLAKE3-256, as the node's own. */
export function createSimHash(): (bytes: Uint8Array) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (bytes) => {
    if (bytes.length > SMALL) return hash32(bytes);
    const key = textOf(bytes);
    const before = known.get(key);
    if (before !== undefined) return before.slice();
    const hash = hash32(bytes);
    known.set(key, hash);
    if (known.size > REMEMBERED) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    return hash.slice();
  };
}
