// Bytes as keys of maps, and hashes that are remembered: a thousand devices hash the same few thousand things.
import { hash32 } from '../../../worker/core/model/keys.ts';

/** Up to so many bytes, so many are remembered: entries and bodies; and what derives from all of a log, equal at all. */
const SIZES = [
  { bytes: 4_096, remembered: 2 ** 16 },
  { bytes: 2 ** 20, remembered: 2 ** 6 },
] as const;

/** One character a byte. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** BLAKE3-256, as the node's own. */
export function createSimHash(): (bytes: Uint8Array) => Uint8Array {
  const sizes = SIZES.map((size) => ({ ...size, known: new Map<string, Uint8Array>() }));
  return (bytes) => {
    const size = sizes.find((each) => bytes.length <= each.bytes);
    if (size === undefined) return hash32(bytes);
    const { known, remembered } = size;
    const key = textOf(bytes);
    const before = known.get(key);
    if (before !== undefined) return before.slice();
    const hash = hash32(bytes);
    known.set(key, hash);
    if (known.size > remembered) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    return hash.slice();
  };
}
