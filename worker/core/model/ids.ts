// Branded ids. In memory an id is 64 lower-case hex digits (a good Map key); on the wire it is 32 bytes.
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

declare const brand: unique symbol;
/** Brands add up, so that an EntryId is a Hash. */
type Branded<Name extends string> = string & { readonly [brand]: Readonly<Record<Name, true>> };

/** BLAKE3-256 of some bytes. */
export type Hash = Branded<'Hash'>;
/** Id of an entry: BLAKE3-256 of its header bytes. */
export type EntryId = Hash & Branded<'EntryId'>;
/** Id of a grove: the id of its contract entry. */
export type GroveId = Hash & Branded<'GroveId'>;
/** A device's Ed25519 public key. */
export type PeerId = Branded<'PeerId'>;
/** `blake3:` and the hash of a manifest's canonical bytes. */
export type Cid = Branded<'Cid'>;
/** One data channel, named by this peer; never reused while the worker lives. */
export type LinkId = Branded<'LinkId'>;

const HEX32 = /^[0-9a-f]{64}$/;
const CID = /^blake3:[0-9a-f]{64}$/;

export const isHex32 = (text: unknown): text is string => typeof text === 'string' && HEX32.test(text);
export const isCid = (text: unknown): text is Cid => typeof text === 'string' && CID.test(text);

export const toHash = (bytes: Uint8Array): Hash => bytesToHex(bytes) as Hash;
export const toEntryId = (bytes: Uint8Array): EntryId => bytesToHex(bytes) as EntryId;
export const toGroveId = (bytes: Uint8Array): GroveId => bytesToHex(bytes) as GroveId;
export const toPeerId = (bytes: Uint8Array): PeerId => bytesToHex(bytes) as PeerId;

/** The 32 bytes behind any hex id. */
export const idBytes = (id: Hash | PeerId): Uint8Array => hexToBytes(id);

export const cidOf = (body: Hash): Cid => `blake3:${body}` as Cid;
export const hashOfCid = (cid: Cid): Hash => cid.slice(7) as Hash;

/** Order of ids: that of their bytes, which is that of their hex. */
export const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
