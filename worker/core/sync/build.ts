// Our next entry on a log. Knows nothing of how it is stored or sent.
import { encodeEntry, ZERO_HASH, type Entry } from '../model/entry.ts';
import { toHash, type GroveId, type PeerId } from '../model/ids.ts';
import { hash32 } from '../model/keys.ts';
import type { Log } from './log.ts';
import type { Append } from './types.ts';

/** Encoded, not signed. The contract, which founds a grove, names no grove. */
export function buildEntry(
  append: Pick<Append, 'kind' | 'body' | 'table'>,
  log: Log,
  grove: GroveId | null,
  author: PeerId,
  now: number,
): Entry {
  return encodeEntry({
    version: 1,
    grove: grove ?? ZERO_HASH,
    author,
    ...log.next(author),
    at: now,
    kind: append.kind,
    body: toHash(hash32(append.body)),
    size: append.body.length,
    blobs: append.table && { table: toHash(hash32(append.table.bytes)), total: append.table.total },
  });
}
