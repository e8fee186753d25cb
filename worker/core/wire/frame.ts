// Frames (W1, W2): everything that two linked peers say to each other. Knows no machine, and no more of the fields than their bounds.
import { MAX_LIST, MAX_BLOCK } from '../model/blocklist.ts';
import { BODY_LIMITS } from '../model/body.ts';
import { MAX_HEADER, MAX_INLINE_BODY } from '../model/entry.ts';
import { ThicketError, fail, ok } from '../model/errors.ts';
import type { Result } from '../model/errors.ts';
import type { EntryId, GroveId, Hash, PeerId } from '../model/ids.ts';
import { DEVICE_NAME, type Vouch } from '../model/vouch.ts';
import { MAX_TABLE } from '../model/table.ts';
import { asArray, asUint, decode, encode } from './cbor.ts';
import { bytes, entryId, fixed, flag, groveId, hash, list, nullable, oneOf, peerId } from './codec.ts';
import { fieldList, later, readFields, row, text, uint, writeFields } from './codec.ts';
import type { Codec, FieldList } from './codec.ts';

/** An entry on its way. A signature may be missing inside a run whose newest entry has one (S4); body and table where they don't travel. */
export interface WireEntry {
  header: Uint8Array;
  signature: Uint8Array | null;
  body: Uint8Array | null;
  table: Uint8Array | null;
}
/** An entry's header, and its signature where one is needed. */
export interface WireHeader {
  header: Uint8Array;
  signature: Uint8Array | null;
}
export interface VectorRow {
  author: PeerId;
  seq: number;
  id: EntryId;
}
/** `from` to `to`, both included. */
export interface WantedRun {
  author: PeerId;
  from: number;
  to: number;
}

/** A signed descriptor on its way (P1). `age` in ms; `hops` it may still go. */
export interface WireDescriptor {
  peer: PeerId;
  seq: number;
  frozen: boolean;
  signature: Uint8Array;
  age: number;
  hops: number;
}

/** A row of a digest (H1) or of presence (G26), signed, on its way. `age`: ms since it was signed, as far as its holders waited. */
export interface WireSignedRow {
  row: Uint8Array;
  signature: Uint8Array;
  age: number;
}

/** P10: a member that the sender is linked to. `push`: whether news go to it as a whole, by name, or not at all (B1). */
export interface ToldLink {
  peer: PeerId;
  push: 'eager' | 'lazy' | 'none';
}

