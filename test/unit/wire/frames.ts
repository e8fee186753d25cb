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

const small = fc.nat({ max: 16 });
const rows = fc.array(fc.record({ author: anyPeerId, seq: uint, id: anyEntryId }), { maxLength: 5 });
const ids = fc.array(anyEntryId, { maxLength: 5 });
const descriptor = fc.record({
  peer: anyPeerId,
  seq: uint,
  frozen: fc.boolean(),
  signature: bytes64,
  age: fc.nat({ max: 86_400_000 }),
  hops: fc.nat({ max: 8 }),
});
const sample = fc.array(descriptor, { maxLength: 4 });

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
  vouched: fc.record({
    ...{ tag: bytes32, by: anyPeerId, box: bytes32, name: textUpTo(80), succeeds: fc.boolean() },
    ...{ signature: bytes64, accepted: bytes64 },
  }),
  admitted: fc.record({ grove: anyGroveId, epoch: uint, secret: bytes32, entries }),
  refused: fc.record({ grove: anyGroveId, code: textUpTo(64), message: textUpTo(300) }),
  waiting: fc.record({ grove: anyGroveId }),
  vector: fc.record({
    grove: anyGroveId,
    reply: fc.boolean(),
    rows,
  }),
  entries: fc.record({
    grove: anyGroveId,
    why: fc.constantFrom('push', 'sync', 'want', 'graft'),
    hops: small,
    entries,
  }),
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
  'want-have': fc.record({ grove: anyGroveId, blob: anyHash, root: anyHash }),
  have: fc.record({
    blob: anyHash,
    root: anyHash,
    all: fc.boolean(),
    bits: bytesUpTo(64),
    places: fc.array(fc.nat(262_143), { maxLength: 8 }),
  }),
  neighbour: fc.record({ grove: anyGroveId, ask: fc.constantFrom('join', 'high', 'low'), descriptor }),
  'neighbour-reply': fc.record({ grove: anyGroveId, accepted: fc.boolean(), descriptor }),
  disconnect: fc.record({ grove: anyGroveId }),
  'forward-join': fc.record({ grove: anyGroveId, ttl: small, newcomer: descriptor }),
  shuffle: fc.record({ grove: anyGroveId, n: uint, ttl: small, origin: descriptor, sample }),
  'shuffle-reply': fc.record({ grove: anyGroveId, n: uint, to: anyPeerId, ttl: small, sample }),
  relay: fc.record({
    grove: anyGroveId,
    to: anyPeerId,
    from: anyPeerId,
    ttl: small,
    payload: bytesUpTo(500),
  }),
  ihave: fc.record({
    grove: anyGroveId,
    rows: fc.array(fc.record({ id: anyEntryId, hops: small, waited: fc.nat(65_535) }), { maxLength: 5 }),
  }),
  graft: fc.record({ grove: anyGroveId, ids }),
  'want-ids': fc.record({ grove: anyGroveId, ids }),
  prune: fc.record({ grove: anyGroveId }),
  digest: fc.record({
    grove: anyGroveId,
    rows: fc.array(fc.record({ row: bytesUpTo(300), signature: bytes64, age: fc.nat(86_400_000) }), {
      maxLength: 4,
    }),
  }),
  fingerprint: fc.record({
    grove: anyGroveId,
    reply: fc.boolean(),
    count: uint,
    hash: bytes32,
    views: fc.option(bytes32),
  }),
  buckets: fc.record({
    grove: anyGroveId,
    reply: fc.boolean(),
    hashes: fc.array(bytes32, { maxLength: 64 }),
  }),
  'bucket-rows': fc.record({
    grove: anyGroveId,
    reply: fc.boolean(),
    buckets: fc.array(fc.nat({ max: 63 }), { maxLength: 8 }),
    rows,
  }),
  probe: fc.record({ grove: anyGroveId, n: uint, target: anyPeerId }),
  probed: fc.record({ grove: anyGroveId, n: uint, alive: fc.boolean(), descriptor: fc.option(descriptor) }),
  suspect: fc.record({ grove: anyGroveId, peer: anyPeerId, seq: uint }),
  frozen: fc.record({ frozen: fc.boolean() }),
  fork: fc.record({
    grove: anyGroveId,
    author: anyPeerId,
    chains: fc.array(
      fc.array(fc.record({ header: bytesUpTo(300), signature: fc.option(bytes64) }), { maxLength: 4 }),
      { maxLength: 2 },
    ),
  }),
  'want-fork': fc.record({ grove: anyGroveId, author: anyPeerId }),
  presence: fc.record({
    grove: anyGroveId,
    rows: fc.array(fc.record({ row: bytesUpTo(300), signature: bytes64, age: fc.nat(86_400_000) }), {
      maxLength: 4,
    }),
  }),
  'want-links': fc.record({ grove: anyGroveId }),
  links: fc.record({
    grove: anyGroveId,
    rows: fc.array(
      fc.record({
        peer: anyPeerId,
        push: fc.constantFrom('eager' as const, 'lazy' as const, 'none' as const),
      }),
      { maxLength: 24 },
    ),
  }),
  'want-fetch': fc.record({ grove: anyGroveId, cid: anyHash, ttl: fc.nat(16) }),
};
export const types = Object.keys(anyFrameOf) as KnownFrame['type'][];
export const frameOf = (type: KnownFrame['type']): fc.Arbitrary<KnownFrame> =>
  (anyFrameOf[type] as fc.Arbitrary<object>).map((fields) => ({ type, ...fields }) as KnownFrame);
export const anyFrame = fc.oneof(...types.map(frameOf));
