// A hash of many things, each told as a line of text: equal exactly where the sets of lines are (SPEC G1). A sum of one
// hash per line, so that what changes is taken out and put in again, and the order of arrival can't matter.
import { toHash } from '../model/ids.ts';

/** 32-bit lanes of a hash, each summed by itself: it tells honest peers apart, and proves nothing about others. */
const LANES = 8;

export interface Digest<T> {
  /** What this one's line says may be another now. */
  touch(item: T): void;
  /** 64 hex digits. Costs as much as was touched since the last time. */
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
  const parts = new Map<T, Uint32Array>();
  const touched = new Set<T>();
  let value: string | null = null;

  function lanesOf(text: string): Uint32Array {
    const digest = hash(encoder.encode(text));
    const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    return Uint32Array.from({ length: LANES }, (_, lane) => view.getUint32(lane * 4));
  }

  function refresh(item: T): void {
    const before = parts.get(item);
    const text = line(item);
    const after = text === null ? undefined : lanesOf(text);
    for (let lane = 0; lane < LANES; lane += 1)
      sum[lane] = (sum[lane] ?? 0) - (before?.[lane] ?? 0) + (after?.[lane] ?? 0);
    if (after === undefined) parts.delete(item);
    else parts.set(item, after);
  }

  return {
    touch(item) {
      touched.add(item);
      value = null;
    },
    value() {
      if (value !== null) return value;
      for (const item of touched) refresh(item);
      touched.clear();
      value = toHash(hash(encoder.encode(JSON.stringify([label, parts.size, [...sum]]))));
      return value;
    },
  };
}