export type Frame =
  /** Versions spoken (W4), features by name, device key, 32 random bytes. */
  | { type: 'hello'; min: number; max: number; features: string[]; key: PeerId; nonce: Uint8Array }
  /** Over the transcript (K4). */
  | { type: 'proof'; signature: Uint8Array }
  | { type: 'bye'; reason: string }
  | { type: 'ping'; n: number }
  | { type: 'pong'; n: number }
  /** A2: 32 bytes each, shuffled and padded. */
  | { type: 'tags'; tags: Uint8Array[] }
  /** A5. `tag` names the invite, `box` is X25519, `proof` the HMAC of holding the invite, `signature` goes into `admit`. */
  | {
      type: 'join';
      tag: Uint8Array;
      name: string;
      box: Uint8Array;
      proof: Uint8Array;
      signature: Uint8Array;
    }
  /** A23. `tag`: that the sender holds a grove's secret, which it names so. `key` is the sender. */
  | ({ type: 'vouched'; tag: Uint8Array } & Omit<Vouch, 'key'>)
  | { type: 'admitted'; grove: GroveId; epoch: number; secret: Uint8Array; entries: WireEntry[] }
  | { type: 'refused'; grove: GroveId; code: string; message: string }
  /** A17: the invite is good, and somebody has to say yes. */
  | { type: 'waiting'; grove: GroveId }
  /** S5. `reply` asks for the other's vector in return. */
  | { type: 'vector'; grove: GroveId; reply: boolean; rows: VectorRow[] }
  /** `hops`: links that a push came over before this one (B4); 0 otherwise. */
  | {
      type: 'entries';
      grove: GroveId;
      why: 'push' | 'sync' | 'want' | 'graft';
      hops: number;
      entries: WireEntry[];
    }
  | { type: 'want-entries'; grove: GroveId; runs: WantedRun[] }
  /** I hold this entry; `complete`: and its body and all its artifacts. */
  | { type: 'held'; grove: GroveId; entry: EntryId; complete: boolean }
  /** Answered by `held` with `complete`, now or as soon as it is true. */
  | { type: 'want-held'; grove: GroveId; entry: EntryId }
  | { type: 'want-body'; grove: GroveId; hashes: Hash[] }
  | { type: 'body'; grove: GroveId; hash: Hash; body: Uint8Array; table: Uint8Array | null }
  /** A list is named by the hash of its bytes: the blob's root, or a list that one of its lists names. */
  | { type: 'want-list'; grove: GroveId; blob: Hash; list: Hash }
  | { type: 'list'; list: Hash; bytes: Uint8Array }
  | { type: 'want-blocks'; grove: GroveId; blob: Hash; blocks: Hash[] }
  | { type: 'block'; block: Hash; bytes: Uint8Array }
  /** I don't have these lists or blocks of the blob. */
  | { type: 'lack'; blob: Hash; hashes: Hash[] }
  /** I need these no more; none: nor to be told what you hold of the blob. */
  | { type: 'cancel'; blob: Hash; blocks: Hash[] }
  /** C8: which blocks below this root do you hold? And tell me of more. */
  | { type: 'want-have'; grove: GroveId; blob: Hash; root: Hash }
  /** Besides what was told before: all; or a bit for each block in the order of the lists, the first in the highest bit; or places in that order. */
  | { type: 'have'; blob: Hash; root: Hash; all: boolean; bits: Uint8Array; places: number[] }
  /** P3, P4. `join`: I have no neighbour yet. `descriptor` is the sender's own. */
  | { type: 'neighbour'; grove: GroveId; ask: 'join' | 'high' | 'low'; descriptor: WireDescriptor }
  | { type: 'neighbour-reply'; grove: GroveId; accepted: boolean; descriptor: WireDescriptor }
  /** No neighbour any more: no pushes, tells or walks. */
  | { type: 'disconnect'; grove: GroveId }
  | { type: 'forward-join'; grove: GroveId; ttl: number; newcomer: WireDescriptor }
  /** P5. `n` names the exchange for its origin. */
  | {
      type: 'shuffle';
      grove: GroveId;
      n: number;
      ttl: number;
      origin: WireDescriptor;
      sample: WireDescriptor[];
    }
  | {
      type: 'shuffle-reply';
      grove: GroveId;
      n: number;
      /** The walk's origin, by the way it came. */
      to: PeerId;
      ttl: number;
      sample: WireDescriptor[];
    }
  /** R1. `payload` is a sealed, signed signaling message. */
  | { type: 'relay'; grove: GroveId; to: PeerId; from: PeerId; ttl: number; payload: Uint8Array }
  /** B1: I hold these; `hops` as in a push. `waited`: ms until they were told, 0 where the sender is too old to say. */
  | { type: 'ihave'; grove: GroveId; rows: { id: EntryId; hops: number; waited: number }[] }
  /** B3: push me these, and what comes from now on. Empty `ids`: only the latter. */
  | { type: 'graft'; grove: GroveId; ids: EntryId[] }
  /** Entries by id, wherever they stand: missing parents (S3), branches of forks (S8). Changes no neighbour. */
  | { type: 'want-ids'; grove: GroveId; ids: EntryId[] }
  | { type: 'prune'; grove: GroveId }
  /** H1: signed rows as they were signed. `age` in ms, as in a descriptor. */
  | { type: 'digest'; grove: GroveId; rows: WireSignedRow[] }
  /** S5: so many entries, and the hash of the vector. `views`: of what is derived, where nothing is missing here. */
  | {
      type: 'fingerprint';
      grove: GroveId;
      reply: boolean;
      count: number;
      hash: Uint8Array;
      views: Uint8Array | null;
    }
  /** S5: of a vector of many rows, the hash of each of its 64 buckets (author's first byte / 4). Unequal ones are sent as vector rows. */
  | { type: 'buckets'; grove: GroveId; reply: boolean; hashes: Uint8Array[] }
  /** The whole rows of these buckets; ends an exchange by buckets. */
  | { type: 'bucket-rows'; grove: GroveId; reply: boolean; buckets: number[]; rows: VectorRow[] }
  /** P8: is it there? */
  | { type: 'probe'; grove: GroveId; n: number; target: PeerId }
  | { type: 'probed'; grove: GroveId; n: number; alive: boolean; descriptor: WireDescriptor | null }
  /** P8: this incarnation is suspected. */
  | { type: 'suspect'; grove: GroveId; peer: PeerId; seq: number }
  /** P8: this peer's tabs are hidden, or seen again. */
  | { type: 'frozen'; frozen: boolean }
  /** H5: fetch this for me; answered by `held` with `complete` once it is here, or not at all. `ttl`: links it may still go on over. */
  | { type: 'want-fetch'; grove: GroveId; cid: Hash; ttl: number }
  /** G26: signed rows as they were signed. */
  | { type: 'presence'; grove: GroveId; rows: WireSignedRow[] }
  /** P10: whom are you linked to in this grove? Answered by `links`, or not at all. */
  | { type: 'want-links'; grove: GroveId }
  | { type: 'links'; grove: GroveId; rows: ToldLink[] }
  /** S8: two chains of headers of one author that begin with the same seq and prev and part there, each up to a signature. */
  | { type: 'fork'; grove: GroveId; author: PeerId; chains: WireHeader[][] }
  | { type: 'want-fork'; grove: GroveId; author: PeerId }
  /** Of a later version: counted, otherwise ignored. Only ever decoded. */
  | { type: 'unknown'; code: number };

