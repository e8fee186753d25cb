// A hash of many things, each told as a line of text: equal exactly where the sets of lines are (SPEC G1). A sum of one
// hash per line, so that what changes is taken out and put in again, and the order of arrival can't matter.
import { toHash } from '../model/ids.ts';
import { createTouched } from './touched.ts';

/** 32-bit lanes of a hash, each summed by itself: it tells honest peers apart, and proves nothing about others. */
const LANES = 8;

export interface Digest<T> {
  /** What this one's line says may be another now. */
  touch(item: T): void;
  /** 64 hex digits. Costs as much as was touched since the last time, at most a thousand lines: the rest was seen to before. */
  value(): string;
}

export interface DigestOptions<T> {
  /** Begins what is hashed: no two kinds of lines share one. */
  label: string;
  /** JSON, so that no field can pass for another; null for what says nothing any more. */
  line: (item: T) => string | null;
  /** BLAKE3-256. */
  hash: (bytes: Uint8Array) => Uint8Array;
}

export function createDigest<T>({ label, line, hash }: DigestOptions<T>): Digest<T> {
  const encoder = new TextEncoder();
  const sum = new Uint32Array(LANES);
  /** Where each one's lanes lie. What says nothing any more leaves its place to the next. */
  const places = new Map<T, number>();
  const free: number[] = [];
  let lanes = new Uint32Array(LANES * 64);
  const touched = createTouched(refresh);
  let value: string | null = null;

  function placeFor(item: T): number {
    const known = places.get(item);
    if (known !== undefined) return known;
    const place = free.pop() ?? places.size;
    if (LANES * (place + 1) > lanes.length) {
      const grown = new Uint32Array(2 * lanes.length);
      grown.set(lanes);
      lanes = grown;
    }
    places.set(item, place);
    return place;
  }

  /** Takes what it was told as out of the sum, and puts in what it is told as now; null: nothing. */
  function change(place: number, digest: Uint8Array | null): void {
    const view = digest && new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    for (let lane = 0; lane < LANES; lane += 1) {
      const at = place * LANES + lane;
      const after = view?.getUint32(lane * 4) ?? 0;
      sum[lane] = (sum[lane] ?? 0) - (lanes[at] ?? 0) + after;
      lanes[at] = after;
    }
  }

  function refresh(item: T): void {
    const text = line(item);
    if (text !== null) return change(placeFor(item), hash(encoder.encode(text)));
    const place = places.get(item);
    if (place === undefined) return;
    change(place, null);
    places.delete(item);
    free.push(place);
  }

  return {
    touch(item) {
      touched.touch(item);
      value = null;
    },
    value() {
      if (value !== null) return value;
      touched.settle();
      value = toHash(hash(encoder.encode(JSON.stringify([label, places.size, [...sum]]))));
      return value;
    },
  };
}
