// Codecs: one description of a field that both writes and reads it, so that the two cannot drift. Knows no frame.
import { ThicketError } from '../model/errors.ts';
import { idBytes, isHex32, toEntryId, toGroveId, toHash, toPeerId } from '../model/ids.ts';
import type { Hash, PeerId } from '../model/ids.ts';
import { asArray, asBytes, asBytesUpTo, asId, asText, asUint } from './cbor.ts';

/** Methods, so that a codec of T passes for a codec of unknown in tables. */
export interface Codec<T> {
  /** What goes into the CBOR array. @throws ThicketError `invalid` beyond the field's bounds. */
  write(value: T): unknown;
  /** Undefined where the raw value isn't one of these. */
  read(raw: unknown): T | undefined;
}
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** A value that is written as it is. */
function plain<T>(expected: string, reader: (raw: unknown) => T | null): Codec<T> {
  return {
    write: (value) => {
      if (reader(value) === null) throw new ThicketError('invalid', `frame: ${expected}`);
      return value;
    },
    read: (raw) => reader(raw) ?? undefined,
  };
}

export const uint = (max = Number.MAX_SAFE_INTEGER): Codec<number> =>
  plain(`an unsigned integer up to ${max}`, (raw) => asUint(raw, max));
/** At most so many UTF-16 code units. */
export const text = (max: number): Codec<string> =>
  plain(`text of at most ${max} characters`, (raw) => asText(raw, max));
export const bytes = (max: number): Codec<Uint8Array> =>
  plain(`at most ${max} bytes`, (raw) => asBytesUpTo(raw, max));
export const fixed = (length: number): Codec<Uint8Array> =>
  plain(`${length} bytes`, (raw) => asBytes(raw, length));
export const flag: Codec<boolean> = plain('true or false', (raw) => (typeof raw === 'boolean' ? raw : null));

function id<Id extends Hash | PeerId>(toId: (bytes: Uint8Array) => Id): Codec<Id> {
  return {
    write: (value) => {
      if (!isHex32(value))
        throw new ThicketError('invalid', `frame: an id of 64 hex digits, given ${String(value)}`);
      return idBytes(value);
    },
    read: (raw) => asId(raw, toId) ?? undefined,
  };
}
export const hash = id(toHash);
export const entryId = id(toEntryId);
export const groveId = id(toGroveId);
export const peerId = id(toPeerId);

/** One of a few words, written as its place among them. */
export const oneOf = <const T extends string>(...choices: T[]): Codec<T> => ({
  write: (value) => choices.indexOf(value),
  read: (raw) => choices[asUint(raw) ?? choices.length],
});

export const nullable = <T>(codec: Codec<T>): Codec<T | null> => ({
  write: (value) => (value === null ? null : codec.write(value)),
  read: (raw) => (raw === null ? null : codec.read(raw)),
});

export const list = <T>(codec: Codec<T>, max: number): Codec<T[]> => ({
  write: (values) => {
    if (values.length > max)
      throw new ThicketError('invalid', `frame: at most ${max} in a list, given ${values.length}`);
    return values.map((value) => codec.write(value));
  },
  read: (raw) => {
    const items = asArray(raw, max);
    if (items === null) return undefined;
    const values: T[] = [];
    for (const item of items) {
      const value = codec.read(item);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  },
});

export type FieldTable = Readonly<Record<string, Codec<unknown>>>;
export type Fields = Readonly<Record<string, unknown>>;
export type RowOf<Table extends FieldTable> = { [Name in keyof Table]: ValueOf<Table[Name]> };

/**
 * A last field that earlier builds neither write nor expect: left out where it is the fallback. Where it is missing, or
 * stands what such a build put after the fields it knows (W2), it is the fallback.
 */
export const later = <T>(codec: Codec<T>, fallback: T): Codec<T> => ({
  write: (value) => (value === fallback ? undefined : codec.write(value)),
  read: (raw) => codec.read(raw) ?? fallback,
});

/** A table as the list of its fields, in their order on the wire. */
export type FieldList = readonly (readonly [name: string, codec: Codec<unknown>])[];

export const fieldList = (table: FieldTable): FieldList => Object.entries(table);

export function writeFields(list: FieldList, fields: Fields): unknown[] {
  const written = list.map(([name, codec]) => codec.write(fields[name]));
  while (written.length > 0 && written.at(-1) === undefined) written.pop();
  return written;
}

/** Fields from `position` on, put into `fields`. What a later version put after them is ignored (W2). */
export function readFields(
  list: FieldList,
  raw: readonly unknown[],
  position = 0,
  fields: Record<string, unknown> = {},
): Fields | undefined {
  for (const [name, codec] of list) {
    const value = codec.read(raw[position++]);
    if (value === undefined) return undefined;
    fields[name] = value;
  }
  return fields;
}

/** An object as an array of its fields, in the order of the table. */
export const row = <Table extends FieldTable>(table: Table): Codec<RowOf<Table>> => {
  const fields = fieldList(table);
  return {
    write: (value) => writeFields(fields, value),
    read: (raw) => {
      const items = asArray(raw, Infinity);
      return items === null ? undefined : (readFields(fields, items) as RowOf<Table> | undefined);
    },
  };
};
