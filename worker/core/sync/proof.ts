// Proof that an author forked its log (SPEC S8): two chains of its headers that part after one prev, each up to a
// signature of the author. Whoever holds it can check it alone. Knows no log.
import { decodeEntry, entryMessage, groveOf, MAX_HEADER, type Entry } from '../model/entry.ts';
import {
  compareIds,
  idBytes,
  toEntryId,
  type EntryId,
  type GroveId,
  type LinkId,
  type PeerId,
} from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import type { VerifyItem } from '../ports.ts';
import { asArray, asBytes, asBytesUpTo, decode, encode } from '../wire/cbor.ts';
import { MAX_FRAME, MAX_PROOF, type WireHeader } from '../wire/frame.ts';
import type { Forked } from './quarantine.ts';
import type { Rival } from './rivals.ts';

export type Chains = readonly (readonly WireHeader[])[];

export interface Proof {
  author: PeerId;
  /** Of the first entry of each chain, and what both follow. */
  seq: number;
  prev: EntryId | null;
  /** What each chain begins with. */
  firsts: readonly [Entry, Entry];
  chains: Chains;
  /** Whoever believes it verifies these first. */
  signatures: readonly VerifyItem[];
}

interface Chain {
  first: Entry;
  last: Entry;
  signature: Uint8Array;
}

/** Null where it proves nothing, whatever the signatures are. */
export function readProof(grove: GroveId, author: PeerId, chains: Chains): Proof | null {
  const [left, right, ...more] = chains.map((chain) => readChain(grove, author, chain));
  if (!left || !right || more.length > 0) return null;
  if (left.first.seq !== right.first.seq || left.first.prev !== right.first.prev) return null;
  if (left.first.id === right.first.id) return null;
  const { seq, prev } = left.first;
  const signatures = [left, right].map(({ last, signature }) => ({
    key: idBytes(author),
    message: entryMessage(last.id),
    signature,
  }));
  return { author, seq, prev, firsts: [left.first, right.first], chains, signatures };
}

function readChain(grove: GroveId, author: PeerId, chain: readonly WireHeader[]): Chain | null {
  let first: Entry | null = null;
  let last: Entry | null = null;
  if (chain.length > MAX_PROOF) return null;
  for (const { header } of chain) {
    const decoded = decodeEntry(header);
    if (!decoded.ok || groveOf(decoded.value) !== grove || decoded.value.author !== author) return null;
    const { seq, prev } = decoded.value;
    if (last !== null && (seq !== last.seq + 1 || prev !== last.id)) return null;
    last = decoded.value;
    first ??= last;
  }
  const signature = chain.at(-1)?.signature ?? null;
  return first === null || last === null || signature === null ? null : { first, last, signature };
}

/** In one order, whoever made it. Each ends with its first signature: what follows proves no more. */
export function orderChains(left: readonly WireHeader[], right: readonly WireHeader[]): Chains {
  const cut = (chain: readonly WireHeader[]): readonly WireHeader[] => {
    const end = chain.findIndex(({ signature }) => signature !== null);
    return chain.slice(0, end + 1);
  };
  const key = (chain: readonly WireHeader[]): string => {
    const decoded = decodeEntry(chain[0]?.header ?? new Uint8Array());
    return decoded.ok ? decoded.value.id : '';
  };
  return [cut(left), cut(right)].sort((a, b) => compareIds(key(a), key(b)));
}

export const toHeader = ({ entry, signature }: Pick<Rival, 'entry' | 'signature'>): WireHeader => ({
  header: entry.header,
  signature,
});

/** Its entries, as far as they are entries. */
export const headersOf = (chain: readonly WireHeader[], link: LinkId): Rival[] =>
  chain.flatMap(({ header, signature }) => {
    const decoded = decodeEntry(header);
    return decoded.ok ? [{ entry: decoded.value, signature, link }] : [];
  });

export const forkPrefix = (grove: GroveId): string => `fork/${grove}/`;
export const forkKey = (grove: GroveId, author: PeerId): string => `${forkPrefix(grove)}${author}`;

/** `seq`: from which nothing of the author counts. */
export const encodeFork = (seq: number, chains: Chains): Uint8Array =>
  encode([seq, chains.map((chain) => chain.map(({ header, signature }) => [header, signature]))]);

export interface StoredFork extends Forked {
  chains: Chains;
}

export function decodeFork(bytes: Uint8Array): StoredFork | null {
  const decoded = decode(bytes, { maxBytes: MAX_FRAME });
  const fields = decoded.ok ? asArray(decoded.value, 2) : null;
  const seq = fields?.[0];
  const chains = (asArray(fields?.[1], 2) ?? []).map((chain) =>
    (asArray(chain, MAX_PROOF) ?? []).flatMap((raw): WireHeader[] => {
      const pair = asArray(raw, 2);
      const header = asBytesUpTo(pair?.[0], MAX_HEADER);
      const signature = asBytes(pair?.[1], 64);
      return header === null ? [] : [{ header, signature }];
    }),
  );
  const [left, right] = chains.map(([first]) => (first ? toEntryId(hash32(first.header)) : null));
  return typeof seq === 'number' && left && right ? { seq, ids: [left, right], chains } : null;
}