export type KnownFrame = Exclude<Frame, { type: 'unknown' }>;

export const MAX_FRAME = 262_144;
/** Rows of 78 bytes, so that a full vector fits one frame. */
export const MAX_VECTOR_ROWS = 3_000;
/** A header is seldom under 200 bytes, so that the frame is full before the list is. */
export const MAX_ENTRIES = 1_024;
export const MAX_HASHES = 4_096;
export const MAX_TAGS = 1_024;
/** Descriptors of one frame. */
export const MAX_SAMPLE = 32;
/** Entries named in one frame. */
export const MAX_IDS = 1_024;
export const MAX_WAITED = 65_535;
/** Rows of one digest frame, each at most so many bytes. */
export const MAX_DIGEST_ROWS = 200;
export const MAX_DIGEST_ROW = 4_096;
/** Rows of one presence frame, each at most so many bytes: a note of 256 characters takes up to 768. */
export const MAX_PRESENCE_ROWS = 200;
export const MAX_PRESENCE_ROW = 1_024;
/** Links of one device (P2). */
export const MAX_TOLD_LINKS = 24;
/** Headers of one chain of a proof: signatures are at most 32 apart (S4). */
export const MAX_PROOF = 48;
/** Buckets of a vector. */
export const BUCKETS = 64;
/** A bit for each of the 262,144 blocks that a blob may have (C3); and single ones of them. */
export const MAX_HAVE = 32_768;
export const MAX_PLACES = 4_096;
/** A relayed signaling message: as much as the endpoint takes (E2). */
const MAX_RELAYED = 65_536;

const entries = list(
  row({
    header: bytes(MAX_HEADER),
    signature: nullable(fixed(64)),
    body: nullable(bytes(MAX_INLINE_BODY)),
    table: nullable(bytes(MAX_TABLE)),
  }),
  MAX_ENTRIES,
);
const hashes = list(hash, MAX_HASHES);
const bulk = { body: bytes(MAX_INLINE_BODY), table: nullable(bytes(MAX_TABLE)) };

const descriptor = row({
  peer: peerId,
  seq: uint(),
  frozen: flag,
  signature: fixed(64),
  age: uint(86_400_000),
  hops: uint(8),
});
const vectorRows = list(row({ author: peerId, seq: uint(), id: entryId }), MAX_VECTOR_ROWS);
const sample = list(descriptor, MAX_SAMPLE);
const entryIds = list(entryId, MAX_IDS);
const ttl = uint(16);
const chain = list(row({ header: bytes(MAX_HEADER), signature: nullable(fixed(64)) }), MAX_PROOF);

