// What a person paused or cancelled, on disk, so that it stays so over restarts (SPEC C11). Knows no transfer.
import { hexToBytes } from '@noble/hashes/utils.js';
import { CONFIG } from '../config.ts';
import { isFailure, type Context, type Failure } from '../context.ts';
import { idBytes, isHex32, toGroveId, toHash, type GroveId, type Hash } from '../model/ids.ts';
import { asArray, asId, asOneOf, asUint, decode, encode } from '../wire/cbor.ts';
import { haltKey } from './keys.ts';

const HOWS = ['paused', 'cancelled'] as const;

export interface Halt {
  how: (typeof HOWS)[number];
  /** The one it came by: what it leaves behind goes with it. */
  grove: GroveId;
  /** ms since the epoch: where there are too many, the oldest is forgotten. */
  at: number;
  /** Bytes that were here. */
  received: number;
}

export type Halts = ReturnType<typeof createHalts>;

const PREFIX = haltKey('' as Hash);

export const encodeHalt = ({ how, grove, at, received }: Halt): Uint8Array =>
  encode([how, idBytes(grove), Math.max(0, Math.floor(at)), received]);

export function decodeHalt(bytes: Uint8Array): Halt | null {
  const decoded = decode(bytes, { maxBytes: 128 });
  const row = decoded.ok ? asArray(decoded.value, 8) : null;
  const how = asOneOf(row?.[0], HOWS);
  const grove = asId(row?.[1], toGroveId);
  const at = asUint(row?.[2]);
  const received = asUint(row?.[3]);
  return how === null || grove === null || at === null || received === null
    ? null
    : { how, grove, at, received };
}

/** What is on disk, the oldest first. */
export function readHalts(context: Context, then: (halts: Map<Hash, Halt> | Failure) => void): void {
  context.scan('blobs', PREFIX, null, CONFIG.cas.halts, (rows) => {
    if (isFailure(rows)) return then(rows);
    const read = rows.flatMap(({ key, value }): [Hash, Halt][] => {
      const hex = key.slice(PREFIX.length);
      const halt = isHex32(hex) ? decodeHalt(value) : null;
      if (halt !== null) return [[toHash(hexToBytes(hex)), halt]];
      context.count('store.corrupt');
      return [];
    });
    then(new Map(read.sort(([, a], [, b]) => a.at - b.at)));
  });
}

export function createHalts(
  context: Context,
  options: { known: ReadonlyMap<Hash, Halt>; failed: (failure: Failure) => void },
) {
  const halts = new Map(options.known);

  function write(ops: Parameters<Context['write']>[0]): void {
    context.write(ops, 'relaxed', (failure) => {
      if (failure !== null) options.failed(failure);
    });
  }

  function lift(hash: Hash): void {
    if (halts.delete(hash)) write([{ op: 'delete', table: 'blobs', key: haltKey(hash) }]);
  }

  return {
    get: (hash: Hash): Halt | null => halts.get(hash) ?? null,
    all: (): IterableIterator<[Hash, Halt]> => halts.entries(),
    lift,

    set(hash: Hash, halt: Omit<Halt, 'at'>): void {
      const noted = { ...halt, at: context.now() };
      halts.delete(hash);
      halts.set(hash, noted);
      const [oldest] = halts.keys();
      if (halts.size > CONFIG.cas.halts && oldest !== undefined) lift(oldest);
      write([{ op: 'put', table: 'blobs', key: haltKey(hash), value: encodeHalt(noted) }]);
    },
  };
}
