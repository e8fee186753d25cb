// Strict CBOR (RFC 8949 core deterministic encoding), bounded: bytes decode to one value or to a failure, and each
// value has one encoding. Knows nothing of frames or entries.
import { Tokenizer, Type, encode as encodeCbor, rfc8949EncodeOptions, tokensToObject } from 'cborg';
import type { Token } from 'cborg';
import { compareBytes, fromUtf8, isWellFormed } from '../model/bytes.ts';
import { ThicketError, fail, ok } from '../model/errors.ts';
import type { Result } from '../model/errors.ts';

/** W1. */
export const MAX_DEPTH = 16;
/** Items of any sort in one decoding. The largest list we write, 4,096 blocks, has 12,291. */
export const MAX_ITEMS = 32_768;

export interface Bounds {
  maxBytes: number;
  maxDepth?: number;
  maxItems?: number;
}

/**
 * Maps (as Map or plain object with text keys), arrays, Uint8Array, well-formed text, booleans, null, safe integers
 * and finite float64 for other numbers; -0 becomes 0. Gives a plain Uint8Array also where cborg has a Buffer.
 * @throws ThicketError `invalid` on anything else, and beyond depth 16.
 */
export function encode(value: unknown): Uint8Array {
  checkEncodable(value, 0);
  const bytes = encodeCbor(value, { ...rfc8949EncodeOptions, float64: true });
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes);
}

function checkEncodable(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return;
  if (typeof value === 'string') {
    if (!isWellFormed(value))
      throw new ThicketError('invalid', 'cbor: well-formed text, given a lone surrogate');
    return;
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new ThicketError('invalid', `cbor: finite numbers, given ${value}`);
    return;
  }
  if (typeof value !== 'object') throw new ThicketError('invalid', `cbor: no encoding of ${typeof value}`);
  if (depth >= MAX_DEPTH) throw new ThicketError('invalid', `cbor: at most ${MAX_DEPTH} levels`);
  for (const item of itemsOf(value)) checkEncodable(item, depth + 1);
}

function itemsOf(container: object): readonly unknown[] {
  if (Array.isArray(container)) return container;
  const entries: [unknown, unknown][] = container instanceof Map ? [...container] : Object.entries(container);
  const stray = entries.find(([key]) => typeof key !== 'string');
  if (stray !== undefined) throw new ThicketError('invalid', `cbor: keys are text, given ${typeof stray[0]}`);
  if (!(container instanceof Map) && !isPlain(container))
    throw new ThicketError('invalid', 'cbor: no encoding of this object');
  return entries.flat();
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Maps decode to Map. The failure is `corrupt`, or `too-large` beyond `maxBytes`. Never throws on bytes. */
export function decode(bytes: Uint8Array, bounds: Bounds): Result<unknown> {
  if (bytes.length > bounds.maxBytes)
    return fail('too-large', `cbor: at most ${bounds.maxBytes} bytes, given ${bytes.length}`);
  if (bytes.length === 0) return fail('corrupt', 'cbor: no bytes');
  const tokenizer = new StrictTokenizer(bytes, bounds.maxDepth ?? MAX_DEPTH, bounds.maxItems ?? MAX_ITEMS);
  try {
    const value: unknown = tokensToObject(tokenizer, STRICT);
    if (tokenizer.pos() !== bytes.length) return fail('corrupt', 'cbor: trailing bytes');
    return ok(value);
  } catch (error) {
    // Both cborg and the tokenizer below tell malformed bytes by throwing; here it becomes a value.
    return fail('corrupt', error instanceof Error ? error.message : String(error));
  }
}

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowInfinity: false,
  allowNaN: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
} as const;

interface Container {
  /** Items still to come; a map's keys and values count one each. */
  left: number;
  isMap: boolean;
  lastKey: Uint8Array | null;
}

/**
 * Lets through what cborg's strict tokens leave open: depth, declared lengths against the bytes that are left, the
 * number of items, UTF-8, order of keys, the one width of floats. Nothing is allocated on the word of a length.
 */
class StrictTokenizer {
  readonly #bytes: Uint8Array;
  readonly #maxDepth: number;
  readonly #tokens: Tokenizer;
  readonly #open: Container[] = [];
  #itemsLeft: number;

  constructor(bytes: Uint8Array, maxDepth: number, maxItems: number) {
    // Of a Buffer, slices would be views; of a plain array they are copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#maxDepth = maxDepth;
    this.#itemsLeft = maxItems;
    this.#tokens = new Tokenizer(this.#bytes, STRICT);
  }

  pos(): number {
    return this.#tokens.pos();
  }

  done(): boolean {
    return this.#tokens.done();
  }

  next(): Token {
    if (this.#itemsLeft-- === 0) throw new Error('cbor: too many items');
    const start = this.pos();
    const token = this.#tokens.next();
    if (token.type === Type.string) token.value = this.#text(start);
    else if (token.type === Type.float) this.#checkFloat(token, start);
    const parent = this.#open.at(-1);
    if (parent !== undefined) this.#place(parent, token, start);
    if (token.type === Type.array || token.type === Type.map) this.#enter(token);
    while (this.#open.at(-1)?.left === 0) this.#open.pop();
    return token;
  }

  #place(parent: Container, token: Token, start: number): void {
    if (parent.isMap && parent.left % 2 === 0) {
      if (token.type !== Type.string) throw new Error('cbor: map keys must be text');
      const key = this.#bytes.subarray(start, this.pos());
      if (parent.lastKey !== null && compareBytes(parent.lastKey, key) >= 0)
        throw new Error('cbor: map keys must ascend');
      parent.lastKey = key;
    }
    parent.left--;
  }

  #enter(token: Token): void {
    const isMap = token.type === Type.map;
    const left = Number(token.value) * (isMap ? 2 : 1);
    if (left > this.#bytes.length - this.pos())
      throw new Error('cbor: a length exceeds the bytes that are left');
    if (this.#open.length >= this.#maxDepth) throw new Error(`cbor: more than ${this.#maxDepth} levels`);
    this.#open.push({ left, isMap, lastKey: null });
  }

  /** cborg replaces what is not UTF-8 and drops byte order marks; both would give two encodings to one text. */
  #text(start: number): string {
    const width = (this.#bytes[start] ?? 0) & 31;
    const head = width < 24 ? 1 : 1 + 2 ** (width - 24);
    const text = fromUtf8(this.#bytes.subarray(start + head, this.pos()));
    if (!text.ok) throw new Error(text.message);
    return text.value;
  }

  #checkFloat(token: Token, start: number): void {
    if (this.pos() - start !== 9) throw new Error('cbor: floats must be float64');
    if (Number.isSafeInteger(token.value)) throw new Error('cbor: an integer written as float');
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
