// Strict CBOR (RFC 8949 core deterministic encoding), bounded: bytes decode to one value or to a failure, and each
// value has one encoding. Knows nothing of frames or entries.
import { isWellFormed } from '../model/bytes.ts';
import { fail, ok } from '../model/errors.ts';
import type { Result } from '../model/errors.ts';
import { Malformed, Reader } from './cbor-read.ts';
import { Writer } from './cbor-write.ts';

/** W1. */
export const MAX_DEPTH = 16;
/** Items of any sort in one decoding. The largest list we write, 4,096 blocks, has 12,291. */
export const MAX_ITEMS = 32_768;

export interface Bounds {
  maxBytes: number;
  maxDepth?: number;
  maxItems?: number;
  /** A byte string that is most of these bytes may be a view of them: they must not be used otherwise any more. */
  views?: boolean;
}

const writer = new Writer(MAX_DEPTH);

/**
 * Maps (as Map or plain object with text keys), arrays, Uint8Array, well-formed text, booleans, null, safe integers
 * and finite float64 for other numbers; -0 becomes 0. Gives a plain Uint8Array of its own.
 * @throws ThicketError `invalid` on anything else, and beyond depth 16.
 */
export const encode = (value: unknown): Uint8Array => writer.encode(value);

/** Maps decode to Map. The failure is `corrupt`, or `too-large` beyond `maxBytes`. Never throws on bytes. */
export function decode(bytes: Uint8Array, bounds: Bounds): Result<unknown> {
  if (bytes.length > bounds.maxBytes)
    return fail('too-large', `cbor: at most ${bounds.maxBytes} bytes, given ${bytes.length}`);
  if (bytes.length === 0) return fail('corrupt', 'cbor: no bytes');
  const { maxDepth = MAX_DEPTH, maxItems = MAX_ITEMS, views = false } = bounds;
  try {
    return ok(new Reader(bytes, { maxDepth, maxItems, views }).read());
  } catch (error) {
    // The reader tells malformed bytes by throwing; here it becomes a value.
    if (!(error instanceof Malformed)) throw error;
    return fail('corrupt', error.message);
  }
}

// Readers for decoded fields: the value in its type, or null where it isn't one.

export const asBytes = (raw: unknown, length?: number): Uint8Array | null =>
  raw instanceof Uint8Array && (length === undefined || raw.length === length) ? raw : null;

export const asBytesUpTo = (raw: unknown, max: number): Uint8Array | null =>
  raw instanceof Uint8Array && raw.length <= max ? raw : null;

export const asUint = (raw: unknown, max = Number.MAX_SAFE_INTEGER): number | null =>
  typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0 && raw <= max ? raw : null;

/** Lengths are in UTF-16 code units. */
export const asText = (raw: unknown, max: number, min = 0): string | null =>
  typeof raw === 'string' && raw.length >= min && raw.length <= max && isWellFormed(raw) ? raw : null;

export const asArray = (raw: unknown, max: number): readonly unknown[] | null =>
  Array.isArray(raw) && raw.length <= max ? raw : null;

export const asMap = (raw: unknown): ReadonlyMap<string, unknown> | null =>
  raw instanceof Map && [...raw.keys()].every((key) => typeof key === 'string') ? raw : null;

/** 32 bytes as an id of the kind that `toId` gives. */
export const asId = <Id>(raw: unknown, toId: (bytes: Uint8Array) => Id): Id | null => {
  const bytes = asBytes(raw, 32);
  return bytes === null ? null : toId(bytes);
};

export const asOneOf = <T extends string>(raw: unknown, choices: readonly T[]): T | null =>
  choices.find((choice) => choice === raw) ?? null;
