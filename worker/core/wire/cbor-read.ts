// CBOR bytes to a value, or to a failure: anything but the one encoding that SPEC allows is refused, and nothing is
// allocated on the word of a length. Knows nothing of writing.
import { fromUtf8 } from '../model/bytes.ts';

/** What the bytes break; caught by `decode`. */
export class Malformed extends Error {}

const malformed = (what: string): Malformed => new Malformed(`cbor: ${what}`);

const WORD = 2 ** 32;
/** Longer text goes to the platform's decoder at once. */
const SHORT = 64;
/** To copy less costs nothing. */
const VIEW_LEAST = 4_096;

export interface Limits {
  maxDepth: number;
  /** Items of any sort, containers included. */
  maxItems: number;
  /** Byte strings that are most of the whole are views of it, not copies. */
  views: boolean;
}

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxDepth: number;
  /** From so many bytes on a byte string is a view: it holds on to at most twice of what it is. */
  readonly #viewFrom: number;
  #itemsLeft: number;
  #at = 0;

  constructor(bytes: Uint8Array, limits: Limits) {
    // Of a Buffer, slices would be views; of a plain array they are copies.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#maxDepth = limits.maxDepth;
    this.#viewFrom = limits.views ? Math.max(VIEW_LEAST, bytes.length / 2) : Infinity;
    this.#itemsLeft = limits.maxItems;
  }

  /** The one value that the bytes are. @throws Malformed */
  read(): unknown {
    const value = this.#value(0);
    if (this.#at !== this.#bytes.length) throw malformed('trailing bytes');
    return value;
  }

  #value(depth: number): unknown {
    if (this.#itemsLeft-- === 0) throw malformed('too many items');
    const head = this.#need(1);
    const byte = this.#bytes[head] ?? 0;
    const info = byte & 31;
    switch (byte >> 5) {
      case 0:
        return this.#number(info);
      case 1:
        return this.#negative(info);
      case 2: {
        const length = this.#number(info);
        const start = this.#need(length);
        return length >= this.#viewFrom
          ? this.#bytes.subarray(start, start + length)
          : this.#bytes.slice(start, start + length);
      }
      case 3:
        return this.#text(info);
      case 4:
        return this.#array(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        throw malformed('a tag');
      default:
        return this.#simple(info);
    }
  }

  /** Takes so many bytes; where they begin. */
  #need(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw malformed('not enough bytes');
    this.#at = start + length;
    return start;
  }

  /** The number of a head: a value, or a length. Only its shortest form. */
  #number(info: number): number {
    if (info < 24) return info;
    if (info === 24) return this.#wide(this.#bytes[this.#need(1)] ?? 0, 24);
    if (info === 25) return this.#wide(this.#view.getUint16(this.#need(2)), 0x100);
    if (info === 26) return this.#wide(this.#view.getUint32(this.#need(4)), 0x10000);
    if (info === 31) throw malformed('an indefinite length');
    if (info !== 27) throw malformed('decode error: a reserved length');
    const start = this.#need(8);
    const number = this.#view.getUint32(start) * WORD + this.#view.getUint32(start + 4);
    if (!Number.isSafeInteger(number)) throw malformed('no safe integer');
    return this.#wide(number, WORD);
  }

  #wide(number: number, least: number): number {
    if (number < least) throw malformed('a number in more bytes than necessary');
    return number;
  }

  #negative(info: number): number {
    const number = -1 - this.#number(info);
    if (!Number.isSafeInteger(number)) throw malformed('no safe integer');
    return number;
  }

  #text(info: number): string {
    const length = this.#number(info);
    const start = this.#need(length);
    if (length <= SHORT) {
      const text = this.#ascii(start, length);
      if (text !== null) return text;
    }
    const text = fromUtf8(this.#bytes.subarray(start, this.#at));
    if (!text.ok) throw malformed(text.message);
    return text.value;
  }

  #ascii(start: number, length: number): string | null {
    let text = '';
    for (let i = start; i < start + length; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte > 127) return null;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** How many values a container holds; each takes a byte at least. */
  #enter(info: number, perItem: number, depth: number): number {
    const count = this.#number(info);
    if (count * perItem > this.#bytes.length - this.#at)
      throw malformed('a length exceeds the bytes that are left');
    if (depth >= this.#maxDepth) throw malformed(`more than ${this.#maxDepth} levels`);
    return count;
  }

  #array(info: number, depth: number): unknown[] {
    const count = this.#enter(info, 1, depth);
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(this.#value(depth + 1));
    return items;
  }

  #map(info: number, depth: number): Map<string, unknown> {
    const count = this.#enter(info, 2, depth);
    const map = new Map<string, unknown>();
    let lastStart = 0;
    let lastEnd = 0;
    for (let i = 0; i < count; i++) {
      const start = this.#at;
      const key = this.#value(depth + 1);
      if (typeof key !== 'string') throw malformed('map keys must be text');
      if (i > 0 && !this.#ascends(lastStart, lastEnd, start, this.#at))
        throw malformed('map keys must ascend');
      lastStart = start;
      lastEnd = this.#at;
      map.set(key, this.#value(depth + 1));
    }
    return map;
  }

  /** Whether one stretch of the bytes comes before another in bytewise order. */
  #ascends(a: number, aEnd: number, b: number, bEnd: number): boolean {
    const shared = Math.min(aEnd - a, bEnd - b);
    for (let i = 0; i < shared; i++) {
      const difference = (this.#bytes[a + i] ?? 0) - (this.#bytes[b + i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return aEnd - a < bEnd - b;
  }

  #simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info === 27) return this.#float();
    if (info === 23) throw malformed('undefined');
    if (info === 25 || info === 26) throw malformed('floats must be float64');
    if (info === 31) throw malformed('an indefinite length ends here');
    throw malformed('decode error: a simple value');
  }

  #float(): number {
    const number = this.#view.getFloat64(this.#need(8));
    if (!Number.isFinite(number)) throw malformed(`${number} is no number`);
    if (Number.isSafeInteger(number)) throw malformed('an integer written as float');
    return number;
  }
}