/** Each frame's number and its fields in the order of the wire. Numbers 64-79 are kept free for mesh queries. */
const FRAMES = {
  hello: [1, { min: uint(), max: uint(), features: list(text(64), 64), key: peerId, nonce: fixed(32) }],
  proof: [2, { signature: fixed(64) }],
  bye: [3, { reason: text(256) }],
  ping: [4, { n: uint() }],
  pong: [5, { n: uint() }],
  tags: [6, { tags: list(fixed(32), MAX_TAGS) }],
  join: [
    10,
    {
      tag: fixed(32),
      name: text(BODY_LIMITS.name),
      box: fixed(32),
      proof: fixed(32),
      signature: fixed(64),
    },
  ],
  vouched: [
    14,
    {
      ...{ tag: fixed(32), by: peerId, box: fixed(32), name: text(DEVICE_NAME), succeeds: flag },
      ...{ signature: fixed(64), accepted: fixed(64) },
    },
  ],
  admitted: [11, { grove: groveId, epoch: uint(), secret: fixed(32), entries }],
  refused: [12, { grove: groveId, code: text(64), message: text(1024) }],
  waiting: [13, { grove: groveId }],
  vector: [
    20,
    {
      grove: groveId,
      reply: flag,
      rows: vectorRows,
    },
  ],
  entries: [
    21,
    { grove: groveId, why: oneOf('push', 'sync', 'want', 'graft'), entries, hops: later(uint(255), 0) },
  ],
  'want-entries': [
    22,
    { grove: groveId, runs: list(row({ author: peerId, from: uint(), to: uint() }), MAX_VECTOR_ROWS) },
  ],
  held: [23, { grove: groveId, entry: entryId, complete: flag }],
  'want-held': [26, { grove: groveId, entry: entryId }],
  'want-body': [24, { grove: groveId, hashes }],
  body: [25, { grove: groveId, hash, ...bulk }],
  'want-list': [30, { grove: groveId, blob: hash, list: hash }],
  list: [31, { list: hash, bytes: bytes(MAX_LIST) }],
  'want-blocks': [32, { grove: groveId, blob: hash, blocks: hashes }],
  block: [33, { block: hash, bytes: bytes(MAX_BLOCK) }],
  lack: [34, { blob: hash, hashes }],
  cancel: [35, { blob: hash, blocks: hashes }],
  'want-have': [36, { grove: groveId, blob: hash, root: hash }],
  have: [
    37,
    {
      blob: hash,
      root: hash,
      all: flag,
      bits: bytes(MAX_HAVE),
      places: list(uint(8 * MAX_HAVE - 1), MAX_PLACES),
    },
  ],
  neighbour: [40, { grove: groveId, ask: oneOf('join', 'high', 'low'), descriptor }],
  'neighbour-reply': [41, { grove: groveId, accepted: flag, descriptor }],
  disconnect: [42, { grove: groveId }],
  'forward-join': [43, { grove: groveId, ttl, newcomer: descriptor }],
  shuffle: [44, { grove: groveId, n: uint(), ttl, origin: descriptor, sample }],
  'shuffle-reply': [45, { grove: groveId, n: uint(), to: peerId, ttl, sample }],
  relay: [46, { grove: groveId, to: peerId, from: peerId, ttl, payload: bytes(MAX_RELAYED) }],
  ihave: [
    47,
    {
      grove: groveId,
      rows: list(row({ id: entryId, hops: uint(255), waited: later(uint(MAX_WAITED), 0) }), MAX_IDS),
    },
  ],
  graft: [48, { grove: groveId, ids: entryIds }],
  prune: [49, { grove: groveId }],
  digest: [
    50,
    {
      grove: groveId,
      rows: list(
        row({ row: bytes(MAX_DIGEST_ROW), signature: fixed(64), age: uint(86_400_000) }),
        MAX_DIGEST_ROWS,
      ),
    },
  ],
  fingerprint: [
    51,
    { grove: groveId, reply: flag, count: uint(), hash: fixed(32), views: nullable(fixed(32)) },
  ],
  buckets: [52, { grove: groveId, reply: flag, hashes: list(fixed(32), BUCKETS) }],
  'bucket-rows': [
    53,
    { grove: groveId, reply: flag, buckets: list(uint(BUCKETS - 1), BUCKETS), rows: vectorRows },
  ],
  probe: [54, { grove: groveId, n: uint(), target: peerId }],
  probed: [55, { grove: groveId, n: uint(), alive: flag, descriptor: nullable(descriptor) }],
  suspect: [56, { grove: groveId, peer: peerId, seq: uint() }],
  frozen: [57, { frozen: flag }],
  'want-ids': [58, { grove: groveId, ids: entryIds }],
  fork: [60, { grove: groveId, author: peerId, chains: list(chain, 2) }],
  'want-fork': [61, { grove: groveId, author: peerId }],
  presence: [
    62,
    {
      grove: groveId,
      rows: list(
        row({ row: bytes(MAX_PRESENCE_ROW), signature: fixed(64), age: uint(86_400_000) }),
        MAX_PRESENCE_ROWS,
      ),
    },
  ],
  'want-links': [63, { grove: groveId }],
  links: [
    80,
    {
      grove: groveId,
      rows: list(row({ peer: peerId, push: oneOf('eager', 'lazy', 'none') }), MAX_TOLD_LINKS),
    },
  ],
  'want-fetch': [59, { grove: groveId, cid: hash, ttl }],
} as const satisfies FrameTable;

