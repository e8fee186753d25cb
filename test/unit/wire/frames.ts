// An arbitrary frame of every type; the compiler asks for each that the union has.
import fc from 'fast-check';
import type { KnownFrame } from '../../../worker/core/wire/frame.ts';
import { anyEntryId, anyGroveId, anyHash, anyPeerId, bytes32, textUpTo, uint } from '../model/fixtures.ts';

export const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength });
const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
const hashes = fc.array(anyHash, { maxLength: 6 });
const entries = fc.array(
  fc.record({
    header: bytesUpTo(300),
    signature: fc.option(bytes64),
    body: fc.option(bytesUpTo(300)),
    table: fc.option(bytesUpTo(300)),
  }),
  { maxLength: 4 },
);

const anyFrameOf: {
  readonly [T in KnownFrame['type']]: fc.Arbitrary<Omit<Extract<KnownFrame, { type: T }>, 'type'>>;
} = {
  hello: fc.record({
    min: uint,
    max: uint,
    features: fc.array(textUpTo(64), { maxLength: 4 }),
    key: anyPeerId,
    nonce: bytes32,
  }),
  proof: fc.record({ signature: bytes64 }),
  bye: fc.record({ reason: textUpTo(256) }),
  ping: fc.record({ n: uint }),
  pong: fc.record({ n: uint }),
  tags: fc.record({ tags: fc.array(bytes32, { maxLength: 16 }) }),
  join: fc.record({ tag: bytes32, name: textUpTo(80), box: bytes32, proof: bytes32, signature: bytes64 }),
  admitted: fc.record({ grove: anyGroveId, epoch: uint, secret: bytes32, entries }),
  refused: fc.record({ grove: anyGroveId, code: textUpTo(64), message: textUpTo(300) }),
  vector: fc.record({
    grove: anyGroveId,
    reply: fc.boolean(),
    rows: fc.array(fc.record({ author: anyPeerId, seq: uint, id: anyEntryId }), { maxLength: 5 }),
  }),
  entries: fc.record({ grove: anyGroveId, why: fc.constantFrom('push', 'sync', 'want'), entries }),
  'want-entries': fc.record({
    grove: anyGroveId,
    runs: fc.array(fc.record({ author: anyPeerId, from: uint, to: uint }), { maxLength: 5 }),
  }),
  held: fc.record({ grove: anyGroveId, entry: anyEntryId, complete: fc.boolean() }),
  'want-held': fc.record({ grove: anyGroveId, entry: anyEntryId }),
  'want-body': fc.record({ grove: anyGroveId, hashes }),
  body: fc.record({
    grove: anyGroveId,
    hash: anyHash,
    body: bytesUpTo(500),
    table: fc.option(bytesUpTo(300)),
  }),
  'want-list': fc.record({ grove: anyGroveId, blob: anyHash, list: anyHash }),
  list: fc.record({ list: anyHash, bytes: bytesUpTo(500) }),
  'want-blocks': fc.record({ grove: anyGroveId, blob: anyHash, blocks: hashes }),
  block: fc.record({ block: anyHash, bytes: bytesUpTo(500) }),
  lack: fc.record({ blob: anyHash, hashes }),
  cancel: fc.record({ blob: anyHash, blocks: hashes }),
};
export const types = Object.keys(anyFrameOf) as KnownFrame['type'][];
export const frameOf = (type: KnownFrame['type']): fc.Arbitrary<KnownFrame> =>
  (anyFrameOf[type] as fc.Arbitrary<object>).map((fields) => ({ type, ...fields }) as KnownFrame);
export const anyFrame = fc.oneof(...types.map(frameOf));
