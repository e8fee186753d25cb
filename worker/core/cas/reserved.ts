// Bytes that were let in and aren't counted as stored yet, in all and by grove. Knows nothing of why.
import type { GroveId, Hash } from '../model/ids.ts';

export class Reserved {
  readonly #blobs = new Map<Hash, { grove: GroveId; size: number }>();
  readonly #groves = new Map<GroveId, number>();
  /** In all groves. */
  bytes = 0;

  has(hash: Hash): boolean {
    return this.#blobs.has(hash);
  }

  hashes(): Hash[] {
    return [...this.#blobs.keys()];
  }

  bytesOf(grove: GroveId): number {
    return this.#groves.get(grove) ?? 0;
  }

  add(hash: Hash, grove: GroveId, size: number): void {
    if (this.#blobs.has(hash)) return;
    this.#blobs.set(hash, { grove, size });
    this.#groves.set(grove, this.bytesOf(grove) + size);
    this.bytes += size;
  }

  remove(hash: Hash): void {
    const was = this.#blobs.get(hash);
    if (was === undefined) return;
    this.#blobs.delete(hash);
    const left = this.bytesOf(was.grove) - was.size;
    if (left > 0) this.#groves.set(was.grove, left);
    else this.#groves.delete(was.grove);
    this.bytes -= was.size;
  }
}
