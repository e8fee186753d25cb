// A child of a blob: some bytes inserted, some deleted, in places spread over it. Pure.
import type { Noise } from './noise.ts';

/** In the parent, at `at`: so many of its bytes go, and these come. */
export interface Edit {
  at: number;
  removed: number;
  inserted: Uint8Array;
}

/**
 * One edit at random in each of `places` equal stretches, by turns an insertion and a deletion; inserted and deleted bytes
 * together are `share` of `size`.
 */
export function makeEdits(
  { size, places, share }: { size: number; places: number; share: number },
  noise: Noise,
): Edit[] {
  const stretch = Math.floor(size / places);
  const length = Math.round((size * share) / places);
  return Array.from({ length: places }, (_, i) => {
    const at = i * stretch + noise.below(stretch - length);
    return i % 2 === 0
      ? { at, removed: 0, inserted: noise.bytes(length) }
      : { at, removed: length, inserted: new Uint8Array() };
  });
}

/** `edits` in ascending order, none within what another removes. */
export function applyEdits(parent: Uint8Array, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  const grows = edits.reduce((sum, { removed, inserted }) => sum + inserted.length - removed, 0);
  const child = new Uint8Array(parent.length + grows);
  let from = 0;
  let to = 0;
  const put = (bytes: Uint8Array): void => {
    child.set(bytes, to);
    to += bytes.length;
  };
  for (const { at, removed, inserted } of edits) {
    put(parent.subarray(from, at));
    put(inserted);
    from = at + removed;
  }
  put(parent.subarray(from));
  return child;
}
