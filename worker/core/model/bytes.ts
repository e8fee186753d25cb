// Byte arrays: joining, comparing, text and base64url. Knows nothing of what the bytes mean.
import { fail, ok } from './errors.ts';
import type { Result } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

export function concat(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Leaves early at the first difference: for public bytes, not for comparing secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Bytewise order; a prefix comes before what it is a prefix of. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A lone surrogate has no UTF-8 form; ask `isWellFormed` first where the text is not ours. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Refuses bytes that are not UTF-8; keeps a leading byte order mark, so that text and bytes stay one to one. */
export function fromUtf8(bytes: Uint8Array): Result<string> {
  try {
    return ok(decoder.decode(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return fail('corrupt', 'text: must be UTF-8');
  }
}

/** Whether text has no lone surrogates, and so has a UTF-8 form. */
export const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

/** 4 bytes, big-endian. `value` is an unsigned 32-bit integer. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DIGITS = new Map(Array.from(ALPHABET, (letter, digit) => [letter, digit]));

/** RFC 4648 section 5, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const letters = Math.min(3, bytes.length - i) + 1;
    for (let n = 0; n < letters; n++) text += ALPHABET.charAt((group >>> (18 - 6 * n)) & 63);
  }
  return text;
}

/** Null unless the text is exactly what `toBase64Url` gives for some bytes. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let offset = 0;
  for (const letter of text) {
    const digit = DIGITS.get(letter);
    if (digit === undefined) return null;
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[offset++] = (bits >>> held) & 255;
    }
  }
  const unused = bits & ((1 << held) - 1);
  return unused === 0 ? bytes : null;
}
