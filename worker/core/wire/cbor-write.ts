// Values to CBOR bytes in the one encoding that SPEC allows (RFC 8949 core deterministic). Knows nothing of reading.
import { compareBytes, isWellFormed, utf8 } from '../model/bytes.ts';
import { ThicketError } from '../model/errors.ts';

/** Major types (RFC 8949, section 3.1), as the top three bits of a head. */
const UINT = 0x00;
const NEGATIVE = 0x20;
const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
const MAP = 0xa0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

const WORD = 2 ** 32;
/** Longer text goes to the platform's encoder at once. */
const SHORT = 64;
/** Most of what is written is smaller; it is copied out at its size. */
const START = 4_096;

const misuse = (message: string): ThicketError => new ThicketError('invalid', `cbor: ${message}`);

/** Bytes so far, and a place to write on. Begins anew with each value, so that one buffer serves them all. */
export class Writer {
  readonly #maxDepth: number;
  #bytes = new Uint8Array(START);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** @throws ThicketError `invalid` on what has no encoding. */
  encode(value: unknown): Uint8Array {
    this.#at = 0;
    this.#write(value, 0);
    const written = this.#bytes;
    if (written.length <= 16 * START) return written.slice(0, this.#at);
    // One large value must not hold on to its memory; what ends with it fills the buffer, which goes as it is.
    this.#allocate(START);
    return this.#at === written.length ? written : written.slice(0, this.#at);
  }

  #allocate(size: number): void {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const written = this.#bytes;
    this.#allocate(Math.max(needed, 2 * written.length));
    this.#bytes.set(written);
  }

  #write(value: unknown, depth: number): void {
    if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#raw(BYTES, value);
    else if (Array.isArray(value)) this.#array(value, depth);
    else if (value === null) this.#byte(NULL);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (typeof value === 'object') this.#map(value, depth);
    else throw misuse(`no encoding of ${typeof value}`);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  /** A type and its number: a value, or a length. */
  #head(type: number, number: number): void {
    this.#reserve(9);
    if (number < 24) this.#bytes[this.#at++] = type | number;
    else if (number < 0x100) {
      this.#bytes[this.#at++] = type | 24;
      this.#bytes[this.#at++] = number;
    } else if (number < 0x10000) {
      this.#bytes[this.#at++] = type | 25;
      this.#view.setUint16(this.#at, number);
      this.#at += 2;
    } else if (number < WORD) {
      this.#bytes[this.#at++] = type | 26;
      this.#view.setUint32(this.#at, number);
      this.#at += 4;
    } else {
      this.#bytes[this.#at++] = type | 27;
      this.#view.setUint32(this.#at, Math.floor(number / WORD));
      this.#view.setUint32(this.#at + 4, number % WORD);
      this.#at += 8;
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value < 0) this.#head(NEGATIVE, -1 - value);
      else this.#head(UINT, value);
      return;
    }
    if (!Number.isFinite(value)) throw misuse(`finite numbers, given ${value}`);
    this.#byte(FLOAT64);
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  #raw(type: number, bytes: Uint8Array): void {
    this.#head(type, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #text(text: string): void {
    if (text.length <= SHORT && this.#ascii(text)) return;
    if (!isWellFormed(text)) throw misuse('well-formed text, given a lone surrogate');
    this.#raw(TEXT, utf8(text));
  }

  /** False, and nothing written, where a character is none. */
  #ascii(text: string): boolean {
    const start = this.#at;
    this.#head(TEXT, text.length);
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.#at = start;
        return false;
      }
      this.#bytes[this.#at++] = code;
    }
    return true;
  }

  #array(items: readonly unknown[], depth: number): void {
    this.#enter(depth);
    this.#head(ARRAY, items.length);
    for (const item of items) this.#write(item, depth + 1);
  }

  #map(container: object, depth: number): void {
    this.#enter(depth);
    const entries: [unknown, unknown][] =
      container instanceof Map ? [...container] : Object.entries(container);
    if (!(container instanceof Map) && !isPlain(container)) throw misuse('no encoding of this object');
    const rows = entries.map(([key, value]) => ({ key: this.#key(key), value }));
    rows.sort((a, b) => compareBytes(a.key, b.key));
    this.#head(MAP, rows.length);
    for (const { key, value } of rows) {
      this.#reserve(key.length);
      this.#bytes.set(key, this.#at);
      this.#at += key.length;
      this.#write(value, depth + 1);
    }
  }

  /** A key as it will be written: maps are in the order of that. */
  #key(key: unknown): Uint8Array {
    if (typeof key !== 'string') throw misuse(`keys are text, given ${typeof key}`);
    const start = this.#at;
    this.#text(key);
    const written = this.#bytes.slice(start, this.#at);
    this.#at = start;
    return written;
  }

  #enter(depth: number): void {
    if (depth >= this.#maxDepth) throw misuse(`at most ${this.#maxDepth} levels`);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
