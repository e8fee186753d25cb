// The parts of a CAR file, version 1 (G27): its header, section heads, CIDs, and the note before an artifact. Knows no grove, and
// not what sections hold.
import { concat } from '../model/bytes.ts';
import { ThicketError, fail, ok } from '../model/errors.ts';
import type { Result } from '../model/errors.ts';
import { idBytes, toHash } from '../model/ids.ts';
import type { Hash } from '../model/ids.ts';
import { asArray, asId, asText, asUint, decode, encode } from './cbor.ts';

/** Multicodec codes of what a section holds: bytes of an artifact, the note before one, a manifest. */
export const CODECS = { raw: 0x55, cbor: 0x51, json: 0x0200 } as const;
export type Codec = keyof typeof CODECS;

/** CIDv1, always with BLAKE3-256. */
export interface CarCid {
  codec: Codec;
  hash: Hash;
}

/** What a section carries besides its CID: as much as a manifest may have, and what other tools take as a block. */
export const MAX_SECTION = 1_048_576;
export const MAX_ROOTS = 1_024;
/** MAX_ROOTS links of 43 bytes, and room. */
export const MAX_CAR_HEADER = 65_536;
/** Bytes of a CID, at most. */
export const MAX_CID = 37;
/** 2^53 - 1 takes eight. */
const MAX_VARINT = 8;

const MULTIHASH = Uint8Array.of(0x1e, 32);
const VERSION = 1;
/** `{roots: …, version: 1}` in DAG-CBOR, which orders keys by length first. */
const MAP_ROOTS = Uint8Array.of(0xa2, 0x65, 0x72, 0x6f, 0x6f, 0x74, 0x73);
const KEY_VERSION_1 = Uint8Array.of(0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, VERSION);
const TAG_CID = 0xd82a;

/** Unsigned LEB128. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  // No bit operators: they end at 2^31.
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Uint8Array.of(...bytes, left);
}

export type Varint = { value: number; length: number } | 'short' | 'bad';

/** `short`: it goes on beyond these bytes; `bad`: not the shortest form, or beyond 2^53 - 1. */
export function readVarint(bytes: Uint8Array, from = 0): Varint {
  let value = 0;
  for (let at = 0; at < MAX_VARINT; at += 1) {
    const byte = bytes[from + at];
    if (byte === undefined) return 'short';
    value += (byte % 128) * 128 ** at;
    if (byte >= 128) continue;
    const isShortest = byte !== 0 || at === 0;
    return isShortest && Number.isSafeInteger(value) ? { value, length: at + 1 } : 'bad';
  }
  return 'bad';
}

export const encodeCid = ({ codec, hash }: CarCid): Uint8Array =>
  concat(Uint8Array.of(1), encodeVarint(CODECS[codec]), MULTIHASH, idBytes(hash));

/** The CID at the beginning of these bytes, and how long it is. */
export function readCid(bytes: Uint8Array): Result<{ cid: CarCid; length: number }> {
  if (bytes[0] !== 1) return fail('corrupt', 'a CID of version 1 begins with 1');
  const code = readVarint(bytes, 1);
  if (typeof code === 'string') return fail('corrupt', 'a CID names its codec by a varint');
  const codec = (Object.keys(CODECS) as Codec[]).find((each) => CODECS[each] === code.value);
  if (codec === undefined)
    return fail('corrupt', `raw, cbor or json is what a CID names here, given 0x${code.value.toString(16)}`);
  const at = 1 + code.length;
  if (MULTIHASH.some((byte, i) => bytes[at + i] !== byte))
    return fail('corrupt', 'a CID here is of a BLAKE3 hash of 32 bytes');
  const end = at + MULTIHASH.length + 32;
  if (bytes.length < end) return fail('corrupt', 'a CID that ends too soon');
  return ok({ cid: { codec, hash: toHash(bytes.subarray(end - 32, end)) }, length: end });
}

/** What comes before a section's bytes. */
export function sectionHead(cid: CarCid, size: number): Uint8Array {
  const bytes = encodeCid(cid);
  return concat(encodeVarint(bytes.length + size), bytes);
}