type FrameTable = {
  readonly [T in KnownFrame['type']]: readonly [
    code: number,
    fields: FieldsOf<Extract<KnownFrame, { type: T }>>,
  ];
};
type FieldsOf<F> = { readonly [Name in Exclude<keyof F, 'type'>]: Codec<F[Name]> };

interface FrameForm {
  type: string;
  code: number;
  fields: FieldList;
}
const FORMS: readonly FrameForm[] = Object.entries(FRAMES).map(([type, [code, fields]]) => ({
  type,
  code,
  fields: fieldList(fields),
}));
const BY_TYPE: ReadonlyMap<string, FrameForm> = new Map(FORMS.map((form) => [form.type, form]));
const BY_CODE: ReadonlyMap<number, FrameForm> = new Map(FORMS.map((form) => [form.code, form]));

/** @throws ThicketError `invalid` on fields beyond their bounds, `too-large` beyond MAX_FRAME. */
export function encodeFrame(frame: Frame): Uint8Array {
  const form = BY_TYPE.get(frame.type);
  if (form === undefined) throw new ThicketError('invalid', 'frame: an unknown frame cannot be written');
  const encoded = encode([form.code, ...writeFields(form.fields, frame)]);
  if (encoded.length > MAX_FRAME)
    throw new ThicketError(
      'too-large',
      `frame ${frame.type}: at most ${MAX_FRAME} bytes, given ${encoded.length}`,
    );
  return encoded;
}

/** What a frame is by its first bytes, as `encodeFrame` writes them, without decoding it; null where it is of no known type. */
export function frameTypeOf(frame: Uint8Array): string | null {
  const [, first = 0, second = 0] = frame;
  // A number below 24 is its own byte, one below 256 follows a 24.
  const code = first < 24 ? first : first === 24 ? second : null;
  return code === null ? null : (BY_CODE.get(code)?.type ?? null);
}

/** Never throws. The frame is the result's from here on: a block, which is most of it, isn't copied. */
export function decodeFrame(frame: Uint8Array): Result<Frame> {
  const decoded = decode(frame, { maxBytes: MAX_FRAME, views: true });
  if (!decoded.ok) return decoded;
  const raw = asArray(decoded.value, Infinity);
  const code = asUint(raw?.[0]);
  if (raw === null || code === null) return fail('corrupt', 'frame: an array that begins with its type');
  const known = BY_CODE.get(code);
  if (known === undefined) return ok({ type: 'unknown', code });
  const { type } = known;
  const fields = readFields(known.fields, raw, 1, { type });
  if (fields === undefined) return fail('corrupt', `frame ${type}: a field is missing or beyond its bounds`);
  return ok(fields as Frame);
}