/** With its length before it. @throws ThicketError `too-large` beyond MAX_ROOTS. */
export function encodeCarHeader(roots: readonly CarCid[]): Uint8Array {
  if (roots.length > MAX_ROOTS)
    throw new ThicketError('too-large', `car: at most ${MAX_ROOTS} roots, given ${roots.length}`);
  const links = roots.map((root) => {
    const cid = encodeCid(root);
    return concat(Uint8Array.of(TAG_CID >> 8, TAG_CID & 0xff, 0x58, cid.length + 1, 0), cid);
  });
  const header = concat(MAP_ROOTS, arrayHead(roots.length), ...links, KEY_VERSION_1);
  return concat(encodeVarint(header.length), header);
}

/** Of the header's own bytes. Never throws. */
export function decodeCarHeader(bytes: Uint8Array): Result<CarCid[]> {
  const wrong = fail('corrupt', 'car: a header {roots, version: 1} in DAG-CBOR');
  if (bytes.length > MAX_CAR_HEADER)
    return fail('too-large', `car: a header of at most ${MAX_CAR_HEADER} bytes`);
  if (!startsWith(bytes, MAP_ROOTS)) return wrong;
  const count = readArrayHead(bytes, MAP_ROOTS.length);
  if (count === null) return wrong;
  if (count.value > MAX_ROOTS)
    return fail('too-large', `car: at most ${MAX_ROOTS} roots, given ${count.value}`);
  let at = MAP_ROOTS.length + count.length;
  const roots = new Map<string, CarCid>();
  for (let i = 0; i < count.value; i += 1) {
    const size = bytes[at + 3] ?? 0;
    const isLink = bytes[at] === TAG_CID >> 8 && bytes[at + 1] === (TAG_CID & 0xff) && bytes[at + 2] === 0x58;
    if (!isLink || bytes[at + 4] !== 0) return fail('corrupt', `car: root ${i + 1} is not a link`);
    const link = bytes.subarray(at + 5, at + 4 + size);
    const read = readCid(link);
    if (!read.ok) return fail('corrupt', `car: root ${i + 1}: ${read.message}`);
    if (read.value.length !== link.length) return fail('corrupt', `car: root ${i + 1} is not a link`);
    const { codec, hash } = read.value.cid;
    if (roots.has(`${codec}/${hash}`)) return fail('corrupt', `car: root ${i + 1} is there twice`);
    roots.set(`${codec}/${hash}`, read.value.cid);
    at += 4 + size;
  }
  const rest = bytes.subarray(at);
  return rest.length === KEY_VERSION_1.length && startsWith(rest, KEY_VERSION_1)
    ? ok([...roots.values()])
    : wrong;
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.every((byte, i) => bytes[i] === byte);

const arrayHead = (length: number): Uint8Array =>
  length < 24
    ? Uint8Array.of(0x80 + length)
    : length < 256
      ? Uint8Array.of(0x98, length)
      : Uint8Array.of(0x99, length >> 8, length & 0xff);

function readArrayHead(bytes: Uint8Array, at: number): { value: number; length: number } | null {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
  const read =
    first >= 0x80 && first < 0x98
      ? { value: first - 0x80, length: 1 }
      : first === 0x98
        ? { value: second, length: 2 }
        : first === 0x99
          ? { value: second * 256 + third, length: 3 }
          : null;
  return read !== null && arrayHead(read.value).length === read.length ? read : null;
}

/** What a `cbor` section says of the artifact whose bytes follow in `raw` sections. */
export interface ArtifactNote {
  hash: Hash;
  size: number;
  mediaType: string;
}

const MAX_NOTE = 256;

export const encodeNote = ({ hash, size, mediaType }: ArtifactNote): Uint8Array =>
  encode([idBytes(hash), size, mediaType]);

export function decodeNote(bytes: Uint8Array): Result<ArtifactNote> {
  const decoded = decode(bytes, { maxBytes: MAX_NOTE });
  if (!decoded.ok) return decoded;
  const fields = asArray(decoded.value, 3);
  const hash = asId(fields?.[0], toHash);
  const size = asUint(fields?.[1]);
  const mediaType = asText(fields?.[2], 64);
  if (hash === null || size === null || mediaType === null || !/^[ -~]*$/.test(mediaType))
    return fail('corrupt', 'a note before an artifact is [hash, size, media type]');
  return ok({ hash, size, mediaType });
}
